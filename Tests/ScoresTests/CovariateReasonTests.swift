import Columns
import Features
import Foundation
import Models
import Scores
import Testing
import Twins

/// Reasons of risk and value where Pareto/NBD has covariates, against Shapley's definition over all orders, each customer's mixtures asked one at a
/// time.
struct CovariateReasonTests {
  private static let values = GammaGamma(p: 6.25, q: 3.74, v: 15.44)
  private let names = (1...3).flatMap { ["risk_reason_\($0)", "value_reason_\($0)"] }

  /// What the models know of someone: x, days since the last purchase, T; γ₁ᵀz and γ₂ᵀz of the channel and of the quarter; the mean repeat order.
  private struct Known {
    var numbers: [Double]
    var effects: [(rate: Double, leaving: Double)]
    var order: Double

    /// - Parameter mask: bits of the inputs that are his own: numbers, effects, order.
    func mixed(_ mean: Known, _ mask: Int) -> Known {
      func isOwn(_ input: Int) -> Bool { mask >> input & 1 == 1 }
      return Known(
        numbers: (0..<3).map { isOwn($0) ? numbers[$0] : mean.numbers[$0] },
        effects: (0..<2).map { isOwn(3 + $0) ? effects[$0] : mean.effects[$0] }, order: isOwn(5) ? order : mean.order)
    }

    private func model(_ p: [String: Double]) -> PurchaseModel {
      let rate = effects[0].rate + effects[1].rate, leaving = effects[0].leaving + effects[1].leaving
      return .paretoNBD(
        ParetoNBD(r: p["r"]!, alphaDays: p["alpha_days"]! * exp(-rate), s: p["s"]!, betaDays: p["beta_days"]! * exp(-leaving)))
    }

    private var recency: Double { numbers[0] == 0 ? 0 : max(0, numbers[2] - numbers[1]) }

    func risk(_ p: [String: Double]) -> Double {
      model(p).noPurchase(within: 90, frequency: Int(numbers[0]), recencyDays: recency, tenureDays: numbers[2])
    }

    /// Nobody is surer to stay away than 1 − 10⁻¹⁵.
    func logOdds(_ p: [String: Double]) -> Double {
      let risk = risk(p)
      return log(risk / max(1 - risk, 1e-15))
    }

    func logValue(_ p: [String: Double]) -> Double {
      let x = numbers[0], v = values
      let worth = x > 0 ? v.p * (v.v + x * order) / (v.p * x + v.q - 1) : v.p * v.v / (v.q - 1)
      let purchases = model(p).discountedPurchases(
        PurchaseHorizons(), frequency: Int(x), recencyDays: recency, tenureDays: numbers[2])
      return log(purchases.finite * worth)
    }
  }

  private static func orders(_ inputs: [Int]) -> [[Int]] {
    inputs.isEmpty ? [[]] : inputs.flatMap { first in orders(inputs.filter { $0 != first }).map { [first] + $0 } }
  }

  /// The mean over all orders of what each exchange changes; every mixture is asked once.
  private func shapley(_ inputs: [Int], _ score: (Int) -> Double) -> [Double] {
    var asked: [Int: Double] = [:], parts: [Int: Double] = [:]
    func scored(_ mask: Int) -> Double {
      let known = asked[mask] ?? score(mask)
      asked[mask] = known
      return known
    }
    let orders = Self.orders(inputs)
    for order in orders {
      var mask = 0
      for input in order {
        parts[input, default: 0] += (scored(mask | 1 << input) - scored(mask)) / Double(orders.count)
        mask |= 1 << input
      }
    }
    return inputs.map { parts[$0] ?? .nan }
  }

  /// What is known of each customer, and how his levels read; nil: he never bought.
  private func known(_ features: FeatureSet, _ record: ModelRecord) throws -> [(known: Known, words: [String])?] {
    let table = features.customers, p = try #require(record.parameters), levels = try #require(record.covariates)
    func days(_ name: String) throws -> [Double] {
      guard case .int32(let values)? = table[name]?.values else { throw TwinFault(text: name) }
      return values.map { Double($0) }
    }
    let x = try days("frequency"), recency = try days("recency_days"), tenure = try days("tenure_days"), first = try days("first_purchase")
    guard case .int64(let repeated)? = table["repeat_gross_minor"]?.values, let channel = table["first_channel"] else {
      throw TwinFault(text: "columns")
    }
    return try x.indices.map { row in
      guard table["frequency"]?.isPresent?[row] ?? true else { return nil }
      let day = Day(Int32(first[row])).description
      var words = ["(none)", "\(day.prefix(4))-Q\((try #require(Int(day.dropFirst(5).prefix(2))) + 2) / 3)"], phrases: [String] = []
      if case .text(let word) = Twins.cell(channel, row) { words[0] = word }
      let effects = zip(words, levels).map { word, one -> (rate: Double, leaving: Double) in
        let isOwn = word == one.reference || one.levels.contains(word)
        let isQuarter = one.covariate == .cohortQuarter
        phrases.append(
          isQuarter
            ? "first bought in " + (isOwn ? word : "another quarter")
            : word == "(none)" ? "first channel unknown" : isOwn ? "first channel " + word : "another first channel")
        let dummy = "\(one.covariate.rawValue)=\(isOwn ? word : "(others)")"
        return word == one.reference ? (0, 0) : (p["rate:" + dummy] ?? 0, p["leaving:" + dummy] ?? 0)
      }
      return (
        Known(
          numbers: [x[row], tenure[row] - (x[row] == 0 ? 0 : recency[row]), tenure[row]], effects: effects,
          order: x[row] > 0 ? Double(repeated[row]) / 100 / x[row] : .nan), phrases
      )
    }
  }

  private func mean(_ all: [Known]) -> Known {
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    return Known(
      numbers: (0..<3).map { i in mean(all.map { $0.numbers[i] }).rounded() },
      effects: (0..<2).map { k in (mean(all.map { $0.effects[k].rate }), mean(all.map { $0.effects[k].leaving })) },
      order: mean(all.filter { $0.numbers[0] > 0 }.map(\.order)))
  }

  @Test
  func `are the Shapley values of the definition, a part for each covariate, and add up to what a score is beyond the mean customer's`()
    throws
  {
    let channels = ChannelShop.channels([("shop", 1500), ("web", 900), (nil, 300), ("app", 150), ("fax", 119)])
    let features = try ChannelShop.features(channels, rows: ["t,nobody,1999-12-24,-5,web"])
    var value = ValueOptions()
    (value.purchaseModel, value.covariates, value.marginShare) = (.paretoNBD, [.firstChannel, .cohortQuarter], 1)
    let options = ScoreOptions(value: value, columns: ["customer_id", "churn_risk", "clv_minor"] + names, threads: 2)
    var fitted = try fitModels(features, options)
    fitted.models = fitted.models.filter { $0.model != "gamma_gamma" } + [ModelRecord("gamma_gamma", ValueTests.gammaGamma)]
    let record = try #require(fitted.models.first), p = try #require(record.parameters), known = try known(features, record)
    #expect(record.covariates?.map(\.levels.count) == [3, 6] && known.count { $0 == nil } == 1)
    let middle = mean(known.compactMap { $0?.known })
    let reasons = try #require(try PurchaseReasons(features, fitted, options))
    #expect(abs(reasons.meanLogOdds - middle.logOdds(p)) < 1e-9 && abs(reasons.meanLogValue - middle.logValue(p)) < 1e-9)
    let columns = try score(features, options, models: fitted).columns
    func cell(_ name: String, _ row: Int) throws -> TwinCell { Twins.cell(try #require(columns.first { $0.name == name }), row) }
    var seen: Set<String> = []
    for row in known.indices {
      guard let customer = known[row] else {
        for name in names { #expect(try cell(name, row) == .null) }
        continue
      }
      guard case .real(let risk) = try cell("churn_risk", row), case .real(let worth) = try cell("clv_minor", row) else {
        throw TwinFault(text: "no scores")
      }
      let sums = [reasons.risk, reasons.value].map { $0.reduce(0) { $0 + $1[row] } }
      #expect(abs(sums[0] - (log(risk) - log(1 - risk) - reasons.meanLogOdds)) < 1e-8)
      #expect(abs(sums[1] - (log(worth / 100) - reasons.meanLogValue)) < 1e-8)
      for (place, words) in customer.words.enumerated() { #expect(reasons.words(3 + place, row: row) == words) }
      seen.formUnion(customer.words)
      if row % 43 > 0 { continue }
      var own = customer.known
      if own.numbers[0] == 0 { own.order = middle.order }
      for (score, fast, inputs) in [("risk", reasons.risk, 5), ("value", reasons.value, 6)] {
        let slow = shapley(Array(0..<inputs)) {
          inputs == 5 ? own.mixed(middle, $0).logOdds(p) : own.mixed(middle, $0).logValue(p)
        }
        let parts = fast.map { $0[row] }
        // A mixture that is all but sure to stay away: what 1 − risk has lost of its digits.
        let least = inputs == 5 ? (0..<32).map { 1 - own.mixed(middle, $0).risk(p) }.min() ?? 1 : 1
        #expect(zip(parts, slow).allSatisfy { abs($0 - $1) < 1e-8 + 1e-15 / max(least, 1e-15) }, "\(score) of \(own): \(parts), \(slow)")
        let order = parts.indices.sorted { abs(parts[$0]) > abs(parts[$1]) }
        for place in 0..<3 {
          let words = (parts[order[place]] > 0 ? "raises: " : "lowers: ") + reasons.words(order[place], row: row)
          #expect(try cell("\(score)_reason_\(place + 1)", row) == .text(words))
        }
      }
    }
    #expect(seen.isSuperset(of: ["first channel shop", "first channel unknown", "another first channel", "first bought in 1999-Q2"]))
  }
}
