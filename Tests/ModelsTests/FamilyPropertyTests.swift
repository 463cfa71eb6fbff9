import Models
import TestSupport
import Testing

private let family: [PurchaseModel] = [
  .bgNBD(CDNOW.reference), .mbgNBD(CDNOW.mbgReference), .paretoNBD(CDNOW.paretoReference),
  .paretoNBD(ParetoNBD(r: 0.9, alphaDays: 160, s: 1.7, betaDays: 32)), .nbd(NBD(r: 0.4, alphaDays: 80)),
]

private func columns(_ s: PurchaseScores) -> [[Double]] {
  [s.pAlive, s.expectedPurchases, s.churnRisk, s.discounted, s.discountedInfinite, s.expectedNext]
}

@Test(arguments: family) func `of every model probabilities lie in 0 to 1, and values keep their order`(model: PurchaseModel) throws {
  let scores = try CDNOW().scores(model, PurchaseHorizons())
  #expect(scores.pAlive.allSatisfy { 0...1 ~= $0 } && scores.churnRisk.allSatisfy { 0...1 ~= $0 })
  for row in scores.pAlive.indices {
    #expect(scores.churnRisk[row] >= 1 - scores.pAlive[row])
    #expect(scores.discounted[row] < scores.discountedInfinite[row] && scores.expectedNext[row] < scores.expectedPurchases[row])
    // Markov: P(some purchase) is at most the number expected.
    #expect(1 - scores.churnRisk[row] <= scores.expectedPurchases[row] * (1 + 1e-12))
  }
}

@Test(arguments: family) func `of every model P(X = n) adds up to 1, and its mean is E[X(t)]`(model: PurchaseModel) {
  for days in [10.0, 273, 3650] {
    var mass = 0.0, mean = 0.0
    for n in 0..<1500 {
      let p = model.probability(ofPurchases: n, within: days)
      #expect(p >= 0 && p <= 1)
      mass += p
      mean += Double(n) * p
    }
    #expect(abs(mass - 1) < 1e-9 && isClose(mean, model.expectedPurchases(ofNewCustomerWithin: days), 1e-7), "\(mass), \(mean)")
  }
}

@Test(arguments: family) func `of every model all customers at once get what each gets alone, to the bit, in any order`(
  model: PurchaseModel
) throws {
  let sample = try CDNOW(), all = columns(sample.scores(model, PurchaseHorizons(), threads: 7))
  func score(_ rows: [Int]) -> [[Double]] {
    columns(
      scorePurchases(
        model, frequency: rows.map { sample.frequency[$0] }, recencyDays: rows.map { sample.recencyDays[$0] },
        tenureDays: rows.map { sample.tenureDays[$0] }, isPresent: nil, horizons: PurchaseHorizons(), threads: 1))
  }
  let reversed = score(sample.frequency.indices.reversed())
  for (own, there) in zip(reversed, all) { #expect(own.reversed().elementsEqual(there)) }
  for row in stride(from: 0, to: sample.frequency.count, by: 97) {
    let one = score([row])
    for k in all.indices { #expect(one[k][0] == all[k][row], "row \(row)") }
    let x = Int(sample.frequency[row]), tx = Double(sample.recencyDays[row]), t = Double(sample.tenureDays[row])
    #expect(isClose(one[0][0], model.pAlive(frequency: x, recencyDays: tx, tenureDays: t), 1e-12))
    #expect(isClose(one[1][0], model.expectedPurchases(within: 90, frequency: x, recencyDays: tx, tenureDays: t), 1e-12))
    #expect(isClose(one[2][0], model.noPurchase(within: 90, frequency: x, recencyDays: tx, tenureDays: t), 1e-12))
    let discounted = model.discountedPurchases(PurchaseHorizons(), frequency: x, recencyDays: tx, tenureDays: t)
    #expect(isClose(one[3][0], discounted.finite, 1e-12) && isClose(one[4][0], discounted.infinite, 1e-12))
  }
}

@Test(arguments: family) func `of every model rows that are absent or no possible history get NaN`(model: PurchaseModel) {
  let scores = scorePurchases(
    model, frequency: [2, -1, 3, 1, 5, 0], recencyDays: [10, 0, 50, 9, 20, 0], tenureDays: [30, 5, 40, -3, 25, 0],
    isPresent: [true, true, true, true, false, true], horizons: PurchaseHorizons(), threads: 2)
  for column in columns(scores) { #expect(column.map { $0.isNaN } == [false, true, true, true, true, false]) }
}

@Test(arguments: PurchaseModelName.allCases) func `of every model another unit of time scales α and β and nothing else`(
  name: PurchaseModelName
) throws {
  let sample = try CDNOW()
  let days = try fitPurchases(sample.counts(), model: name, threads: 1).model
  let scaled = try fitPurchases(
    PurchaseCounts(
      frequency: sample.frequency, recencyDays: sample.recencyDays.map { $0 * 7 }, tenureDays: sample.tenureDays.map { $0 * 7 },
      isPresent: nil, threads: 1), model: name, threads: 1
  ).model
  #expect(days.name == name && scaled.name == name)
  for (k, parameter) in name.parameterNames.enumerated() {
    #expect(isClose(scaled.parameters[k], days.parameters[k] * (parameter.hasSuffix("_days") ? 7 : 1), 1e-6), "\(parameter)")
  }
}

@Test(arguments: [PurchaseModelName.mbgNBD, .paretoNBD]) func `of every model threads and the order of rows change no bit of the fit`(
  name: PurchaseModelName
) throws {
  let population = simulated(70_000, BGNBD(r: 0.5, alphaDays: 40, a: 0.8, b: 2.5), GammaGamma(p: 6, q: 3.7, v: 15), seed: 3)
  func result(_ p: Population, _ threads: Int) throws -> [UInt64] {
    let counts = PurchaseCounts(frequency: p.x, recencyDays: p.tx, tenureDays: p.t, isPresent: nil, threads: threads)
    let fit = try fitPurchases(counts, model: name, threads: threads)
    #expect(fit.model.name == name)
    return (fit.model.parameters + [fit.logLikelihood] + fit.standardErrors).map(\.bitPattern)
  }
  #expect(try result(population, 1) == result(population.reversed(), 3))
}

@Test(arguments: [PurchaseModelName.bgNBD, .mbgNBD, .paretoNBD])
func `where nobody leaves every model says by its name that dropout is not identified, and NBD is used`(name: PurchaseModelName) throws {
  let p = simulated(20_000, BGNBD(r: 0.8, alphaDays: 100, a: 1, b: 1), GammaGamma(p: 6, q: 4, v: 15), seed: 5, leaving: false)
  let counts = PurchaseCounts(frequency: p.x, recencyDays: p.tx, tenureDays: p.t, isPresent: nil, threads: 2)
  let fit = try fitPurchases(counts, model: name, threads: 2), nbd = try fitPurchases(counts, model: .nbd, threads: 2)
  #expect(fit.model == nbd.model && nbd.model.name == .nbd && nbd.warnings.isEmpty)
  #expect(fit.warnings.first?.hasPrefix("dropout is not identified: \(name.title)'s log-likelihood is only ") == true, "\(fit.warnings)")
}
