import Columns
import Features
import Models

/// Fits the models that are wanted to all customers with a purchase. A model that cannot be fitted says why in its record's warnings and has
/// no parameters: the night goes on without it.
package func fitModels(_ features: FeatureSet, _ options: ScoreOptions) throws(PipelineError) -> FittedModels {
  let wanted = options.wanted, table = features.customers
  var records: [ModelRecord] = []
  if wanted.purchases { records += try fitPurchaseModels(table, options) }
  if wanted.values { records.append(try fitValueModel(table, options)) }
  if wanted.margin { records.append(try estimateMargin(table)) }
  return FittedModels(asOf: features.asOf, currency: options.currency, models: records)
}

/// The model that is asked for, or all that a backtest is to choose among; of those, one that fell back to NBD is left out, which has its own turn.
private func fitPurchaseModels(_ table: Table, _ options: ScoreOptions) throws(PipelineError) -> [ModelRecord] {
  let histories = try PurchaseHistories(table), value = options.value
  let counts = PurchaseCounts(
    frequency: histories.frequency, recencyDays: histories.recencyDays, tenureDays: histories.tenureDays, isPresent: histories.isPresent,
    threads: options.threads)
  var records: [ModelRecord] = []
  for name in value.choosesModel ? PurchaseModelName.allCases : [value.purchaseModel] {
    do throws(ModelError) {
      let fit = try fitPurchases(counts, model: name, threads: options.threads)
      if value.choosesModel && fit.model.name != name { continue }
      var record = ModelRecord(fit.model, askedFor: value.purchaseModelAsked, warnings: fit.warnings)
      (record.logLikelihood, record.gradientNorm) = (finite(fit.logLikelihood), finite(fit.gradientNorm))
      (record.iterations, record.customers, record.histories) = (fit.iterations, fit.customers, fit.histories)
      records.append(record)
    } catch {
      records.append(ModelRecord(name.rawValue, nil, warnings: [error.message]))
    }
  }
  return records
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
