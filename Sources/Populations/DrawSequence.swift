/// One draw after the other, for methods that do not know how many they will take: thing `i` of a stream owns 2³² positions, so that
/// what it draws depends on no other thing.
package struct DrawSequence {
  private let draws: Draws
  private var position: UInt64

  package init(seed: UInt64, _ stream: Draws.Stream, of thing: UInt32) {
    draws = Draws(seed: seed, stream)
    position = UInt64(thing) << 32
  }

  private mutating func next() -> UInt64 {
    position &+= 1
    return position &- 1
  }

  package mutating func uniform() -> Double { draws.uniform(next()) }

  package mutating func standardNormal() -> Double { draws.standardNormal(next()) }

  package mutating func standardExponential() -> Double { draws.standardExponential(next()) }

  /// Gamma with this shape ≥ 0.1 and rate 1, so with mean `shape`; > 0.
  ///
  /// Source: Marsaglia and Tsang (2000), ACM Transactions on Mathematical Software 26(3): d(1 + c·n)³ by rejection, d = k − 1/3, c = 1/√(9d).
  /// Below 1: a draw of shape k + 1 times U^(1/k), their section 6. Exact but for the normal quantile (relative error below 1.2e-9).
  package mutating func gamma(shape: Double) -> Double {
    if shape < 1 {
      let boosted = gamma(shape: shape + 1)
      return boosted * exponential(naturalLogarithm(uniform()) / shape)
    }
    let d = shape - 1 / 3.0
    let c = 1 / (9 * d).squareRoot()
    while true {
      let normal = standardNormal()
      let root = 1 + c * normal
      if root <= 0 { continue }
      let v = root * root * root
      if naturalLogarithm(uniform()) < 0.5 * normal * normal + d - d * v + d * naturalLogarithm(v) { return d * v }
    }
  }

  /// Beta(a, b) with a, b ≥ 0.1, in [0, 1]: X/(X + Y) of two gammas.
  package mutating func beta(_ a: Double, _ b: Double) -> Double {
    let x = gamma(shape: a)
    return x / (x + gamma(shape: b))
  }
}
