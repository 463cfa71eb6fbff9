/// Numbers and columns for a page of 80 characters.
package enum PageText {
  package static let width = 80

  /// `1,234,567`
  package static func grouped(_ value: Int64) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// `1 row`, `1,234 rows`
  package static func count(_ count: Int64, _ what: String) -> String { "\(grouped(count)) \(what)\(count == 1 ? "" : "s")" }

  /// Minor units as an amount: 123456 with 2 digits is `1,234.56`.
  package static func money(_ minor: Int64, fractionDigits: Int) -> String {
    if fractionDigits <= 0 { return grouped(minor) }
    let digits = String(minor.magnitude)
    let padded = String(repeating: "0", count: max(0, fractionDigits + 1 - digits.count)) + digits
    let whole = Int64(padded.dropLast(fractionDigits)) ?? 0
    return (minor < 0 ? "-" : "") + grouped(whole) + "." + padded.suffix(fractionDigits)
  }

  /// `12.3 %`
  package static func percent(_ share: Double) -> String {
    guard share.isFinite else { return "–" }
    let tenths = Int64(max(-1e12, min(1e12, share * 1000)).rounded())
    return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10) %"
  }

  /// About three digits that count: `0.243`, `30.9`, `1,234`.
  package static func significant(_ value: Double) -> String {
    let size = abs(value)
    guard size < 1e15 else { return "\(value)" }
    let digits = size < 1 ? 4 : size < 10 ? 3 : size < 100 ? 2 : size < 1000 ? 1 : 0
    return money(Int64((value * [1.0, 10, 100, 1000, 10_000][digits]).rounded()), fractionDigits: digits)
  }

  /// `1.23`, `0.004`, `12.3`
  package static func seconds(_ seconds: Double) -> String {
    let digits = seconds < 0.1 ? 3 : seconds < 10 ? 2 : 1
    let scale = [1.0, 10, 100, 1000][digits]
    return money(Int64((max(0, min(1e12, seconds)) * scale).rounded()), fractionDigits: digits)
  }

  /// `5.1 MB`
  package static func bytes(_ count: Int64) -> String {
    var (size, unit) = (Double(count), 0)
    while size >= 1000, unit < 4 { (size, unit) = (size / 1000, unit + 1) }
    let tenths = Int64((size * 10).rounded())
    return (unit == 0 ? "\(count)" : "\(tenths / 10).\(tenths % 10)") + " " + ["B", "kB", "MB", "GB", "TB"][unit]
  }

  /// A bar of eighths, `width` characters long for 1.
  package static func bar(_ share: Double, width: Int) -> String {
    let eighths = Int((max(0, min(1, share.isFinite ? share : 0)) * Double(width * 8)).rounded())
    let full = String(repeating: "█", count: eighths / 8)
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    return atLeft(full + part, width)
  }

  /// Text at the right edge of `width` columns.
  package static func atRight(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

  /// Text at the left edge of `width` columns.
  package static func atLeft(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

  /// Text cut off at `width` columns, with a sign that it was.
  package static func clipped(_ text: String, _ width: Int) -> String { text.count <= width ? text : text.prefix(max(0, width - 1)) + "…" }

  /// Lines of at most `width` columns, broken at spaces; a word that is longer is broken where it must be.
  package static func wrapped(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = [], line = ""
    for word in text.split(separator: " ") {
      var word = String(word)
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      while line.isEmpty, word.count > width {
        lines.append(String(word.prefix(width)))
        word = String(word.dropFirst(width))
      }
      line += line.isEmpty ? word : " " + word
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// Words in lines of the page behind a name of 12 columns.
  package static func block(_ name: String, _ text: String) -> [String] {
    wrapped(text, width - 12).enumerated().map { atLeft($0 == 0 ? name : "", 12) + $1 }
  }
}
