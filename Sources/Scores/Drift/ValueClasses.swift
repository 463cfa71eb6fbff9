/// Classes of numbers by sign, exponent and the first 5 bits of the fraction: each holds the numbers from its lower end up to that of the
/// next class, at most 1/32 of it away. Whole numbers up to 64 have a class each. What is nearer to 0 than 2⁻¹⁶ counts as 0, what is beyond
/// 2⁴⁸ as that.
///
/// So a column's distribution is one pass over it, whose counts do not depend on the order of the rows, and give the shares of any bins
/// that begin at the lower ends of classes.
enum ValueClasses {
  private static let fractionBits: UInt64 = 47
  /// Classes of the numbers above 0: 64 powers of two in 32 parts each.
  private static let half = 64 * 32
  /// The class of 2⁻¹⁶ without sign.
  private static let first = (1023 - 16) << 5
  static let count = 2 * half + 1
  static let zero = half

  /// - Parameter value: finite.
  @inline(__always)
  static func place(_ value: Double) -> Int {
    let bits = value.bitPattern, isNegative = bits >> 63
    // Below 0 a class reaches up to its end nearer to 0, so that all classes begin with their lower end.
    let magnitude = (bits & (.max >> 1)) &+ (isNegative &* (1 << fractionBits &- 1))
    let step = min(max(Int(truncatingIfNeeded: magnitude >> fractionBits) &- first &+ 1, 0), half)
    return isNegative == 0 ? half &+ step : half &- step
  }

  /// The least number of a class.
  static func lower(_ place: Int) -> Double {
    if place == half { return 0 }
    let magnitude = Double(bitPattern: UInt64(first + abs(place - half) - 1) << fractionBits)
    return place > half ? magnitude : -magnitude
  }
}
