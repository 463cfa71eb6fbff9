import Columns
import Models

/// The model that is asked for, or all that a backtest is to choose among; of those, one that fell back to NBD is left out, which has its
/// own turn. With covariates, Pareto/NBD with them is one more, and where nothing chooses the first.
func fitPurchaseModels(_ table: Table, _ value: ValueOptions, _ threads: Int) throws(PipelineError) -> [ModelRecord] {
  let counts = try purchaseCounts(table, threads)
  let names = value.choosesModel ? PurchaseModelName.allCases : [value.purchaseModel]
  let fits = names.map { tryPurchases(counts, $0, threads) }
  var records = zip(names, fits).map { purchaseRecord($0, $1, askedFor: value.purchaseModelAsked) }
  if value.choosesModel { records = zip(names, records).filter { $0.rawValue == $1.model }.map(\.1) }
  guard !value.covariates.isEmpty, let place = names.firstIndex(of: .paretoNBD) else { return records }
  let models = try fitCovariateModels(table, value, base: fits[place], threads)
  return value.choosesModel ? records + models.prefix(1) : models
}

/// One of them, whatever is asked for.
func fitPurchaseModel(_ table: Table, _ name: PurchaseModelName, _ threads: Int) throws(PipelineError) -> ModelRecord {
  purchaseRecord(name, tryPurchases(try purchaseCounts(table, threads), name, threads), askedFor: name.rawValue)
}

/// The fit, or why there is none.
package func tryPurchases(_ counts: PurchaseCounts, _ name: PurchaseModelName, _ threads: Int) -> Result<PurchaseFit, ModelError> {
  Result { () throws(ModelError) in try fitPurchases(counts, model: name, threads: threads) }
}

func purchaseCounts(_ table: Table, _ threads: Int) throws(PipelineError) -> PurchaseCounts {
  let histories = try PurchaseHistories(table)
  return PurchaseCounts(
    frequency: histories.frequency, recencyDays: histories.recencyDays, tenureDays: histories.tenureDays, isPresent: histories.isPresent,
    threads: threads)
}

private func purchaseRecord(_ name: PurchaseModelName, _ tried: Result<PurchaseFit, ModelError>, askedFor: String) -> ModelRecord {
  switch tried {
  case .success(let fit): ModelRecord(fit, askedFor: askedFor)
  case .failure(let error): ModelRecord(name.rawValue, nil, warnings: [error.message])
  }
}
