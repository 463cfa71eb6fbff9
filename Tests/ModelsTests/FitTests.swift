import Models
import TestSupport
import Testing

private func fit(_ p: Population) throws -> PurchaseFit {
  try fitPurchases(PurchaseCounts(frequency: p.x, recencyDays: p.tx, tenureDays: p.t, isPresent: nil, threads: 2), threads: 2)
}

@Test(arguments: [1, 2, 3]) func `parameters of a drawn population of 100,000 come back within 3 standard errors`(seed: Int) throws {
  // Slow buyers, for whom days merge hardly any two purchases, as the models take time to be continuous.
  let truth = BGNBD(r: 0.8, alphaDays: 400, a: 0.8, b: 2.5), money = GammaGamma(p: 6.25, q: 3.74, v: 15.44)
  let population = simulated(100_000, truth, money, seed: UInt64(seed))
  let purchases = try fit(population)
  guard case .bgNBD(let m) = purchases.model else {
    Issue.record("\(purchases.warnings)")
    return
  }
  for (i, (own, drawn)) in [(m.r, truth.r), (m.alphaDays, truth.alphaDays), (m.a, truth.a), (m.b, truth.b)].enumerated() {
    #expect(abs(own - drawn) < 3 * purchases.standardErrors[i], "\(i): \(own) ± \(purchases.standardErrors[i]), drawn from \(drawn)")
  }
  let values = try fitValues(frequency: population.x, meanValues: population.value, isPresent: nil, threads: 2)
  for (i, (own, drawn)) in [(values.model.p, money.p), (values.model.q, money.q), (values.model.v, money.v)].enumerated() {
    #expect(abs(own - drawn) < 3 * values.standardErrors[i], "\(i): \(own) ± \(values.standardErrors[i]), drawn from \(drawn)")
  }
  #expect(abs(values.correlation) < 0.05 && values.warnings.isEmpty)
}

@Test func `where nobody leaves, dropout is not identified: said by name, and NBD is used`() throws {
  let population = simulated(
    20_000, BGNBD(r: 0.8, alphaDays: 100, a: 1, b: 1), GammaGamma(p: 6, q: 4, v: 15), seed: 5, leaving: false)
  let result = try fit(population)
  guard case .nbd(let m) = result.model else {
    Issue.record("BG/NBD found dropout")
    return
  }
  #expect(result.warnings.contains { $0.hasPrefix("dropout is not identified") })
  #expect(abs(m.r - 0.8) < 3 * result.standardErrors[0] + 0.02 && isClose(m.alphaDays, 100, 0.05))
}

@Test func `a fit that can not be made says why`() {
  func message(_ x: [Int32], _ tx: [Int32], _ t: [Int32]) -> String {
    do throws(ModelError) {
      _ = try fitPurchases(PurchaseCounts(frequency: x, recencyDays: tx, tenureDays: t, isPresent: nil, threads: 1), threads: 1)
      return "fitted"
    } catch { return error.message }
  }
  #expect(message([], [], []) == "no customer has a purchase history to fit BG/NBD to")
  #expect(message([0, 0], [0, 0], [4, 9]) == "none of the 2 customers has bought on a second day: BG/NBD needs repeat purchases")
  func valueMessage(_ x: [Int32], _ z: [Double]) -> String {
    do throws(ModelError) {
      _ = try fitValues(frequency: x, meanValues: z, isPresent: nil, threads: 1)
      return "fitted"
    } catch { return error.message }
  }
  #expect(valueMessage([0, 2], [5, -1]) == "no customer has a repeat purchase of positive value: Gamma-Gamma needs some")
  #expect(valueMessage([1, 2, 3], [5, 5, 5]).hasPrefix("the mean values of all 3 customers with repeat purchases are the same"))
}

@Test func `zero and negative values are left out and counted, and a value that goes with frequency is warned of`() throws {
  var population = simulated(20_000, BGNBD(r: 0.8, alphaDays: 60, a: 0.8, b: 2.5), GammaGamma(p: 6, q: 4, v: 15), seed: 9)
  let repeaters = population.x.indices.filter { population.x[$0] > 0 }
  population.value[repeaters[0]] = 0
  population.value[repeaters[1]] = -3
  population.value[repeaters[2]] = .infinity
  let fair = try fitValues(frequency: population.x, meanValues: population.value, isPresent: nil, threads: 2)
  #expect(fair.customersLeftOut == 3 && fair.customers == Int64(repeaters.count - 3))
  for row in repeaters { population.value[row] *= Double(population.x[row]) }
  let warned = try fitValues(frequency: population.x, meanValues: population.value, isPresent: nil, threads: 2)
  #expect(warned.correlation > 0.3 && warned.warnings.contains { $0.hasPrefix("value and frequency correlate") })
}
