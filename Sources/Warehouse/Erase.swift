import Columns
import Databases
import Events
import Foundation
import GRDB

/// Rows that a results database holds of one customer, by table, in the order of the tables' names.
package typealias ErasedRows = [(table: String, rows: Int64)]

/// Removes every row of a customer from the results database: of each table with a column `customer_id`, of `rejects` where the raw row
/// names him, and of `conflicts` where one of his rows is a side. Nothing is left in free pages or in the log. What was counted over all
/// customers stays until the next publish.
///
/// - Parameters:
///   - places: his rows in the dumps.
///   - isDryRun: counts, and changes nothing.
/// - Throws: 65 for a damaged, newer or foreign database, 74 for the disk, 75 where another program writes, or reads on and keeps the log.
package func eraseCustomer(
  _ customer: String, places: [String: [Int64]], path: String, isDryRun: Bool
) throws(PipelineError) -> ErasedRows {
  if !isDryRun {
    // What a killed publish left is no results database yet, and the next one begins anew.
    let leftover = path + ".new"
    try DatabaseFiles.remove(["", "-wal", "-shm", "-journal"].map { leftover + $0 }, Schema.configuration())
  }
  guard DatabaseFiles.exists(path) else { return [] }
  let database = try DatabaseFile.open(path: path, configuration: Schema.configuration(isReadOnly: isDryRun))
  let eraser = Eraser(customer: customer, places: places, isDryRun: isDryRun)
  let rows: ErasedRows
  if isDryRun {
    rows = try database.read { connection in try eraser.erase(connection, database) }
  } else {
    try DatabaseFiles.requireFreeDisk(DatabaseFiles.size(path), path: path, title: database.configuration.title)
    try database.withoutTransaction { try $0.execute(sql: "PRAGMA secure_delete = ON") }
    rows = try database.write { connection in try eraser.erase(connection, database) }
    try database.leaveNothingBehind()
  }
  try database.close()
  return rows
}

private struct Eraser: Sendable {
  let customer: String
  let places: [String: [Int64]]
  let isDryRun: Bool

  func erase(_ connection: GRDB.Database, _ database: DatabaseFile) throws -> ErasedRows {
    _ = try database.pendingMigrations(connection, Schema.migrations)
    var rows: ErasedRows = []
    for table in try tables(connection) {
      var count: Int64 = 0
      if table == ResultTables.rejects.name {
        count = try rejects(connection)
      } else if table == ResultTables.conflicts.name {
        count = try conflicts(connection)
      } else if try connection.columns(in: table, in: "main").contains(where: { $0.name.lowercased() == "customer_id" }) {
        count = try remove(connection, table, "customer_id = ?", [customer])
      }
      if count > 0 { rows.append((table, count)) }
    }
    return rows
  }

  /// Tables with pages of their own: a virtual one, which somebody planted, would run its module.
  private func tables(_ connection: GRDB.Database) throws -> [String] {
    try String.fetchAll(
      connection,
      sql: """
        SELECT name FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name
        """)
  }

  private func remove(
    _ connection: GRDB.Database, _ table: String, _ condition: String, _ arguments: StatementArguments
  ) throws -> Int64 {
    if isDryRun {
      return try Int64.fetchOne(connection, sql: "SELECT count(*) FROM main.\(table.quoted) WHERE \(condition)", arguments: arguments) ?? 0
    }
    try connection.execute(sql: "DELETE FROM main.\(table.quoted) WHERE \(condition)", arguments: arguments)
    return Int64(connection.changesCount)
  }

  private func rejects(_ connection: GRDB.Database) throws -> Int64 {
    let id = Array(customer.utf8), key = ResultTables.rejects.key
    let columns = key.map(\.quoted).joined(separator: ", ")
    var count: Int64 = 0
    let sql = "SELECT \(columns), raw FROM main.rejects WHERE instr(raw, ?) > 0"
    for row in try Row.fetchAll(connection, sql: sql, arguments: [Data(id)]) {
      guard names(id, in: [UInt8](row["raw"] as Data? ?? Data())) else { continue }
      let condition = key.map { "\($0.quoted) = ?" }.joined(separator: " AND ")
      let values = key.map { row[$0] as DatabaseValue }
      count += try remove(connection, ResultTables.rejects.name, condition, StatementArguments(values))
    }
    return count
  }

  private func conflicts(_ connection: GRDB.Database) throws -> Int64 {
    var count: Int64 = 0
    for (sha256, lines) in places.sorted(by: { $0.key < $1.key }) {
      for line in lines {
        count += try remove(
          connection, ResultTables.conflicts.name, "sha256 = ? AND line = ? OR kept_sha256 = ? AND kept_line = ?",
          [sha256, line, sha256, line])
      }
    }
    return count
  }
}
