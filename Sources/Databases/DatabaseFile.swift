import CShims
import Columns
import GRDB

/// A SQLite database of ours, opened the way SQLite's security page asks for a file that others may have touched: defensive, no trusted
/// schema, cell sizes checked, not mapped, triggers off, double quotes for names only. WAL and `synchronous=FULL`, so that a commit
/// survives a power cut.
///
/// One connection, used by one thread at a time; blocks of other threads wait.
package final class DatabaseFile: Sendable {
  package let path: String
  package let configuration: DatabaseConfiguration
  /// True where this opening made the file.
  package let isNew: Bool
  private let queue: DatabaseQueue

  /// Opens the database, creating it and its folder if missing (a read-only one must exist).
  package static func open(path: String, configuration: DatabaseConfiguration) throws(PipelineError) -> DatabaseFile {
    if configuration.isReadOnly {
      guard DatabaseFiles.exists(path) else {
        throw PipelineError(
          .noInput, "\(configuration.title) \(path): there is no such file", fix: "name an existing one, or make it with `holdfast run`")
      }
      return try DatabaseFile(path: path, configuration: configuration, journal: .writeAhead, isNew: false)
    }
    let isNew = try DatabaseFiles.create(path, configuration)
    return try DatabaseFile(path: path, configuration: configuration, journal: .writeAhead, isNew: isNew)
  }

  /// How a change survives a crash.
  package enum Journal: Sendable {
    /// WAL, `synchronous=FULL`.
    case writeAhead
    /// Not at all: for a new file under a temporary name that is fsynced and renamed when it is whole. Written once instead of twice.
    case none
  }

  package init(path: String, configuration: DatabaseConfiguration, journal: Journal, isNew: Bool) throws(PipelineError) {
    self.path = path
    self.configuration = configuration
    self.isNew = isNew
    // Without its allocation statistics SQLite takes no lock per allocation. Has no effect, and does no harm, once SQLite is in use.
    _ = Self.quietMemory
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.settings(configuration, journal))
    } catch {
      throw PipelineError(boundary: error, title: configuration.title, path: path)
    }
  }

  private static let quietMemory: Int32 = holdfast_sqlite_without_memory_statistics()

  private static func settings(_ configuration: DatabaseConfiguration, _ journal: Journal) -> Configuration {
    var settings = Configuration()
    settings.label = configuration.title
    settings.readonly = configuration.isReadOnly
    settings.foreignKeysEnabled = configuration.enforcesForeignKeys
    settings.busyMode = .timeout(configuration.busySeconds)
    settings.acceptsDoubleQuotedStringLiterals = false
    settings.prepareDatabase { connection in try harden(connection, configuration, journal) }
    return settings
  }

  /// Runs before anything of the file is read.
  private static func harden(_ connection: GRDB.Database, _ configuration: DatabaseConfiguration, _ journal: Journal) throws {
    // Safety: the connection is GRDB's and open during this call; the options are booleans.
    guard let handle = unsafe connection.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
    var options = [(holdfast_dbconfig_enable_trigger, Int32(0)), (holdfast_dbconfig_trusted_schema, 0), (holdfast_dbconfig_defensive, 1)]
    if configuration.refusesViews { options.append((holdfast_dbconfig_enable_view, 0)) }
    for (option, value) in options {
      let code = unsafe holdfast_sqlite_db_config(handle, option, value)
      if code != 0 { throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "option \(option) of the connection") }
    }
    try connection.execute(
      sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY")
    // Overwrite what is deleted where that costs no further page. Debian's default overwrites every freed page as well, which doubles what
    // a table costs that is emptied and filled again; `VACUUM` is what leaves nothing behind.
    try connection.execute(sql: "PRAGMA secure_delete = FAST; PRAGMA cache_size = -\(configuration.cacheKiB)")
    if configuration.isReadOnly { return try connection.execute(sql: "PRAGMA query_only = ON") }
    // Another program's database stays as it is, byte for byte: the migrations refuse it.
    let application = try Int32.fetchOne(connection, sql: "PRAGMA application_id") ?? 0
    let isForeign =
      try application != configuration.applicationID && Bool.fetchOne(connection, sql: "SELECT count(*) > 0 FROM sqlite_schema") == true
    if isForeign { return try connection.execute(sql: "PRAGMA query_only = ON") }
    // Takes effect only while the file is empty.
    try connection.execute(sql: "PRAGMA page_size = \(configuration.pageBytes)")
    switch journal {
    case .writeAhead:
      let mode = try String.fetchOne(connection, sql: "PRAGMA journal_mode = WAL")
      guard mode == "wal" else {
        throw DatabaseError(resultCode: .SQLITE_IOERR, message: "expected journal mode wal, found \(mode ?? "none")")
      }
      // One checkpoint after each commit of ours instead of many on the way.
      try connection.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
    case .none:
      // A journal in memory: ROLLBACK still works, and pages of a file that was empty need no place in it.
      try connection.execute(sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE")
    }
  }

  /// Reads, without a change; all of the block sees one state.
  package func read<T>(_ body: (GRDB.Database) throws -> T) throws(PipelineError) -> T {
    do { return try queue.read(body) } catch { throw PipelineError(boundary: error, title: configuration.title, path: path) }
  }

  /// One transaction, begun with the right to write: all of the block or, when it throws, nothing.
  package func write<T>(_ body: (GRDB.Database) throws -> T) throws(PipelineError) -> T {
    do {
      return try queue.writeWithoutTransaction { connection in
        var result: T?
        try connection.inTransaction(.immediate) {
          result = try body(connection)
          return .commit
        }
        guard let result else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
        return result
      }
    } catch {
      throw PipelineError(boundary: error, title: configuration.title, path: path)
    }
  }

  /// Statements that may not stand in a transaction.
  package func withoutTransaction<T>(_ body: (GRDB.Database) throws -> T) throws(PipelineError) -> T {
    do { return try queue.writeWithoutTransaction(body) } catch {
      throw PipelineError(boundary: error, title: configuration.title, path: path)
    }
  }

  package func close() throws(PipelineError) {
    do { try queue.close() } catch { throw PipelineError(boundary: error, title: configuration.title, path: path) }
  }
}
