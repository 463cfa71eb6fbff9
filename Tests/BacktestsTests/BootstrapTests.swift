import Foundation
import TestSupport
import Testing

import Backtests

/// A ranking of customers in groups, some of whom left, with the twin's ways to draw them anew.
private struct Drawn {
  var risks: [Double] = [], left: [Bool] = [], groups: [UInt16] = []

  init(_ count: Int, levels: UInt64, seed: UInt64) {
    var random = Seeded(seed)
    for _ in 0..<count {
      let risk = Double(random.next() % levels) / Double(levels)
      risks.append(risk)
      left.append(Double(random.next() >> 11) * 0x1p-53 < 0.2 + 0.6 * risk)
      groups.append(UInt16(random.next() % UInt64(Bootstrap.groups)))
    }
  }

  var ranking: Ranking { Ranking(byFalling: risks) }
  var marks: [UInt16] { ranking.rows.map { groups[Int($0)] << 1 | (left[Int($0)] ? 1 : 0) } }

  /// Each customer as often as `times` says, ranked from scratch.
  func again(_ times: (Int) -> Int) -> RankedEvents {
    let rows = risks.indices.flatMap { row in [Int](repeating: row, count: times(row)) }
    return RankedEvents(Ranking(byFalling: rows.map { risks[$0] }), isEvent: rows.map { left[$0] })
  }
}

@Suite struct `The bootstrap` {
  @Test(arguments: [1, 40, 300, 512]) func `draws of a ranking what writing each customer down as often as he is drawn gives`(count: Int) {
    let sample = Drawn(count, levels: 90, seed: UInt64(count)), bootstrap = Bootstrap()
    let binned = bootstrap.binned(sample.marks, ends: sample.ranking.ends)
    for replicate in [0, 1, 77, Bootstrap.replicates - 1] {
      let fast = binned.drawn(replicate)
      let slow = sample.again { bootstrap.weight(ofGroup: Int(sample.groups[$0]), replicate: replicate) }
      #expect(fast.customers == slow.customers && fast.events == slow.events)
      #expect(fast.customersInAll == slow.customersInAll && fast.eventsInAll == slow.eventsInAll)
    }
  }

  @Test func `loses next to nothing by bins where customers are many`() {
    let sample = Drawn(20_000, levels: 1 << 40, seed: 5), bootstrap = Bootstrap()
    let binned = bootstrap.binned(sample.marks, ends: sample.ranking.ends), whole = sample.again { _ in 1 }
    for replicate in 0..<5 {
      let fast = binned.drawn(replicate)
      let slow = sample.again { bootstrap.weight(ofGroup: Int(sample.groups[$0]), replicate: replicate) }
      // Replicates of the average precision differ by 4e-3, and a tenth of that is lost at most.
      for (measure, most) in [(\RankedEvents.areaUnderCurve, 2e-5), (\.averagePrecision, 4e-4)] {
        let moved = fast[keyPath: measure] + whole[keyPath: measure] - binned.whole[keyPath: measure]
        #expect(abs(moved - slow[keyPath: measure]) < most)
      }
      #expect(abs(fast.lift(at: 0.1) - slow.lift(at: 0.1)) < 2e-3)
    }
  }

  @Test func `gives the ranks' measures the intervals that drawing customers one by one gives`() throws {
    let sample = Drawn(4000, levels: 60, seed: 6), n = sample.risks.count
    let outcomes = Outcomes(
      purchases: sample.left.map { $0 ? 0 : 1 }, revenueMinor: [Int64](repeating: 0, count: n), group: sample.groups)
    let rows = (0..<UInt32(n)).map { $0 }
    let m = Measures.of(Forecast(risk: sample.risks), outcomes, sample.ranking, members: rows, Bootstrap()).measures
    var random = Seeded(60), slow: [[Double]] = [[], [], [], []]
    for _ in 0..<400 {
      var times = [Int](repeating: 0, count: n)
      for _ in 0..<n { times[Int(random.next() % UInt64(n))] += 1 }
      let drawn = sample.again { times[$0] }, campaign = try #require(CampaignProfit(drawn))
      for (k, value) in [drawn.averagePrecision, drawn.lift(at: 0.1), campaign.maximum, campaign.expected].enumerated() {
        slow[k].append(value)
      }
    }
    for (k, estimate) in [m.averagePrecision, m.lift10, m.profit, m.expectedProfit].enumerated() {
      let estimate = try #require(estimate), sorted = slow[k].sorted()
      let width = sorted[389] - sorted[10]
      #expect(estimate.low < estimate.value && estimate.value < estimate.high)
      #expect(abs((estimate.high - estimate.low) / width - 1) < 0.3, "\(k): \(estimate), \(sorted[10]) to \(sorted[389])")
    }
  }

  @Test func `has the shares of the saved share within 10⁻⁶ between its values`() {
    let terms = CampaignTerms(), shares = SavedShares(terms)
    for step in 0...1000 {
      let x = Double(step) / 1000, found = shares(x)
      #expect(abs(found.x - betaShare(x, terms.alpha, terms.beta)) < 1e-6)
      #expect(abs(found.y - betaShare(x, terms.alpha + 1, terms.beta)) < 1e-6)
    }
  }
}

@Test func `a backtest looks at all of 262,144 customers, a half of one more, an eighth of 2,000,000, and never at less than 131,072`() {
  #expect([0, 1, 262_144, 262_145, 1_000_000, 2_000_000].map { BacktestSample.oneIn(customers: $0) } == [1, 1, 1, 2, 4, 8])
  #expect((262_145...300_000).allSatisfy { $0 / BacktestSample.oneIn(customers: $0) >= 131_072 })
}
