import Foundation
import Models
import TestSupport
import Testing

/// 1,000 customers whose survival after 1, 2 … years is given in per cent.
private func counts(_ survival: [Double]) -> RenewalCounts {
  var renewals: [Int32] = [], hasLeft: [Bool] = [], before = 1000
  for (year, percent) in survival.enumerated() {
    let now = Int((10 * percent).rounded())
    renewals += [Int32](repeating: Int32(year), count: before - now)
    before = now
  }
  hasLeft = renewals.map { _ in true } + [Bool](repeating: false, count: before)
  renewals += [Int32](repeating: Int32(survival.count), count: before)
  return RenewalCounts(renewals: renewals, hasLeft: hasLeft, isPresent: nil)
}

private let highEnd = [86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]
private let regular = [63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3]

@Test(
  arguments: zip(
    [highEnd, regular],
    [
      (0.668, 3.806, [0.6680883494679211, 3.8060949274397156, -1611.158147391156, 5.9222534847807005]),
      (0.704, 1.182, [0.7040773239927608, 1.1820430981220438, -1680.2651884632867, 3.694908424847056]),
    ]))
func `sBG on 7 years gives High End α .668 β 3.806, Regular α .704 β 1.182, as in Fader and Hardie 2007`(
  survival: [Double], expected: (Double, Double, [Double])
) throws {
  let fit = try fitRenewals(counts(Array(survival.prefix(7))))
  #expect(abs(fit.model.alpha - expected.0) < 0.5e-3 && abs(fit.model.beta - expected.1) < 0.5e-3, "\(fit.model)")
  #expect(isClose(fit.model.alpha, expected.2[0], 1e-6) && isClose(fit.model.beta, expected.2[1], 1e-6))
  #expect(abs(fit.logLikelihood - expected.2[2]) < 1e-8 && fit.gradientNorm < 1e-10)
  #expect(isClose(fit.model.discountedLifetime(discountPerPeriod: 0.1), expected.2[3], 1e-6))
  #expect(fit.customers == 1000 && fit.standardErrors.allSatisfy { $0 > 0 } && fit.warnings.isEmpty)
  // The paper's figure 3: the forecast of years 8 to 12 is within two points of a hundred.
  for year in 8...12 { #expect(abs(100 * fit.model.survival(renewals: year) - survival[year - 1]) < 2) }
}

@Test func `survival and retention after 7 years' data are those of a second program`() throws {
  let model = try fitRenewals(counts(Array(highEnd.prefix(7)))).model
  let survival = [1.0, 0.85068, 0.74686, 0.66979, 0.60992, 0.56183, 0.52222, 0.48891, 0.46044, 0.43578, 0.41417, 0.39506, 0.378]
  for (t, right) in survival.enumerated() { #expect(abs(model.survival(renewals: t) - right) < 0.6e-5) }
  for (t, right) in zip(1..., [0.8506792618630333, 0.8779565250790574, 0.8968073159357592]) {
    #expect(isClose(model.retention(period: t), right, 1e-6))
    #expect(isClose(model.survival(renewals: t) / model.survival(renewals: t - 1), model.retention(period: t), 1e-13))
  }
}

@Test func `DERL at 10 % for n = 1…5 is that of Fader and Hardie 2010, Table 3`() {
  func derl(_ alpha: Double, _ beta: Double) -> [Double] {
    (1...5).map { ShiftedBetaGeometric(alpha: alpha, beta: beta).discountedRenewals(period: $0, discountPerPeriod: 0.1) }
  }
  for (own, printed) in zip(derl(3.80, 15.20), [3.31, 3.45, 3.59, 3.72, 3.84]) { #expect(abs(own - printed) < 0.5e-2, "\(own)") }
  // The table is of unrounded parameters: with those printed, .067 and .267, its first three are 7.671, 9.455 and 9.851.
  for (own, printed) in zip(derl(0.067, 0.267), [7.68, 9.46, 9.86, 10.06, 10.19]) { #expect(abs(own - printed) < 1e-2, "\(own)") }
  for (own, second) in zip(derl(0.067, 0.267), [7.671, 9.455, 9.851, 10.056, 10.189]) { #expect(abs(own - second) < 0.6e-3, "\(own)") }
}

@Test(arguments: [(3.8, 15.2), (0.067, 0.267), (0.668, 3.806), (1, 1), (40, 900)])
func `sBG's discounted renewals are the sums of its survival, its probabilities add up, and its slopes are finite differences`(
  alpha: Double, beta: Double
) throws {
  let model = ShiftedBetaGeometric(alpha: alpha, beta: beta)
  for period in [1, 2, 9, 300] {
    for d in [0.02, 0.1, 1] {
      let own = model.discountedRenewals(period: period, discountPerPeriod: d)
      #expect(isClose(own, model.expectedRenewals(within: 4000, period: period, discountPerPeriod: d), 1e-11), "\(period), \(d)")
    }
    let mass = (0...30).reduce(0) { $0 + model.probability(ofRenewals: $1, within: 30, period: period) }
    let mean = (0...30).reduce(0) { $0 + Double($1) * model.probability(ofRenewals: $1, within: 30, period: period) }
    #expect(abs(mass - 1) < 1e-12 && isClose(mean, model.expectedRenewals(within: 30, period: period), 1e-11))
    #expect(isClose(model.leaving(within: 30, period: period), 1 - model.probability(ofRenewals: 30, within: 30, period: period), 1e-12))
  }
  let counts = counts(highEnd)
  checkDerivatives(at: [alpha, beta]) { p in
    let model = ShiftedBetaGeometric(alpha: p[0], beta: p[1])
    var sum = 0.0, before = 1000.0
    for (year, percent) in highEnd.enumerated() {
      let now = 10 * percent
      sum += (before - now) * log(model.survival(renewals: year) - model.survival(renewals: year + 1))
      before = now
    }
    return sum + before * log(model.survival(renewals: 12))
  } own: {
    counts.logLikelihood(ShiftedBetaGeometric(alpha: $0[0], beta: $0[1]))
  }
}

@Test func `sBG's parameters come back within 3 standard errors from 100,000 contracts of many ages`() throws {
  var draw = Draw(random: Seeded(31)), renewals: [Int32] = [], hasLeft: [Bool] = []
  for _ in 0..<100_000 {
    let theta = draw.beta(0.8, 3.1), age = Int32.random(in: 0...9, using: &draw.random)
    var count: Int32 = 0
    while count < age && draw.uniform() >= theta { count += 1 }
    renewals.append(count)
    hasLeft.append(count < age)
  }
  let fit = try fitRenewals(RenewalCounts(renewals: renewals, hasLeft: hasLeft, isPresent: nil))
  for (i, (own, truth)) in [(fit.model.alpha, 0.8), (fit.model.beta, 3.1)].enumerated() {
    #expect(abs(own - truth) < 3 * fit.standardErrors[i] && fit.standardErrors[i] < 0.1 * truth, "\(fit)")
  }
}

@Test func `contracts that tell too little are refused by name, equal ones are warned of, absent and impossible rows take no part`() throws
{
  func message(_ renewals: [Int32], _ hasLeft: [Bool]) -> String {
    do throws(ModelError) {
      return try fitRenewals(RenewalCounts(renewals: renewals, hasLeft: hasLeft, isPresent: nil)).warnings.joined()
    } catch { return error.message }
  }
  #expect(message([3, 2], [false, false]) == "none of 2 customers has left: sBG is not identified")
  #expect(message([0, 0, 0], [true, true, false]) == "none of 3 customers has renewed: sBG is not identified")
  #expect(message([0, 1, 1], [true, false, false]).hasPrefix("no contract has come to the end of a second period"))
  // A tenth leaves each time, whoever they are.
  var equal: [Int32] = [], left: [Bool] = [], there = 100_000
  for period: Int32 in 0..<4 {
    equal += [Int32](repeating: period, count: there / 10)
    there -= there / 10
  }
  left = equal.map { _ in true } + [Bool](repeating: false, count: there)
  equal += [Int32](repeating: 4, count: there)
  #expect(message(equal, left).hasPrefix("α or β lies at the edge of the range searched"))
  let some = RenewalCounts(renewals: [1, 2, -1, 5], hasLeft: [true, false, true, true], isPresent: [true, true, true, false])
  #expect(some.customers == 2 && some.rowsLeftOut == 1)
}
