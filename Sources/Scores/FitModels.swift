import Columns
import Features
import Models

/// Fits the models that are wanted to all customers with a purchase. A model that cannot be fitted says why in its record's warnings and has
/// no parameters: the night goes on without it.
/// - Parameter earlier: features of the same store, as of the risk horizon before; asked for where the learned churn model is wanted, which
///   is left out without them.
package func fitModels(
  _ features: FeatureSet, _ options: ScoreOptions, earlier: (() throws(PipelineError) -> FeatureSet)? = nil
) throws(PipelineError) -> FittedModels {
  let wanted = options.wanted, table = features.customers
  var records: [ModelRecord] = []
  if wanted.purchases { records += try fitPurchaseModels(table, options) }
  if wanted.values { records.append(try fitValueModel(table, options)) }
  if wanted.margin { records.append(try estimateMargin(table)) }
  var learned: LearnedChurn?
  if wanted.learned, let before = try earlier?() {
    let bought = try LearnedChurn.purchases(of: before, within: features)
    let model = try LearnedChurn.train(before, bought: bought, horizonDays: options.value.riskHorizonDays, threads: options.threads)
    records.append(model.record)
    learned = model
  }
  return FittedModels(asOf: features.asOf, currency: options.currency, models: records, learned: learned)
}

/// The model that is asked for, or all that a backtest is to choose among; of those, one that fell back to NBD is left out, which has its
/// own turn.
private func fitPurchaseModels(_ table: Table, _ options: ScoreOptions) throws(PipelineError) -> [ModelRecord] {
  let value = options.value, counts = try purchaseCounts(table, options.threads)
  let names = value.choosesModel ? PurchaseModelName.allCases : [value.purchaseModel]
  let records = names.map { purchaseRecord(counts, $0, askedFor: value.purchaseModelAsked, options.threads) }
  return value.choosesModel ? zip(names, records).filter { $0.rawValue == $1.model }.map(\.1) : records
}

func fitPurchaseModel(_ table: Table, _ name: PurchaseModelName, _ threads: Int) throws(PipelineError) -> ModelRecord {
  purchaseRecord(try purchaseCounts(table, threads), name, askedFor: name.rawValue, threads)
}

private func purchaseCounts(_ table: Table, _ threads: Int) throws(PipelineError) -> PurchaseCounts {
  let histories = try PurchaseHistories(table)
  return PurchaseCounts(
    frequency: histories.frequency, recencyDays: histories.recencyDays, tenureDays: histories.tenureDays, isPresent: histories.isPresent,
    threads: threads)
}

private func purchaseRecord(_ counts: PurchaseCounts, _ name: PurchaseModelName, askedFor: String, _ threads: Int) -> ModelRecord {
  do throws(ModelError) {
    let fit = try fitPurchases(counts, model: name, threads: threads)
    var record = ModelRecord(fit.model, askedFor: askedFor, warnings: fit.warnings)
    (record.logLikelihood, record.gradientNorm) = (finite(fit.logLikelihood), finite(fit.gradientNorm))
    (record.iterations, record.customers, record.histories) = (fit.iterations, fit.customers, fit.histories)
    return record
  } catch {
    return ModelRecord(name.rawValue, nil, warnings: [error.message])
  }
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

/// nil for what no database and no JSON can hold.
private func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }

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

/// What the model of purchases knows of each customer.
struct PurchaseHistories {
  var frequency: [Int32]
  var recencyDays: [Int32]
  var tenureDays: [Int32]
  /// nil: all have bought.
  var isPresent: [Bool]?

  init(_ table: Table) throws(PipelineError) {
    (frequency, isPresent) = try int32(table, "frequency")
    (recencyDays, _) = try int32(table, "recency_days")
    (tenureDays, _) = try int32(table, "tenure_days")
  }
}

/// Mean value of the purchase days but the first, in major units; 0 where there is none.
func meanValues(_ table: Table, _ frequency: [Int32], _ minorUnits: Double) throws(PipelineError) -> [Double] {
  let (repeated, _) = try int64(table, "repeat_gross_minor")
  var means = [Double](repeating: 0, count: frequency.count)
  for row in frequency.indices where frequency[row] > 0 { means[row] = Double(repeated[row]) / (Double(frequency[row]) * minorUnits) }
  return means
}

func int32(_ table: Table, _ name: String) throws(PipelineError) -> ([Int32], isPresent: [Bool]?) {
  guard let column = table[name], case .int32(let values) = column.values else { throw lacking(name) }
  return (values, column.isPresent)
}

func int64(_ table: Table, _ name: String) throws(PipelineError) -> ([Int64], isPresent: [Bool]?) {
  guard let column = table[name], case .int64(let values) = column.values else { throw lacking(name) }
  return (values, column.isPresent)
}

private func lacking(_ name: String) -> PipelineError {
  PipelineError(.badInput, "the features lack \(name), which the scores need", fix: "run `transform` again with this holdfast")
}
