/// A sum of reals that does not depend on their order: each is rounded to a binary fraction first, and whole numbers are added.
struct FixedPointSum {
  private var total: Int128 = 0
  private let unit: Double

  init(fractionBits: Int) { unit = Double(1 << fractionBits) }

  /// Adds a number; one that is not finite counts as 0, one beyond 2⁶² units as that.
  mutating func add(_ value: Double) { total += Int128(Self.fixed(value, unit)) }

  var value: Double { Double(total) / unit }

  @inline(__always)
  static func fixed(_ value: Double, _ unit: Double) -> Int64 {
    let scaled = (value * unit).rounded(), limit = 4_611_686_018_427_387_904.0
    return scaled.isFinite ? Int64(min(max(scaled, -limit), limit)) : 0
  }
}
