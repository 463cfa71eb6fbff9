import Columns
import Databases
import GRDB

/// What stands in a results database, for `status`.
package struct ResultsStatus: Sendable, Hashable {
  package struct Newest: Sendable, Hashable {
    package var asOf: Day
    package var currency: String
    package var fractionDigits: Int
    package var timeZone: String
    package var customers: Int64
  }

  package struct Run: Sendable, Hashable {
    package var runID: String
    /// ISO 8601, UTC.
    package var startedAt: String
    package var finishedAt: String
    package var asOf: String
    package var pipeline: String
    package var pipelineSHA256: String
    package var status: String
    package var rowsRead: Int64
    package var rowsLoaded: Int64
    package var rowsRejected: Int64
    package var rowsDuplicate: Int64
    package var rowsFiltered: Int64
    package var customers: Int64
  }

  /// nil: nothing was published yet.
  package var newest: Newest?
  /// The newest first.
  package var runs: [Run]
  package var databaseBytes: Int64

  /// - Throws: 66 where there is no database, 65 for a damaged, newer or foreign one.
  package static func read(path: String, runsMax: Int = 10) throws(PipelineError) -> ResultsStatus {
    let database = try DatabaseFile.open(path: path, configuration: Schema.configuration(isReadOnly: true))
    let status = try database.read { connection in
      _ = try database.pendingMigrations(connection, Schema.migrations)
      return ResultsStatus(
        newest: try Row.fetchOne(connection, sql: "SELECT * FROM publication").flatMap(Newest.init),
        runs: try Row.fetchAll(connection, sql: "SELECT * FROM runs ORDER BY finished_at DESC, run_id DESC LIMIT ?", arguments: [runsMax])
          .map(Run.init),
        databaseBytes: DatabaseFiles.size(path))
    }
    try database.close()
    return status
  }

  /// `quick_check` of the whole file: one line a problem; empty: sound.
  package static func problems(path: String) throws(PipelineError) -> [String] {
    let database = try DatabaseFile.open(path: path, configuration: Schema.configuration(isReadOnly: true))
    let problems = try database.problems()
    try database.close()
    return problems
  }
}

extension ResultsStatus.Newest {
  fileprivate init?(_ row: Row) {
    guard let text: String = row["as_of"], let day = Day(text) else { return nil }
    self.init(
      asOf: day, currency: row["currency"] ?? "", fractionDigits: row["fraction_digits"] ?? 0, timeZone: row["time_zone"] ?? "",
      customers: row["customers"] ?? 0)
  }
}

extension ResultsStatus.Run {
  fileprivate init(_ row: Row) {
    func text(_ name: String) -> String { row[name] ?? "" }
    func count(_ name: String) -> Int64 { row[name] ?? 0 }
    self.init(
      runID: text("run_id"), startedAt: text("started_at"), finishedAt: text("finished_at"), asOf: text("as_of"),
      pipeline: text("pipeline"),
      pipelineSHA256: text("pipeline_sha256"), status: text("status"), rowsRead: count("rows_read"), rowsLoaded: count("rows_loaded"),
      rowsRejected: count("rows_rejected"), rowsDuplicate: count("rows_duplicate"), rowsFiltered: count("rows_filtered"),
      customers: count("customers"))
  }
}
