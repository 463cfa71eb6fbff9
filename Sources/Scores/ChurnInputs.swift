import Columns
import Features
import Foundation
import Models

/// One input of the learned churn model: how it is made of a customer's columns, and how a salesman would put it.
struct ChurnInput: Sendable {
  /// A column of the features, or of the purchase model.
  var name: String
  /// ln(1 + value), for what spans orders of magnitude.
  var isLogarithm: Bool
  /// Of a value above, and below, the customers' mean.
  var high, low: String
  /// Of a value above the mean, of one that is not, and of none.
  var words: [String] { [high, low, "\(name) is not known"] }

  private static func plain(_ name: String, _ high: String, _ low: String) -> ChurnInput {
    ChurnInput(name: name, isLogarithm: false, high: high, low: low)
  }

  private static func logarithm(_ name: String, _ high: String, _ low: String) -> ChurnInput {
    ChurnInput(name: name, isLogarithm: true, high: high, low: low)
  }

  /// All of them. None is made by the leaving itself, or by what was done about it.
  static let all = [
    logarithm("days_since_last", "last purchase long ago", "bought recently"),
    logarithm("overdue_ratio", "overdue against the own rhythm", "within the own rhythm"),
    logarithm("frequency", "bought on many days so far", "bought on few days so far"),
    logarithm("tenure_days", "a customer for long", "a customer for a short time"),
    logarithm("purchases_90d", "many purchases in the last 90 days", "few purchases in the last 90 days"),
    logarithm("purchases_365d", "many purchases in the last 365 days", "few purchases in the last 365 days"),
    logarithm("mean_order_minor", "large orders", "small orders"),
    logarithm("gap_std_days", "buys at irregular times", "buys at regular times"),
    plain("spend_trend", "spends more than before", "spends less than before"),
    plain("refund_share", "returns much", "returns little"),
    plain("discount_share", "buys at discounts", "buys at full price"),
    logarithm("categories", "buys in many categories", "buys in few categories"),
    plain("favourite_category_share", "buys mostly in one category", "buys in no category mostly"),
    logarithm("channels", "buys through several channels", "buys through one channel"),
    plain("weekend_share", "buys at weekends", "buys on weekdays"),
    plain("purchase_model_risk", "dates of purchases look like someone leaving", "dates of purchases look like someone staying"),
    logarithm("purchase_model_purchases", "many purchases expected from the dates so far", "few purchases expected from the dates so far"),
  ]

  /// Columns of the features that are read.
  static let featureColumns = Set(all.map(\.name)).subtracting(["purchase_model_risk", "purchase_model_purchases"])
    .union(["frequency", "recency_days", "tenure_days", "last_purchase"])
}

/// The inputs of all rows of a table of features: NaN where an input is NULL.
struct ChurnInputColumns {
  var columns: [[Double]]

  /// - Parameter purchases: the model whose outlook is an input; the risk as ln of odds.
  init(_ table: Table, _ inputs: [ChurnInput], _ purchases: PurchaseModel?, horizonDays: Int, threads: Int) throws(PipelineError) {
    var outlook: PurchaseScores?
    if let purchases, inputs.contains(where: { $0.name.hasPrefix("purchase_model_") }) {
      let histories = try PurchaseHistories(table)
      outlook = scorePurchases(
        purchases, frequency: histories.frequency, recencyDays: histories.recencyDays, tenureDays: histories.tenureDays,
        isPresent: histories.isPresent, horizons: PurchaseHorizons(riskDays: Double(horizonDays)), threads: threads)
    }
    columns = []
    for input in inputs {
      var values: [Double]
      switch input.name {
      case "purchase_model_risk":
        values = (outlook?.churnRisk ?? []).map { log(max($0, 1e-12)) - log(max(1 - $0, 1e-12)) }
      case "purchase_model_purchases": values = outlook?.expectedPurchases ?? []
      default: values = try Self.values(table, input.name)
      }
      if values.isEmpty { values = [Double](repeating: .nan, count: table.rowCount) }
      if input.isLogarithm { for row in values.indices { values[row] = log(1 + max(0, values[row])) } }
      columns.append(values)
    }
  }

  private static func values(_ table: Table, _ name: String) throws(PipelineError) -> [Double] {
    guard let column = table[name] else {
      throw PipelineError(
        .badInput, "the features lack \(name), which the learned churn model needs", fix: "run `transform` again with this holdfast")
    }
    var values: [Double]
    switch column.values {
    case .int32(let whole): values = whole.map { Double($0) }
    case .int64(let whole): values = whole.map { Double($0) }
    case .double(let reals): values = reals
    default: values = [Double](repeating: .nan, count: column.count)
    }
    if let isPresent = column.isPresent { for row in values.indices where !isPresent[row] { values[row] = .nan } }
    return values
  }
}
