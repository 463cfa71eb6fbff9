import Foundation
import Models
import Testing

private func bgNBD(_ fit: PurchaseFit) throws -> BGNBD {
  guard case .bgNBD(let model) = fit.model else {
    Issue.record("NBD: \(fit.warnings)")
    throw ModelError(message: "not BG/NBD")
  }
  return model
}

@Test func `BG/NBD on CDNOW gives r .243, α 4.414, a .793, b 2.426, LL −9582.429, as in Fader, Hardie and Lee 2005`() throws {
  let sample = try CDNOW()
  let fit = try fitPurchases(sample.counts(), threads: 2)
  let model = try bgNBD(fit)
  // A search without derivatives, which ends where the likelihood's last bit does: a and b seven digits.
  for (own, theirs) in [(model.r, 0.24259452), (model.alphaDays / 7, 4.41360214), (model.a, 0.79292191), (model.b, 2.42590648)] {
    #expect(abs(own - theirs) < 3e-7, "\(own) in place of \(theirs)")
  }
  // Where scipy finds the gradient to be zero.
  for (own, theirs) in [(model.r, 0.24259452), (model.alphaDays / 7, 4.41360202), (model.a, 0.79292202), (model.b, 2.42590678)] {
    #expect(abs(own - theirs) < 0.6e-8, "\(own) in place of \(theirs)")
  }
  let purchases = Double(sample.frequency.reduce(0, +))
  #expect(abs(fit.logLikelihood + purchases * log(7) - -9582.429206673929) < 1e-8)
  #expect(fit.gradientNorm < 1e-10 && fit.warnings.isEmpty && fit.customers == 2357)
  #expect(fit.standardErrors.allSatisfy { $0 > 0 } && isClose(fit.standardErrors[0], 0.0126, 0.05), "\(fit.standardErrors)")
}

@Test func `Gamma-Gamma on 946 CDNOW repeaters gives p 6.25, q 3.74, v 15.44, LL −4055.918, as in Hardie's note 025`() throws {
  let sample = try CDNOW()
  let fit = try fitValues(frequency: sample.frequency, meanValues: sample.meanValue, isPresent: nil, threads: 2)
  #expect(isClose(fit.model.p, 6.249570675, 2e-6) && isClose(fit.model.q, 3.744225114, 2e-6) && isClose(fit.model.v, 15.443526583, 2e-6))
  #expect(abs(fit.logLikelihood - -4055.9176948018708) < 1e-7, "\(fit.logLikelihood)")
  #expect(fit.customers == 946 && fit.customersLeftOut == 0 && fit.gradientNorm < 1e-9 && fit.warnings.isEmpty)
  #expect(isClose(fit.correlation, 0.11388791939125481, 1e-7))
  let first = expectedValues(fit.model, frequency: sample.frequency, meanValues: sample.meanValue, isPresent: nil, threads: 1)[..<10]
  #expect(first.map { ($0 * 100).rounded() / 100 } == [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17])
}

@Test(arguments: zip([0.1429, 1, 3, 31.8571, 32, 78], [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576]))
func `BG/NBD expects so many purchases of a new customer by week t, as lifetimes' tests print`(weeks: Double, expected: Double) {
  // Those tests compare three decimals; at the maximum the last point is 1.8580.
  #expect(abs(CDNOW.reference.expectedPurchases(ofNewCustomerWithin: 7 * weeks) - expected) < 0.5e-3)
}

@Test func `E[X(52)] of BG/NBD is 1.444004, as in BTYD`() {
  #expect(isClose(CDNOW.reference.expectedPurchases(ofNewCustomerWithin: 7 * 52), 1.444004, 1e-5))
}

@Test func `after 2 purchases by week 30.43 of 38.86 come 1.226 in the next 39 weeks, as in Fader, Hardie and Lee 2005`() {
  let own = published.expectedPurchases(within: 273, frequency: 2, recencyDays: 7 * 30.43, tenureDays: 7 * 38.86)
  #expect(abs(own - 1.226) < 0.5e-3)
  let exact = walkthrough.expectedPurchases(within: 273, frequency: 2, recencyDays: 7 * 30.43, tenureDays: 7 * 38.86)
  #expect(isClose(exact, 1.2259057045100386, 1e-9))
}

@Test func `P(X(39) = 0) is .5737864 and P(X(30) = 11) .0019995214, as in BTYD`() {
  #expect(abs(published.probability(ofPurchases: 0, within: 7 * 39) - 0.5737864) < 0.6e-7)
  #expect(abs(published.probability(ofPurchases: 11, within: 7 * 30) - 0.0019995214) < 0.6e-10)
}

@Test func `customer 1516, 26 purchases by week 30.857 of 31: P(alive) .9688523, 25.75659 in 52 weeks, as in BTYD's walkthrough`() {
  // BTYD's own estimates differ from the maximum in the fifth digit, hence the limits.
  #expect(isClose(CDNOW.reference.pAlive(frequency: 26, recencyDays: 216, tenureDays: 217), 0.9688523, 4e-6))
  let expected = CDNOW.reference.expectedPurchases(within: 364, frequency: 26, recencyDays: 216, tenureDays: 217)
  #expect(isClose(expected, 25.75659, 4e-5))
  #expect(isClose(walkthrough.pAlive(frequency: 26, recencyDays: 216, tenureDays: 217), 0.9688545014, 1e-9))
}

@Test(
  arguments: zip(
    [10, 15, 20, 25],
    [
      (0.3474606, 0.34748425340433575), (0.04283391, 0.0428371030638183), (0.004158973, 0.004159284106935516),
      (0.0003583685, 0.00035839473948090874),
    ]))
func `the more purchases by week 20 of 39, the fewer in the next 52: the frequency paradox of BTYD's walkthrough`(
  frequency: Int, expected: (Double, Double)
) {
  let own = walkthrough.expectedPurchases(within: 364, frequency: frequency, recencyDays: 140, tenureDays: 273)
  #expect(isClose(own, expected.0, 1.2e-4) && isClose(own, expected.1, 1e-9), "\(own)")
}

@Test func `expected purchases of the holdout by calibration frequency 0 to 7+ are those of BTYD's walkthrough`() throws {
  let sample = try CDNOW()
  let scores = sample.scores(try fitPurchases(sample.counts(), threads: 2).model, PurchaseHorizons(riskDays: 273))
  var customers = [Int](repeating: 0, count: 8), actual = [Double](repeating: 0, count: 8), expected = actual
  for row in sample.frequency.indices {
    let bin = min(7, Int(sample.frequency[row]))
    customers[bin] += 1
    actual[bin] += sample.holdout[row]
    expected[bin] += scores.expectedPurchases[row]
  }
  #expect(customers == [1411, 439, 214, 100, 62, 38, 29, 64])
  let bought = [0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359]
  let published = [0.2251, 0.5231, 1.0441, 1.5203, 2.1638, 2.6538, 3.5040, 6.1570]
  for bin in 0..<8 {
    #expect(abs(actual[bin] / Double(customers[bin]) - bought[bin]) < 0.6e-3)
    #expect(isClose(expected[bin] / Double(customers[bin]), published[bin], 1.5e-4), "\(bin): \(expected[bin] / Double(customers[bin]))")
  }
}

@Test func `P(alive), expected purchases in 39 weeks and expected value of all 2,357 customers are lifetimes' to six digits`() throws {
  let sample = try CDNOW()
  let scores = sample.scores(.bgNBD(CDNOW.reference), PurchaseHorizons(riskDays: 273))
  let worth = expectedValues(CDNOW.referenceValue, frequency: sample.frequency, meanValues: sample.meanValue, isPresent: nil, threads: 2)
  #expect(sample.frequency.count == 2357)
  for row in sample.frequency.indices {
    #expect(isClose(scores.pAlive[row], sample.pAlive[row], 1e-6), "row \(row)")
    #expect(isClose(scores.expectedPurchases[row], sample.expected39Weeks[row], 1e-6), "row \(row)")
    #expect(isClose(worth[row], sample.expectedValue[row], 1e-6), "row \(row)")
  }
}
