import Foundation
import Populations
import Testing

@Suite struct DrawsTests {
  @Test func `exp and log agree with the C library's to 1e-14`() {
    for step in -7000...7000 {
      let x = Double(step) / 10
      #expect(abs(exponential(x) / Foundation.exp(x) - 1) < 1e-14, "\(x)")
      let y = Foundation.exp(x)
      #expect(abs(naturalLogarithm(y) - Foundation.log(y)) <= 1e-14 * (1 + abs(x)), "\(y)")
    }
  }

  @Test(arguments: [
    (0.5, 0), (0.975, 1.959963984540054), (0.01, -2.326347874040841), (0.84134474606854293, 1), (1e-9, -5.997807015007686),
    (0.999999, 4.753424308822899),
  ])
  func `the normal quantile agrees with tables to nine digits`(p: Double, z: Double) {
    #expect(abs(normalQuantile(p) - z) <= 2e-9 * max(1, abs(z)))
  }

  @Test func `a million draws have the moments of their distributions`() {
    let draws = Draws(seed: 42, .purchases)
    let count = 1_000_000
    var normal = 0.0, normalSquared = 0.0, exponentialSum = 0.0, uniformSum = 0.0
    for position in 0..<UInt64(count) {
      let z = draws.standardNormal(position)
      normal += z
      normalSquared += z * z
      exponentialSum += draws.standardExponential(position)
      uniformSum += draws.uniform(position)
    }
    // Five standard errors.
    #expect(abs(normal / Double(count)) < 0.005)
    #expect(abs(normalSquared / Double(count) - 1) < 0.0071)
    #expect(abs(exponentialSum / Double(count) - 1) < 0.005)
    #expect(abs(uniformSum / Double(count) - 0.5) < 0.00145)
  }

  @Test func `the streams of one seed differ, and so do the seeds of one stream`() {
    let words = [Draws(seed: 1, .customers), Draws(seed: 1, .purchases), Draws(seed: 2, .customers), Draws(seed: 2, .purchases)].map {
      draws in
      (0..<1000).map { draws.word(UInt64($0)) }
    }
    #expect(Set(words.joined()).count == 4000)
  }

  @Test(arguments: [(0, 10), (1, 1), (3, 10), (10, 10), (500, 1000)])
  func `exactly as many are chosen as wanted, ascending and each once`(wanted: Int, count: Int) {
    var chosen: [Int] = []
    choose(wanted, of: count, by: Draws(seed: 3, .refunds)) { chosen.append($0) }
    #expect(chosen.count == wanted && chosen.allSatisfy { (0..<count).contains($0) })
    #expect(zip(chosen, chosen.dropFirst()).allSatisfy { $0 < $1 })
  }
}
