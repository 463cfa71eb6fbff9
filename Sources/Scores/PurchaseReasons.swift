import Columns
import Features
import Foundation
import Models

/// What a customer's frequency, his last purchase, how long he is one, his order value and the covariates that the model has make of his risk
/// and of his value, each by its Shapley value: the mean over all orders in which the mean customer's inputs can be exchanged for his, one by
/// one, of what the exchange changes. Together they are exactly what his score is beyond the mean customer's.
///
/// Source: Shapley (1953); for models, Štrumbelj and Kononenko (2014), Knowledge and Information Systems 41. With so few inputs nothing is
/// sampled: the model is asked at all 2³ mixtures of both, 2⁴ with a covariate, and the expected value of a purchase, a factor of CLV, at 2².
package struct PurchaseReasons: Sendable {
  /// ln of odds of the risk by frequency, last purchase, tenure and each covariate; ln of CLV by these and by order value. A row each.
  package private(set) var risk: [[Double]], value: [[Double]]
  /// The mean customer's ln of odds, and of CLV for a margin of 1.
  package private(set) var meanLogOdds = Double.nan, meanLogValue = Double.nan
  /// By input, then row: which of the input's words are his; of numbers 0 above the mean customer's, else 1.
  private(set) var sides: [[UInt8]]
  /// By input and side, as a salesman would put it.
  private(set) var words: [[String]]

  private static let historyWords = [
    ["bought on many days so far", "bought on few days so far"], ["last purchase long ago", "bought recently"],
    ["a customer for long", "a customer for a short time"],
  ]
  private static let orderWords = ["large orders", "small orders"]

  /// In words, of one input of a row.
  package func words(_ input: Int, row: Int) -> String { words[input][Int(sides[input][row])] }

  /// nil: there is no model of purchases, or no purchase. NaN for who has none; `value` is empty without a model of values.
  package init?(_ features: FeatureSet, _ fitted: FittedModels, _ options: ScoreOptions) throws(PipelineError) {
    let table = features.customers, (frequency, isPresent) = try int32(table, "frequency"), count = frequency.count
    let there = (0..<count).filter { isPresent?[$0] ?? true }
    if there.isEmpty { return nil }
    guard let mixtures = try PurchaseMixtures(table, fitted, there: there, options) else { return nil }
    let inputs = mixtures.inputCount, empty = [Double](repeating: 0, count: count)
    sides =
      zip(mixtures.histories, mixtures.means).map { values, mean in values.map { $0 > mean ? 0 : 1 } } + (mixtures.covariates?.sides ?? [])
    words = Self.historyWords + (mixtures.covariates?.words ?? [])
    (risk, value) = ([[Double]](repeating: empty, count: inputs), [[Double]](repeating: empty, count: inputs))
    for mixture in 0..<1 << inputs {
      let scores = try mixtures.scores(mixture)
      if mixture == 0 { (meanLogOdds, meanLogValue) = (scores.logOdds[0], scores.logValue[0]) }
      for input in 0..<inputs {
        let weight = Self.weight(of: mixture, input, inputs: inputs)
        scores.add(\.logOdds, weight, to: &risk[input])
        scores.add(\.logValue, weight, to: &value[input])
      }
    }
    for row in 0..<count where !(isPresent?[row] ?? true) {
      for input in 0..<inputs { (risk[input][row], value[input][row]) = (.nan, .nan) }
    }
    try addOrderValue(table, fitted.valueModel, frequency, isPresent, mixtures.means[0], there, options)
  }

  /// E[Z] by frequency and order value; ln of a product is a sum, and so are its Shapley values.
  private mutating func addOrderValue(
    _ table: Table, _ model: GammaGamma?, _ frequency: [Int32], _ isPresent: [Bool]?, _ meanFrequency: Int32, _ there: [Int],
    _ options: ScoreOptions
  ) throws(PipelineError) {
    guard let model else {
      (value, meanLogValue) = ([], .nan)
      return
    }
    let orders = try meanValues(table, frequency, options.minorUnits), count = orders.count
    let repeaters = there.filter { frequency[$0] > 0 }
    let meanOrder = repeaters.isEmpty ? 0 : repeaters.reduce(0) { $0 + orders[$1] } / Double(repeaters.count)
    // One without a repeat purchase has no order value of his own: the mean customer's stands in.
    let own = orders.indices.map { frequency[$0] > 0 ? orders[$0] : meanOrder }
    sides.append(own.map { $0 > meanOrder ? 0 : 1 })
    words.append(Self.orderWords)
    value.append([Double](repeating: 0, count: count))
    for mixture in 0..<4 {
      let length = mixture == 0 ? 1 : count
      let frequency = mixture & 1 == 1 ? frequency : [Int32](repeating: meanFrequency, count: length)
      let order = mixture & 2 == 2 ? own : [Double](repeating: meanOrder, count: length)
      let logs = expectedValues(
        model, frequency: frequency, meanValues: order, isPresent: mixture == 0 ? nil : isPresent, threads: options.threads
      ).map { log(max($0, 1e-300)) }
      if mixture == 0 { meanLogValue += logs[0] }
      Self.add(logs, Self.weight(of: mixture, 0, inputs: 2), to: &value[0])
      Self.add(logs, Self.weight(of: mixture, 1, inputs: 2), to: &value[value.count - 1])
    }
  }

  /// What a mixture counts for in an input's Shapley value: above 0 where the input is the customer's own.
  private static func weight(of mixture: Int, _ input: Int, inputs: Int) -> Double {
    func factorial(_ n: Int) -> Double { n < 2 ? 1 : Double(n) * factorial(n - 1) }
    let own = mixture.nonzeroBitCount, all = factorial(inputs)
    return mixture >> input & 1 == 1
      ? factorial(own - 1) * factorial(inputs - own) / all : -factorial(own) * factorial(inputs - own - 1) / all
  }

  /// - Parameter scores: of each row, or one for all.
  private static func add(_ scores: [Double], _ weight: Double, to sums: inout [Double]) {
    if scores.count == 1 && sums.count != 1 {
      for row in sums.indices { sums[row] += weight * scores[0] }
    } else {
      for row in sums.indices { sums[row] += weight * scores[row] }
    }
  }
}

/// The three strongest reasons of risk and of value of every customer, those that `publish.columns` names; NULL where there is none. Those of
/// risk are of the model that `churn_risk` is by.
func reasonColumns(
  _ features: FeatureSet, _ fitted: FittedModels?, _ learned: LearnedRisks, _ options: ScoreOptions
) throws(PipelineError) -> [Column] {
  var reasons: PurchaseReasons?
  if let fitted { reasons = try PurchaseReasons(features, fitted, options) }
  return ["risk", "value"].flatMap { kind -> [Column] in
    let parts = (kind == "risk" ? reasons?.risk : reasons?.value) ?? []
    let words = Array((reasons?.words ?? []).prefix(parts.count))
    let strongest =
      kind == "risk" && learned.areChosen
      ? learned.reasons
      : StrongestReasons(rowCount: features.customers.rowCount, parts, sides: reasons?.sides ?? [], words: words)
    let column = kind == "risk" ? "churn_risk" : "clv_minor"
    return strongest.columns { ordinal in
      ColumnDefinition(
        "\(kind)_reason_\(ordinal.number)", .text,
        "the \(ordinal.text) reason of \(column): what raises or lowers it most beside the mean customer's",
        nullWhen: "the customer has no purchase, no model could be fitted (see models), it is of contracts, or nothing else moves it")
    }.filter { options.wanted($0.definition.name) }
  }
}
