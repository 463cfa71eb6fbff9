import Columns
import Features
import Models

/// Fits the models that are wanted to all customers with a purchase. A model that cannot be fitted says why in its record's warnings and has
/// no parameters: the night goes on without it.
/// - Parameter earlier: features of the same store, as of the risk horizon before, which the learned churn model is left out without.
package func fitModels(
  _ features: FeatureSet, _ options: ScoreOptions, earlier: FeatureSet? = nil
) throws(PipelineError) -> FittedModels {
  let wanted = options.wanted, table = features.customers
  var records: [ModelRecord] = []
  if wanted.purchases {
    if options.value.contractWish != nil { records += try fitContracts(features, options.value, options.threads) }
    if [.survival, .auto].contains(wanted.risk) { records += records.compactMap(survivalRecord) }
    if !options.value.hasContracts { records += try fitPurchaseModels(table, options.value, options.threads) }
  }
  if wanted.values { records.append(try fitValueModel(table, options)) }
  if wanted.margin { records.append(try estimateMargin(table)) }
  var learned: LearnedChurn?
  if wanted.learned, let earlier {
    let bought = try LearnedChurn.purchases(of: earlier, within: features)
    let model = try LearnedChurn.train(
      earlier, bought: bought, horizonDays: options.value.riskHorizonDays, threads: options.threads,
      method: options.value.learnedMethod)
    var record = model.record
    if wanted.risk.learns && !model.isFitted { record.warnings.append("churn_risk is by the model of purchases") }
    records += [record, model.loser].compactMap { $0 }
    learned = model
  }
  var fitted = FittedModels(asOf: features.asOf, currency: options.currency, models: records, learned: learned)
  if wanted.risk != .model { fitted.risk = wanted.risk }
  if !options.value.choosesModel { fitted.settleContracts() }
  return fitted
}

private func fitValueModel(_ table: Table, _ options: ScoreOptions) throws(PipelineError) -> ModelRecord {
  let (frequency, isPresent) = try int32(table, "frequency")
  let means = try meanValues(table, frequency, options.minorUnits)
  do throws(ModelError) {
    let fit = try fitValues(frequency: frequency, meanValues: means, isPresent: isPresent, threads: options.threads)
    var record = ModelRecord("gamma_gamma", ["p": fit.model.p, "q": fit.model.q, "v": fit.model.v], warnings: fit.warnings)
    (record.logLikelihood, record.gradientNorm) = (finite(fit.logLikelihood), finite(fit.gradientNorm))
    (record.iterations, record.customers, record.customersLeftOut) = (fit.iterations, fit.customers, fit.customersLeftOut)
    record.correlation = finite(fit.correlation)
    return record
  } catch {
    return ModelRecord("gamma_gamma", nil, warnings: [error.message])
  }
}

/// Σ margin ÷ Σ net over the rows whose cost is known; 1 where none is, and said.
private func estimateMargin(_ table: Table) throws(PipelineError) -> ModelRecord {
  let (margins, isKnown) = try int64(table, "margin_minor"), (costs, _) = try int64(table, "cost_minor")
  var margin: Int128 = 0, net: Int128 = 0, customers: Int64 = 0
  for row in margins.indices where isKnown?[row] ?? true {
    margin += Int128(margins[row])
    net += Int128(margins[row]) + Int128(costs[row])
    customers += 1
  }
  let share = net > 0 ? max(0, Double(margin) / Double(net)) : 1
  var record = ModelRecord("margin", ["share": share])
  record.customers = customers
  if customers == 0 {
    record.warnings = ["no row tells its cost: all revenue counts as margin; value.margin sets another share"]
  } else if net <= 0 {
    record.warnings = ["the rows that tell their cost add up to no revenue: all revenue counts as margin"]
  } else if margin <= 0 {
    record.warnings = ["the rows that tell their cost earn nothing: every customer's value is 0"]
  }
  return record
}
