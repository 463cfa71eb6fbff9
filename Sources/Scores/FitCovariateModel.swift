import Columns
import Models

/// Pareto/NBD with the covariates that are asked for, and without them. Where the fit with them fails, its record says why, and the other is used.
/// - Parameter tried: Pareto/NBD, fitted to the table's customers.
func fitCovariateModels(
  _ table: Table, _ value: ValueOptions, base tried: Result<PurchaseFit, ModelError>, _ threads: Int
) throws(PipelineError) -> [ModelRecord] {
  let base: PurchaseFit
  switch tried {
  case .success(let fit): base = fit
  case .failure(let error):
    return [failedRecord(error.message), ModelRecord(PurchaseModelName.paretoNBD.rawValue, nil, warnings: [error.message])]
  }
  var without = ModelRecord(base, askedFor: value.purchaseModelAsked)
  guard case .paretoNBD = base.model else {
    return [failedRecord("\(base.model.name.title) stands in for Pareto/NBD, and takes no covariates"), without]
  }
  let histories = try PurchaseHistories(table)
  var levels: [CovariateLevels] = []
  for covariate in value.covariates {
    let words = try covariate.words(of: table)
    var customers = [Int](repeating: 0, count: words.words.count)
    for row in words.codes.indices where histories.isPresent?[row] ?? true { customers[Int(words.codes[row])] += 1 }
    levels.append(CovariateLevels(covariate, words: words.words, counts: customers))
  }
  let groups = try CovariateGroups(table, levels)
  do throws(ModelError) {
    let fit = try fitCovariates(
      covariateCells(histories, groups, threads), names: levels.flatMap(\.dummies), base: base, threads: threads)
    without.trial = ModelTrial(isWinner: false, origin: nil, horizonDays: nil, measures: ["aic": base.aic], beatsBaselines: nil)
    return [covariateRecord(fit, levels, value), without]
  } catch {
    return [failedRecord(error.message), without]
  }
}

/// Pareto/NBD with covariates alone.
/// - Parameter base: Pareto/NBD, fitted to the table's customers.
package func fitCovariateModel(
  _ table: Table, _ covariates: [Covariate], base: Result<PurchaseFit, ModelError>, _ threads: Int
) throws(PipelineError) -> ModelRecord {
  var value = ValueOptions()
  (value.purchaseModel, value.covariates) = (.paretoNBD, covariates)
  return try fitCovariateModels(table, value, base: base, threads)[0]
}

private func failedRecord(_ reason: String) -> ModelRecord {
  ModelRecord(ModelRecord.covariatesName, nil, warnings: ["\(reason); the model without covariates is used"])
}

private func covariateCells(_ histories: PurchaseHistories, _ groups: CovariateGroups, _ threads: Int) -> [CovariateCell] {
  zip(groups.dummies, rowsByGroup(groups.groupOf, groupCount: groups.dummies.count)).map { dummies, rows in
    func picked<T>(_ column: [T]) -> [T] { rows.map { column[Int($0)] } }
    let counts = PurchaseCounts(
      frequency: picked(histories.frequency), recencyDays: picked(histories.recencyDays), tenureDays: picked(histories.tenureDays),
      isPresent: histories.isPresent.map { picked($0) }, threads: threads)
    return CovariateCell(dummies: dummies, counts: counts)
  }
}

private func covariateRecord(_ fit: CovariateFit, _ levels: [CovariateLevels], _ value: ValueOptions) -> ModelRecord {
  let base = PurchaseModel.paretoNBD(fit.model.base), dummies = levels.flatMap(\.dummies)
  var parameters: [String: Double] = [:]
  for (i, name) in base.name.parameterNames.enumerated() {
    (parameters[name], parameters[name + "_se"]) = (base.parameters[i], fit.standardErrors[i])
  }
  for (j, dummy) in dummies.enumerated() {
    (parameters["rate:" + dummy], parameters["rate_se:" + dummy]) = (fit.model.rateEffects[j], fit.standardErrors[4 + j])
    (parameters["leaving:" + dummy], parameters["leaving_se:" + dummy]) = (
      fit.model.leavingEffects[j], fit.standardErrors[4 + dummies.count + j]
    )
  }
  let flat = levels.filter(\.levels.isEmpty).map {
    "\($0.covariate.rawValue) has one level of \(CovariateLevels.customersLeast) customers or more, \($0.reference): it tells nothing"
  }
  let chance = fit.chance < 1e-4 ? "p below 0.0001" : "p \(shown(fit.chance, 4))"
  var record = ModelRecord(ModelRecord.covariatesName, parameters, warnings: flat)
  if fit.chance > 0.05 {
    record.warnings.append("the covariates tell nothing that chance would not (likelihood ratio test: \(chance))")
  }
  (record.covariates, record.askedFor) = (levels, value.purchaseModelAsked)
  (record.logLikelihood, record.gradientNorm) = (finite(fit.logLikelihood), finite(fit.gradientNorm))
  (record.iterations, record.customers, record.histories) = (fit.iterations, fit.customers, fit.histories)
  record.trial = ModelTrial(
    isWinner: true, origin: nil, horizonDays: nil,
    measures: [
      "aic": 2 * Double(4 + fit.freedom) - 2 * fit.logLikelihood, "likelihood_ratio": fit.likelihoodRatio,
      "likelihood_ratio_df": Double(fit.freedom), "likelihood_ratio_p": fit.chance,
    ], beatsBaselines: nil)
  record.trial?.reason =
    "value.covariates asks for it; likelihood ratio \(shown(fit.likelihoodRatio, 1)) with \(fit.freedom) degrees of freedom beside the "
    + "model without, \(chance)"
  return record
}

extension PurchaseFit {
  fileprivate var aic: Double { 2 * Double(model.parameters.count) - 2 * logLikelihood }
}
