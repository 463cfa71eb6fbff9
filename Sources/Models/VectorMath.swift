/// Eight lanes, which become four SSE2, two AVX2 or four NEON registers: no instruction beyond the platform's baseline is asked for.
package typealias Vector = SIMD8<Double>

// The lane by lane conversions compile to nothing: a lane's bit pattern is the lane.
@inline(__always)
private func bits(_ x: Vector) -> SIMD8<UInt64> {
  SIMD8(
    x[0].bitPattern, x[1].bitPattern, x[2].bitPattern, x[3].bitPattern, x[4].bitPattern, x[5].bitPattern, x[6].bitPattern, x[7].bitPattern)
}

@inline(__always)
private func doubles(_ x: SIMD8<UInt64>) -> Vector {
  Vector(
    Double(bitPattern: x[0]), Double(bitPattern: x[1]), Double(bitPattern: x[2]), Double(bitPattern: x[3]), Double(bitPattern: x[4]),
    Double(bitPattern: x[5]), Double(bitPattern: x[6]), Double(bitPattern: x[7]))
}

/// Adding and taking away 1.5 · 2⁵² rounds to a whole number, which then stands in the low bits of the sum.
private let roundingShift = 6_755_399_441_055_744.0
private let lnTwoHigh = 0x1.62e42fee00000p-1
private let lnTwoLow = 0x1.a39ef35793c76p-33

/// x = k · ln 2 + r with |r| ≤ ln 2 / 2: (r, 2ᵏ) for −700 ≤ x ≤ 700; x beyond is taken as the nearer end.
@inline(__always)
private func reduced(_ x: Vector) -> (r: Vector, power: Vector) {
  let inside = x.replacing(with: -700, where: x .< -700).replacing(with: 700, where: x .> 700)
  let shifted = inside * 1.442_695_040_888_963_4 + roundingShift
  let k = shifted - roundingShift
  return ((inside - k * lnTwoHigh) - k * lnTwoLow, doubles((bits(shifted) &<< 52) &+ 0x3FF0_0000_0000_0000))
}

@inline(__always)
private func line(_ x: Vector, _ constant: Double, _ slope: Double) -> Vector { x * slope + constant }

/// eʳ − 1 − r for |r| ≤ 0.35, by its series to r¹³ (the first term left out is below 2⁻⁵⁶ of r).
@inline(__always)
private func exponentialRest(_ r: Vector) -> Vector {
  let r2 = r * r
  let r4 = r2 * r2
  let low = line(r, 0.5, 1 / 6) + r2 * line(r, 1 / 24, 1 / 120)
  let middle = line(r, 1 / 720, 1 / 5040) + r2 * line(r, 1 / 40_320, 1 / 362_880)
  let high = line(r, 1 / 3_628_800, 1 / 39_916_800) + r2 * line(r, 1 / 479_001_600, 1 / 6_227_020_800)
  return r2 * (low + r4 * (middle + r4 * high))
}

/// eˣ, within 2 ULP for −700 ≤ x ≤ 700; outside, the value at the nearer end (10⁻³⁰⁴ and 10³⁰⁴).
@inline(__always)
package func exponential(_ x: Vector) -> Vector {
  let (r, power) = reduced(x)
  return power + power * (r + exponentialRest(r))
}

/// eˣ − 1 with full relative accuracy near 0, within 3 ULP; ends as `exponential`.
@inline(__always)
package func exponentialMinusOne(_ x: Vector) -> Vector {
  let (r, power) = reduced(x)
  return (power - 1) + power * (r + exponentialRest(r))
}

/// ln x within 2 ULP for normal positive x (absolute 10⁻¹⁶ near 1); anything else gives no meaningful number.
@inline(__always)
package func logarithm(_ x: Vector) -> Vector {
  // x = 2ᵏ · m with √½ ≤ m < √2; ln m = 2 artanh(s), s = (m − 1)/(m + 1), |s| ≤ 0.1716.
  let pattern = bits(x)
  let offset = (pattern &- 0x3FE6_A09E_667F_3BCD) &+ (0x3FF << 52)
  let m = doubles(pattern &- ((offset & (0xFFF << 52)) &- (0x3FF << 52)))
  let k = doubles((offset &>> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023)
  let f = m - 1
  let s = f / (m + 1)
  let z = s * s
  let z2 = z * z
  let z4 = z2 * z2
  let low = line(z, 2 / 3, 2 / 5) + z2 * line(z, 2 / 7, 2 / 9)
  let middle = line(z, 2 / 11, 2 / 13) + z2 * line(z, 2 / 15, 2 / 17)
  let high = line(z, 2 / 19, 2 / 21)
  // ln m = f − s · (f − series): the first term is exact.
  let series = z * (low + z4 * (middle + z4 * high))
  return k * lnTwoHigh + (f - (s * (f - series) - k * lnTwoLow))
}

/// ln(1 + x) for x ≥ 0 with full relative accuracy near 0, within 3 ULP.
@inline(__always)
package func logarithmOfOnePlus(_ x: Vector) -> Vector {
  let u = 1 + x
  // What the sum lost, over u.
  return logarithm(u) + (x - (u - 1)) / u
}
