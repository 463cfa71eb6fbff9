// SQLite reads our columns itself, through a temporary virtual table. This file and the one of its cells are the unsafe ones of this target.
//
// Rows are asked for in the order of their key, which jumps about in the columns. So a thread of its own gathers cells ahead, a block of
// rows at a time, column by column, into small row-wise buffers that stay in the processor's cache; what SQLite then calls once per cell
// reads one 16-byte cell there. No allocation, no reference count and no string in any of it.
import Columns
import GRDB
import GRDBSQLite

/// GRDB has a type of that name too.
typealias Column = Columns.Column

enum ColumnBridge {
  /// Inserts all rows of `columns`, in the order given, into the table `main.<name>` that has these columns. Part of the caller's
  /// transaction.
  /// - Parameter order: row numbers, each below the columns' length.
  static func insert(_ columns: [Column], order: [UInt32], into name: String, _ connection: GRDB.Database) throws {
    let rowCount = columns.first?.count ?? 0
    guard order.count == rowCount, order.allSatisfy({ Int($0) < rowCount }) else {
      throw PipelineError(.internalError, "\(name): expected the numbers of \(rowCount) rows, found \(order.count) that do not fit")
    }
    var lookups: [Lookup] = []
    for column in columns { lookups.append(try Lookup(column)) }
    // Safety: the arrays stay pinned, and the lookups alive, until `run` has returned; the module is unregistered before.
    try unsafe withUnsafeTemporaryAllocation(of: Source.self, capacity: columns.count) { sources in
      try unsafe order.withUnsafeBufferPointer { order in
        try unsafe pin(columns[...], lookups, sources, 0) {
          try unsafe run(UnsafeBufferPointer(sources), order, into: name, names: columns.map(\.name.quoted), connection)
        }
      }
    }
    withExtendedLifetime(lookups) {}
  }

  /// Fills `sources[i...]` with pointers that hold while `body` runs.
  private static func pin(
    _ columns: ArraySlice<Column>, _ lookups: [Lookup], _ sources: UnsafeMutableBufferPointer<Source>, _ index: Int,
    _ body: () throws -> Void
  ) throws {
    guard let column = columns.first else { return try body() }
    // Safety: the closures nest, so every array is pinned while those after it, and then `body`, run.
    func next(_ kind: Source.Kind, _ base: UnsafeRawPointer?, _ bytes: UnsafePointer<UInt8>? = nil) throws {
      func step(_ presence: UnsafePointer<Bool>?) throws {
        let lookup = lookups[index]
        unsafe (sources.baseAddress! + index).initialize(
          to: Source(
            kind: kind, base: base, presence: presence, bytes: bytes ?? UnsafePointer(lookup.bytes), texts: UnsafePointer(lookup.texts),
            lowest: lookup.lowest))
        try unsafe pin(columns.dropFirst(), lookups, sources, index + 1, body)
      }
      guard let isPresent = column.isPresent else { return try step(nil) }
      try unsafe isPresent.withUnsafeBufferPointer { try unsafe step($0.baseAddress) }
    }
    switch (column.values, column.definition.kind) {
    case (.int32(let values), .integer): try unsafe values.withUnsafeBufferPointer { try unsafe next(.int32, $0.baseAddress) }
    case (.int32(let values), .date): try unsafe values.withUnsafeBufferPointer { try unsafe next(.date, $0.baseAddress) }
    case (.int32(let values), .month): try unsafe values.withUnsafeBufferPointer { try unsafe next(.month, $0.baseAddress) }
    case (.int64(let values), .integer): try unsafe values.withUnsafeBufferPointer { try unsafe next(.int64, $0.baseAddress) }
    case (.double(let values), .real): try unsafe values.withUnsafeBufferPointer { try unsafe next(.double, $0.baseAddress) }
    case (.code(let codes, _), .text): try unsafe codes.withUnsafeBufferPointer { try unsafe next(.code, $0.baseAddress) }
    case (.text(let text), .text):
      try unsafe text.offsets.withUnsafeBufferPointer { offsets in
        try unsafe text.bytes.withUnsafeBufferPointer { try unsafe next(.text, offsets.baseAddress, $0.baseAddress ?? emptyText) }
      }
    default:
      throw PipelineError(.internalError, "column \(column.name): its values do not fit its kind, \(column.definition.kind.rawValue)")
    }
  }

  // Safety: never read nor freed: the address of texts of length 0.
  nonisolated(unsafe) private static let emptyText = unsafe UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))

  private static func run(
    _ sources: UnsafeBufferPointer<Source>, _ order: UnsafeBufferPointer<UInt32>, into name: String, names: [String],
    _ connection: GRDB.Database
  ) throws {
    guard let handle = unsafe connection.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
    // Safety: the feed outlives the virtual table and the module's registration, which both end in this function, and its thread has ended
    // when it does.
    let feed = unsafe RowFeed(sources, order)
    feed.start()
    defer { feed.stop() }
    let pointer = unsafe Unmanaged.passUnretained(feed).toOpaque()
    let code = unsafe sqlite3_create_module_v2(handle, "holdfast_columns", module, pointer, nil)
    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    defer { unsafe sqlite3_create_module_v2(handle, "holdfast_columns", nil, nil, nil) }
    try connection.execute(sql: "CREATE VIRTUAL TABLE temp.columns USING holdfast_columns")
    defer { try? connection.execute(sql: "DROP TABLE IF EXISTS temp.columns") }
    let cells = names.indices.map { "c\($0)" }.joined(separator: ", ")
    // OR FAIL: the transaction is the unit that is undone, so SQLite need not keep what would undo this statement alone.
    try connection.execute(
      sql: "INSERT OR FAIL INTO main.\(name.quoted) (\(names.joined(separator: ", "))) SELECT \(cells) FROM temp.columns")
  }
}

@unsafe private struct VirtualTable {
  var base: sqlite3_vtab
  var feed: Unmanaged<RowFeed>
}

@unsafe private struct Cursor {
  var base: sqlite3_vtab_cursor
  var feed: Unmanaged<RowFeed>
  /// The current row's cells, and how many rows of the block are left, this one included.
  var row: UnsafeMutablePointer<Cell>?
  var left: Int
  var position: Int
  var stride: Int

  mutating func load() {
    unsafe (row, left) = feed._withUnsafeGuaranteedRef { unsafe $0.next() }
  }
}

// Safety: SQLite calls the functions below on the connection's own thread while `ColumnBridge.run` is under way, with pointers that they
// made themselves: a table holds the feed, a cursor a table's feed. Each begins with SQLite's own struct, as its interface asks.
nonisolated(unsafe) private let module: UnsafeMutablePointer<sqlite3_module> = unsafe makeModule()

private func makeModule() -> UnsafeMutablePointer<sqlite3_module> {
  var functions = sqlite3_module()
  unsafe functions.xCreate = { handle, feed, _, _, result, _ in unsafe connect(handle, feed, result) }
  unsafe functions.xConnect = { handle, feed, _, _, result, _ in unsafe connect(handle, feed, result) }
  unsafe functions.xBestIndex = { _, _ in SQLITE_OK }
  unsafe functions.xDisconnect = { table in unsafe disconnect(table) }
  unsafe functions.xDestroy = { table in unsafe disconnect(table) }
  unsafe functions.xOpen = { table, result in unsafe openCursor(table, result) }
  unsafe functions.xClose = { cursor in
    unsafe cast(cursor).deallocate()
    return SQLITE_OK
  }
  unsafe functions.xFilter = { cursor, _, _, _, _ in
    // Rows come once, from the first to the last: the statement above asks for nothing else.
    unsafe cast(cursor).pointee.load()
    return SQLITE_OK
  }
  unsafe functions.xNext = { cursor in unsafe advance(cast(cursor)) }
  unsafe functions.xEof = { cursor in unsafe cast(cursor).pointee.left == 0 ? 1 : 0 }
  unsafe functions.xRowid = { cursor, result in
    unsafe result!.pointee = Int64(cast(cursor).pointee.position)
    return SQLITE_OK
  }
  unsafe functions.xColumn = { cursor, context, index in unsafe answer(cast(cursor).pointee.row.unsafelyUnwrapped + Int(index), context) }
  let module = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
  unsafe module.initialize(to: functions)
  return unsafe module
}

private func cast(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> UnsafeMutablePointer<Cursor> {
  unsafe UnsafeMutableRawPointer(cursor.unsafelyUnwrapped).assumingMemoryBound(to: Cursor.self)
}

private func advance(_ cursor: UnsafeMutablePointer<Cursor>) -> Int32 {
  unsafe cursor.pointee.position &+= 1
  unsafe cursor.pointee.row = cursor.pointee.row.unsafelyUnwrapped + cursor.pointee.stride
  unsafe cursor.pointee.left &-= 1
  if unsafe cursor.pointee.left == 0 { unsafe cursor.pointee.load() }
  return SQLITE_OK
}

private func answer(_ cell: UnsafeMutablePointer<Cell>, _ context: OpaquePointer?) -> Int32 {
  switch unsafe cell.pointee.type {
  case SQLITE_INTEGER: unsafe sqlite3_result_int64(context, Int64(bitPattern: cell.pointee.bits))
  case SQLITE_FLOAT: unsafe sqlite3_result_double(context, Double(bitPattern: cell.pointee.bits))
  case SQLITE_TEXT:
    // No destructor is SQLITE_STATIC: the text outlives the statement.
    unsafe sqlite3_result_text(context, UnsafePointer<CChar>(bitPattern: UInt(cell.pointee.bits)), cell.pointee.length, nil)
  default: break  // NULL is what a result begins as.
  }
  return SQLITE_OK
}

private func connect(
  _ handle: OpaquePointer?, _ feed: UnsafeMutableRawPointer?, _ result: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?
) -> Int32 {
  let feed = unsafe Unmanaged<RowFeed>.fromOpaque(feed!)
  let columnCount = unsafe feed._withUnsafeGuaranteedRef { $0.columnCount }
  let names = (0..<columnCount).map { "c\($0)" }.joined(separator: ", ")
  let code = unsafe sqlite3_declare_vtab(handle, "CREATE TABLE x(\(names))")
  if code != SQLITE_OK { return code }
  let table = UnsafeMutablePointer<VirtualTable>.allocate(capacity: 1)
  unsafe table.initialize(to: VirtualTable(base: sqlite3_vtab(), feed: feed))
  unsafe result!.pointee = UnsafeMutableRawPointer(table).assumingMemoryBound(to: sqlite3_vtab.self)
  return SQLITE_OK
}

private func disconnect(_ table: UnsafeMutablePointer<sqlite3_vtab>?) -> Int32 {
  unsafe UnsafeMutableRawPointer(table)?.assumingMemoryBound(to: VirtualTable.self).deallocate()
  return SQLITE_OK
}

private func openCursor(
  _ table: UnsafeMutablePointer<sqlite3_vtab>?, _ result: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>?
) -> Int32 {
  let feed = unsafe UnsafeMutableRawPointer(table!).assumingMemoryBound(to: VirtualTable.self).pointee.feed
  let cursor = UnsafeMutablePointer<Cursor>.allocate(capacity: 1)
  unsafe cursor.initialize(
    to: Cursor(
      base: sqlite3_vtab_cursor(), feed: feed, row: nil, left: 0, position: 0,
      stride: feed._withUnsafeGuaranteedRef { $0.columnCount }))
  unsafe result!.pointee = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
  return SQLITE_OK
}
