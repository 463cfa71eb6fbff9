import Columns

/// A positive decimal number: `digits` · 10^−`decimals`, without zeros at its end, so that equal rates are equal.
package struct ExchangeRate: Sendable, Hashable, CustomStringConvertible {
  /// 1 ..< 10¹⁸.
  package let digits: Int64
  /// 0…18.
  package let decimals: Int

  package static let one = ExchangeRate(digits: 1, decimals: 0)

  private init(digits: Int64, decimals: Int) { (self.digits, self.decimals) = (digits, decimals) }

  /// Why a text is no rate, in words that hold nothing of it.
  package struct Refusal: Error { package let found: String }

  /// Reads `0.0061`, `158`, and JSON's `6.1e-3`: exactly, never through a floating-point number.
  package init(_ text: [UInt8]) throws(Refusal) {
    if text.isEmpty { throw Refusal(found: "nothing") }
    var digits: Int64 = 0, decimals = 0, hasPoint = false, hasDigit = false, isTooLong = false, at = 0
    let isNegative = text[0] == UInt8(ascii: "-")
    if isNegative || text[0] == UInt8(ascii: "+") { at = 1 }
    while at < text.count, text[at] != UInt8(ascii: "e"), text[at] != UInt8(ascii: "E") {
      let byte = text[at]
      at += 1
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
        continue
      }
      guard (48...57).contains(byte) else { throw Refusal(found: Self.kind(of: byte)) }
      hasDigit = true
      // A zero behind the point counts only where a digit follows, which `trimmed` decides.
      if digits >= 100_000_000_000_000_000 {
        if byte != 48 { isTooLong = true }
        if !hasPoint { decimals -= 1 }
        continue
      }
      digits = digits * 10 + Int64(byte - 48)
      if hasPoint { decimals += 1 }
    }
    guard hasDigit else { throw Refusal(found: "no digit") }
    if at < text.count {
      guard let exponent = Int(String(decoding: text[(at + 1)...], as: UTF8.self)), (-40...40).contains(exponent) else {
        throw Refusal(found: "a malformed exponent")
      }
      decimals -= exponent
    }
    if digits == 0 { throw Refusal(found: "0") }
    if isNegative { throw Refusal(found: "a negative one") }
    while digits % 10 == 0 { (digits, decimals) = (digits / 10, decimals - 1) }
    while decimals < 0, digits < 100_000_000_000_000_000 { (digits, decimals) = (digits * 10, decimals + 1) }
    guard !isTooLong, (0...18).contains(decimals) else { throw Refusal(found: "one of more than 18 digits or decimals") }
    (self.digits, self.decimals) = (digits, decimals)
  }

  private static func kind(of byte: UInt8) -> String {
    switch byte {
    case 65...90, 97...122: "a letter"
    case 32: "a space"
    case 33...126: "a \"\(String(UnicodeScalar(byte)))\""
    default: "byte \(byte)"
    }
  }

  package var description: String {
    let text = String(digits)
    if decimals == 0 { return text }
    let padded = String(repeating: "0", count: max(0, decimals + 1 - text.count)) + text
    return padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }
}

/// A rate that a dump was loaded with: of which currency, for which day.
package struct RateUse: Sendable, Hashable, Comparable {
  package var day: Day
  package var currency: String

  package init(day: Day, currency: String) { (self.day, self.currency) = (day, currency) }

  package static func < (a: RateUse, b: RateUse) -> Bool { (a.day, a.currency) < (b.day, b.currency) }
}

/// What one unit of each currency was worth in one of them, by day.
package struct ExchangeRates: Sendable {
  /// ISO 4217.
  package let to: String
  /// A rate stands for its day and for so many days after it, until a newer one comes.
  package let ageMaxDays: Int
  /// By currency, ascending by day.
  private var days: [String: [(day: Day, rate: ExchangeRate)]] = [:]

  package init(to: String, ageMaxDays: Int) { (self.to, self.ageMaxDays) = (to, ageMaxDays) }

  /// - Returns: false where another rate is there for that day.
  package mutating func insert(_ rate: ExchangeRate, of currency: String, on day: Day) -> Bool {
    let at = place(currency, behind: day)
    if at > 0, let known = days[currency]?[at - 1], known.day == day { return known.rate == rate }
    days[currency, default: []].insert((day, rate), at: at)
    return true
  }

  /// The rate of the day, or the latest before it that is not too old.
  package func rate(of currency: String, on day: Day) -> (day: Day, rate: ExchangeRate)? {
    let at = place(currency, behind: day)
    guard at > 0, let found = days[currency]?[at - 1], day - found.day <= ageMaxDays else { return nil }
    return found
  }

  /// How many of the currency's rates are of the day or before it.
  private func place(_ currency: String, behind day: Day) -> Int {
    let known = days[currency] ?? []
    var low = 0, high = known.count
    while low < high {
      let middle = (low + high) / 2
      if known[middle].day <= day { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// A line of a dump's mapping: the rate that it was loaded with, or would be now.
  package func text(of use: RateUse) -> String {
    let found = rate(of: use.currency, on: use.day).map { "\($0.rate) of \($0.day)" } ?? "none"
    return "rates.\(use.day).\(use.currency)=\(found)"
  }

  /// The same line with today's rates; nil for a line of another key.
  package func text(anew line: Substring) -> String? {
    let key = line.prefix { $0 != "=" }.split(separator: ".", omittingEmptySubsequences: false)
    guard key.count == 3, key[0] == "rates", let day = Day(String(key[1])) else { return nil }
    return text(of: RateUse(day: day, currency: String(key[2])))
  }
}
