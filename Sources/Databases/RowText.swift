import CShims
import GRDB
import Glibc

/// Rows of a query as text: CSV by RFC 4180, or one JSON object a line (RFC 8259). Read straight from SQLite's own memory.
package struct RowText {
  private let isJSON: Bool
  private var bytes: [UInt8] = []
  /// Names of the columns as the format writes them.
  private var names: [[UInt8]] = []
  private static let flushBytes = 256 << 10

  private init(isJSON: Bool) { self.isJSON = isJSON }

  /// Writes all rows of `sql` in pieces that end with a row.
  /// - Parameter write: false ends it, since nobody reads on.
  /// - Returns: rows handed to `write`.
  @discardableResult
  package static func write(
    _ connection: GRDB.Database, sql: String, isJSON: Bool, to write: ([UInt8]) throws -> Bool
  ) throws -> Int64 {
    var text = RowText(isJSON: isJSON), rows: Int64 = 0
    let statement = try connection.makeStatement(sql: sql)
    // Safety: the statement lives until the end of this function, which alone steps it; texts are copied before the next step.
    let handle = unsafe statement.sqliteStatement
    defer { unsafe sqlite3_reset(handle) }
    text.begin(statement.columnNames)
    while try unsafe SQLiteRows.next(handle, connection, sql: sql) {
      unsafe text.append(handle)
      rows += 1
      guard text.bytes.count >= flushBytes else { continue }
      guard try write(text.bytes) else { return rows }
      text.bytes.removeAll(keepingCapacity: true)
    }
    if !text.bytes.isEmpty { _ = try write(text.bytes) }
    withExtendedLifetime(statement) {}
    return rows
  }

  private mutating func begin(_ columns: [String]) {
    for name in columns {
      let start = bytes.count
      // Safety: the array outlives the call.
      unsafe Array(name.utf8).withUnsafeBufferPointer { unsafe appendText($0) }
      names.append(Array(bytes[start...]))
      bytes.removeLast(bytes.count - start)
    }
    if isJSON { return }
    for (i, name) in names.enumerated() {
      if i > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: name)
    }
    endRow()
  }

  private mutating func endRow() { bytes.append(contentsOf: isJSON ? [0x7D, 0x0A] : [0x0D, 0x0A]) }

  private mutating func append(_ handle: OpaquePointer?) {
    if isJSON { bytes.append(UInt8(ascii: "{")) }
    for i in names.indices {
      if i > 0 { bytes.append(UInt8(ascii: ",")) }
      if isJSON {
        bytes.append(contentsOf: names[i])
        bytes.append(UInt8(ascii: ":"))
      }
      // Safety: the statement stands on a row, which has this many columns.
      unsafe append(handle, Int32(i))
    }
    endRow()
  }

  private mutating func append(_ handle: OpaquePointer?, _ column: Int32) {
    // Safety: as above; what SQLite points to has `sqlite3_column_bytes` bytes and stands until the next step.
    switch unsafe sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: bytes.append(contentsOf: unsafe String(sqlite3_column_int64(handle, column)).utf8)
    case SQLITE_FLOAT: unsafe append(sqlite3_column_double(handle, column))
    case SQLITE_NULL: if isJSON { bytes.append(contentsOf: "null".utf8) }
    case SQLITE_BLOB:
      let start = unsafe sqlite3_column_blob(handle, column)?.assumingMemoryBound(to: UInt8.self)
      unsafe appendText(UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, column))))
    default: unsafe appendText(SQLiteRows.text(handle, column))
    }
  }

  /// The shortest digits that give the same number again. Neither format knows the infinite: JSON gets what reads as it.
  private mutating func append(_ value: Double) {
    let text = value.isFinite ? "\(value)" : (value < 0 ? "-" : "") + (isJSON ? "9e999" : "inf")
    bytes.append(contentsOf: text.utf8)
  }

  /// Bytes that are no UTF-8, as raw rows of dumps may hold, become U+FFFD.
  private mutating func appendText(_ text: UnsafeBufferPointer<UInt8>) {
    // Safety: the buffer is read within the call only.
    let span = unsafe text.span
    if Self.isPlain(span) { return isJSON ? appendJSON(span) : appendCSV(span) }
    let repaired = unsafe Array(String(decoding: text, as: UTF8.self).utf8)
    return isJSON ? appendJSON(repaired.span) : appendCSV(repaired.span)
  }

  private static func isPlain(_ text: Span<UInt8>) -> Bool {
    for i in text.indices where text[i] >= 0x80 { return false }
    return true
  }

  /// A text that a spreadsheet would compute gets a leading `'` (OWASP, CSV injection); an empty one gets quotes, which tells it from NULL.
  private mutating func appendCSV(_ text: Span<UInt8>) {
    var isQuoted = text.isEmpty
    for i in text.indices where text[i] == 0x22 || text[i] == 0x2C || text[i] == 0x0A || text[i] == 0x0D { isQuoted = true }
    if isQuoted { bytes.append(0x22) }
    if !text.isEmpty, Self.beginsFormula(text[0]) { bytes.append(UInt8(ascii: "'")) }
    for i in text.indices {
      if text[i] == 0x22 { bytes.append(0x22) }
      bytes.append(text[i])
    }
    if isQuoted { bytes.append(0x22) }
  }

  private static func beginsFormula(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0D, 0x00: true
    default: false
    }
  }

  private mutating func appendJSON(_ text: Span<UInt8>) {
    bytes.append(0x22)
    for i in text.indices {
      switch text[i] {
      case 0x22, 0x5C:
        bytes.append(0x5C)
        bytes.append(text[i])
      case 0x0A: bytes.append(contentsOf: [0x5C, UInt8(ascii: "n")])
      case ..<0x20, 0x7F:
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(Self.hexadecimal(text[i] >> 4))
        bytes.append(Self.hexadecimal(text[i] & 15))
      default: bytes.append(text[i])
      }
    }
    bytes.append(0x22)
  }

  private static func hexadecimal(_ digit: UInt8) -> UInt8 { digit < 10 ? 48 + digit : 87 + digit }
}
