import Foundation
import Models
import TestSupport

/// Customers drawn from known parameters: columns of one length.
struct Population: Sendable {
  var x: [Int32] = [], tx: [Int32] = [], t: [Int32] = []
  var value: [Double] = []

  private func reordered(_ order: [Int]) -> Population {
    Population(x: order.map { x[$0] }, tx: order.map { tx[$0] }, t: order.map { t[$0] }, value: order.map { value[$0] })
  }

  func reversed() -> Population { reordered(x.indices.reversed()) }

  func sorted() -> Population { reordered(x.indices.sorted { (x[$0], t[$0], tx[$0], value[$0]) < (x[$1], t[$1], tx[$1], value[$1]) }) }
}

struct Draw {
  var random: Seeded

  mutating func uniform() -> Double { Double.random(in: 0x1p-53..<1, using: &random) }
  mutating func exponential() -> Double { -log(uniform()) }
  mutating func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }

  /// Gamma(shape, 1) by Marsaglia and Tsang (2000).
  mutating func gamma(_ shape: Double) -> Double {
    if shape < 1 { return gamma(shape + 1) * pow(uniform(), 1 / shape) }
    let d = shape - 1 / 3.0, c = 1 / (9 * d).squareRoot()
    while true {
      let z = normal(), v = pow(1 + c * z, 3)
      if v > 0 && log(uniform()) < 0.5 * z * z + d - d * v + d * log(v) { return d * v }
    }
  }

  mutating func beta(_ a: Double, _ b: Double) -> Double {
    let u = gamma(a), v = gamma(b)
    return u / (u + v)
  }
}

/// T evenly in 1…730 days; purchases are counted by whole days, the first day's left out. `leaving` false: nobody ever does.
func simulated(_ count: Int, _ model: BGNBD, _ values: GammaGamma, seed: UInt64, leaving: Bool = true) -> Population {
  var draw = Draw(random: Seeded(seed)), result = Population()
  for _ in 0..<count {
    let rate = draw.gamma(model.r) / model.alphaDays, leaves = leaving ? draw.beta(model.a, model.b) : 0
    let age = Int32.random(in: 1...730, using: &draw.random)
    var clock = 0.0, last: Int32 = 0, purchases: Int32 = 0
    while true {
      clock += draw.exponential() / rate
      if !(clock < Double(age)) { break }
      let day = Int32(clock.rounded(.up))
      purchases += day > last ? 1 : 0
      last = day
      if draw.uniform() < leaves { break }
    }
    result.x.append(purchases)
    result.tx.append(last)
    result.t.append(age)
    let scale = draw.gamma(values.q) / values.v
    result.value.append(purchases == 0 ? 0 : draw.gamma(values.p * Double(purchases)) / (scale * Double(purchases)))
  }
  return result
}
