/// How a dump writes numbers. The default, digits with at most one ".", is read by the fast kernel.
package struct NumberFormat: Sendable, Hashable {
  package var decimalSeparator: UInt8
  /// Between groups of three digits; nil: there are none. A space stands for the no-break spaces (U+00A0, U+202F) too.
  package var thousandsSeparator: String?
  /// Currency symbols or codes, one of which may stand before or behind the digits.
  package var symbols: [String]
  /// `12-` is negative.
  package var hasTrailingMinus: Bool
  /// `(12)` is negative.
  package var hasParentheses: Bool

  package init(
    decimalSeparator: UInt8 = UInt8(ascii: "."), thousandsSeparator: String? = nil, symbols: [String] = [],
    hasTrailingMinus: Bool = false, hasParentheses: Bool = false
  ) {
    self.decimalSeparator = decimalSeparator
    self.thousandsSeparator = thousandsSeparator
    self.symbols = symbols
    self.hasTrailingMinus = hasTrailingMinus
    self.hasParentheses = hasParentheses
  }

  /// A number as this format writes it, for messages.
  package var example: String {
    (symbols.first ?? "") + "1" + (thousandsSeparator ?? "") + "234" + String(Unicode.Scalar(decimalSeparator)) + "50"
  }
}

/// A number format as bytes, made once.
struct NumberMarks {
  let decimal: UInt8
  let thousands: [[UInt8]]
  /// The longest first, so that "US$" is not taken for "US" and a rest.
  let symbols: [[UInt8]]
  let hasTrailingMinus: Bool
  let hasParentheses: Bool
  let takesExponents: Bool
  /// Spaces around the digits are part of every format but the plain one.
  let skipsSpaces: Bool

  init(_ format: NumberFormat, takesExponents: Bool) {
    decimal = format.decimalSeparator
    thousands = format.thousandsSeparator.map { $0 == " " ? [" ", "\u{A0}", "\u{202F}"] : [$0] }?.map { Array($0.utf8) } ?? []
    symbols = format.symbols.map { Array($0.utf8) }.sorted { $0.count > $1.count }
    hasTrailingMinus = format.hasTrailingMinus
    hasParentheses = format.hasParentheses
    self.takesExponents = takesExponents
    skipsSpaces = format != NumberFormat()
  }
}

extension FieldBatch {
  /// Numbers in any format into whole units of 10^−`fractionDigits`, exactly; negative ones too.
  ///
  /// Digits behind `fractionDigits` must be 0. Groups of a thousands separator have three digits, but for the first. Values outside
  /// ±(2⁶³ − 2) are `.outOfRange`. An empty field is `nullValue` where that is given, else `.empty`.
  /// - Parameters:
  ///   - takesExponents: `1.5e2` is 150, as JSON writes it.
  ///   - values: receives one value a row; rows with a fault receive 0.
  package func parseNumbers(
    _ field: Int, as format: NumberFormat, fractionDigits: Int, takesExponents: Bool, nullValue: Int64?,
    into values: borrowing Memory<Int64>
  ) {
    guard let chunk else { return }
    precondition((0...6).contains(fractionDigits) && values.capacity >= rowCount)
    let marks = NumberMarks(format, takesExponents: takesExponents)
    let text = unsafe chunk.base, starts = unsafe starts[field], ends = unsafe ends[field], out = unsafe values.base
    // Safety: located positions.
    for r in 0..<rowCount {
      let start = unsafe Int(starts[r]), length = unsafe Int(ends[r]) - start
      unsafe out[r] = 0
      if length == 0 {
        if let nullValue { unsafe out[r] = nullValue } else { fail(r, .empty, field) }
        continue
      }
      switch unsafe Self.number(UnsafeBufferPointer(start: text + start, count: length), marks, fractionDigits) {
      case .success(let value): unsafe out[r] = value
      case .failure(let fault): fail(r, fault.fault, field)
      }
    }
  }

  static func number(_ bytes: UnsafeBufferPointer<UInt8>, _ marks: NumberMarks, _ fractionDigits: Int) -> Result<Int64, Fault> {
    // Safety: all indices lie in lo ..< hi, which only shrinks.
    var lo = 0, hi = bytes.count, isNegative = false, hasSymbol = false
    while lo < hi {
      let first = unsafe bytes[lo], last = unsafe bytes[hi - 1]
      if marks.skipsSpaces, let (front, back) = unsafe spaces(bytes, lo, hi) {
        lo += front
        hi -= back
      } else if first == UInt8(ascii: "-") && !isNegative {
        isNegative = true
        lo += 1
      } else if marks.hasTrailingMinus && last == UInt8(ascii: "-") && !isNegative {
        isNegative = true
        hi -= 1
      } else if marks.hasParentheses && first == UInt8(ascii: "(") && last == UInt8(ascii: ")") && hi - lo > 2 && !isNegative {
        isNegative = true
        lo += 1
        hi -= 1
      } else if !hasSymbol, let length = marks.symbols.first(where: { unsafe stands($0, bytes, lo, hi) })?.count {
        hasSymbol = true
        lo += length
      } else if !hasSymbol, let length = marks.symbols.first(where: { unsafe stands($0, bytes, hi - $0.count, hi, lo) })?.count {
        hasSymbol = true
        hi -= length
      } else {
        break
      }
    }
    guard let shape = unsafe NumberShape(bytes, lo, hi, marks) else { return .failure(Fault(fault: .notDecimal)) }
    return unsafe shape.value(bytes, fractionDigits).map { isNegative ? -$0 : $0 }
  }

  /// Bytes of the space at each end, of which one is there; nil where there is none.
  private static func spaces(_ bytes: UnsafeBufferPointer<UInt8>, _ lo: Int, _ hi: Int) -> (Int, Int)? {
    // Safety: indices lie in lo ..< hi.
    if unsafe bytes[lo] == 32 || bytes[lo] == 9 { return (1, 0) }
    if unsafe bytes[hi - 1] == 32 || bytes[hi - 1] == 9 { return (0, 1) }
    for space in [StaticString("\u{A0}"), StaticString("\u{202F}")] {
      let length = space.utf8CodeUnitCount
      guard hi - lo >= length else { continue }
      if (0..<length).allSatisfy({ unsafe bytes[lo + $0] == space.utf8Start[$0] }) { return (length, 0) }
      if (0..<length).allSatisfy({ unsafe bytes[hi - length + $0] == space.utf8Start[$0] }) { return (0, length) }
    }
    return nil
  }

  /// Whether `word` stands at `at`, within low ..< hi.
  static func stands(_ word: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, _ at: Int, _ hi: Int, _ low: Int = 0) -> Bool {
    guard at >= low, at + word.count <= hi else { return false }
    // Safety: the range was checked.
    for (i, byte) in word.enumerated() where unsafe bytes[at + i] != byte { return false }
    return true
  }
}

/// Where the digits of a number stand and what they weigh.
private struct NumberShape {
  private var lo: Int
  /// Behind the last digit of the mantissa.
  private var end: Int
  private var wholeDigits = 0
  private var exponent = 0

  /// nil where lo ..< hi is not digits, grouped or not, with at most one decimal separator between two of them, and an exponent.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, _ lo: Int, _ hi: Int, _ marks: NumberMarks) {
    self.lo = lo
    end = hi
    // Safety: indices lie in lo ..< hi.
    var i = lo, group = 0, groups = 0, decimals = -1
    while i < hi {
      let byte = unsafe bytes[i]
      if byte >= 48 && byte <= 57 {
        if decimals >= 0 {
          decimals += 1
        } else {
          wholeDigits += 1
          group += 1
        }
        i += 1
      } else if byte == marks.decimal && decimals < 0 {
        decimals = 0
        i += 1
      } else if decimals < 0, let mark = marks.thousands.first(where: { unsafe FieldBatch.stands($0, bytes, i, hi) }) {
        guard groups == 0 ? (1...3).contains(group) : group == 3 else { return nil }
        groups += 1
        group = 0
        i += mark.count
      } else if marks.takesExponents && byte | 0x20 == UInt8(ascii: "e") {
        guard let value = unsafe Self.exponent(bytes, i + 1, hi) else { return nil }
        exponent = value
        end = i
        i = hi
      } else {
        return nil
      }
    }
    guard wholeDigits > 0, decimals != 0, groups == 0 || group == 3 else { return nil }
  }

  /// Digits with or without a sign; beyond ±100,000 nothing fits anyway.
  private static func exponent(_ bytes: UnsafeBufferPointer<UInt8>, _ from: Int, _ hi: Int) -> Int? {
    // Safety: indices lie below hi.
    var i = from, isNegative = false, value = 0
    if i < hi, unsafe bytes[i] == UInt8(ascii: "-") || bytes[i] == UInt8(ascii: "+") {
      isNegative = unsafe bytes[i] == UInt8(ascii: "-")
      i += 1
    }
    guard i < hi else { return nil }
    while i < hi {
      let byte = unsafe bytes[i]
      guard byte >= 48 && byte <= 57 else { return nil }
      value = min(value * 10 + Int(byte - 48), 100_000)
      i += 1
    }
    return isNegative ? -value : value
  }

  /// The magnitude in units of 10^−fractionDigits.
  func value(_ bytes: UnsafeBufferPointer<UInt8>, _ fractionDigits: Int) -> Result<Int64, FieldBatch.Fault> {
    // Safety: indices lie in lo ..< end.
    var power = wholeDigits - 1 + exponent + fractionDigits
    var value: Int64 = 0, tooMany = false, overflow = false
    for i in lo..<end {
      let byte = unsafe bytes[i]
      guard byte >= 48 && byte <= 57 else { continue }
      if power < 0 {
        tooMany = tooMany || byte != 48
      } else {
        let (product, o1) = value.multipliedReportingOverflow(by: 10)
        let (sum, o2) = product.addingReportingOverflow(Int64(byte - 48))
        overflow = overflow || o1 || o2
        value = sum
      }
      power -= 1
    }
    if tooMany { return .failure(FieldBatch.Fault(fault: .tooManyDecimals)) }
    while value != 0 && power >= 0 && !overflow {
      let (product, o) = value.multipliedReportingOverflow(by: 10)
      overflow = o
      value = product
      power -= 1
    }
    if overflow || value == Int64.max { return .failure(FieldBatch.Fault(fault: .outOfRange)) }
    return .success(value)
  }
}
