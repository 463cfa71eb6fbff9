import Columns
import Models

/// The model that is asked for, or all that a backtest is to choose among; of those, one that fell back to NBD is left out, which has its
/// own turn.
func fitPurchaseModels(_ table: Table, _ value: ValueOptions, _ threads: Int) throws(PipelineError) -> [ModelRecord] {
  let counts = try purchaseCounts(table, threads)
  let names = value.choosesModel ? PurchaseModelName.allCases : [value.purchaseModel]
  let records = names.map { purchaseRecord(counts, $0, askedFor: value.purchaseModelAsked, threads) }
  return value.choosesModel ? zip(names, records).filter { $0.rawValue == $1.model }.map(\.1) : records
}

/// One of them, whatever is asked for.
func fitPurchaseModel(_ table: Table, _ name: PurchaseModelName, _ threads: Int) throws(PipelineError) -> ModelRecord {
  purchaseRecord(try purchaseCounts(table, threads), name, askedFor: name.rawValue, threads)
}

func purchaseCounts(_ table: Table, _ threads: Int) throws(PipelineError) -> PurchaseCounts {
  let histories = try PurchaseHistories(table)
  return PurchaseCounts(
    frequency: histories.frequency, recencyDays: histories.recencyDays, tenureDays: histories.tenureDays, isPresent: histories.isPresent,
    threads: threads)
}

private func purchaseRecord(_ counts: PurchaseCounts, _ name: PurchaseModelName, askedFor: String, _ threads: Int) -> ModelRecord {
  do throws(ModelError) {
    return purchaseRecord(try fitPurchases(counts, model: name, threads: threads), askedFor: askedFor)
  } catch {
    return ModelRecord(name.rawValue, nil, warnings: [error.message])
  }
}

func purchaseRecord(_ fit: PurchaseFit, askedFor: String) -> ModelRecord {
  var record = ModelRecord(fit.model, askedFor: askedFor, warnings: fit.warnings)
  (record.logLikelihood, record.gradientNorm) = (finite(fit.logLikelihood), finite(fit.gradientNorm))
  (record.iterations, record.customers, record.histories) = (fit.iterations, fit.customers, fit.histories)
  return record
}

/// nil for what no database and no JSON can hold.
func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
