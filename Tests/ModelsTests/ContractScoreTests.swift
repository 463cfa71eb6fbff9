import Foundation
import Models
import TestSupport
import Testing

/// Of payments, one in five is 1 to 4 days late, each as often.
private func model(_ period: Double = 365.25 / 12, grace: Int = 10, alpha: Double = 0.7, beta: Double = 4) -> ContractModel {
  let later = (0...Int(period) + grace).map { max(0, min(1, Double($0) <= period ? 1 : 0.2 * (1 - (Double($0) - period) / 4))) }
  return ContractModel(
    renewals: ShiftedBetaGeometric(alpha: alpha, beta: beta), periodDays: period, graceDays: grace, laterShares: later)
}

private struct Slow {
  var alive = 0.0, expected = 0.0, none = 1.0, discounted = 0.0, infinite = 0.0, next = 0.0
}

/// One customer, day by day: each due date is looked for, and each sum is taken term by term until nothing is left of it.
private func slow(_ model: ContractModel, renewals m: Int, since: Int, _ h: PurchaseHorizons) -> Slow {
  let days = Int(model.periodDays) + model.graceDays
  if since > days { return Slow() }
  let a = model.renewals.alpha, b = model.renewals.beta + Double(m), first = b / (a + b)
  let isLate = Double(since) >= model.periodDays, l = isLate ? model.laterShares[since] : 1
  let alive = isLate ? first * l / (first * l + 1 - first) : 1
  var slow = Slow(alive: alive), chance = isLate ? alive / first : 1
  slow.none = isLate ? 1 - alive : model.periodDays - Double(since) <= h.riskDays ? 1 - first : 1
  for k in 1...60_000 {
    chance *= (b + Double(k - 1)) / (a + b + Double(k - 1))
    // A late payment comes now.
    let due = isLate && k == 1 ? 0 : Double(k) * model.periodDays - Double(since)
    if due > 200_000 { break }
    if due <= h.riskDays { slow.expected += chance }
    if due <= h.nextDays { slow.next += chance }
    if due <= h.valueDays {
      let end = min(max(1, (due / h.stepDays).rounded(.up)) * h.stepDays, h.valueDays)
      slow.discounted += chance * pow(1 + h.discountPerYear, -end / 365)
    }
    slow.infinite += chance * pow(1 + h.discountPerYear, -due / 365)
  }
  return slow
}

private func scores(_ model: ContractModel, _ p: [(x: Int32, tx: Int32, t: Int32)], _ h: PurchaseHorizons, threads: Int = 2)
  -> PurchaseScores
{
  scoreContracts(
    model, frequency: p.map(\.x), recencyDays: p.map(\.tx), tenureDays: p.map(\.t), isPresent: nil, horizons: h, threads: threads)
}

struct ContractScoreTests {
  @Test(arguments: [365.25 / 12, 7, 28, 365.25 / 4, 365.25])
  func `scores of contracts are the sums over due dates, term by term, at every age and on every day of a period`(period: Double) {
    let model = model(period, grace: max(1, min(15, Int(period / 3))))
    for h in [PurchaseHorizons(), PurchaseHorizons(riskDays: 400, valueDays: 1000, stepDays: 45, nextDays: 7, discountPerYear: 0.25)] {
      for renewals in [0, 1, 7] {
        let tx = Int32((Double(renewals) * period).rounded()), days = Int32(period) + Int32(model.graceDays) + 3
        let all = stride(from: Int32(0), through: days, by: period > 50 ? 29 : 1) + [days - 4, days - 3, days - 2]
        let own = scores(model, all.map { (Int32(renewals), tx, tx + $0) }, h)
        for (i, since) in all.enumerated() {
          let twin = slow(model, renewals: renewals, since: Int(since), h)
          #expect(isClose(own.pAlive[i], twin.alive, 1e-12) && isClose(own.churnRisk[i], twin.none, 1e-12), "\(since)")
          #expect(isClose(own.expectedPurchases[i], twin.expected, 1e-12) && isClose(own.expectedNext[i], twin.next, 1e-12), "\(since)")
          #expect(isClose(own.discounted[i], twin.discounted, 1e-11), "\(since)")
          #expect(isClose(own.discountedInfinite[i], twin.infinite, 1e-9), "\(since): \(own.discountedInfinite[i]), \(twin.infinite)")
          #expect((0...1).contains(own.pAlive[i]) && (0...1).contains(own.churnRisk[i]))
        }
      }
    }
  }

  @Test func `what is expected of contracts is what comes of 200,000 drawn ones, running and late`() {
    let model = model(30, grace: 9), h = PurchaseHorizons()
    for (renewals, since) in [(0, 12), (4, 3), (4, 32)] {
      var draw = Draw(random: Seeded(UInt64(since))), payments = 0.0, none = 0.0, there = 0.0, alive = 0.0
      while there < 200_000 {
        // Whoever has renewed so often is drawn from all that might have.
        let theta = draw.beta(0.7, 4)
        if draw.uniform() >= pow(1 - theta, Double(renewals)) { continue }
        var due = 30 - since, count = 0
        var stays = draw.uniform() >= theta
        if due <= 0 {
          // His payment is not there yet: he has left, or pays later than today.
          let late = draw.uniform() < 0.2 ? Int.random(in: 1...4, using: &draw.random) : 0
          if stays && due + late <= 0 { continue }
          alive += stays ? 1 : 0
          if stays { count += 1 }
          due += 30
          stays = stays && draw.uniform() >= theta
        } else {
          alive += 1
        }
        while stays && due <= 90 {
          count += 1
          due += 30
          stays = draw.uniform() >= theta
        }
        there += 1
        payments += Double(count)
        none += count == 0 ? 1 : 0
      }
      let own = scores(model, [(Int32(renewals), Int32(renewals * 30), Int32(renewals * 30 + since))], h)
      #expect(abs(own.expectedPurchases[0] - payments / there) < 0.015, "\(own.expectedPurchases[0]), \(payments / there)")
      #expect(abs(own.churnRisk[0] - none / there) < 0.006 && abs(own.pAlive[0] - alive / there) < 0.006)
    }
  }

  @Test func `scores of contracts do not hang on threads, and rows without a history have none`() {
    let model = model(), h = PurchaseHorizons()
    var draw = Draw(random: Seeded(8)), rows: [(x: Int32, tx: Int32, t: Int32)] = []
    for _ in 0..<9001 {
      let x = Int32.random(in: 0...40, using: &draw.random)
      let tx = x == 0 ? 0 : x * 30 + Int32.random(in: 0...20, using: &draw.random)
      rows.append((x, tx, tx + Int32.random(in: 0...60, using: &draw.random)))
    }
    rows[7] = (-1, 0, 5)
    rows[9] = (2, 10, 5)
    func bits(_ s: PurchaseScores) -> [[UInt64]] {
      [s.pAlive, s.expectedPurchases, s.churnRisk, s.discounted, s.discountedInfinite, s.expectedNext].map { $0.map(\.bitPattern) }
    }
    let all = scores(model, rows, h, threads: 1)
    for threads in [2, 7] { #expect(bits(scores(model, rows, h, threads: threads)) == bits(all)) }
    for row in [0, 100, 9000] { #expect(bits(scores(model, [rows[row]], h)).map { $0[0] } == bits(all).map { $0[row] }) }
    #expect(all.pAlive[7].isNaN && all.churnRisk[9].isNaN && all.expectedNext[7].isNaN)
    let absent = scoreContracts(model, frequency: [1], recencyDays: [30], tenureDays: [40], isPresent: [false], horizons: h, threads: 1)
    #expect(absent.pAlive[0].isNaN && absent.discountedInfinite[0].isNaN)
    // Without a discount what is to come of a few who hardly ever leave has no bound; of whom nothing is to come it is nothing.
    let endless = PurchaseHorizons(discountPerYear: 0)
    #expect(scores(model, [(0, 0, 5)], endless).discountedInfinite[0] == .infinity)
    #expect(scores(model, [(0, 0, 40), (0, 0, 400)], endless).discountedInfinite == [0, 0])
  }

  @Test(arguments: [
    (0, 0, 0), (5, 152, 5), (12, 365, 12), (36, 1080, 36),
    // Two payments in one month; twice in all months; a year at once; a pause of three months.
    (1, 4, 0), (11, 152, 5), (1, 365, 12), (3, 183, 6),
  ])
  func `renewals are the payments of who pays every period, and the periods gone by of others`(x: Int32, tx: Int32, renewals: Int32) {
    #expect(ContractModel.renewals(frequency: x, recencyDays: tx, periodDays: 365.25 / 12) == renewals)
  }

  @Test func `a renewal counts when its grace is over, as a leaving does`() {
    let since: [Int32] = [0, 10, 11, 30, 40, 41]
    let lives = ContractLives(
      frequency: since.map { _ in 3 }, recencyDays: since.map { _ in 90 }, tenureDays: since.map { 90 + $0 }, periodDays: 30, graceDays: 10)
    #expect(lives.renewals == [2, 2, 3, 3, 3, 3])
    #expect(lives.hasLeft == [false, false, false, false, false, true])
  }

  @Test func `churn risk by survival is that of Kaplan and Meier for who reached the age, and sBG's where nobody has`() throws {
    var draw = Draw(random: Seeded(5)), renewals: [Int32] = [], hasLeft: [Bool] = []
    for _ in 0..<4000 {
      let theta = draw.beta(0.7, 4), age = Int32.random(in: 0...14, using: &draw.random)
      var count: Int32 = 0
      while count < age && draw.uniform() >= theta { count += 1 }
      renewals.append(count)
      hasLeft.append(count < age)
    }
    let counts = RenewalCounts(renewals: renewals, hasLeft: hasLeft, isPresent: nil)
    let curve = RenewalCurve(renewed: counts.renewed, left: counts.left)
    // Watched to the end of the period after which they left, or of the last one that they renewed.
    let whole = SurvivalCurve(Lifetimes(durations: zip(renewals, hasLeft).map { $0 + ($1 ? 1 : 0) }, hasEnded: hasLeft))
    let last = curve.lastPeriod
    #expect((10...14).contains(last))
    for n in 1...last {
      let own = try #require(curve.retention(period: n))
      #expect(isClose(own, whole.survival(at: Int32(n)) / (n > 1 ? whole.survival(at: Int32(n - 1)) : 1), 1e-12))
      let i = n - 1, share = Double(counts.renewed[i]) / Double(counts.renewed[i] + counts.left[i])
      #expect(isClose(own, share, 1e-12))
      let reached = SurvivalCurve(
        Lifetimes(durations: zip(renewals, hasLeft).map { $0 + ($1 ? 1 : 0) }, hasEnded: hasLeft), reached: Int32(i))
      #expect(isClose(own, reached.survival(at: Int32(n)), 1e-12))
    }
    #expect(curve.retention(period: last + 1) == nil && curve.retention(period: 0) == nil)
    var observing = model(30)
    observing.observed = curve
    let rows: [(x: Int32, tx: Int32, t: Int32)] = [(2, 60, 70), (Int32(last), Int32(last) * 30, Int32(last) * 30 + 5)]
    let (by, without) = (scores(observing, rows, PurchaseHorizons()), scores(model(30), rows, PurchaseHorizons()))
    #expect(isClose(by.churnRisk[0], 1 - (curve.retention(period: 3) ?? 0), 1e-12) && by.churnRisk[0] != without.churnRisk[0])
    #expect(by.churnRisk[1] == without.churnRisk[1] && by.expectedPurchases == without.expectedPurchases)
  }
}
