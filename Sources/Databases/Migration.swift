import Columns
import GRDB

/// One step from a schema version to the next: `PRAGMA user_version` counts the steps taken.
package struct Migration: Sendable {
  package var name: String
  package var apply: @Sendable (GRDB.Database) throws -> Void

  package init(_ name: String, _ apply: @escaping @Sendable (GRDB.Database) throws -> Void) {
    self.name = name
    self.apply = apply
  }
}

extension DatabaseFile {
  /// Steps that are still to be taken. Refuses a database of a newer version or of another program. Call inside or outside a transaction.
  package func pendingMigrations(_ connection: GRDB.Database, _ migrations: [Migration]) throws -> [Migration] {
    let found = try Int.fetchOne(connection, sql: "PRAGMA user_version") ?? 0
    let application = try Int32.fetchOne(connection, sql: "PRAGMA application_id") ?? 0
    let isEmpty = try Int.fetchOne(connection, sql: "SELECT count(*) FROM sqlite_schema") == 0
    guard isEmpty && application == 0 && found == 0 || application == configuration.applicationID else {
      throw PipelineError(
        .badInput,
        "\(configuration.title) \(path): expected application_id \(configuration.applicationID), found \(application):"
          + " it is another program's",
        fix: "name another path, or move that file aside")
    }
    guard (0...migrations.count).contains(found) else {
      throw PipelineError(
        .badInput,
        "\(configuration.title) \(path): its schema has version \(found); this holdfast knows versions up to \(migrations.count)"
          + (migrations.last.map { " (\"\($0.name)\")" } ?? ""),
        fix: "use the newer holdfast that wrote it, or name another path")
    }
    return Array(migrations[found...])
  }

  /// Brings the schema up to date, as part of the caller's transaction.
  /// - Returns: how many steps were taken.
  @discardableResult
  package func migrate(_ connection: GRDB.Database, _ migrations: [Migration]) throws -> Int {
    let pending = try pendingMigrations(connection, migrations)
    if pending.isEmpty { return 0 }
    for migration in pending { try migration.apply(connection) }
    try connection.execute(sql: "PRAGMA application_id = \(configuration.applicationID)")
    try connection.execute(sql: "PRAGMA user_version = \(migrations.count)")
    return pending.count
  }

  /// Brings the schema up to date in a transaction of its own; a database that holds an older version passes `quick_check` first.
  package func migrate(_ migrations: [Migration]) throws(PipelineError) {
    let pending = try read { connection in
      let version = try Int.fetchOne(connection, sql: "PRAGMA user_version") ?? 0
      return (count: try self.pendingMigrations(connection, migrations).count, isUpgrade: version > 0)
    }
    if pending.count == 0 { return }
    if pending.isUpgrade { try requireSound() }
    _ = try write { try self.migrate($0, migrations) }
  }
}
