import Foundation
import Models
import Testing

@Test func `MBG NBD on CDNOW gives r .525, α 6.183, a .891, b 1.614, LL −9582.135716, as in BTYDplus and lifetimes`() throws {
  let sample = try CDNOW(), fit = try fitPurchases(sample.counts(), model: .mbgNBD, threads: 2)
  guard case .mbgNBD(let m) = fit.model else {
    Issue.record("\(fit.warnings)")
    return
  }
  for (own, printed) in [(m.r, 0.525), (m.alphaDays / 7, 6.183), (m.a, 0.891), (m.b, 1.614)] { #expect(abs(own - printed) < 0.5e-3) }
  // The reference columns' parameters, found without derivatives, are the maximum's to six digits.
  let reference = CDNOW.mbgReference
  #expect(isClose(m.r, reference.r, 1e-6) && isClose(m.alphaDays, reference.alphaDays, 1e-6))
  #expect(isClose(m.a, reference.a, 1e-6) && isClose(m.b, reference.b, 1e-6))
  #expect(abs(fit.logLikelihood + Double(sample.frequency.reduce(0, +)) * log(7) - -9582.135715553748) < 1e-8)
  #expect(fit.gradientNorm < 1e-10 && fit.warnings.isEmpty && fit.standardErrors.allSatisfy { $0 > 0 })
}

@Test func `Pareto NBD on CDNOW gives r .553, α 10.578, s .606, β 11.669, LL −9594.976, as in BTYD and CLVTools`() throws {
  let sample = try CDNOW(), fit = try fitPurchases(sample.counts(), model: .paretoNBD, threads: 2)
  guard case .paretoNBD(let m) = fit.model else {
    Issue.record("\(fit.warnings)")
    return
  }
  for (own, printed) in [(m.r, 0.553), (m.alphaDays / 7, 10.578), (m.s, 0.606), (m.betaDays / 7, 11.669)] {
    #expect(abs(own - printed) < 0.5e-3, "\(own)")
  }
  let reference = CDNOW.paretoReference
  #expect(isClose(m.r, reference.r, 2e-6) && isClose(m.alphaDays, reference.alphaDays, 2e-6))
  #expect(isClose(m.s, reference.s, 2e-6) && isClose(m.betaDays, reference.betaDays, 2e-6))
  let own = fit.logLikelihood + Double(sample.frequency.reduce(0, +)) * log(7)
  #expect(abs(own - -9594.976) < 0.5e-3 && abs(own - -9594.976178939542) < 1e-7, "\(own)")
  #expect(fit.gradientNorm < 1e-9 && fit.warnings.isEmpty && fit.standardErrors.allSatisfy { $0 > 0 })
}

@Test func `MBG NBD's and Pareto NBD's columns of all 2,357 customers are the references' to six digits`() throws {
  let sample = try CDNOW()
  // 0.27 % a week, continuously.
  let horizons = PurchaseHorizons(riskDays: 273, discountPerYear: expm1(0.0027 * 365 / 7))
  let mbg = sample.scores(.mbgNBD(CDNOW.mbgReference), horizons), pareto = sample.scores(.paretoNBD(CDNOW.paretoReference), horizons)
  for row in sample.frequency.indices {
    #expect(isClose(mbg.pAlive[row], sample.mbgPAlive[row], 1e-6), "row \(row)")
    #expect(isClose(mbg.expectedPurchases[row], sample.mbgExpected[row], 1e-6), "row \(row)")
    #expect(isClose(pareto.pAlive[row], sample.paretoPAlive[row], 1e-6), "row \(row)")
    #expect(isClose(pareto.expectedPurchases[row], sample.paretoExpected[row], 1e-6), "row \(row)")
    #expect(isClose(pareto.discountedInfinite[row], sample.paretoDiscounted[row], 1e-6), "row \(row)")
  }
}

@Test func `customer 1516 under Pareto NBD: P(alive) .997874, 25.45647 in 52 weeks; E[X(52)] 1.473, as in BTYD's walkthrough`() {
  // BTYD's estimates differ from the maximum in the fourth digit; .5533971 10.5801985 .6060625 11.6562237 are of its older version.
  let model = CDNOW.paretoReference
  #expect(abs(model.pAlive(frequency: 26, recencyDays: 216, tenureDays: 217) - 0.997874) < 1e-6)
  let expected = model.expectedPurchases(within: 364, frequency: 26, recencyDays: 216, tenureDays: 217)
  #expect(isClose(expected, 25.45647, 6e-5) && isClose(expected, 25.455184945036603, 1e-9), "\(expected)")
  #expect(isClose(model.pAlive(frequency: 26, recencyDays: 216, tenureDays: 217), 0.9978734045511791, 1e-9))
  #expect(isClose(model.expectedPurchases(ofNewCustomerWithin: 364), 1.473434694303837, 1e-12))
  #expect(
    abs(inWeeks(0.5534, 10.5802, s: 0.6061, beta: 11.6562).pAlive(frequency: 26, recencyDays: 216, tenureDays: 217) - 0.9979) < 0.5e-4)
}

@Test(
  arguments: zip(
    [10, 15, 20, 25],
    [
      (0.7062289, 0.7058882114700867), (0.1442396, 0.14415067511775154), (0.02250658, 0.022490131124670385),
      (0.00309267, 0.003090064199387915),
    ]))
func `the frequency paradox under Pareto NBD is that of BTYD's walkthrough`(frequency: Int, expected: (Double, Double)) {
  let own = CDNOW.paretoReference.expectedPurchases(within: 364, frequency: frequency, recencyDays: 140, tenureDays: 273)
  // BTYD's parameters again; the second number is at ours, by a second program.
  #expect(isClose(own, expected.0, 1e-3) && isClose(own, expected.1, 1e-9), "\(own)")
}

@Test func `Pareto NBD's purchases of the holdout by calibration frequency 0 to 7+ are those of BTYD's walkthrough`() throws {
  let sample = try CDNOW(), model = try fitPurchases(sample.counts(), model: .paretoNBD, threads: 2).model
  let scores = sample.scores(model, PurchaseHorizons(riskDays: 273))
  var customers = [Double](repeating: 0, count: 8), expected = customers
  for row in sample.frequency.indices {
    customers[min(7, Int(sample.frequency[row]))] += 1
    expected[min(7, Int(sample.frequency[row]))] += scores.expectedPurchases[row]
  }
  for (bin, published) in [0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403].enumerated() {
    // 0.5995 and 2.3983 at the maximum.
    #expect(abs(expected[bin] / customers[bin] - published) < 1e-3, "\(bin): \(expected[bin] / customers[bin])")
  }
  let second = [0.1384468895, 0.5994706511, 1.1958366851, 1.7138433257, 2.3983081574, 2.9072076701, 3.8185592573, 6.403067059]
  for bin in 0..<8 { #expect(isClose(expected[bin] / customers[bin], second[bin], 2e-6)) }
}

@Test func `the discounted purchases of 7 purchases by week 35 of 77.86 are 1.8641833, as in BTYD's example of DERT`() {
  let model = inWeeks(0.5629966, 12.559037, s: 0.4081095, beta: 10.5148048)
  let horizons = PurchaseHorizons(discountPerYear: expm1(0.0027 * 365 / 7))
  let own = PurchaseModel.paretoNBD(model).discountedPurchases(horizons, frequency: 7, recencyDays: 245, tenureDays: 7 * 77.86).infinite
  #expect(isClose(own, 1.8641833280713107, 1e-9), "\(own)")
  let first = [2.199155449704961, 2.843534406065729, 2.867128391206157, 2.445410078607352, 1.8405019244774894]
  for (x, right) in zip(1..., first) {
    let own = PurchaseModel.paretoNBD(model).discountedPurchases(horizons, frequency: x, recencyDays: 210, tenureDays: 7 * 77.86).infinite
    #expect(isClose(own, right, 1e-9), "\(x): \(own)")
  }
}

@Test func `P(alive) and A₀ are finite where lifetimes' and CLVTools' tests had overflows`() {
  let first = ParetoNBD(r: 10.465, alphaDays: 7.98565181e-03, s: 3.0516, betaDays: 2.820)
  let counts = PurchaseCounts(frequency: [400, 500, 500], recencyDays: [5, 1, 4], tenureDays: [6, 37, 37], isPresent: nil, threads: 1)
  let evaluation = counts.logLikelihood(.paretoNBD(first), threads: 1)
  #expect(evaluation.value.isFinite && evaluation.gradient.allSatisfy(\.isFinite) && evaluation.hessian.joined().allSatisfy(\.isFinite))
  let second = ParetoNBD(r: 0.5143, alphaDays: 2.8845, s: 0.2856, betaDays: 14.1087)
  for x in [221, 254, 161, 204] {
    var before = 2.0
    for recency in [100.0, 99, 95, 80, 40, 1] {
      let own = second.pAlive(frequency: x, recencyDays: recency, tenureDays: 100)
      #expect(own >= 0 && own <= 1 && own < before, "\(x), \(recency): \(own)")
      before = own
    }
  }
}

@Test func `from x = 132 to 133 at T = 200 CE(10) goes from 6.2061 to 6.2529, as in lifetimes' test of underflow`() {
  let model = ParetoNBD(r: 0.55, alphaDays: 10.58, s: 0.61, betaDays: 11.67)
  #expect(isClose(model.expectedPurchases(within: 10, frequency: 132, recencyDays: 200, tenureDays: 200), 6.2060517889632418, 1e-12))
  #expect(isClose(model.expectedPurchases(within: 10, frequency: 133, recencyDays: 200, tenureDays: 200), 6.2528722475748113, 1e-12))
}
