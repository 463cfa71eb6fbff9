// The one unsafe file of this target: SQLite reads our columns itself, through a temporary virtual table.
//
// Rows are asked for in the order of their key, which jumps about in the columns. So cells are gathered a block of rows at a time, column
// by column, into a small row-wise buffer that stays in the processor's cache; what SQLite then calls once per cell reads one 16-byte cell
// there. No allocation, no reference count and no string in any of it. Dates and months come from tables of their finished text.
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
    // Safety: the feed outlives the virtual table and the module's registration, which both end in this function.
    let block = unsafe UnsafeMutablePointer<Cell>.allocate(capacity: Feed.blockRows * sources.count)
    defer { unsafe block.deallocate() }
    var feed = unsafe Feed(sources: sources, order: order, block: block)
    try unsafe withUnsafeMutablePointer(to: &feed) { feed in
      let code = unsafe sqlite3_create_module_v2(handle, "holdfast_columns", module, feed, nil)
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
}

/// One column as the gathering loops see it.
@unsafe private struct Source {
  enum Kind: UInt8 { case int32, int64, double, text, code, date, month }
  var kind: Kind
  /// The values; of text its offsets.
  var base: UnsafeRawPointer?
  var presence: UnsafePointer<Bool>?
  /// Of text its bytes; of dates and months their finished texts back to back, from `lowest` on.
  var bytes: UnsafePointer<UInt8>?
  /// Of codes the dictionary.
  var texts: UnsafePointer<Cell>?
  var lowest: Int32
}

/// A value as SQLite takes it: 16 bytes.
@unsafe private struct Cell {
  /// The integer, the double's bits, or the text's address.
  var bits: UInt64
  /// Bytes of the text.
  var length: Int32
  /// SQLITE_NULL, SQLITE_INTEGER, SQLITE_FLOAT or SQLITE_TEXT.
  var type: Int32
}

/// Finished texts of one column; empty for columns that need none.
@safe private final class Lookup {
  let bytes: UnsafeMutablePointer<UInt8>?
  let texts: UnsafeMutablePointer<Cell>?
  let lowest: Int32

  /// - Throws: 70 where a value lies outside what its kind can hold.
  init(_ column: Column) throws {
    switch (column.values, column.definition.kind) {
    case (.int32(let values), .date):
      let days: ClosedRange<Int32> = -719_528...2_932_896
      unsafe (bytes, lowest) = try unsafe Self.calendar(column, values, width: 10, within: days) { Day($0).description }
    case (.int32(let values), .month):
      unsafe (bytes, lowest) = try unsafe Self.calendar(column, values, width: 7, within: 0...119_999) { Day.monthName($0) }
    case (.code(let codes, let dictionary), _):
      guard (codes.max() ?? 0) < max(dictionary.count, 1) else {
        throw PipelineError(.internalError, "column \(column.name): a code lies outside its dictionary of \(dictionary.count)")
      }
      let all = dictionary.map { Array($0.utf8) }
      // Safety: as many bytes and cells as are written below; freed in deinit.
      let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, all.reduce(0) { $0 + $1.count }))
      let texts = UnsafeMutablePointer<Cell>.allocate(capacity: max(1, all.count))
      unsafe texts.initialize(to: Cell(bits: UInt64(UInt(bitPattern: bytes)), length: 0, type: SQLITE_TEXT))
      var end = 0
      for (code, text) in all.enumerated() {
        unsafe (texts + code).initialize(
          to: Cell(bits: UInt64(UInt(bitPattern: bytes + end)), length: Int32(text.count), type: SQLITE_TEXT))
        for byte in text {
          unsafe (bytes + end).initialize(to: byte)
          end += 1
        }
      }
      unsafe self.bytes = bytes
      unsafe self.texts = texts
      lowest = 0
      return
    case (.text(let text), _):
      guard text.offsets.last.map(Int.init) ?? 0 <= text.bytes.count, zip(text.offsets, text.offsets.dropFirst()).allSatisfy({ $0 <= $1 })
      else {
        throw PipelineError(.internalError, "column \(column.name): its offsets do not fit its bytes")
      }
      unsafe (bytes, lowest) = (nil, 0)
    default: unsafe (bytes, lowest) = (nil, 0)
    }
    unsafe texts = nil
  }

  deinit {
    unsafe bytes?.deallocate()
    unsafe texts?.deallocate()
  }

  /// Texts of all days or months from the smallest to the largest present.
  private static func calendar(
    _ column: Column, _ values: [Int32], width: Int, within bounds: ClosedRange<Int32>, _ text: (Int32) -> String
  ) throws -> (UnsafeMutablePointer<UInt8>?, Int32) {
    var (low, high) = (Int32.max, Int32.min)
    for (row, value) in values.enumerated() where column.isPresent?[row] ?? true {
      low = min(low, value)
      high = max(high, value)
    }
    if low > high { return (nil, 0) }
    guard bounds.contains(low), bounds.contains(high) else {
      throw PipelineError(
        .internalError, "column \(column.name): expected \(column.definition.kind.rawValue)s of the years 0 to 9999, found others")
    }
    // Safety: `width` bytes for each of the days; every one is written, since years 0…9999 have that many digits.
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: (Int(high) - Int(low) + 1) * width)
    var end = unsafe bytes
    for value in low...high {
      for byte in text(value).utf8 {
        unsafe end.initialize(to: byte)
        unsafe end += 1
      }
    }
    return unsafe (bytes, low)
  }
}

/// What the virtual table reads from.
@unsafe private struct Feed {
  static var blockRows: Int { 128 }
  var sources: UnsafeBufferPointer<Source>
  var order: UnsafeBufferPointer<UInt32>
  /// `blockRows` rows of one cell a column.
  var block: UnsafeMutablePointer<Cell>

  /// Fills the block with the rows from `first` on.
  /// - Returns: how many there are.
  func gather(from first: Int) -> Int {
    // Safety: callers checked that every row number lies within the columns; a block holds `blockRows` rows.
    let count = unsafe min(Feed.blockRows, order.count - first)
    let stride = unsafe sources.count
    let rows = unsafe order.baseAddress! + first
    for index in 0..<stride {
      let source = unsafe sources[index]
      let cells = unsafe block + index
      switch unsafe source.kind {
      case .int32:
        let values = unsafe source.base!.assumingMemoryBound(to: Int32.self)
        for j in 0..<count {
          unsafe cells[j * stride] = Cell(bits: UInt64(bitPattern: Int64(values[Int(rows[j])])), length: 0, type: SQLITE_INTEGER)
        }
      case .int64:
        let values = unsafe source.base!.assumingMemoryBound(to: UInt64.self)
        for j in 0..<count { unsafe cells[j * stride] = Cell(bits: values[Int(rows[j])], length: 0, type: SQLITE_INTEGER) }
      case .double:
        let values = unsafe source.base!.assumingMemoryBound(to: UInt64.self)
        for j in 0..<count { unsafe cells[j * stride] = Cell(bits: values[Int(rows[j])], length: 0, type: SQLITE_FLOAT) }
      case .text:
        let offsets = unsafe source.base!.assumingMemoryBound(to: UInt32.self)
        let base = unsafe UInt64(UInt(bitPattern: source.bytes!))
        for j in 0..<count {
          let row = unsafe Int(rows[j])
          let begin = unsafe offsets[row]
          unsafe cells[j * stride] = Cell(
            bits: base &+ UInt64(begin), length: Int32(truncatingIfNeeded: offsets[row + 1] &- begin), type: SQLITE_TEXT)
        }
      case .code:
        let codes = unsafe source.base!.assumingMemoryBound(to: UInt16.self)
        let texts = unsafe source.texts!
        for j in 0..<count { unsafe cells[j * stride] = texts[Int(codes[Int(rows[j])])] }
      case .date, .month:
        let width: Int32 = unsafe source.kind == .date ? 10 : 7
        let values = unsafe source.base!.assumingMemoryBound(to: Int32.self)
        let base = unsafe UInt64(UInt(bitPattern: source.bytes))
        let lowest = unsafe source.lowest
        // The value of an absent row may lie anywhere: its address is never read.
        for j in 0..<count {
          let place = unsafe Int64(values[Int(rows[j])] &- lowest) &* Int64(width)
          unsafe cells[j * stride] = Cell(bits: base &+ UInt64(bitPattern: place), length: width, type: SQLITE_TEXT)
        }
      }
      if let presence = unsafe source.presence {
        for j in 0..<count where unsafe !presence[Int(rows[j])] { unsafe cells[j * stride].type = SQLITE_NULL }
      }
    }
    return count
  }
}

@unsafe private struct VirtualTable {
  var base: sqlite3_vtab
  var feed: UnsafeMutablePointer<Feed>
}

@unsafe private struct Cursor {
  var base: sqlite3_vtab_cursor
  var feed: UnsafeMutablePointer<Feed>
  /// The current row's cells, and how many rows of the block are left, this one included.
  var row: UnsafeMutablePointer<Cell>
  var left: Int
  var position: Int
  var stride: Int

  mutating func load() {
    unsafe left = feed.pointee.gather(from: position)
    unsafe row = feed.pointee.block
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
    unsafe cast(cursor).pointee.position = 0
    unsafe cast(cursor).pointee.load()
    return SQLITE_OK
  }
  unsafe functions.xNext = { cursor in unsafe advance(cast(cursor)) }
  unsafe functions.xEof = { cursor in unsafe cast(cursor).pointee.left == 0 ? 1 : 0 }
  unsafe functions.xRowid = { cursor, result in
    unsafe result!.pointee = Int64(cast(cursor).pointee.position)
    return SQLITE_OK
  }
  unsafe functions.xColumn = { cursor, context, index in unsafe answer(cast(cursor).pointee.row + Int(index), context) }
  let module = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
  unsafe module.initialize(to: functions)
  return unsafe module
}

private func cast(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> UnsafeMutablePointer<Cursor> {
  unsafe UnsafeMutableRawPointer(cursor.unsafelyUnwrapped).assumingMemoryBound(to: Cursor.self)
}

private func advance(_ cursor: UnsafeMutablePointer<Cursor>) -> Int32 {
  unsafe cursor.pointee.position &+= 1
  unsafe cursor.pointee.row += cursor.pointee.stride
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
  let feed = unsafe feed!.assumingMemoryBound(to: Feed.self)
  let names = unsafe (0..<feed.pointee.sources.count).map { "c\($0)" }.joined(separator: ", ")
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
    to: Cursor(base: sqlite3_vtab_cursor(), feed: feed, row: feed.pointee.block, left: 0, position: 0, stride: feed.pointee.sources.count))
  unsafe result!.pointee = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
  return SQLITE_OK
}
