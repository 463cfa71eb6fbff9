/// Random numbers that depend on seed, stream and position only: draw `i` of a stream is the same on every machine, in every order
/// and on any number of threads. SplitMix64 (Steele, Lea and Flood 2014), which can be entered at any position.
package struct Draws: Sendable {
  /// One for each thing that is drawn, so that a new feed never moves the draws of the others.
  package enum Stream: UInt64 {
    case customers = 1
    case purchaseOwners
    case purchases
    case refunds
    case duplicates
    case malformedRows
    case buyers
    case purchaseValues
    case baskets
  }

  private let base: UInt64

  package init(seed: UInt64, _ stream: Stream) {
    base = Self.mixed(Self.mixed(seed &+ Self.step) ^ (stream.rawValue &* 0xD1B5_4A32_D192_ED03))
  }

  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  package func word(_ position: UInt64) -> UInt64 { Self.mixed(base &+ (position &+ 1) &* Self.step) }

  /// In the open interval (0, 1), in steps of 2⁻⁵².
  package func uniform(_ position: UInt64) -> Double { (Double(word(position) >> 12) + 0.5) * 0x1p-52 }

  /// A whole number in 0 ..< `bound`, `bound` > 0; its bias is below `bound` / 2⁶⁴.
  package func whole(_ position: UInt64, below bound: UInt64) -> UInt64 { word(position).multipliedFullWidth(by: bound).high }

  package func standardNormal(_ position: UInt64) -> Double { normalQuantile(uniform(position)) }

  /// Exponential with mean 1.
  package func standardExponential(_ position: UInt64) -> Double { -naturalLogarithm(uniform(position)) }
}

/// Chooses exactly `wanted` of `count` things, each set of that size equally likely, in ascending order.
/// Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S; draw `i` of `draws` decides thing `i`.
package func choose(_ wanted: Int, of count: Int, by draws: Draws, _ body: (_ index: Int) -> Void) {
  var missing = wanted
  var index = 0
  while missing > 0 && index < count {
    if draws.uniform(UInt64(index)) * Double(count - index) < Double(missing) {
      body(index)
      missing -= 1
    }
    index += 1
  }
}

// The C library's exp and log differ in the last digit from machine to machine, and one digit moves a price by a cent.
// These use + − · / and square root alone, which IEEE 754 defines to the last bit.

/// eˣ for |x| ≤ 700, relative error below 1e-15: x = k·ln 2 + r with |r| ≤ ln 2 / 2, eʳ by its series up to r¹³.
package func exponential(_ x: Double) -> Double {
  let k = (x * 1.442_695_040_888_963_4).rounded()
  let r = (x - k * 0.693_147_180_369_123_8) - k * 1.908_214_929_270_587_7e-10
  var sum = 1.0
  var n = 13.0
  while n > 0 {
    sum = 1 + sum * r / n
    n -= 1
  }
  return Double(sign: .plus, exponent: Int(k), significand: sum)
}

/// ln x for normal x > 0, absolute error below 1e-15·(1 + |ln x|): x = 2ᵉ·m with m near 1, ln m = 2·artanh((m − 1)/(m + 1)) by its series.
package func naturalLogarithm(_ x: Double) -> Double {
  var exponent = Double(x.exponent)
  var m = x.significand
  if m > 1.414_213_562_373_095 {
    m /= 2
    exponent += 1
  }
  let s = (m - 1) / (m + 1)
  let square = s * s
  var sum = 0.0
  var n = 21.0
  while n > 0 {
    sum = sum * square + 1 / n
    n -= 2
  }
  return exponent * 0.693_147_180_559_945_3 + 2 * s * sum
}

/// The standard normal's quantile of p in (0, 1), relative error below 1.2e-9. Source: Peter J. Acklam (2003), a rational approximation.
package func normalQuantile(_ p: Double) -> Double {
  let tail = 0.02425
  if p < tail { return normalTailQuantile(p) }
  if p > 1 - tail { return -normalTailQuantile(1 - p) }
  let q = p - 0.5
  let r = q * q
  let numerator =
    ((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r + 1.383577518672690e+02) * r
      - 3.066479806614716e+01) * r + 2.506628277459239e+00
  let denominator =
    ((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r + 6.680131188771972e+01) * r
      - 1.328068155288572e+01) * r + 1
  return q * numerator / denominator
}

private func normalTailQuantile(_ p: Double) -> Double {
  let q = (-2 * naturalLogarithm(p)).squareRoot()
  let numerator =
    ((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838e+00) * q - 2.549732539343734e+00) * q
      + 4.374664141464968e+00) * q + 2.938163982698783e+00
  let denominator =
    (((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e+00) * q + 3.754408661907416e+00) * q + 1
  return numerator / denominator
}
