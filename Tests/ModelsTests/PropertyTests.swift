import Models
import TestSupport
import Testing

private func bits(_ values: [Double]) -> [UInt64] { values.map(\.bitPattern) }

@Test func `probabilities lie in 0 to 1, and fewer are lost than bought or never return`() throws {
  let sample = try CDNOW()
  for model in [PurchaseModel.bgNBD(CDNOW.reference), .nbd(NBD(r: 0.4, alphaDays: 80))] {
    let scores = sample.scores(model, PurchaseHorizons())
    #expect(scores.pAlive.allSatisfy { 0...1 ~= $0 } && scores.churnRisk.allSatisfy { 0...1 ~= $0 })
    for row in sample.frequency.indices {
      #expect(scores.churnRisk[row] >= 1 - scores.pAlive[row])
      #expect(scores.discounted[row] < scores.discountedInfinite[row])
    }
  }
}

@Test(arguments: [10.0, 273, 3650]) func `the probabilities of 0, 1, 2 … purchases add up to 1, and their mean is E[X(t)]`(days: Double) {
  func check(_ probability: (Int) -> Double, _ expected: Double) {
    var mass = 0.0, mean = 0.0
    for n in 0..<3000 {
      let p = probability(n)
      #expect(p >= 0 && p <= 1)
      mass += p
      mean += Double(n) * p
    }
    #expect(abs(mass - 1) < 1e-9 && isClose(mean, expected, 1e-7), "\(mass), \(mean), \(expected)")
  }
  let bgNBD = BGNBD(r: 0.8, alphaDays: 60, a: 0.9, b: 2.1), nbd = NBD(r: 0.8, alphaDays: 60)
  check({ bgNBD.probability(ofPurchases: $0, within: days) }, bgNBD.expectedPurchases(ofNewCustomerWithin: days))
  check({ nbd.probability(ofPurchases: $0, within: days) }, nbd.expectedPurchases(ofNewCustomerWithin: days))
}

@Test func `all customers at once get what each gets alone, to the bit`() throws {
  let sample = try CDNOW()
  let all = sample.scores(.bgNBD(CDNOW.reference), PurchaseHorizons())
  for row in stride(from: 0, to: sample.frequency.count, by: 61) {
    let one = scorePurchases(
      .bgNBD(CDNOW.reference), frequency: [sample.frequency[row]], recencyDays: [sample.recencyDays[row]],
      tenureDays: [sample.tenureDays[row]], isPresent: nil, horizons: PurchaseHorizons(), threads: 1)
    #expect(
      bits([one.pAlive[0], one.expectedPurchases[0], one.churnRisk[0], one.discounted[0], one.discountedInfinite[0]])
        == bits([all.pAlive[row], all.expectedPurchases[row], all.churnRisk[row], all.discounted[row], all.discountedInfinite[row]]))
  }
}

@Test func `the batch, which interpolates over T, gives what one customer's own quadrature gives`() throws {
  let sample = try CDNOW()
  let batch = sample.scores(.bgNBD(CDNOW.reference), PurchaseHorizons(riskDays: 273))
  for row in stride(from: 0, to: sample.frequency.count, by: 7) {
    let own = CDNOW.reference.expectedPurchases(
      within: 273, frequency: Int(sample.frequency[row]), recencyDays: Double(sample.recencyDays[row]),
      tenureDays: Double(sample.tenureDays[row]))
    #expect(isClose(batch.expectedPurchases[row], own, 1e-12), "row \(row)")
  }
}

@Test(arguments: [2, 7]) func `the number of threads and the order of the rows leave no trace in any bit`(threads: Int) throws {
  let population = simulated(40_000, BGNBD(r: 0.5, alphaDays: 40, a: 0.8, b: 2.5), GammaGamma(p: 6, q: 3.7, v: 15), seed: 3)
  func results(_ p: Population, _ threads: Int) throws -> [UInt64] {
    let counts = PurchaseCounts(frequency: p.x, recencyDays: p.tx, tenureDays: p.t, isPresent: nil, threads: threads)
    let purchases = try fitPurchases(counts, threads: threads)
    let values = try fitValues(frequency: p.x, meanValues: p.value, isPresent: nil, threads: threads)
    guard case .bgNBD(let m) = purchases.model else { return [] }
    let sorted = p.sorted()
    let scores = scorePurchases(
      purchases.model, frequency: sorted.x, recencyDays: sorted.tx, tenureDays: sorted.t, isPresent: nil, horizons: PurchaseHorizons(),
      threads: threads)
    return bits([m.r, m.alphaDays, m.a, m.b, purchases.logLikelihood, values.model.p, values.model.q, values.model.v, values.logLikelihood])
      + bits(scores.pAlive + scores.expectedPurchases + scores.churnRisk + scores.discounted + scores.discountedInfinite)
  }
  let one = try results(population, 1)
  #expect(try one == results(population.reversed(), threads))
}

@Test func `another unit of time scales α and nothing else`() throws {
  let sample = try CDNOW()
  let days = try fitPurchases(sample.counts(), threads: 1)
  let scaled = try fitPurchases(
    PurchaseCounts(
      frequency: sample.frequency, recencyDays: sample.recencyDays.map { $0 * 7 }, tenureDays: sample.tenureDays.map { $0 * 7 },
      isPresent: nil, threads: 1), threads: 1)
  guard case .bgNBD(let a) = days.model, case .bgNBD(let b) = scaled.model else {
    Issue.record("not BG/NBD")
    return
  }
  #expect(isClose(b.alphaDays, 7 * a.alphaDays, 1e-7) && isClose(b.r, a.r, 1e-7) && isClose(b.a, a.a, 1e-7) && isClose(b.b, a.b, 1e-7))
}

@Test func `rows that are absent or no possible history take no part and get NaN`() throws {
  let x: [Int32] = [2, -1, 3, 1, 5], tx: [Int32] = [10, 0, 50, 9, 20], t: [Int32] = [30, 5, 40, -3, 25]
  let counts = PurchaseCounts(frequency: x, recencyDays: tx, tenureDays: t, isPresent: [true, true, true, true, false], threads: 2)
  #expect(counts.customers == 1 && counts.histories == 1 && counts.rowsLeftOut == 3)
  let scores = scorePurchases(
    .bgNBD(CDNOW.reference), frequency: x, recencyDays: tx, tenureDays: t, isPresent: [true, true, true, true, false],
    horizons: PurchaseHorizons(), threads: 2)
  for column in [scores.pAlive, scores.expectedPurchases, scores.churnRisk, scores.discounted, scores.discountedInfinite] {
    #expect(column.map { $0.isNaN } == [false, true, true, true, true])
  }
  let worth = expectedValues(
    CDNOW.referenceValue, frequency: [2, 0, 1], meanValues: [30, .nan, 5], isPresent: [true, true, false], threads: 1)
  #expect(worth.map { $0.isNaN } == [false, false, true])
}
