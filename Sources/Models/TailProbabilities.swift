import Foundation

/// P(χ² > x) with `freedom` ≥ 1 degrees of freedom, by its finite sum: Abramowitz and Stegun (1964), 26.4.4 and 26.4.5.
package func chiSquareTail(_ x: Double, freedom: Int) -> Double {
  precondition(freedom > 0)
  if !(x > 0) { return x.isNaN ? .nan : 1 }
  let half = x / 2
  // Terms half^k e^(−half) / Γ(k + 1) over k = 0, 1, … for an even, k = ½, 1½, … for an odd number of degrees.
  var k = freedom % 2 == 0 ? 0.0 : 0.5
  var sum = freedom % 2 == 0 ? 0 : erfc(half.squareRoot())
  while k < Double(freedom) / 2 - 0.25 {
    sum += exp(k * log(half) - half - gammaLogs(k + 1).value)
    k += 1
  }
  return min(1, sum)
}

/// Both tails of the standard normal beyond |z|.
package func normalTails(_ z: Double) -> Double { erfc(abs(z) / 2.0.squareRoot()) }

/// The value that a standard normal exceeds with probability (1 − level) / 2, for 0 < level < 1: 1.96 for 0.95.
///
/// Newton's method on the tail, which is convex beyond its median; exact to the last digits of `erfc`.
package func normalQuantile(level: Double) -> Double {
  precondition(level > 0 && level < 1)
  let tail = 1 - level
  var z = 0.0
  for _ in 0..<100 {
    let density = 2 * exp(-z * z / 2) / (2 * Double.pi).squareRoot()
    let next = z + (normalTails(z) - tail) / density
    if abs(next - z) <= 1e-15 * abs(next) { return next }
    z = next
  }
  return z
}
