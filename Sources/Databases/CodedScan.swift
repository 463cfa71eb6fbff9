import CShims
import Columns
import GRDB
import Glibc

/// Rows of a query as columns: the text of the first column, and each further one as codes of its few distinct texts.
package struct CodedScan: Sendable {
  package struct Coded: Sendable {
    /// So few that the codes of a few scans together still fit.
    package static let wordsMax = 16_000
    /// Places in `words`; 0: NULL.
    package var codes: [UInt16] = []
    package var words: [String] = [""]
    fileprivate var bytes: [[UInt8]] = [[]]
    fileprivate var lengths = [0]
  }

  package var keys = TextColumn()
  package var columns: [Coded]

  /// - Throws: 65 where a column has more distinct texts than codes can tell apart.
  package init(_ connection: GRDB.Database, sql: String, arguments: StatementArguments = [], codedColumns: Int) throws {
    columns = Array(repeating: Coded(), count: codedColumns)
    let statement = try connection.makeStatement(sql: sql)
    try statement.setArguments(arguments)
    // Safety: the statement lives until the end of this function, which alone steps it; texts are copied before the next step.
    let handle = unsafe statement.sqliteStatement
    defer { unsafe sqlite3_reset(handle) }
    while try unsafe SQLiteRows.next(handle, connection, sql: sql) {
      unsafe keys.bytes.append(contentsOf: SQLiteRows.text(handle, 0))
      keys.offsets.append(UInt32(truncatingIfNeeded: keys.bytes.count))
      for i in columns.indices {
        let isNull = unsafe sqlite3_column_type(handle, Int32(i) + 1) == SQLITE_NULL
        try unsafe columns[i].append(isNull ? nil : SQLiteRows.text(handle, Int32(i) + 1))
      }
    }
    withExtendedLifetime(statement) {}
  }
}

extension CodedScan.Coded {
  fileprivate mutating func append(_ text: UnsafeBufferPointer<UInt8>?) throws {
    guard let text = unsafe text else { return codes.append(0) }
    // Few words, and most differ in their length already: looked for one by one.
    var code = 1
    while code < lengths.count, unsafe lengths[code] != text.count || !Self.same(bytes[code], text) { code += 1 }
    if code == lengths.count {
      guard code < Self.wordsMax else {
        throw PipelineError(
          .badInput, "expected a column of a few words, found more than \(Self.wordsMax)", fix: "move the database aside and run again")
      }
      unsafe bytes.append(Array(text))
      lengths.append(text.count)
      words.append(String(decoding: bytes[code], as: UTF8.self))
    }
    codes.append(UInt16(code))
  }

  @inline(__always)
  private static func same(_ word: [UInt8], _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = text.baseAddress else { return true }
    // Safety: both have this length.
    return unsafe memcmp(word, start, word.count) == 0
  }
}
