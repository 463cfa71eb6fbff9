import Buffers

/// How a column writes numbers, guessed from its values. What fits is judged by the reader's own kernel.
package struct NumberGuess: Sendable {
  package struct Candidate: Sendable {
    package var format: NumberFormat
    /// Values that are numbers by it.
    package var fitting = 0
    package var negative = 0
    /// Digits behind the decimal separator that are not 0, at most; 0…6.
    package var decimalsMax = 0
    /// The greatest, in millionths.
    package var largest = Int64.min
  }
  /// Values that are not empty.
  package let values: Int
  /// The most fitting first, the plainer before the richer.
  package let candidates: [Candidate]
  package var best: Candidate { candidates[0] }
  /// Whether nearly all values are numbers.
  package var isNumber: Bool { best.fitting > 0 && best.fitting * 10 >= values * 6 }

  package func candidate(_ format: NumberFormat) -> Candidate? { candidates.first { $0.format == format } }

  /// - Parameter takesExponents: the values are JSON's.
  package init(_ column: ColumnValues, takesExponents: Bool) {
    var marks = SeenMarks()
    for value in column { marks.see(value) }
    values = column.count
    var candidates: [Candidate] = []
    for format in marks.formats {
      let reading = NumberReading(format, fractionDigits: 6, takesExponents: takesExponents)
      var candidate = Candidate(format: format)
      for value in column {
        guard let number = reading.value(value) else { continue }
        candidate.fitting += 1
        if number < 0 { candidate.negative += 1 }
        candidate.largest = max(candidate.largest, number)
        candidate.decimalsMax = max(candidate.decimalsMax, Self.decimals(number))
      }
      candidates.append(candidate)
    }
    // Stable: formats come plainest first.
    self.candidates = candidates.enumerated().sorted { ($1.element.fitting, $0.offset) < ($0.element.fitting, $1.offset) }.map(\.element)
  }

  /// Of a number in millionths.
  private static func decimals(_ number: Int64) -> Int {
    var (rest, digits) = (number, 6)
    while digits > 0 && rest % 10 == 0 { (rest, digits) = (rest / 10, digits - 1) }
    return digits
  }
}

/// Separators, symbols and signs that stand in a column's numbers.
private struct SeenMarks {
  private var dot = false, comma = false
  private var hasOthers: Set<String> = []
  private var symbols: [String] = []
  private var hasTrailingMinus = false, hasParentheses = false

  /// Signs and abbreviations of currencies; ISO codes count too.
  private static let signs: Set<String> = [
    "$", "US$", "A$", "C$", "CA$", "NZ$", "HK$", "S$", "R$", "€", "£", "¥", "₹", "₽", "₺", "₩", "₪", "฿", "₫", "₴", "₦", "zł", "Kč", "kr",
    "kr.", "Fr", "Fr.", "SFr.", "Ft", "lei", "лв", "лв.", "руб", "руб.", "р.", "Rs", "Rs.", "RM", "Rp",
  ]

  /// Formats that the marks allow, the plainest first.
  var formats: [NumberFormat] {
    var formats: [NumberFormat] = []
    for (decimal, other, isThere) in [(".", ",", comma), (",", ".", dot)] {
      for thousands in [nil, isThere ? other : nil] + ["'", "’", "_", " "].map({ hasOthers.contains($0) ? $0 : nil }) {
        let format = NumberFormat(
          decimalSeparator: decimal.utf8.first ?? 46, thousandsSeparator: thousands, symbols: symbols, hasTrailingMinus: hasTrailingMinus,
          hasParentheses: hasParentheses)
        if !formats.contains(format) { formats.append(format) }
      }
    }
    return formats
  }

  mutating func see(_ value: ArraySlice<UInt8>) {
    var rest = Self.trimmed(value)
    guard rest.count <= 64, rest.contains(where: { (48...57).contains($0) }) else { return }
    // Brackets, signs, symbols and spaces come off from outside, in any order.
    while let first = rest.first, let last = rest.last, !(48...57).contains(first) || !(48...57).contains(last) {
      if first == 40 && last == 41 && rest.count > 2 {
        hasParentheses = true
        rest = Self.trimmed(rest.dropFirst().dropLast())
      } else if first == UInt8(ascii: "-") {
        rest = Self.trimmed(rest.dropFirst())
      } else if last == UInt8(ascii: "-") && (48...57).contains(first) {
        hasTrailingMinus = true
        rest = Self.trimmed(rest.dropLast())
      } else if let symbol = Self.symbol(rest.prefix { !(48...57).contains($0) && $0 != 45 && $0 != 40 }) {
        note(symbol.text)
        rest = rest.dropFirst(symbol.bytes)
      } else if let symbol = Self.symbol(Array(rest.reversed().prefix { !(48...57).contains($0) && $0 != 45 && $0 != 41 }).reversed()[...])
      {
        note(symbol.text)
        rest = rest.dropLast(symbol.bytes)
      } else {
        return
      }
    }
    seeSeparators(rest)
  }

  private mutating func seeSeparators(_ digits: ArraySlice<UInt8>) {
    var i = digits.startIndex
    while i < digits.endIndex {
      switch digits[i] {
      case 48...57: break
      case UInt8(ascii: "."): dot = true
      case UInt8(ascii: ","): comma = true
      case UInt8(ascii: "'"): hasOthers.insert("'")
      case UInt8(ascii: "_"): hasOthers.insert("_")
      case 32: hasOthers.insert(" ")
      case 0xC2 where digits[i...].starts(with: "\u{A0}".utf8):
        hasOthers.insert(" ")
        i += 1
      case 0xE2 where digits[i...].starts(with: "\u{202F}".utf8):
        hasOthers.insert(" ")
        i += 2
      case 0xE2 where digits[i...].starts(with: "’".utf8):
        hasOthers.insert("’")
        i += 2
      default: return
      }
      i += 1
    }
  }

  private mutating func note(_ symbol: String) {
    if symbols.count < 16 && !symbols.contains(symbol) { symbols.append(symbol) }
  }

  /// A known sign with the spaces around it, and how many bytes all that takes.
  private static func symbol(_ bytes: ArraySlice<UInt8>) -> (text: String, bytes: Int)? {
    let text = String(decoding: trimmed(bytes), as: UTF8.self)
    let isCode = text.utf8.count == 3 && text.utf8.allSatisfy { (65...90).contains($0) }
    return signs.contains(text) || isCode ? (text, bytes.count) : nil
  }

  /// Without spaces, tabs and no-break spaces at both ends.
  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = bytes
    while let first = rest.first {
      if first == 32 || first == 9 {
        rest = rest.dropFirst()
      } else if rest.starts(with: "\u{A0}".utf8) {
        rest = rest.dropFirst(2)
      } else if rest.starts(with: "\u{202F}".utf8) {
        rest = rest.dropFirst(3)
      } else {
        break
      }
    }
    while let last = rest.last {
      if last == 32 || last == 9 {
        rest = rest.dropLast()
      } else if rest.suffix(2).elementsEqual("\u{A0}".utf8) {
        rest = rest.dropLast(2)
      } else if rest.suffix(3).elementsEqual("\u{202F}".utf8) {
        rest = rest.dropLast(3)
      } else {
        break
      }
    }
    return rest
  }
}
