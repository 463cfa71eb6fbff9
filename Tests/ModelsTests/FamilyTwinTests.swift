import Foundation
import Models
import TestSupport
import Testing

/// Value, slopes and curvatures at a point are those of a slow function by finite differences.
func checkDerivatives(at point: [Double], slow: ([Double]) -> Double, own: ([Double]) -> ModelEvaluation) {
  let here = own(point)
  #expect(isClose(here.value, slow(point), 1e-11), "\(here.value), \(slow(point))")
  for i in point.indices {
    let step = 1e-5 * point[i]
    func shifted(_ by: Double) -> [Double] { point.enumerated().map { $0 == i ? $1 + by : $1 } }
    let slope = (slow(shifted(step)) - slow(shifted(-step))) / (2 * step)
    #expect(
      abs(here.gradient[i] - slope) < 1e-5 * (abs(slow(point)) / point[i] * 1e-2 + abs(slope)), "by \(i): \(here.gradient[i]), \(slope)")
    let above = own(shifted(step)).gradient, below = own(shifted(-step)).gradient
    for j in point.indices {
      let curvature = (above[j] - below[j]) / (2 * step), scale = abs(here.value) / (point[i] * point[j]) * 1e-3
      #expect(abs(here.hessian[i][j] - curvature) < 1e-5 * (abs(curvature) + scale), "by \(i), \(j): \(here.hessian[i][j]), \(curvature)")
      #expect(here.hessian[i][j] == here.hessian[j][i])
    }
  }
}

/// Histories of all sorts: few and many purchases, young and old.
private func histories(_ count: Int, seed: UInt64) -> Population {
  var random = Seeded(seed), result = Population()
  for _ in 0..<count {
    let age = Int32.random(in: 0...700, using: &random), last = Int32.random(in: 0...age, using: &random)
    let purchases = last == 0 ? 0 : min(last, Int32.random(in: 0...3, using: &random) * Int32.random(in: 0...12, using: &random))
    result.x.append(purchases)
    result.tx.append(purchases == 0 ? 0 : last)
    result.t.append(age)
  }
  return result
}

private func counts(_ p: Population) -> PurchaseCounts {
  PurchaseCounts(frequency: p.x, recencyDays: p.tx, tenureDays: p.t, isPresent: nil, threads: 2)
}

@Test(arguments: [
  CDNOW.mbgReference, MBGNBD(r: 0.9, alphaDays: 60, a: 1.7, b: 3.2), MBGNBD(r: 2.5, alphaDays: 15, a: 0.3, b: 4),
])
func `MBG NBD is the paper's: likelihood with slopes and curvatures, P(alive), expected purchases and risk`(model: MBGNBD) {
  let data = histories(300, seed: 17), counts = counts(data)
  checkDerivatives(at: [model.r, model.alphaDays, model.a, model.b]) { p in
    let slow = SlowMBGNBD(m: MBGNBD(r: p[0], alphaDays: p[1], a: p[2], b: p[3]))
    return data.x.indices.reduce(0) { $0 + slow.logLikelihood(Double(data.x[$1]), Double(data.tx[$1]), Double(data.t[$1])) }
  } own: {
    counts.logLikelihood(.mbgNBD(MBGNBD(r: $0[0], alphaDays: $0[1], a: $0[2], b: $0[3])), threads: 2)
  }
  let slow = SlowMBGNBD(m: model)
  let scores = scorePurchases(
    .mbgNBD(model), frequency: data.x, recencyDays: data.tx, tenureDays: data.t, isPresent: nil, horizons: PurchaseHorizons(), threads: 2)
  for row in data.x.indices {
    let (x, tx, t) = (Double(data.x[row]), Double(data.tx[row]), Double(data.t[row])), alive = slow.pAlive(x, tx, t)
    #expect(isClose(scores.pAlive[row], alive, 1e-12))
    #expect(isClose(scores.expectedPurchases[row], slow.expected(90, x, tx, t), 1e-9))
    let risk = 1 - alive * (1 - pow((model.alphaDays + t) / (model.alphaDays + t + 90), model.r + x))
    #expect(abs(scores.churnRisk[row] - risk) < 1e-14)
  }
}

/// α below, above and at β.
private let paretos = [
  CDNOW.paretoReference, ParetoNBD(r: 0.9, alphaDays: 160, s: 1.7, betaDays: 32), ParetoNBD(r: 2.5, alphaDays: 15, s: 0.3, betaDays: 400),
  ParetoNBD(r: 0.8, alphaDays: 60, s: 1.3, betaDays: 60),
]

@Test(arguments: paretos)
func `Pareto NBD is the papers': likelihood with slopes and curvatures, P(alive) and expected purchases`(model: ParetoNBD) {
  let data = histories(300, seed: 19), counts = counts(data)
  checkDerivatives(at: [model.r, model.alphaDays, model.s, model.betaDays]) { p in
    let slow = SlowParetoNBD(m: ParetoNBD(r: p[0], alphaDays: p[1], s: p[2], betaDays: p[3]))
    return data.x.indices.reduce(0) { $0 + slow.logLikelihood(Double(data.x[$1]), Double(data.tx[$1]), Double(data.t[$1])) }
  } own: {
    counts.logLikelihood(.paretoNBD(ParetoNBD(r: $0[0], alphaDays: $0[1], s: $0[2], betaDays: $0[3])), threads: 2)
  }
  let slow = SlowParetoNBD(m: model)
  let scores = scorePurchases(
    .paretoNBD(model), frequency: data.x, recencyDays: data.tx, tenureDays: data.t, isPresent: nil, horizons: PurchaseHorizons(),
    threads: 2)
  for row in data.x.indices {
    let (x, tx, t) = (Double(data.x[row]), Double(data.tx[row]), Double(data.t[row]))
    // Digits cancel in the papers' A₀ and in their 1 − (…)^(s−1), not here.
    #expect(isClose(scores.pAlive[row], slow.pAlive(x, tx, t), 1e-9), "\(x), \(tx), \(t)")
    #expect(isClose(scores.expectedPurchases[row], slow.expected(90, x, tx, t), 1e-9))
  }
}

@Test(arguments: [PurchaseModel.mbgNBD(CDNOW.mbgReference)] + paretos.map { .paretoNBD($0) })
func `P(X(t) = n) of old customers' next days by simulation agrees with the formulas`(model: PurchaseModel) {
  // P(no purchase) of a new customer by three ways: the distribution at 0, the risk formula, and the batch.
  for days in [30.0, 364] {
    let none = model.probability(ofPurchases: 0, within: days)
    #expect(isClose(none, model.noPurchase(within: days, frequency: 0, recencyDays: 0, tenureDays: 0), 1e-12))
    let scores = scorePurchases(
      model, frequency: [0], recencyDays: [0], tenureDays: [0], isPresent: nil, horizons: PurchaseHorizons(riskDays: days), threads: 1)
    #expect(isClose(scores.churnRisk[0], none, 1e-12))
    // E[X] over T and h is E[X(T+h)] − E[X(T)] of all who began together: a sum over what they may have done by T = 90.
    var later = 0.0
    for n in 1..<400 { later += model.probability(ofPurchases: n, within: days) * Double(n) }
    #expect(isClose(later, model.expectedPurchases(ofNewCustomerWithin: days), 1e-8))
  }
}

@Test func `discounted purchases without end are the limit of finite ones, and s = 1 lies between its neighbours`() {
  for model in paretos {
    let purchases = PurchaseModel.paretoNBD(model)
    // The step's end stands for all of it, so finer steps come nearer.
    let infinite = purchases.discountedPurchases(PurchaseHorizons(discountPerYear: 0.5), frequency: 3, recencyDays: 100, tenureDays: 120)
      .infinite
    let long = PurchaseHorizons(valueDays: 30_000, stepDays: 3, discountPerYear: 0.5)
    let finite = purchases.discountedPurchases(long, frequency: 3, recencyDays: 100, tenureDays: 120).finite
    #expect(isClose(finite, infinite, 3e-3) && finite < infinite, "\(finite), \(infinite)")
  }
  func expected(_ s: Double) -> Double {
    ParetoNBD(r: 0.4, alphaDays: 31, s: s, betaDays: 26).expectedPurchases(within: 90, frequency: 3, recencyDays: 100, tenureDays: 120)
  }
  #expect(isClose(expected(1), (expected(1 - 1e-6) + expected(1 + 1e-6)) / 2, 1e-11))
  let endless = PurchaseHorizons(discountPerYear: 0)
  let some = PurchaseModel.paretoNBD(ParetoNBD(r: 0.4, alphaDays: 31, s: 2, betaDays: 26))
  let left = some.discountedPurchases(endless, frequency: 3, recencyDays: 100, tenureDays: 120).infinite
  #expect(isClose(left, some.expectedPurchases(within: 1e12, frequency: 3, recencyDays: 100, tenureDays: 120), 1e-9))
  #expect(
    PurchaseModel.paretoNBD(paretos[0]).discountedPurchases(endless, frequency: 3, recencyDays: 1, tenureDays: 2).infinite == .infinity)
}
