extension FieldBatch {
  /// Decimals that quantities and unit prices are read with.
  package static let factorDigits = 6

  /// amount = quantity × unit price, both in millionths, rounded half away from zero to units of 10^−`fractionDigits`; what does not fit
  /// is `.outOfRange` at `field`.
  package func multiply(
    _ quantities: borrowing Memory<Int64>, _ prices: borrowing Memory<Int64>, fractionDigits: Int, field: Int,
    into amounts: borrowing Memory<Int64>
  ) {
    precondition((0...4).contains(fractionDigits))
    var divisor: UInt64 = 1
    for _ in fractionDigits..<2 * Self.factorDigits { divisor *= 10 }
    // Safety: rows below the capacity of all three.
    for r in 0..<rowCount {
      let (quantity, price) = unsafe (quantities.base[r], prices.base[r])
      if let amount = Self.product(quantity, price, divisor) {
        unsafe amounts.base[r] = amount
      } else {
        unsafe amounts.base[r] = 0
        fail(r, .outOfRange, field)
      }
    }
  }

  /// a · b ÷ divisor, rounded half away from zero; nil outside ±(2⁶³ − 2).
  package static func product(_ a: Int64, _ b: Int64, _ divisor: UInt64) -> Int64? {
    let (high, low) = a.magnitude.multipliedFullWidth(by: b.magnitude)
    guard high < divisor else { return nil }
    let (quotient, remainder) = divisor.dividingFullWidth((high, low))
    // The divisor is at most 10¹², so neither sum can wrap: the quotient is compared first.
    guard quotient < UInt64(Int64.max) - 1 else { return nil }
    let magnitude = Int64(quotient) + (remainder * 2 >= divisor ? 1 : 0)
    return (a < 0) != (b < 0) ? -magnitude : magnitude
  }
}
