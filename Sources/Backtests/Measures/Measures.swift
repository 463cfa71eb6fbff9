import Foundation

/// What a model foretold of customers at an origin: columns of one length, a row a customer.
package struct Forecast: Sendable {
  /// Customers are ranked by it: the greater, the likelier to buy nothing. Never NaN.
  package var risk: [Double]
  /// P(no purchase within the horizon); nil: it gives none, and so below.
  package var noPurchase: [Double]?
  /// Purchase days expected within the horizon.
  package var purchases: [Double]?
  /// Revenue expected within the horizon, minor units.
  package var revenueMinor: [Double]?

  package init(risk: [Double], noPurchase: [Double]? = nil, purchases: [Double]? = nil, revenueMinor: [Double]? = nil) {
    (self.risk, self.noPurchase, self.purchases, self.revenueMinor) = (risk, noPurchase, purchases, revenueMinor)
  }
}

/// What came of the same customers within the horizon.
package struct Outcomes: Sendable {
  /// Purchase days.
  package var purchases: [Int32]
  /// Σ amount of their purchases.
  package var revenueMinor: [Int64]
  /// The bootstrap's group of each customer, below `Bootstrap.groups`.
  package var group: [UInt16]
  /// The event that a risk is about: nothing was bought.
  package let isLeaving: [Bool]
  /// As `Bootstrap.binned` takes them.
  let marks: [UInt16]

  package init(purchases: [Int32], revenueMinor: [Int64], group: [UInt16]) {
    (self.purchases, self.revenueMinor, self.group) = (purchases, revenueMinor, group)
    isLeaving = purchases.map { $0 == 0 }
    marks = zip(group, isLeaving).map { $0 << 1 | ($1 ? 1 : 0) }
  }
}

/// A tenth of the customers as they are ranked, the riskiest first; customers of one rank are in the same tenth.
package struct Decile: Sendable, Hashable, Codable {
  package var customers: Int
  /// Means of what was foretold, and of what came.
  package var noPurchase, noPurchaseObserved: Double
  /// nil: the model foretells no counts.
  package var purchases: Double?
  package var purchasesObserved: Double
}

/// How well a forecast fitted what came, for some of the customers. nil: the model does not foretell that, or too few customers say it.
package struct Measures: Sendable, Hashable, Codable {
  package var customers = 0
  /// Of them, those with a purchase within the horizon.
  package var buyers = 0
  package var purchases: Int64 = 0
  package var revenueMinor: Int64 = 0
  package var purchasesExpected: Double?
  package var revenueExpectedMinor: Double?

  package var auc: Estimate?
  package var averagePrecision: Estimate?
  /// Among the riskiest 5, 10 and 20 %.
  package var lift5: Estimate?
  package var lift10: Estimate?
  package var lift20: Estimate?
  package var profit: Estimate?
  package var profitShare: Double?
  package var expectedProfit: Estimate?
  package var expectedProfitShare: Double?

  package var brier: Estimate?
  /// Of the deciles' means: brier = reliability − resolution + uncertainty, but for what differs within them.
  package var reliability: Double?
  package var resolution: Double?
  package var uncertainty: Double?
  package var logLoss: Estimate?
  package var deciles: [Decile]?

  package var mae: Estimate?
  package var rmse: Estimate?
  /// Σ foretold ÷ Σ that came − 1.
  package var bias: Estimate?
  package var revenueMaeMinor: Estimate?
  package var revenueRmseMinor: Estimate?
  package var revenueBias: Estimate?

  /// Fewer customers, buyers or others than these tell nothing: their measures are nil.
  package static let customersMin = 50, eachKindMin = 10
}

/// The replicates of the measures that models are compared by.
package struct Replicates: Sendable {
  package var auc: [Double] = []
  package var brier: [Double] = []
  package var logLoss: [Double] = []
  package var mae: [Double] = []
  package var rmse: [Double] = []
}

extension Measures {
  /// - Parameters:
  ///   - ranking: by falling risk, of the customers that are measured.
  ///   - members: the same customers in ascending order of rows: all sums are taken in this order.
  package static func of(
    _ forecast: Forecast, _ outcomes: Outcomes, _ ranking: Ranking, members: [UInt32], _ bootstrap: Bootstrap
  ) -> (measures: Measures, replicates: Replicates) {
    var measures = Measures(counting: members, forecast, outcomes), replicates = Replicates()
    let others = measures.customers - measures.buyers
    guard measures.customers >= Self.customersMin else { return (measures, replicates) }
    measures.addErrors(forecast, outcomes, members, bootstrap, &replicates)
    guard min(measures.buyers, others) >= Self.eachKindMin else { return (measures, replicates) }
    replicates.auc = measures.addRanks(ranking, outcomes, bootstrap)
    measures.addDeciles(forecast, outcomes, ranking)
    return (measures, replicates)
  }

  /// What came, and how much of it was foretold; nothing else.
  package init(counting members: [UInt32], _ forecast: Forecast, _ outcomes: Outcomes) {
    customers = members.count
    var expected = 0.0, revenue = 0.0
    for row in members {
      let row = Int(row)
      buyers += outcomes.isLeaving[row] ? 0 : 1
      purchases += Int64(outcomes.purchases[row])
      revenueMinor &+= outcomes.revenueMinor[row]
      if let foretold = forecast.purchases { expected += foretold[row] }
      if let foretold = forecast.revenueMinor { revenue += foretold[row] }
    }
    if forecast.purchases != nil && expected.isFinite { purchasesExpected = expected }
    if forecast.revenueMinor != nil && revenue.isFinite { revenueExpectedMinor = revenue }
  }

  /// - Returns: the replicates of the area under the curve.
  private mutating func addRanks(_ ranking: Ranking, _ outcomes: Outcomes, _ bootstrap: Bootstrap) -> [Double] {
    let marks = ranking.rows.map { outcomes.marks[Int($0)] }, ranked = RankedEvents(marks, ends: ranking.ends)
    let binned = bootstrap.binned(marks, ends: ranking.ends), terms = CampaignTerms()
    let drawn = (0..<Bootstrap.replicates).map { replicate in
      let drawn = binned.drawn(replicate)
      return (ranked: drawn, campaign: CampaignProfit(drawn, terms: terms, shares: Self.savedShares.callAsFunction))
    }
    let campaign = CampaignProfit(ranked), binnedCampaign = CampaignProfit(binned.whole)
    (profitShare, expectedProfitShare) = (campaign?.maximumShare, campaign?.expectedShare)
    /// The replicates are moved by what the bins cost.
    func estimate(_ value: Double?, _ inBins: Double?, _ replicates: [Double?]) -> (Estimate?, [Double]) {
      guard let value, let inBins else { return (nil, []) }
      let moved = replicates.map { ($0 ?? .nan) + (value - inBins) }
      return (Estimate(value, replicates: moved), moved)
    }
    func ranks(_ measure: (RankedEvents) -> Double) -> (Estimate?, [Double]) {
      estimate(measure(ranked), measure(binned.whole), drawn.map { measure($0.ranked) })
    }
    averagePrecision = ranks(\.averagePrecision).0
    lift5 = ranks { $0.lift(at: 0.05) }.0
    lift10 = ranks { $0.lift(at: 0.1) }.0
    lift20 = ranks { $0.lift(at: 0.2) }.0
    profit = estimate(campaign?.maximum, binnedCampaign?.maximum, drawn.map(\.campaign?.maximum)).0
    expectedProfit = estimate(campaign?.expected, binnedCampaign?.expected, drawn.map(\.campaign?.expected)).0
    let area = ranks(\.areaUnderCurve)
    auc = area.0
    return area.1
  }

  private static let savedShares = SavedShares(CampaignTerms())

  private mutating func addErrors(
    _ forecast: Forecast, _ outcomes: Outcomes, _ members: [UInt32], _ bootstrap: Bootstrap, _ replicates: inout Replicates
  ) {
    var counts = [SIMD8<Double>](repeating: SIMD8(), count: Bootstrap.groups), money = counts
    for row in members {
      let row = Int(row), group = Int(outcomes.group[row])
      counts[group] += Self.terms(forecast, outcomes, row)
      if let foretold = forecast.revenueMinor {
        let actual = Double(outcomes.revenueMinor[row]), error = foretold[row] - actual
        money[group] += SIMD8(1, abs(error), error * error, error, actual, 0, 0, 0)
      }
    }
    func estimate(_ terms: [SIMD8<Double>], _ drawn: [SIMD8<Double>], _ of: (SIMD8<Double>) -> Double) -> (Estimate?, [Double]) {
      let drawn = drawn.map(of)
      return (Estimate(of(terms.reduce(SIMD8(), +)), replicates: drawn), drawn)
    }
    let drawn = bootstrap.sums(counts)
    if forecast.noPurchase != nil {
      (brier, replicates.brier) = estimate(counts, drawn) { $0[1] / $0[0] }
      (logLoss, replicates.logLoss) = estimate(counts, drawn) { $0[2] / $0[0] }
    }
    if forecast.purchases != nil {
      (mae, replicates.mae) = estimate(counts, drawn) { $0[3] / $0[0] }
      (rmse, replicates.rmse) = estimate(counts, drawn) { ($0[4] / $0[0]).squareRoot() }
      bias = estimate(counts, drawn) { $0[5] / $0[6] }.0
    }
    if revenueExpectedMinor != nil {
      let drawn = bootstrap.sums(money)
      revenueMaeMinor = estimate(money, drawn) { $0[1] / $0[0] }.0
      revenueRmseMinor = estimate(money, drawn) { ($0[2] / $0[0]).squareRoot() }.0
      revenueBias = estimate(money, drawn) { $0[3] / $0[4] }.0
    }
  }

  /// 1, squared error and log loss of the probability, absolute, squared and signed error of the count, and the count that came.
  @inline(__always)
  private static func terms(_ forecast: Forecast, _ outcomes: Outcomes, _ row: Int) -> SIMD8<Double> {
    var terms = SIMD8<Double>(1, 0, 0, 0, 0, 0, 0, 0)
    if let risks = forecast.noPurchase {
      let left = outcomes.isLeaving[row], risk = risks[row], error = risk - (left ? 1 : 0)
      terms[1] = error * error
      // A probability of 0 that was wrong would cost without bound.
      terms[2] = -log(max(left ? risk : 1 - risk, 1e-15))
    }
    if let foretold = forecast.purchases {
      let actual = Double(outcomes.purchases[row]), error = foretold[row] - actual
      (terms[3], terms[4], terms[5], terms[6]) = (abs(error), error * error, error, actual)
    }
    return terms
  }

  /// The decile of a run of equal risk is 1 + ⌊10 · customers before it ÷ all⌋.
  private mutating func addDeciles(_ forecast: Forecast, _ outcomes: Outcomes, _ ranking: Ranking) {
    guard let risks = forecast.noPurchase else { return }
    struct Sums { var customers = 0, left = 0, risk = 0.0, expected = 0.0, bought: Int64 = 0 }
    var sums = [Sums](repeating: Sums(), count: 10), start = 0
    for end in ranking.ends {
      let decile = start * 10 / customers
      for place in start..<Int(end) {
        let row = Int(ranking.rows[place])
        sums[decile].customers += 1
        sums[decile].left += outcomes.isLeaving[row] ? 1 : 0
        sums[decile].risk += risks[row]
        sums[decile].expected += forecast.purchases?[row] ?? 0
        sums[decile].bought += Int64(outcomes.purchases[row])
      }
      start = Int(end)
    }
    let all = Double(customers), share = Double(customers - buyers) / all
    var reliability = 0.0, resolution = 0.0
    deciles = sums.filter { $0.customers > 0 }.map { sum in
      let n = Double(sum.customers), foretold = sum.risk / n, observed = Double(sum.left) / n
      reliability += n / all * (foretold - observed) * (foretold - observed)
      resolution += n / all * (observed - share) * (observed - share)
      return Decile(
        customers: sum.customers, noPurchase: foretold, noPurchaseObserved: observed,
        purchases: forecast.purchases == nil ? nil : sum.expected / n, purchasesObserved: Double(sum.bought) / n)
    }
    (self.reliability, self.resolution, uncertainty) = (reliability, resolution, share * (1 - share))
  }
}
