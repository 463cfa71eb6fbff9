import Columns
import Databases
import GRDB

package enum ExportFormat: String, Sendable, CaseIterable {
  case csv, jsonl
}

/// Writes a table or view of the results database as text, all of it as one commit left it. The file is opened for reading only, and as one
/// that strangers may have touched: what a planted view asks for beyond plain SQL is an error, and runs nothing.
///
/// - Parameters:
///   - choose: picks one of the names there are.
///   - write: receives pieces that end with a row; false ends it.
/// - Returns: rows written.
/// - Throws: 66 where there is no database, 65 for a damaged, newer or foreign one, and for a view that can not be read.
package func exportRows(
  path: String, format: ExportFormat, choose: ([String]) throws(PipelineError) -> String, write: ([UInt8]) throws(PipelineError) -> Bool
) throws(PipelineError) -> Int64 {
  var configuration = Schema.configuration(isReadOnly: true)
  configuration.refusesViews = false
  let database = try DatabaseFile.open(path: path, configuration: configuration)
  let rows = try database.read { connection in
    _ = try database.pendingMigrations(connection, Schema.migrations)
    let name = try choose(try exportableNames(connection))
    do {
      return try RowText.write(connection, sql: "SELECT * FROM main.\(name.quoted)", isJSON: format == .jsonl) { try write($0) }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR || error.resultCode == .SQLITE_AUTH {
      throw PipelineError(
        .badInput, "results database \(path): \(name) can not be read: \(error.message ?? "no message")",
        fix: "holdfast did not make it so: drop it, or move the database aside, and publish again")
    }
  }
  try database.close()
  return rows
}

/// Tables and views; virtual tables, which have no page of their own, are none of ours.
private func exportableNames(_ connection: GRDB.Database) throws -> [String] {
  try String.fetchAll(
    connection,
    sql: """
      SELECT name FROM main.sqlite_schema WHERE (type = 'view' OR type = 'table' AND rootpage > 0) AND name NOT LIKE 'sqlite~_%' ESCAPE '~'
      ORDER BY name
      """)
}
