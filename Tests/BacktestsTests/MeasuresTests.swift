import Foundation
import TestSupport
import Testing

import Backtests

/// Risks with many ties, and who left.
private func drawn(_ count: Int, seed: UInt64, levels: UInt64) -> (risks: [Double], left: [Bool]) {
  var random = Seeded(seed)
  let risks = (0..<count).map { _ in Double(random.next() % levels) - 3 }
  return (risks, risks.map { _ in random.next() % 3 != 0 })
}

@Suite struct `The measures of a ranking` {
  @Test(arguments: 0...40) func `are those of the slow definitions, ties and all`(seed: Int) {
    let count = [1, 2, 3, 7, 30, 200][seed % 6]
    let (risks, left) = drawn(count, seed: UInt64(seed), levels: [2, 5, 1000][seed % 3])
    let ranked = RankedEvents(Ranking(byFalling: risks), isEvent: left)
    let events = risks.indices.filter { left[$0] }, others = risks.indices.filter { !left[$0] }
    var wins = 0.0
    for e in events { for o in others { wins += risks[e] > risks[o] ? 1 : risks[e] == risks[o] ? 0.5 : 0 } }
    let area = wins / Double(events.count * others.count)
    #expect(events.isEmpty || others.isEmpty ? ranked.areaUnderCurve.isNaN : abs(ranked.areaUnderCurve - area) < 1e-12)

    var precision = 0.0
    for e in events {
      let above = risks.indices.filter { risks[$0] >= risks[e] }
      precision += Double(above.count { left[$0] }) / Double(above.count)
    }
    #expect(events.isEmpty || abs(ranked.averagePrecision - precision / Double(events.count)) < 1e-12)

    // Of the riskiest, each customer of the run that the border cuts counts in part.
    let wanted = 0.2 * Double(count)
    var caught = 0.0
    for e in events {
      let above = Double(risks.count { $0 > risks[e] }), equal = Double(risks.count { $0 == risks[e] })
      caught += min(1, max(0, (wanted - above) / equal))
    }
    let lift = caught / wanted / (Double(events.count) / Double(count))
    #expect(events.isEmpty || abs(ranked.lift(at: 0.2) - lift) < 1e-12)
  }

  @Test func `come from an order by falling risk, equal risks by row`() {
    let risks = [0.5, -0.0, 3, 0, -7, 3, .infinity, 1e-300, -.infinity]
    let ranking = Ranking(byFalling: risks)
    #expect(ranking.rows == [6, 2, 5, 0, 7, 1, 3, 4, 8])
    #expect(ranking.ends == [1, 3, 4, 5, 7, 8, 9])
    let parts = ranking.split(by: [0, 1, 1, 1, 0, 1, 0, 1, 2], into: 3)
    #expect(parts.map(\.rows) == [[6, 0, 4], [2, 5, 7, 1, 3], [8]])
    #expect(parts.map(\.ends) == [[1, 2, 3], [2, 3, 5], [1]])
  }

  @Test func `give the campaign of emp's toy the published MP 19.1, EMP 19.108546 and share .693520`() throws {
    let scores = [0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.4, 0.3, 0.2, 0.1]
    let left = [true, true, false, true, false, false, true, false, false, false]
    let profit = try #require(CampaignProfit(RankedEvents(Ranking(byFalling: scores), isEvent: left)))
    #expect(abs(profit.maximum - 19.1) < 1e-12 && abs(profit.maximumShare - 0.7) < 1e-12)
    #expect(abs(profit.expected - 19.108546234782512) < 1e-10 && abs(profit.expectedShare - 0.6935199374371023) < 1e-10)
  }

  @Test func `find the expected profit that many values of γ give one by one`() throws {
    let (risks, left) = drawn(120, seed: 9, levels: 40)
    let profit = try #require(CampaignProfit(RankedEvents(Ranking(byFalling: risks), isEvent: left)))
    var expected = 0.0, weights = 0.0
    for step in 0..<4000 {
      let gamma = (Double(step) + 0.5) / 4000, density = pow(gamma, 5) * pow(1 - gamma, 13)
      var best = 0.0
      for border in Set(risks) {
        let treated = risks.indices.filter { risks[$0] >= border }
        let saved = Double(treated.count { left[$0] }), wasted = Double(treated.count) - saved
        best = max(best, (200 * (gamma * (1 - 10.0 / 200) - 1.0 / 200) * saved - 11 * wasted) / 120)
      }
      expected += density * best
      weights += density
    }
    #expect(abs(profit.expected - expected / weights) < 1e-4)
  }

  @Test func `take a share of Beta(2, 3) and of Beta(6, 14) for what its polynomial is`() {
    for x in [0.0, 0.01, 0.2, 0.37, 0.5, 0.9, 1] {
      #expect(abs(betaShare(x, 2, 3) - (6 * x * x - 8 * x * x * x + 3 * x * x * x * x)) < 1e-13)
      var binomial = 0.0
      for k in 6...19 {
        var ways = 1.0
        for i in 0..<k { ways *= Double(19 - i) / Double(i + 1) }
        binomial += ways * pow(x, Double(k)) * pow(1 - x, Double(19 - k))
      }
      #expect(abs(betaShare(x, 6, 14) - binomial) < 1e-13)
    }
  }
}

@Suite struct `The measures of a forecast` {
  private let count = 3000
  private func sample(seed: UInt64) -> (Forecast, Outcomes) {
    var random = Seeded(seed)
    func even() -> Double { Double(random.next() >> 11) * 0x1p-53 }
    let risk = (0..<count).map { _ in (even() * 20).rounded() / 20 }
    let bought = risk.map { even() < $0 ? Int32(0) : 1 + Int32(random.next() % 4) }
    let revenue = bought.map { Int64($0) * Int64(random.next() % 900) }
    let expected = risk.map { 2.4 * (1 - $0) }
    let forecast = Forecast(risk: risk, noPurchase: risk, purchases: expected, revenueMinor: expected.map { $0 * 440 })
    let groups = (0..<count).map { _ in UInt16(random.next() % UInt64(Bootstrap.groups)) }
    return (forecast, Outcomes(purchases: bought, revenueMinor: revenue, group: groups))
  }
  private var rows: [UInt32] { (0..<UInt32(count)).map { $0 } }

  @Test func `are those of the slow definitions`() throws {
    let (forecast, outcomes) = sample(seed: 1)
    let m = Measures.of(forecast, outcomes, Ranking(byFalling: forecast.risk), members: rows, Bootstrap()).measures
    let n = Double(count), risk = try #require(forecast.noPurchase), expected = try #require(forecast.purchases)
    var brier = 0.0, loss = 0.0, absolute = 0.0, squared = 0.0, foretold = 0.0, came = 0.0
    for row in 0..<count {
      let left = outcomes.purchases[row] == 0 ? 1.0 : 0, actual = Double(outcomes.purchases[row])
      brier += (risk[row] - left) * (risk[row] - left) / n
      loss -= log(max(1e-15, left == 1 ? risk[row] : 1 - risk[row])) / n
      absolute += abs(expected[row] - actual) / n
      squared += (expected[row] - actual) * (expected[row] - actual) / n
      (foretold, came) = (foretold + expected[row], came + actual)
    }
    for (estimate, slow) in [
      (m.brier, brier), (m.logLoss, loss), (m.mae, absolute), (m.rmse, squared.squareRoot()), (m.bias, foretold / came - 1),
    ] {
      let estimate = try #require(estimate)
      #expect(abs(estimate.value - slow) < 1e-10)
      #expect(estimate.low < estimate.value && estimate.value < estimate.high)
    }
    #expect(m.buyers == outcomes.purchases.count { $0 > 0 } && m.purchases == Int64(came))
  }

  @Test func `part Brier's score into reliability, resolution and uncertainty where deciles hold one chance each`() throws {
    var (forecast, outcomes) = sample(seed: 2)
    // Ten chances, each of a tenth of the customers.
    let tenths = (0..<count).map { Double($0 / (count / 10)) / 10 + 0.05 }
    forecast = Forecast(risk: tenths, noPurchase: tenths)
    outcomes = Outcomes(purchases: outcomes.purchases, revenueMinor: outcomes.revenueMinor, group: outcomes.group)
    let m = Measures.of(forecast, outcomes, Ranking(byFalling: tenths), members: rows, Bootstrap()).measures
    let parts = try #require(m.reliability) - (try #require(m.resolution)) + (try #require(m.uncertainty))
    #expect(abs(try #require(m.brier).value - parts) < 1e-12)
    #expect(m.deciles?.map(\.customers) == [Int](repeating: count / 10, count: 10))
    #expect(m.mae == nil && m.revenueBias == nil && m.purchasesExpected == nil)
  }

  @Test func `have intervals as wide as the error of a mean, and the same ones each time`() throws {
    let (forecast, outcomes) = sample(seed: 3)
    let ranking = Ranking(byFalling: forecast.risk)
    let m = Measures.of(forecast, outcomes, ranking, members: rows, Bootstrap()).measures
    let errors = outcomes.purchases.indices.map { abs((forecast.purchases?[$0] ?? 0) - Double(outcomes.purchases[$0])) }
    let mean = errors.reduce(0, +) / Double(count)
    let deviation = (errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)).squareRoot()
    let width = 2 * 1.96 * deviation / Double(count).squareRoot(), mae = try #require(m.mae)
    #expect(abs((mae.high - mae.low) / width - 1) < 0.25)
    #expect(m == Measures.of(forecast, outcomes, ranking, members: rows, Bootstrap()).measures)
    // The area under the curve of one class of n₁ and one of n₀: Hanley and McNeil (1982).
    let auc = try #require(m.auc), a = auc.value, n1 = Double(count - m.buyers), n0 = Double(m.buyers)
    let q1 = a / (2 - a), q2 = 2 * a * a / (1 + a)
    let error = ((a * (1 - a) + (n1 - 1) * (q1 - a * a) + (n0 - 1) * (q2 - a * a)) / (n1 * n0)).squareRoot()
    #expect(abs((auc.high - auc.low) / (2 * 1.96 * error) - 1) < 0.3)
  }

  @Test func `of few customers are nil, with the counts beside`() {
    let (forecast, outcomes) = sample(seed: 4)
    let some = Array(rows.prefix(40)), ranking = Ranking(byFalling: forecast.risk)
    let parts = ranking.split(by: (0..<count).map { $0 < 40 ? 0 : 1 }, into: 2)
    let m = Measures.of(forecast, outcomes, parts[0], members: some, Bootstrap()).measures
    #expect(m.customers == 40 && m.buyers > 0 && m.purchasesExpected != nil)
    #expect(m.auc == nil && m.brier == nil && m.mae == nil && m.deciles == nil && m.lift10 == nil)
  }
}
