import Foundation
import Models
import TestSupport
import Testing

/// Customers with the same dummies.
private struct Cell {
  var dummies: [Int]
  var customers: Population

  func counted(_ threads: Int = 2) -> CovariateCell { CovariateCell(dummies: dummies, counts: counts(customers, threads)) }
}

private func counts(_ p: Population, _ threads: Int = 2) -> PurchaseCounts {
  PurchaseCounts(frequency: p.x, recencyDays: p.tx, tenureDays: p.t, isPresent: nil, threads: threads)
}

private func together(_ cells: [Cell]) -> Population {
  var all = Population()
  for cell in cells {
    all.x += cell.customers.x
    all.tx += cell.customers.tx
    all.t += cell.customers.t
  }
  return all
}

/// Drawn with known parameters: purchases as many as the clock strikes, the last on the day nearest to its time.
private func drawn(_ model: ParetoCovariates, _ sizes: [(dummies: [Int], count: Int)], seed: UInt64, ageMax: Int32 = 730) -> [Cell] {
  var draw = Draw(random: Seeded(seed))
  return sizes.map { dummies, count in
    let own = model.model(of: dummies)
    var cell = Cell(dummies: dummies, customers: Population())
    for _ in 0..<count {
      let rate = draw.gamma(own.r) / own.alphaDays, life = draw.exponential() / (draw.gamma(own.s) / own.betaDays)
      let age = Int32.random(in: 100...ageMax, using: &draw.random)
      var clock = 0.0, last = 0.0, purchases: Int32 = 0
      while true {
        clock += draw.exponential() / rate
        if !(clock < min(Double(age), life)) { break }
        (last, purchases) = (clock, purchases + 1)
      }
      cell.customers.x.append(purchases)
      cell.customers.tx.append(Int32(last.rounded()))
      cell.customers.t.append(age)
    }
    return cell
  }
}

private let truth = ParetoCovariates(
  base: ParetoNBD(r: 0.8, alphaDays: 60, s: 0.7, betaDays: 120), rateEffects: [0.4, -0.3, 0.25], leavingEffects: [-0.3, 0.5, -0.4])
/// Two dummies of one covariate with three levels, one of another with two.
private let shares: [(dummies: [Int], share: Double)] = [
  ([], 0.34), ([0], 0.22), ([1], 0.14), ([2], 0.15), ([0, 2], 0.09), ([1, 2], 0.06),
]
private let names = ["channel=web", "channel=app", "category=books"]

private func drawn(_ count: Int, seed: UInt64) -> [Cell] {
  drawn(truth, shares.map { ($0.dummies, Int(Double(count) * $0.share)) }, seed: seed)
}

private func base(_ cells: [Cell], threads: Int = 2) throws -> PurchaseFit {
  try fitPurchases(counts(together(cells), threads), model: .paretoNBD, threads: threads)
}

private func fit(_ cells: [Cell], threads: Int = 2) throws -> CovariateFit {
  try fitCovariates(cells.map { $0.counted(threads) }, names: names, base: base(cells, threads: threads), threads: threads)
}

private func unknowns(_ fit: CovariateFit) -> [Double] {
  let base = fit.model.base
  return [base.r, base.alphaDays, base.s, base.betaDays] + fit.model.rateEffects + fit.model.leavingEffects
}

@Test func `the likelihood with covariates is the papers' with each customer's own α and β, with slopes and curvatures`() {
  let cells = drawn(200, seed: 31)
  checkDerivatives(at: [0.3, 4, 0.2, 4.5, 0.4, 0.3, 0.2, 0.1, 0.5, 0.3]) { y in
    cells.reduce(0) { sum, cell in
      var alpha = exp(y[1]), beta = exp(y[3])
      for dummy in cell.dummies {
        alpha *= exp(-y[4 + dummy])
        beta *= exp(-y[7 + dummy])
      }
      let slow = SlowParetoNBD(m: ParetoNBD(r: exp(y[0]), alphaDays: alpha, s: exp(y[2]), betaDays: beta)), p = cell.customers
      return p.x.indices.reduce(sum) { $0 + slow.logLikelihood(Double(p.x[$1]), Double(p.tx[$1]), Double(p.t[$1])) }
    }
  } own: {
    covariateLikelihood(cells.map { $0.counted() }, at: $0, threads: 2)
  }
}

@Test(arguments: [41, 42] as [UInt64])
func `100,000 customers of three channels and two categories give all ten parameters back within 3 standard errors`(seed: UInt64) throws {
  let cells = drawn(100_000, seed: seed), base = try base(cells), fit = try fit(cells)
  let drawnWith = [truth.base.r, truth.base.alphaDays, truth.base.s, truth.base.betaDays] + truth.rateEffects + truth.leavingEffects
  for (index, estimate) in unknowns(fit).enumerated() {
    let error = fit.standardErrors[index]
    #expect(abs(estimate - drawnWith[index]) < 3 * error, "\(index): \(estimate) ± \(error), drawn with \(drawnWith[index])")
    // Errors so small that no effect would show, nor one of the other sign.
    #expect(error < (index < 4 ? 0.1 * drawnWith[index] : 0.1), "\(index): ± \(error)")
  }
  #expect(fit.freedom == 6 && fit.likelihoodRatio > 500 && fit.chance < 1e-100 && fit.logLikelihood > base.logLikelihood)
  #expect(fit.gradientNorm < 1e-8 && fit.customers == 100_000)
}

@Test func `covariates that tell nothing give effects within 3 standard errors of 0, and a likelihood ratio that chance gives`() throws {
  let nothing = ParetoCovariates(base: truth.base, rateEffects: [0, 0, 0], leavingEffects: [0, 0, 0])
  let cells = drawn(nothing, shares.map { ($0.dummies, Int(20_000 * $0.share)) }, seed: 51), fit = try fit(cells)
  for (index, effect) in unknowns(fit).enumerated().dropFirst(4) { #expect(abs(effect) < 3 * fit.standardErrors[index]) }
  #expect(fit.chance > 0.01 && fit.chance < 1, "\(fit.likelihoodRatio) \(fit.chance)")
}

@Test func `time in other units scales α and β, and no effect; neither threads nor the order of rows change a bit`() throws {
  let cells = drawn(5000, seed: 61), one = try fit(cells)
  var longer = cells
  for i in longer.indices {
    longer[i].customers.tx = cells[i].customers.tx.map { $0 * 7 }
    longer[i].customers.t = cells[i].customers.t.map { $0 * 7 }
  }
  let weeks = try fit(longer)
  for (index, (a, b)) in zip(unknowns(one), unknowns(weeks)).enumerated() {
    #expect(abs(b / (a * (index == 1 || index == 3 ? 7 : 1)) - 1) < 1e-6, "\(index): \(a), \(b)")
  }
  #expect(abs(weeks.likelihoodRatio - one.likelihoodRatio) < 1e-6)
  for i in longer.indices {
    let turned = cells[i].customers
    longer[i].customers.x = turned.x.reversed()
    longer[i].customers.tx = turned.tx.reversed()
    longer[i].customers.t = turned.t.reversed()
  }
  let other = try fit(longer, threads: 1)
  #expect(unknowns(other) == unknowns(one) && other.standardErrors == one.standardErrors && other.logLikelihood == one.logLikelihood)
}

@Test func `columns of groups are each customer's own model, one by one, whatever group his neighbours have`() {
  let cells = drawn(400, seed: 71), all = together(cells)
  let models = cells.map { PurchaseModel.paretoNBD(truth.model(of: $0.dummies)) }
  let groupOf = cells.indices.flatMap { i in cells[i].customers.x.map { _ in Int32(i) } }
  let turn = all.x.indices.sorted { ($0 * 7919) % 401 < ($1 * 7919) % 401 }
  func turned<T>(_ column: [T]) -> [T] { turn.map { column[$0] } }
  let horizons = PurchaseHorizons()
  let scores = scorePurchases(
    models, groupOf: turned(groupOf), frequency: turned(all.x), recencyDays: turned(all.tx), tenureDays: turned(all.t),
    isPresent: turned(all.x.indices.map { $0 % 50 != 0 }), horizons: horizons, threads: 2)
  for (place, row) in turn.enumerated() {
    let model = models[Int(groupOf[row])], x = Int(all.x[row]), tx = Double(all.tx[row]), t = Double(all.t[row])
    if row % 50 == 0 {
      #expect(scores.pAlive[place].isNaN && scores.discounted[place].isNaN)
      continue
    }
    #expect(isClose(scores.pAlive[place], model.pAlive(frequency: x, recencyDays: tx, tenureDays: t), 1e-11))
    #expect(isClose(scores.churnRisk[place], model.noPurchase(within: 90, frequency: x, recencyDays: tx, tenureDays: t), 1e-11))
    let expected = model.expectedPurchases(within: 90, frequency: x, recencyDays: tx, tenureDays: t)
    #expect(isClose(scores.expectedPurchases[place], expected, 1e-11))
    let discounted = model.discountedPurchases(horizons, frequency: x, recencyDays: tx, tenureDays: t)
    #expect(isClose(scores.discounted[place], discounted.finite, 1e-11))
    #expect(isClose(scores.discountedInfinite[place], discounted.infinite, 1e-11))
  }
}

@Test func `a level that nobody bought again of, and one that follows from another, are named`() throws {
  var cells = drawn(6000, seed: 81)
  for i in cells.indices where cells[i].dummies.contains(1) {
    cells[i].customers.x = cells[i].customers.x.map { _ in 0 }
    cells[i].customers.tx = cells[i].customers.x
  }
  #expect {
    _ = try fit(cells)
  } throws: {
    "\($0)".contains("channel=app on the rate of purchases has no finite estimate: hardly any of these customers bought again")
      || "\($0)".contains("channel=app on the rate of leaving has no finite estimate")
  }
  let twins = drawn(truth, [([], 2000), ([0, 2], 2000), ([1], 2000)], seed: 82)
  #expect {
    _ = try fit(twins)
  } throws: {
    "\($0)".contains("category=books follows from the other levels")
  }
}
