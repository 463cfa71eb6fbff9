import Columns
import Databases
import GRDB

/// Keeps the results database's schema as this version made it.
enum Schema {
  /// "hfrd", results database.
  static let applicationID: Int32 = 0x6866_7264

  static let migrations = [
    Migration("publication, runs, churn_metrics") { try SchemaSteps.first($0) },
    Migration("published_days, cohorts, segment_history, segment_changes; retention in churn_metrics") { try SchemaSteps.nights($0) },
    Migration("models") { try SchemaSteps.models($0) },
    Migration("checks") { try $0.execute(sql: ResultTables.checks.createSQL) },
    Migration("backtests; trials in models") { try SchemaSteps.backtests($0) },
    Migration("drift; reasons of fits in models") { try SchemaSteps.drift($0) },
    Migration("tenure_curves, tenure_groups, churn_drivers") { try SchemaSteps.tenures($0) },
    Migration("intervals of all measures in backtests") { try SchemaSteps.backtestIntervals($0) },
    Migration("risk in models") { try SchemaSteps.risk($0) },
  ]

  /// The cache of a new database is small on purpose: rows arrive in the order of their key, so a finished page is never wanted again, and the sooner it is
  /// handed to the disk the less is left for the end (2 to 8 MiB measured 7 % faster than 64). Foreign keys are not enforced since none is
  /// ours: one that an analyst declared must neither delete his rows nor stop the night. The pages are SQLite's largest: what a night writes,
  /// it writes in large pieces.
  static func configuration(
    mode: UInt16 = 0o640, group: String? = nil, isReadOnly: Bool = false, cacheKiB: Int = 4096
  ) -> DatabaseConfiguration {
    DatabaseConfiguration(
      title: "results database", applicationID: applicationID, isReadOnly: isReadOnly, fileMode: mode, folderMode: 0o750, group: group,
      pageBytes: 65_536, cacheKiB: cacheKiB, enforcesForeignKeys: false)
  }

  /// Refuses tables that somebody else changed: a generated column, a check or a default put there would compute in our transaction, and a
  /// view or a virtual table in a table's place would run something else altogether.
  static func requireKeptTables(_ connection: GRDB.Database, path: String) throws {
    for table in ResultTables.kept {
      let found = try object(connection, table.name)
      guard found?.sql == table.createSQL else {
        throw PipelineError(
          .badInput, "results database \(path): table \(table.name) is not as holdfast made it",
          details: ["found: " + (found.map { "\($0.type) \($0.sql.prefix(200))" } ?? "no such table")],
          fix: "undo the change, or move the database aside and run again")
      }
    }
  }

  /// Leaves an empty table or a view of exactly this definition.
  /// - Throws: 65 where something else than a table or view of ours bears its name.
  static func renew(_ definition: TableDefinition, _ connection: GRDB.Database, path: String) throws {
    let kind = definition.viewSource == nil ? "table" : "view"
    if let found = try object(connection, definition.name) {
      // A virtual table has no page of its own.
      guard found.type == kind, kind == "view" || found.rootPage > 0 else {
        throw PipelineError(
          .badInput, "results database \(path): expected a \(kind) \(definition.name), found a \(found.type) of another kind",
          fix: "drop it, or move the database aside and run again")
      }
      if found.sql == definition.createSQL {
        if kind == "table" { try connection.execute(sql: "DELETE FROM main.\(definition.name.quoted)") }
        return
      }
      try connection.execute(sql: "DROP \(kind.uppercased()) main.\(definition.name.quoted)")
    }
    try connection.execute(sql: definition.createSQL)
  }

  /// Takes a view of ours away that these results have no columns for.
  static func removeView(_ name: String, _ connection: GRDB.Database) throws {
    if try object(connection, name)?.type == "view" { try connection.execute(sql: "DROP VIEW main.\(name.quoted)") }
  }

  private static func object(_ connection: GRDB.Database, _ name: String) throws -> (type: String, sql: String, rootPage: Int64)? {
    let row = try Row.fetchOne(
      connection, sql: "SELECT type, sql, rootpage FROM main.sqlite_schema WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')",
      arguments: [name])
    return row.map { ($0["type"] ?? "", $0["sql"] ?? "", $0["rootpage"] ?? 0) }
  }
}
