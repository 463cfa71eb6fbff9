import Buffers
import Columns
import Databases
import Dumps
import Foundation
import GRDB
import Synchronization

/// What the store knows of its dumps: `STATE/catalog.sqlite`. A segment exists for readers only once its row stands here.
final class Catalog: Sendable {
  private let database: DatabaseFile
  private let seal: CatalogSeal
  private let isSealed: Mutex<Bool>

  static let migrations = [
    Migration("first") { connection in
      try connection.execute(
        sql: """
          CREATE TABLE store (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
          CREATE TABLE loads (
            id INTEGER PRIMARY KEY, feed TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, file_bytes INTEGER NOT NULL,
            text_bytes INTEGER NOT NULL, text_crc INTEGER NOT NULL, mapping TEXT NOT NULL, rows_read INTEGER NOT NULL,
            rows_stored INTEGER NOT NULL, rows_rejected INTEGER NOT NULL, rows_filtered INTEGER NOT NULL,
            first_event_at INTEGER, last_event_at INTEGER, run_id TEXT NOT NULL, segment TEXT NOT NULL,
            UNIQUE (feed, sha256), CHECK (rows_stored + rows_rejected + rows_filtered = rows_read)) STRICT;
          CREATE TABLE names (
            feed TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, device INTEGER NOT NULL, inode INTEGER NOT NULL,
            byte_count INTEGER NOT NULL, modified_ns INTEGER NOT NULL, changed_ns INTEGER NOT NULL,
            PRIMARY KEY (feed, path)) STRICT, WITHOUT ROWID;
          CREATE TABLE rejects (
            load_id INTEGER NOT NULL REFERENCES loads (id) ON DELETE CASCADE, number INTEGER NOT NULL, line INTEGER NOT NULL,
            byte_offset INTEGER NOT NULL, column_name TEXT NOT NULL, reason TEXT NOT NULL, raw BLOB NOT NULL,
            PRIMARY KEY (load_id, number)) STRICT, WITHOUT ROWID;
          """)
    },
    Migration("headers, repairs") { try $0.execute(sql: CatalogRepairs.migrationSQL) },
    Migration("erased customers") {
      try $0.execute(
        sql: "CREATE TABLE erased (hash BLOB PRIMARY KEY, quick_hash INTEGER NOT NULL, run_id TEXT NOT NULL) STRICT, WITHOUT ROWID")
    },
  ]

  /// - Throws: 65 where the file is damaged or was changed by another program.
  init(path: String) throws(PipelineError) {
    seal = CatalogSeal(catalog: path)
    do throws(PipelineError) {
      isSealed = Mutex(try seal.check())
      database = try DatabaseFile.open(
        path: path, configuration: DatabaseConfiguration(title: "catalog", applicationID: 0x4846_4341, pageBytes: 4096, cacheKiB: 4096))
      if !isSealed.withLock({ $0 }) && !database.isNew { try database.requireSound() }
    } catch {
      throw error.exit == .badInput ? PipelineError(.badInput, error.message, details: error.details, fix: CatalogSeal.fix) : error
    }
    if try read({ try self.database.pendingMigrations($0, Self.migrations).isEmpty }) { return }
    try breakSeal()
    try database.migrate(Self.migrations)
  }

  private func breakSeal() throws(PipelineError) {
    if isSealed.withLock({ $0 }) { try seal.remove() }
    isSealed.withLock { $0 = false }
  }

  /// Empties the log and seals the file, unless it is sealed, or a reader is in the way.
  func sealAnew() throws(PipelineError) {
    if isSealed.withLock({ $0 }) { return }
    guard try database.checkpoint() == .complete else { return }
    try seal.set()
    isSealed.withLock { $0 = true }
  }

  /// The store's parameters and key; `fresh` is written where there are none yet.
  func parameters(_ fresh: StoreParameters) throws(PipelineError) -> (StoreParameters, HashKey) {
    if let found = try read({ try Self.parameters($0) }) { return found }
    return try write { connection in
      let key = HashKey.random()
      for (name, value) in [
        ("bucket_count", String(fresh.bucketCount)), ("time_zone", fresh.timeZone), ("key_0", String(key.k0)), ("key_1", String(key.k1)),
      ] { try connection.execute(sql: "INSERT INTO store VALUES (?, ?)", arguments: [name, value]) }
      return (fresh, key)
    }
  }

  private static func parameters(_ connection: Database) throws -> (StoreParameters, HashKey)? {
    var found: [String: String] = [:]
    for row in try Row.fetchAll(connection, sql: "SELECT key, value FROM store") { found[row["key"]] = row["value"] }
    guard let buckets = found["bucket_count"].flatMap(Int.init), let zone = found["time_zone"],
      let k0 = found["key_0"].flatMap(UInt64.init), let k1 = found["key_1"].flatMap(UInt64.init)
    else { return nil }
    return (StoreParameters(bucketCount: buckets, timeZone: zone), HashKey(k0: k0, k1: k1))
  }

  struct Entry: Sendable {
    var load: LoadRecord
    var textCRC: UInt32
    var mapping: String
    var segment: String
    /// Names of the dump's columns; nil where it was loaded by a version that did not keep them.
    var header: [[UInt8]]?
    /// SHA-256 of the dump whose rejects these rows repair; nil: this is a dump itself.
    var repairs: String?
  }

  struct Name: Sendable {
    var sha256: String
    var identity: FileIdentity
  }

  func entries() throws(PipelineError) -> [Entry] {
    try read { connection in
      try Row.fetchAll(connection, sql: CatalogRepairs.loadsSQL).map { row in
        Entry(
          load: LoadRecord(
            feed: row["feed"], path: row["path"], sha256: row["sha256"], fileBytes: row["file_bytes"], textBytes: row["text_bytes"],
            rowsRead: row["rows_read"], rowsLoaded: row["rows_stored"], rowsRejected: row["rows_rejected"], rowsDuplicate: 0,
            rowsFiltered: row["rows_filtered"], firstEventAt: row["first_event_at"], lastEventAt: row["last_event_at"], runID: row["run_id"]
          ),
          textCRC: UInt32(truncatingIfNeeded: row["text_crc"] as Int64), mapping: row["mapping"], segment: row["segment"],
          header: CatalogRepairs.names(row["header"]), repairs: row["repairs"])
      }
    }
  }

  func names(feed: String) throws(PipelineError) -> [String: Name] {
    try read { connection in
      var names: [String: Name] = [:]
      for row in try Row.fetchAll(connection, sql: "SELECT * FROM names WHERE feed = ?", arguments: [feed]) {
        names[row["path"]] = Name(
          sha256: row["sha256"],
          identity: FileIdentity(
            device: row["device"], inode: row["inode"], byteCount: row["byte_count"], modifiedAtNanoseconds: row["modified_ns"],
            changedAtNanoseconds: row["changed_ns"]))
      }
      return names
    }
  }

  func setName(feed: String, path: String, _ name: Name) throws(PipelineError) {
    try write { try Self.setName($0, feed: feed, path: path, name) }
  }

  private static func setName(_ connection: Database, feed: String, path: String, _ name: Name) throws {
    let i = name.identity
    try connection.execute(
      sql: "INSERT OR REPLACE INTO names VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [feed, path, name.sha256, i.device, i.inode, i.byteCount, i.modifiedAtNanoseconds, i.changedAtNanoseconds])
  }

  /// Makes a segment exist; `withdrawn` (a SHA-256) ceases to exist in the same transaction.
  func insert(_ entry: Entry, name: Name, rejects: [Reject], withdrawn: String?) throws(PipelineError) {
    try write { connection in
      let load = entry.load
      if let withdrawn {
        try connection.execute(sql: "DELETE FROM loads WHERE feed = ? AND sha256 = ?", arguments: [load.feed, withdrawn])
      }
      let id = try CatalogRepairs.insert(entry, connection)
      let statement = try connection.makeStatement(sql: "INSERT INTO rejects VALUES (?, ?, ?, ?, ?, ?, ?, NULL)")
      for (number, reject) in rejects.enumerated() {
        try statement.execute(
          arguments: [id, number, reject.line, reject.byteOffset, reject.column, reject.reason, DatabaseValue(bytes: reject.raw)])
      }
      try Self.setName(connection, feed: load.feed, path: load.path, name)
    }
  }

  func rejects() throws(PipelineError) -> [RejectRecord] {
    try read { connection in
      let sql = """
        SELECT feed, path, sha256, line, byte_offset, column_name, reason, raw
        FROM rejects JOIN loads ON loads.id = load_id WHERE repair_id IS NULL ORDER BY feed, path, sha256, number
        """
      // By place: to look a column up by its name takes longer than to read it.
      return try Array(
        Row.fetchCursor(connection, sql: sql).map { row in
          RejectRecord(
            feed: row[0], path: row[1], sha256: row[2],
            reject: Reject(
              line: row[3], byteOffset: row[4], column: row[5], reason: row[6], raw: (row[7] as Data?).map { [UInt8]($0) } ?? []))
        })
    }
  }

  func read<Value>(_ body: (Database) throws -> Value) throws(PipelineError) -> Value { try database.read(body) }
  func write<Value>(_ body: (Database) throws -> Value) throws(PipelineError) -> Value {
    try breakSeal()
    return try database.write(body)
  }
  /// Leaves nothing of what was deleted, neither in free pages nor in the log.
  func forget() throws(PipelineError) {
    try breakSeal()
    try database.leaveNothingBehind()
    try sealAnew()
  }
  func problems() throws(PipelineError) -> [String] { try database.problems() }
}

extension DatabaseValue {
  fileprivate init(bytes: [UInt8]) { self = Data(bytes).databaseValue }
}
