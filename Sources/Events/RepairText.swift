import Columns
import Dumps

/// A reject as somebody repaired it.
package struct RepairedRow: Sendable, Hashable {
  /// SHA-256 of the dump that it stands in.
  package var sha256: String
  /// Its line there.
  package var line: Int64
  /// The row, without a line break behind it.
  package var raw: [UInt8]

  package init(sha256: String, line: Int64, raw: [UInt8]) {
    self.sha256 = sha256
    self.line = line
    self.raw = raw
  }
}

/// Repaired rows of one dump as a small dump: the header, and the rows in the order of their lines, one behind the other.
struct RepairText {
  private(set) var bytes: [UInt8] = []
  /// The line in the dump of the row that stands in a line here.
  private(set) var lines: [Int64: Int64] = [:]
  private var lineHere: Int64 = 1
  private let quote: UInt8

  /// - Throws: 65 for a row that is none, or more than one.
  init(header: [[UInt8]], rows: [RepairedRow], dialect: Dialect, path: String) throws(PipelineError) {
    quote = dialect.quote
    for (index, name) in header.enumerated() {
      if index > 0 { bytes.append(dialect.delimiter) }
      bytes.append(quote)
      for byte in name { append(byte == quote ? [quote, quote] : [byte]) }
      bytes.append(quote)
    }
    append([10])
    for row in rows {
      if let problem = Self.problem(row.raw, quote: quote) {
        throw PipelineError(
          .badInput, "\(path), line \(row.line): the repaired row: \(problem)", details: ["no repaired row of this dump was loaded"],
          fix: "write the whole row in the column raw, as the dump should have held it; leave rows out that stay rejected")
      }
      lines[lineHere] = row.line
      append(row.raw)
      append([10])
    }
  }

  private mutating func append(_ part: [UInt8]) {
    bytes += part
    lineHere += Int64(part.count { $0 == 10 })
  }

  private static func problem(_ raw: [UInt8], quote: UInt8) -> String? {
    if raw.allSatisfy({ [9, 10, 13, 32].contains($0) }) { return "expected a row, found nothing" }
    var isQuoted = false
    for byte in raw {
      if byte == quote { isQuoted.toggle() }
      if !isQuoted && (byte == 10 || byte == 13) { return "expected one row, found a line break outside of quotes" }
    }
    return isQuoted ? "a quote is never closed" : nil
  }
}
