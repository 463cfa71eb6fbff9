import Columns
import Databases
import GRDB
import Glibc

/// Writes the results in one transaction: readers see the last published results or these, never a mixture, whatever happens on the way.
///
/// Where there is no database yet, it is built under a temporary name, fsynced and given its name at the end: every page is written once.
/// Into an existing one the rows go through SQLite's write-ahead log, which is then moved into the database.
///
/// - Parameter beforeCommit: runs after all rows are written and before they become visible; when it throws, the old results stand.
/// - Throws: 64 when a newer day is published already, 65 for a damaged or foreign database, 74 for the disk, 75 when another program
///   writes,
///   78 for an unknown name in `columns`.
package func publish(
  _ publication: Publication, options: PublishOptions, beforeCommit: () throws(PipelineError) -> Void
) throws(PipelineError) -> PublishReport {
  let publishing = try Publishing(publication, options)
  // What a killed run left; after a kill at the very end, a second name of the database itself.
  try DatabaseFiles.remove(publishing.temporaries, publishing.configuration)
  let existing = DatabaseFiles.size(options.path)
  try DatabaseFiles.requireFreeDisk(
    max(existing, publishing.columns.bytesEstimate), path: options.path, title: publishing.configuration.title)
  return DatabaseFiles.exists(options.path) ? try publishing.inPlace(beforeCommit) : try publishing.aside(beforeCommit)
}

private struct Publishing {
  let publication: Publication
  let path: String
  let configuration: DatabaseConfiguration
  let columns: PublishedColumns
  let threads: Int
  /// Where a new database is built.
  var temporary: String { path + ".new" }
  var temporaries: [String] { [temporary, temporary + "-wal", temporary + "-shm", temporary + "-journal"] }

  init(_ publication: Publication, _ options: PublishOptions) throws(PipelineError) {
    self.publication = publication
    path = options.path
    threads = options.threads
    configuration = Schema.configuration(mode: options.mode, group: options.group)
    columns = try PublishedColumns(of: publication.customers, names: options.columns)
  }

  /// A database that does not exist yet.
  func aside(_ beforeCommit: () throws(PipelineError) -> Void) throws(PipelineError) -> PublishReport {
    guard try DatabaseFiles.create(temporary, configuration) else {
      throw PipelineError(
        .locked, "results database \(path): another program is making it: \(temporary)", fix: "wait until it is done, then run again")
    }
    do throws(PipelineError) {
      try build(beforeCommit)
      // A log without its database belongs to one that was deleted: SQLite would replay it into the new file.
      try DatabaseFiles.remove([path + "-wal", path + "-shm", path + "-journal"], configuration)
      try DatabaseFiles.reveal(temporary, as: path, configuration)
    } catch {
      try? DatabaseFiles.remove(temporaries, configuration)
      throw error
    }
    return report(isReaderInTheWay: false)
  }

  private func build(_ beforeCommit: () throws(PipelineError) -> Void) throws(PipelineError) {
    let writeback = EarlyWriteback(path: temporary)
    defer { writeback.stop() }
    let database = try DatabaseFile(path: temporary, configuration: configuration, journal: .none, isNew: true)
    try database.write { connection in
      try database.migrate(connection, Schema.migrations)
      try writeResults(connection)
      try beforeCommit()
    }
    try database.becomeWriteAhead()
    try database.close()
  }

  /// A database that readers may have open.
  func inPlace(_ beforeCommit: () throws(PipelineError) -> Void) throws(PipelineError) -> PublishReport {
    // Small: what is handed to the log early need not find memory of its own. An inner page of the table is written again some 60 MB later, when
    // its right neighbour is full, and the log's checksums after it are made anew then; that costs less.
    var roomy = configuration
    roomy.cacheKiB = 16 << 10
    let database = try DatabaseFile.open(path: path, configuration: roomy)
    try database.migrate(Schema.migrations)
    let writeback = EarlyWriteback(path: path + "-wal")
    defer { writeback.leave() }
    try database.write { connection in
      _ = try database.pendingMigrations(connection, Schema.migrations)
      try Schema.requireKeptTables(connection, path: path)
      try refuseOlderDay(connection)
      try writeResults(connection)
      try beforeCommit()
    }
    let checkpoint = try closeWithoutLog(database)
    return report(isReaderInTheWay: checkpoint == .readerInTheWay)
  }

  /// After the commit: a fault here takes nothing back.
  private func closeWithoutLog(_ database: DatabaseFile) throws(PipelineError) -> DatabaseFile.Checkpoint {
    do {
      let moved = try database.checkpoint(emptying: false)
      // The log goes with the last connection, and its pages while the helper lets go of it. It stays where others have the database open.
      try database.close()
      guard moved == .complete, DatabaseFiles.size(path + "-wal") > 0 else { return moved }
      let again = try DatabaseFile.open(path: path, configuration: configuration), emptied = try again.checkpoint()
      try again.close()
      return emptied
    } catch {
      throw PipelineError(
        error.exit, error.message, details: ["the results are committed and readable; they still stand in \(path)-wal"],
        fix: "free disk space or check the disk, then run again; keep the -wal file beside the database")
    }
  }

  private func writeResults(_ connection: GRDB.Database) throws {
    // `customers` comes last, so that its rows can be made while SQLite is busy with all the rest.
    try ColumnBridge.insert(
      columns.columns, order: publication.customersByID, into: columns.definition, threads: threads, connection
    ) { try writeAllButCustomers(connection) }
  }

  /// Leaves `customers` empty.
  private func writeAllButCustomers(_ connection: GRDB.Database) throws {
    for table in ResultTables.replaced { try Schema.renew(table, connection, path: path) }
    let definition = columns.definition, published = columns.columns.map(\.name)
    let log = ChangeLog(
      connection: connection, day: publication.asOf, customers: publication.customers, customersByID: publication.customersByID)
    try log.write(trackedColumnNames.filter { published.contains($0) })
    try Schema.renew(definition, connection, path: path)
    let views = Views.all(
      customers: definition, currency: publication.currency, fractionDigits: publication.fractionDigits,
      picks: publication.dated.models?.mayDecide ?? true)
    for view in views { try Schema.renew(view, connection, path: path) }
    for name in Views.conditional where !views.contains(where: { $0.name == name }) { try Schema.removeView(name, connection) }
    let rows = RowWriters(connection: connection, publication: publication)
    try rows.writeAll(customers: definition, views: views, finishedAt: Int64(time(nil)))
  }

  /// `customers` and `segments` hold the newest published day only.
  private func refuseOlderDay(_ connection: GRDB.Database) throws {
    guard let newest = try String.fetchOne(connection, sql: "SELECT max(as_of) FROM main.publication"),
      newest > publication.asOf.description
    else { return }
    throw PipelineError(
      .usage,
      "results database \(path): as of \(newest) is published already; \(publication.asOf) is older and would replace newer results",
      fix: "publish \(newest) or a later day; the dated tables as of \(publication.asOf) are written by: holdfast backfill PIPELINE --from "
        + "\(publication.asOf) --to \(publication.asOf)")
  }

  private func report(isReaderInTheWay: Bool) -> PublishReport {
    PublishReport(
      customers: publication.customers.rowCount, databaseBytes: DatabaseFiles.size(path), isReaderInTheWay: isReaderInTheWay)
  }
}
