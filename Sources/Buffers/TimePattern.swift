/// A pattern of days and times, read once from its text and then followed field by field.
///
/// `yyyy` `yy` year (two digits: 1969…2068, as POSIX has it), `MM` `M` month, `MMM` its English name, `dd` `d` day, `HH` `H` hour, `hh`
/// `h` hour of twelve with `a` (AM, PM), `mm` `m` minute, `ss` `s` second, `S` … a fraction, cut off, `X` an offset (`Z`, `+01:00`,
/// `+0100`, `+01`). Doubled letters take exactly as many digits, single ones one or two. `YYYY` and `DD` are year and day. Where no `M`
/// stands, an `m` that does not follow an hour is the month, as in `dd.mm.yyyy`. Other letters stand in single quotes, `T` may stand bare.
package struct TimePattern: Sendable, Hashable {
  enum Element: Sendable, Hashable {
    case year4, year2, monthName, fraction, halfDay, offset
    /// With exactly two digits, or with one or two.
    case month(Bool), day(Bool), hour(Bool), hour12(Bool), minute(Bool), second(Bool)
    case literal(UInt8)
  }
  package let text: String
  let elements: [Element]

  /// - Throws: what is wrong with the text.
  package init(_ text: String) throws(PatternProblem) {
    self.text = text
    elements = try Self.elements(Array(text.utf8))
    try Self.check(elements)
  }

  package struct PatternProblem: Error { package var message: String }

  private static func elements(_ text: [UInt8]) throws(PatternProblem) -> [Element] {
    let hasMonth = text.contains(UInt8(ascii: "M"))
    var elements: [Element] = [], i = 0, isAfterHour = false
    while i < text.count {
      let letter = text[i]
      if letter == UInt8(ascii: "'") {
        guard let close = text[(i + 1)...].firstIndex(of: letter) else { throw PatternProblem(message: "a quote is not closed") }
        elements += (i + 1 == close ? [letter] : Array(text[(i + 1)..<close])).map { .literal($0) }
        i = close + 1
        continue
      }
      guard (letter | 0x20) >= UInt8(ascii: "a") && (letter | 0x20) <= UInt8(ascii: "z") else {
        elements.append(.literal(letter))
        i += 1
        continue
      }
      let count = text[i...].prefix { $0 == letter }.count
      i += count
      let name = String(repeating: String(Unicode.Scalar(letter)), count: count)
      let isMonth = name.first == "m" && !hasMonth && !isAfterHour
      isAfterHour = name.first == "H" || name.first == "h"
      switch name {
      case "yyyy", "YYYY": elements.append(.year4)
      case "yy", "YY": elements.append(.year2)
      case "MMM": elements.append(.monthName)
      case "MM", "M": elements.append(.month(count == 2))
      case "mm" where isMonth, "m" where isMonth: elements.append(.month(count == 2))
      case "mm", "m": elements.append(.minute(count == 2))
      case "dd", "d", "DD", "D": elements.append(.day(count == 2))
      case "HH", "H": elements.append(.hour(count == 2))
      case "hh", "h": elements.append(.hour12(count == 2))
      case "ss", "s": elements.append(.second(count == 2))
      case "a", "A": elements.append(.halfDay)
      case "X": elements.append(.offset)
      case "T": elements.append(.literal(letter))
      default:
        guard name.first == "S" else { throw PatternProblem(message: "\(name) means nothing in a time") }
        elements.append(.fraction)
      }
    }
    return elements
  }

  /// What an element tells; nil for text and a fraction.
  private static func part(_ element: Element) -> String? {
    switch element {
    case .year4, .year2: "year"
    case .month, .monthName: "month"
    case .day: "day"
    case .hour, .hour12: "hour"
    case .minute: "minute"
    case .second: "second"
    case .halfDay: "AM or PM"
    case .offset: "offset"
    case .literal, .fraction: nil
    }
  }

  private static func check(_ elements: [Element]) throws(PatternProblem) {
    let parts = elements.compactMap(part)
    for name in ["year", "month", "day"] where !parts.contains(name) { throw PatternProblem(message: "it has no \(name)") }
    if let twice = parts.first(where: { part in parts.count { $0 == part } > 1 }) {
      throw PatternProblem(message: "it has two of \(twice)")
    }
    if parts.contains("minute") && !parts.contains("hour") || parts.contains("second") && !parts.contains("minute") {
      throw PatternProblem(message: "it has minutes without hours, or seconds without minutes")
    }
    let hasHour12 = elements.contains { if case .hour12 = $0 { true } else { false } }
    if hasHour12 != parts.contains("AM or PM") { throw PatternProblem(message: "h needs a (AM or PM), and a needs h") }
    for (element, next) in zip(elements, elements.dropFirst()) where varies(element) && isNumber(next) {
      throw PatternProblem(message: "digits follow a part of one or two digits; double its letter")
    }
  }

  private static func varies(_ element: Element) -> Bool {
    switch element {
    case .month(let two), .day(let two), .hour(let two), .hour12(let two), .minute(let two), .second(let two): !two
    case .fraction: true
    default: false
    }
  }

  private static func isNumber(_ element: Element) -> Bool {
    switch element {
    case .literal(let byte): byte >= 48 && byte <= 57
    case .monthName, .halfDay, .offset: false
    default: true
    }
  }
}

/// How a dump writes times.
package enum TimeFormat: Sendable, Hashable {
  case iso
  case pattern(TimePattern)
  /// Seconds, or milliseconds, since 1970 UTC; fractions are cut off.
  case epochSeconds, epochMillis

  /// As a pipeline file writes it.
  package var text: String {
    switch self {
    case .iso: "iso"
    case .pattern(let pattern): pattern.text
    case .epochSeconds: "epoch_seconds"
    case .epochMillis: "epoch_millis"
    }
  }
}
