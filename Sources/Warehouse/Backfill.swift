import Columns
import Databases
import GRDB

/// Writes one day that is older than the newest published one, into the dated tables only and in one transaction: `customers` and
/// `segments` stay as they are. The changes of the next published day are written anew, since it now follows this one.
///
/// - Parameters:
///   - customers: as of that day, with their scores; the tracked columns among them are followed.
///   - customersByID: every row number of `customers` once, in ascending byte order of `customer_id`.
/// - Throws: 64 where the day is not older than the newest published one, 66 where nothing is published, 65 for a damaged or foreign one,
///   74 for the disk, 75 when another program writes.
package func backfill(
  _ results: DatedResults, customers: Columns.Table, customersByID: [UInt32], options: PublishOptions
) throws(PipelineError) {
  let configuration = Schema.configuration(mode: options.mode, group: options.group)
  guard DatabaseFiles.exists(options.path) else { return try requireOlder(results.asOf, than: nil, path: options.path) }
  let database = try DatabaseFile.open(path: options.path, configuration: configuration)
  try database.migrate(Schema.migrations)
  try database.write { connection in
    _ = try database.pendingMigrations(connection, Schema.migrations)
    try Schema.requireKeptTables(connection, path: options.path)
    let newest = try String.fetchOne(connection, sql: "SELECT max(as_of) FROM main.publication").flatMap { Day($0) }
    try requireOlder(results.asOf, than: newest, path: options.path)
    let log = ChangeLog(connection: connection, day: results.asOf, customers: customers, customersByID: customersByID)
    try log.write(trackedColumnNames.filter { customers[$0] != nil })
    try DatedRows(connection, results).write()
  }
  _ = try database.checkpoint()
  try database.close()
}

private func requireOlder(_ day: Day, than newest: Day?, path: String) throws(PipelineError) {
  guard let newest else {
    throw PipelineError(.noInput, "results database \(path): nothing is published yet", fix: "publish a day first: holdfast run PIPELINE")
  }
  guard day < newest else {
    throw PipelineError(
      .usage, "results database \(path): \(day) is not older than \(newest), the newest published day",
      fix: "write \(day) with: holdfast run PIPELINE --as-of \(day)")
  }
}

/// The newest published day of a results database, and all days that its dated tables hold, ascending.
package struct PublishedDays: Sendable, Hashable {
  package var newest: Day?
  package var dated: [Day]

  /// - Throws: 66 where there is no database, 65 for a damaged, newer or foreign one.
  package static func read(path: String) throws(PipelineError) -> PublishedDays {
    let database = try DatabaseFile.open(path: path, configuration: Schema.configuration(isReadOnly: true))
    let days = try database.read { connection in
      // A database of an earlier version has no such table yet.
      let isOlder = try !database.pendingMigrations(connection, Schema.migrations).isEmpty
      let dated = isOlder ? [] : try String.fetchAll(connection, sql: "SELECT as_of FROM main.published_days ORDER BY as_of")
      let newest = try String.fetchOne(connection, sql: "SELECT max(as_of) FROM main.publication")
      return PublishedDays(newest: newest.flatMap { Day($0) }, dated: dated.compactMap { Day($0) })
    }
    try database.close()
    return days
  }
}
