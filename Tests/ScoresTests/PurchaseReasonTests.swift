import Columns
import Features
import Foundation
import Models
import Scores
import Testing
import Twins

/// Reasons of risk and value of CDNOW's customers, against Shapley's definition over all orders, with the models asked one customer at a time.
struct PurchaseReasonTests {
  private static let model = PurchaseModel.bgNBD(BGNBD(r: 0.24259452, alphaDays: 7 * 4.41360214, a: 0.79292191, b: 2.42590648))
  private static let values = GammaGamma(p: 6.25, q: 3.74, v: 15.44)
  private let names = (1...3).flatMap { ["risk_reason_\($0)", "value_reason_\($0)"] }

  private func cdnow() throws -> FeatureSet {
    try transform(
      try StoreFolder().store(try fixture("cdnow"), mapping: cdnowMapping), options: TransformOptions(asOf: Day("1997-09-30")!, threads: 2))
  }

  private func fitted(_ model: ModelRecord = ModelRecord("bg_nbd", ValueTests.bgNBD)) -> FittedModels {
    FittedModels(asOf: Day("1997-09-30")!, currency: "USD", models: [model, ModelRecord("gamma_gamma", ValueTests.gammaGamma)])
  }

  /// x, days since the last purchase, T, mean value of a repeat purchase: what the models know of someone.
  private struct Known {
    var x: Double, quiet: Double, tenure: Double, order: Double

    subscript(_ input: Int) -> Double {
      get { [x, quiet, tenure, order][input] }
      set {
        switch input {
        case 0: x = newValue
        case 1: quiet = newValue
        case 2: tenure = newValue
        default: order = newValue
        }
      }
    }

    var recency: Double { x == 0 ? 0 : max(0, tenure - quiet) }

    var logOdds: Double {
      let risk = model.noPurchase(within: 90, frequency: Int(x), recencyDays: recency, tenureDays: tenure)
      return log(risk / (1 - risk))
    }

    var logValue: Double {
      let worth = x > 0 ? values.p * (values.v + x * order) / (values.p * x + values.q - 1) : values.p * values.v / (values.q - 1)
      return log(model.discountedPurchases(PurchaseHorizons(), frequency: Int(x), recencyDays: recency, tenureDays: tenure).finite * worth)
    }
  }

  private static func orders(_ inputs: [Int]) -> [[Int]] {
    inputs.isEmpty ? [[]] : inputs.flatMap { first in orders(inputs.filter { $0 != first }).map { [first] + $0 } }
  }

  private func shapley(_ own: Known, _ mean: Known, inputs: Int, _ score: (Known) -> Double) -> [Double] {
    let orders = Self.orders(Array(0..<inputs))
    var parts = [Double](repeating: 0, count: inputs)
    for order in orders {
      var here = mean
      for input in order {
        let before = score(here)
        here[input] = own[input]
        parts[input] += (score(here) - before) / Double(orders.count)
      }
    }
    return parts
  }

  private func known(_ features: FeatureSet) throws -> [Known?] {
    let table = features.customers
    guard case .int32(let x)? = table["frequency"]?.values, case .int32(let recency)? = table["recency_days"]?.values,
      case .int32(let tenure)? = table["tenure_days"]?.values, case .int64(let repeated)? = table["repeat_gross_minor"]?.values
    else { throw TwinFault(text: "columns") }
    let there = table["frequency"]?.isPresent
    return x.indices.map { row in
      guard there?[row] ?? true else { return nil }
      let frequency = Double(x[row])
      return Known(
        x: frequency, quiet: Double(tenure[row] - (x[row] == 0 ? 0 : recency[row])), tenure: Double(tenure[row]),
        order: x[row] > 0 ? Double(repeated[row]) / 100 / frequency : .nan)
    }
  }

  @Test func `are the Shapley values of the definition, and add up to what a score is beyond the mean customer's`() throws {
    let features = try cdnow(), known = try known(features), all = known.compactMap(\.self)
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let meanOrder = mean(all.filter { $0.x > 0 }.map(\.order))
    let middle = Known(
      x: mean(all.map(\.x)).rounded(), quiet: mean(all.map(\.quiet)).rounded(), tenure: mean(all.map(\.tenure)).rounded(), order: meanOrder)
    let reasons = try #require(try PurchaseReasons(features, fitted(), ScoreOptions(threads: 2)))
    #expect(abs(reasons.meanLogOdds - middle.logOdds) < 1e-9 && abs(reasons.meanLogValue - middle.logValue) < 1e-9)
    var options = ScoreOptions(columns: ["customer_id"] + names, threads: 2)
    options.value.marginShare = 1
    let columns = try score(features, options, models: fitted()).columns
    for row in stride(from: 0, to: known.count, by: 700) {
      guard var own = known[row] else { continue }
      if own.x == 0 { own.order = meanOrder }
      for (score, fast, inputs, value) in [
        ("risk", reasons.risk, 3, \Known.logOdds), ("value", reasons.value, 4, \Known.logValue),
      ] {
        let slow = shapley(own, middle, inputs: inputs) { $0[keyPath: value] }, parts = fast.map { $0[row] }
        #expect(zip(parts, slow).allSatisfy { abs($0 - $1) < 1e-8 }, "\(score) of \(own): \(parts), \(slow)")
        #expect(abs(parts.reduce(0, +) - (own[keyPath: value] - middle[keyPath: value])) < 1e-8)
        let order = parts.indices.filter { parts[$0] != 0 }.sorted { abs(parts[$0]) > abs(parts[$1]) }
        for place in 0..<3 {
          let column = try #require(columns.first { $0.name == "\(score)_reason_\(place + 1)" })
          let words =
            order.count > place ? (parts[order[place]] > 0 ? "raises: " : "lowers: ") + reasons.words(order[place], row: row) : nil
          #expect(Twins.cell(column, row) == words.map { .text($0) } ?? .null)
        }
      }
    }
  }

  @Test func `are computed where a list names them, and NULL where nothing was fitted`() throws {
    let features = try cdnow()
    #expect(try !score(features, ScoreOptions(threads: 2), models: fitted()).columns.contains { names.contains($0.name) })
    let some = ScoreOptions(columns: ["customer_id", "value_reason_2"], threads: 2)
    #expect(try score(features, some, models: fitted()).columns.filter { $0.name.contains("_reason_") }.map(\.name) == ["value_reason_2"])
    #expect(some.wanted.purchases && some.wanted.models)
    let failed = try score(features, some, models: fitted(ModelRecord("bg_nbd", nil))).columns.first { $0.name == "value_reason_2" }
    #expect(try #require(failed?.isPresent).allSatisfy { !$0 })
  }
}
