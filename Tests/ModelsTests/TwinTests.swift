import Foundation
import Models
import TestSupport
import Testing

private let horizons = PurchaseHorizons()
private let models = [
  CDNOW.reference, BGNBD(r: 0.9, alphaDays: 60, a: 1.7, b: 3.2), BGNBD(r: 2.5, alphaDays: 15, a: 0.3, b: 4),
  BGNBD(r: 0.1, alphaDays: 200, a: 4.5, b: 1.3),
]

/// Histories of all sorts: few and many purchases, young and old.
private func histories(_ count: Int, seed: UInt64) -> (x: [Int32], tx: [Int32], t: [Int32]) {
  var random = Seeded(seed)
  var x: [Int32] = [], tx: [Int32] = [], t: [Int32] = []
  for _ in 0..<count {
    let age = Int32.random(in: 0...700, using: &random)
    let last = Int32.random(in: 0...age, using: &random)
    let purchases = last == 0 ? 0 : min(last, Int32.random(in: 0...3, using: &random) * Int32.random(in: 0...12, using: &random))
    x.append(purchases)
    tx.append(purchases == 0 ? 0 : last)
    t.append(age)
  }
  return (x, tx, t)
}

@Test(arguments: models) func `log-likelihood, gradient and Hessian are those of the paper's formula by finite differences`(model: BGNBD) {
  let (x, tx, t) = histories(400, seed: 7)
  let counts = PurchaseCounts(frequency: x, recencyDays: tx, tenureDays: t, isPresent: nil, threads: 2)
  func slow(_ p: [Double]) -> Double {
    let twin = SlowBGNBD(BGNBD(r: p[0], alphaDays: p[1], a: p[2], b: p[3]))
    return x.indices.reduce(0) { $0 + twin.logLikelihood(Double(x[$1]), Double(tx[$1]), Double(t[$1])) }
  }
  let point = [model.r, model.alphaDays, model.a, model.b]
  let own = counts.logLikelihood(.bgNBD(model), threads: 2)
  #expect(isClose(own.value, slow(point), 1e-12))
  for i in 0..<4 {
    let step = 1e-5 * point[i]
    func shifted(_ by: Double) -> [Double] { point.enumerated().map { $0 == i ? $1 + by : $1 } }
    let slope = (slow(shifted(step)) - slow(shifted(-step))) / (2 * step)
    let size = abs(slope) + abs(own.value) / point[i] * 1e-2
    #expect(abs(own.gradient[i] - slope) < 1e-5 * size, "by \(i): \(own.gradient[i]), \(slope)")
    let up = shifted(step), down = shifted(-step)
    let above = counts.logLikelihood(.bgNBD(BGNBD(r: up[0], alphaDays: up[1], a: up[2], b: up[3])), threads: 1).gradient
    let below = counts.logLikelihood(.bgNBD(BGNBD(r: down[0], alphaDays: down[1], a: down[2], b: down[3])), threads: 1).gradient
    for j in 0..<4 {
      let curvature = (above[j] - below[j]) / (2 * step)
      let scale = abs(own.value) / (point[i] * point[j]) * 1e-3
      #expect(abs(own.hessian[i][j] - curvature) < 1e-5 * (abs(curvature) + scale), "by \(i), \(j): \(own.hessian[i][j]), \(curvature)")
    }
  }
}

@Test(arguments: models) func `P(alive), expected purchases, risk and discounted purchases are those of the paper's formulas`(model: BGNBD)
{
  let (x, tx, t) = histories(300, seed: 11)
  let scores = scorePurchases(
    .bgNBD(model), frequency: x, recencyDays: tx, tenureDays: t, isPresent: nil, horizons: horizons, threads: 2)
  let twin = SlowBGNBD(model)
  for row in x.indices {
    let (own, last, age) = (Double(x[row]), Double(tx[row]), Double(t[row]))
    let alive = twin.pAlive(own, last, age)
    #expect(isClose(scores.pAlive[row], alive, 1e-12))
    // Near-cancellation in the paper's form, not here, sets the limit.
    #expect(isClose(scores.expectedPurchases[row], twin.expected(90, own, last, age), 1e-9))
    #expect(isClose(scores.expectedNext[row], twin.expected(30, own, last, age), 1e-9))
    #expect(isClose(scores.discounted[row], twin.discounted(own, last, age, horizons), 1e-8))
    let risk = 1 - alive * (1 - pow((model.alphaDays + age) / (model.alphaDays + age + 90), model.r + own))
    #expect(abs(scores.churnRisk[row] - risk) < 1e-14)
  }
}

@Test func `discounted purchases without end are the integral over time, by Simpson's rule`() {
  let cases: [(Int32, Int32, Int32)] = [(0, 0, 30), (2, 213, 272), (1, 20, 400), (9, 300, 310), (40, 600, 700)]
  let model = BGNBD(r: 0.4, alphaDays: 31, a: 0.9, b: 2.6), twin = SlowBGNBD(model)
  let scores = scorePurchases(
    .bgNBD(model), frequency: cases.map(\.0), recencyDays: cases.map(\.1), tenureDays: cases.map(\.2), isPresent: nil, horizons: horizons,
    threads: 1)
  for (row, (x, tx, t)) in cases.enumerated() {
    let slow = twin.discountedInfinite(Double(x), Double(tx), Double(t), horizons, pieces: 400)
    #expect(isClose(scores.discountedInfinite[row], slow, 1e-6), "\(scores.discountedInfinite[row]), \(slow)")
    #expect(scores.discountedInfinite[row] > scores.discounted[row])
  }
}

@Test func `expected purchases of far-off horizons, great x and long lives are finite and keep order`() {
  let years = 36_525.0
  for model in models {
    for x in [0, 1, 132, 133, 400, 500, 10_000] {
      let last = x == 0 ? 0.0 : years - 1
      let near = model.expectedPurchases(within: 10, frequency: x, recencyDays: last, tenureDays: years)
      let far = model.expectedPurchases(within: years, frequency: x, recencyDays: last, tenureDays: years)
      #expect(near.isFinite && far.isFinite && 0 < near && near < far, "x = \(x)")
      let gone = model.expectedPurchases(within: 10, frequency: x, recencyDays: Double(min(x, 1)), tenureDays: years)
      #expect(gone.isFinite && gone >= 0 && (x == 0 || gone <= near))
    }
  }
  let x: [Int32] = [10_000, 10_000, 0], tx: [Int32] = [36_000, 1, 0], t: [Int32] = [36_525, 36_525, 36_525]
  let crowd = scorePurchases(
    .bgNBD(CDNOW.reference), frequency: x, recencyDays: tx, tenureDays: t, isPresent: nil, horizons: horizons, threads: 2)
  for column in [crowd.pAlive, crowd.expectedPurchases, crowd.churnRisk, crowd.discounted, crowd.discountedInfinite] {
    #expect(column.allSatisfy { $0.isFinite })
  }
  let counts = PurchaseCounts(frequency: x, recencyDays: tx, tenureDays: t, isPresent: nil, threads: 1)
  let evaluation = counts.logLikelihood(.bgNBD(CDNOW.reference), threads: 1)
  #expect(evaluation.value.isFinite && evaluation.gradient.allSatisfy { $0.isFinite })
}

@Test func `a = 1, where the paper's formula is 0/0, lies between its neighbours`() {
  func expected(_ a: Double) -> Double {
    BGNBD(r: 0.4, alphaDays: 31, a: a, b: 2.6).expectedPurchases(within: 90, frequency: 3, recencyDays: 100, tenureDays: 120)
  }
  #expect(isClose(expected(1), (expected(1 - 1e-6) + expected(1 + 1e-6)) / 2, 1e-11))
  #expect(isClose(expected(1 + 1e-4), SlowBGNBD(BGNBD(r: 0.4, alphaDays: 31, a: 1 + 1e-4, b: 2.6)).expected(90, 3, 100, 120), 1e-9))
}

@Test func `Gamma-Gamma's log-likelihood and derivatives are those of note 025 by finite differences`() throws {
  let sample = try CDNOW()
  let point = [5.0, 3.1, 17.0]
  func slow(_ at: [Double]) -> Double {
    let twin = SlowGammaGamma(p: at[0], q: at[1], v: at[2])
    return sample.frequency.indices.filter { sample.frequency[$0] > 0 }
      .reduce(0) { $0 + twin.logLikelihood(Double(sample.frequency[$1]), sample.meanValue[$1]) }
  }
  func own(_ at: [Double]) -> ModelEvaluation {
    valueLogLikelihood(
      GammaGamma(p: at[0], q: at[1], v: at[2]), frequency: sample.frequency, meanValues: sample.meanValue, isPresent: nil, threads: 2)
  }
  let here = own(point)
  #expect(isClose(here.value, slow(point), 1e-11))
  for i in 0..<3 {
    let step = 1e-5 * point[i]
    func shifted(_ by: Double) -> [Double] { point.enumerated().map { $0 == i ? $1 + by : $1 } }
    let slope = (slow(shifted(step)) - slow(shifted(-step))) / (2 * step)
    #expect(isClose(here.gradient[i], slope, 1e-6), "by \(i): \(here.gradient[i]), \(slope)")
    let above = own(shifted(step)).gradient, below = own(shifted(-step)).gradient
    for j in 0..<3 { #expect(isClose(here.hessian[i][j], (above[j] - below[j]) / (2 * step), 1e-5)) }
  }
}
