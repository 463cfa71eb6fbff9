/// Sums that do not depend on the order of their terms: every term is rounded to a multiple of one quantum, after which adding is exact.
///
/// The quantum leaves 51 bits for what 512 terms can come to, so that rounding costs less than bound · 2⁻⁴² a term.
package struct ExactSum: Sendable {
  static let termsMax = 512
  private let quantum: Double
  private let shift: Double
  private var total: Int128 = 0

  /// - Parameter bound: no term is greater than that by its size.
  package init(bound: Double) {
    let exponent = Int(max(bound, 1e-200).exponent) + 1
    quantum = Double(sign: .plus, exponent: exponent + 9 - 51, significand: 1)
    shift = 6_755_399_441_055_744.0 * quantum
  }

  /// No term loses more by rounding.
  var error: Double { quantum / 2 }

  @inline(__always)
  package func rounded(_ terms: Vector) -> Vector { (terms + shift) - shift }

  /// Adds up lanes that hold at most `termsMax` rounded terms in all.
  package mutating func add(_ lanes: Vector) { total += Int128((lanes / quantum).sum()) }

  mutating func add(_ other: ExactSum) { total += other.total }

  package var value: Double { Double(total) * quantum }
}
