// The columns become a table of SQLite's file format in memory, which SQLite then copies into the database record by record.
//
// Rows that SQLite itself puts together, from cells that are bound or that a virtual table answers, cost it twice as much, on one core; the
// records here are made on all cores, and `INSERT INTO … SELECT *` between two tables of the same definition copies them as they are. The
// files of this name are the unsafe ones of this target.
import Columns
import GRDB
import GRDBSQLite

/// GRDB has a type of that name too.
typealias Column = Columns.Column

enum ColumnBridge {
  /// Inserts all rows of `columns`, in the order given, into the table `main.<name>` of this definition. Part of the caller's transaction.
  /// - Parameters:
  ///   - columns: as the definition lists them, those of its key first.
  ///   - order: row numbers, each below the columns' length.
  ///   - meanwhile: what the connection has to do before, while other threads begin with the rows.
  /// - Throws: 70 where the columns contradict themselves, or where the first alone is the key and the order does not let it rise.
  static func insert(
    _ columns: [Column], order: [UInt32], into definition: TableDefinition, threads: Int, _ connection: GRDB.Database,
    meanwhile: () throws -> Void = {}
  ) throws {
    let rowCount = columns.first?.count ?? 0
    guard order.count == rowCount, order.allSatisfy({ Int($0) < rowCount }) else {
      throw PipelineError(
        .internalError, "\(definition.name): expected the numbers of \(rowCount) rows, found \(order.count) that do not fit")
    }
    guard columns.map(\.name) == definition.fields.map(\.definition.name), columns.map(\.name).starts(with: definition.key) else {
      throw PipelineError(.internalError, "\(definition.name): expected the columns of its definition, those of its key first")
    }
    var lookups: [Lookup] = []
    for column in columns { lookups.append(try Lookup(column)) }
    let records = RecordRoom(columns)
    // Safety: the arrays stay pinned, and the lookups alive, until SQLite has read the last row.
    try unsafe withUnsafeTemporaryAllocation(of: Source.self, capacity: columns.count) { sources in
      try unsafe order.withUnsafeBufferPointer { order in
        try unsafe pin(columns[...], lookups, sources, 0) {
          let pinned = unsafe PinnedColumns(sources: UnsafeBufferPointer(sources), order: order)
          let image = try TableImage(pinned, definition, records, threads: threads)
          image.start()
          let done = Result { () throws -> Void in
            try meanwhile()
            try copy(image, rowCount: rowCount, into: definition.name, connection)
          }
          // What kept a piece from being made says more than that SQLite could not read it.
          try image.stop()
          try done.get()
        }
      }
    }
    withExtendedLifetime(lookups) {}
  }

  /// SQLite holds on to what it reads from until the transaction ends, and so the image lives until then.
  private static func copy(_ image: TableImage, rowCount: Int, into name: String, _ connection: GRDB.Database) throws {
    let attached = try Int.fetchOne(connection, sql: "SELECT count(*) FROM pragma_database_list") ?? 0
    let schema = "columns\(attached)"
    try connection.execute(sql: "ATTACH ':memory:' AS \(schema)")
    let reader = try ImageReader(image, of: schema, connection)
    connection.afterNextTransaction {
      reader.detach(schema, $0)
    } onRollback: {
      reader.detach(schema, $0)
    }
    // OR FAIL: the transaction is the unit that is undone, so SQLite need not keep what would undo this statement alone.
    try connection.execute(sql: "INSERT OR FAIL INTO main.\(name.quoted) SELECT * FROM \(schema).\(name.quoted)")
    guard connection.changesCount == rowCount else {
      throw PipelineError(.internalError, "\(name): expected \(rowCount) rows to arrive, found \(connection.changesCount)")
    }
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
}
