import Buffers
import Foundation
import Models
import TestSupport
import Testing

private func ulps(_ own: Double, _ right: Double) -> Double { abs(own - right) / right.ulp }

@Test func `the vector kernels are within 3 ULP of libm`() {
  var random = Seeded(1), worst = [Double](repeating: 0, count: 4)
  for _ in 0..<40_000 {
    var x = Vector(), y = Vector(), z = Vector()
    for lane in 0..<8 {
      x[lane] = Double.random(in: -1...1, using: &random) * pow(10, Double.random(in: -18...2.8, using: &random))
      y[lane] = pow(10, Double.random(in: -300...300, using: &random))
      z[lane] = pow(10, Double.random(in: -30...30, using: &random))
    }
    let near = 1 + (z / (1 + z)) * 0.5
    let (e, m, l, n, p) = (exponential(x), exponentialMinusOne(x), logarithm(y), logarithm(near), logarithmOfOnePlus(z))
    for lane in 0..<8 {
      worst[0] = max(worst[0], ulps(e[lane], exp(x[lane])))
      worst[1] = max(worst[1], ulps(m[lane], expm1(x[lane])))
      worst[2] = max(worst[2], ulps(l[lane], log(y[lane])), ulps(n[lane], log(near[lane])))
      worst[3] = max(worst[3], ulps(p[lane], log1p(z[lane])))
    }
  }
  #expect(worst[0] <= 2 && worst[1] <= 3 && worst[2] <= 2 && worst[3] <= 3, "\(worst)")
  #expect(exponential(Vector(repeating: -1e9))[0] < 1e-300 && exponential(Vector(repeating: -1e9))[0] >= 0)
}

@Test func `ln Γ and its derivatives are libm's, and obey their recurrences`() {
  var random = Seeded(2)
  for _ in 0..<5000 {
    let x = pow(10, Double.random(in: -6...6, using: &random)), own = gammaLogs(x), next = gammaLogs(x + 1)
    #expect(abs(own.value - lgamma(x)) < 4e-15 * max(10, abs(own.value)), "\(x)")
    #expect(abs(next.first - own.first - 1 / x) < 1e-14 * max(10, abs(own.first)), "\(x)")
    #expect(abs(own.second - next.second - 1 / (x * x)) < 1e-14 * max(10, own.second), "\(x)")
  }
  #expect(abs(gammaLogs(1).first + 0.5772156649015329) < 1e-15 && abs(gammaLogs(1).second - Double.pi * Double.pi / 6) < 1e-14)
}

@Test(arguments: [0, 1, 7, 20, 26, 44, 64])
func `counted keys are the sorted distinct ones, whatever the chunks and threads`(bitCount: Int) {
  var random = Seeded(UInt64(bitCount) + 1)
  let keys = (0..<30_000).map { _ in bitCount == 0 ? 0 : random.next() >> UInt64(64 - bitCount) }
  var counts: [UInt64: UInt32] = [:]
  for key in keys { counts[key, default: 0] += 1 }
  for (chunkSize, threads) in [(30_000, 1), (7_001, 2), (100, 7)] {
    let chunks = stride(from: 0, to: keys.count, by: chunkSize).map { Array(keys[$0..<min($0 + chunkSize, keys.count)]) }
    let parts = countKeys(chunks, bitCount: bitCount, threads: threads)
    #expect(parts.flatMap { $0.keys } == counts.keys.sorted())
    #expect(parts.flatMap { $0.counts } == counts.keys.sorted().map { counts[$0] })
  }
}

@Test func `exact sums come out the same in every order`() {
  var random = Seeded(4)
  let terms = (0..<4000).map { _ in Vector((0..<8).map { _ in Double.random(in: -30...30, using: &random) }) }
  func total(_ terms: [Vector]) -> Double {
    var sum = ExactSum(bound: 30)
    for start in stride(from: 0, to: terms.count, by: 64) {
      var lanes = Vector()
      for term in terms[start..<min(start + 64, terms.count)] { lanes += sum.rounded(term) }
      sum.add(lanes)
    }
    return sum.value
  }
  let own = total(terms)
  #expect(own == total(terms.reversed()) && own == total(terms.shuffled(using: &random)))
  #expect(abs(own - terms.reduce(0) { $0 + $1.sum() }) < 1e-6)
}
