import CShims
import GRDB

/// Rows of a statement, read straight from SQLite's own memory: a String a row would cost more than the rows themselves.
enum SQLiteRows {
  /// Steps to the next row; false behind the last one.
  static func next(_ handle: OpaquePointer?, _ connection: GRDB.Database, sql: String) throws -> Bool {
    let code = unsafe sqlite3_step(handle)
    guard code == SQLITE_ROW || code == SQLITE_DONE else {
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: connection.lastErrorMessage, sql: sql)
    }
    return code == SQLITE_ROW
  }

  /// A text of the row the statement stands on, valid until the next step.
  @inline(__always)
  static func text(_ handle: OpaquePointer?, _ column: Int32) -> UnsafeBufferPointer<UInt8> {
    // Safety: SQLite's text has this many bytes, and stands until the next step.
    let start = unsafe sqlite3_column_text(handle, column)
    return unsafe UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
  }
}
