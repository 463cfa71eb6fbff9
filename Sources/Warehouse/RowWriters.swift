import Columns
import Events
import GRDB

import struct Foundation.Data

/// Everything but `customers`: few rows, bound one by one. The tables of `ResultTables.replaced` are empty before.
struct RowWriters {
  let connection: GRDB.Database
  let publication: Publication

  func writeAll(customers: TableDefinition, views: [TableDefinition], finishedAt: Int64) throws {
    try writePublication()
    try writeRun(finishedAt: finishedAt)
    try writeLoads()
    try writeRejects()
    try writeConflicts()
    try writeChecks()
    try writeSegments()
    try DatedRows(connection, publication.dated).write()
    try writeDictionary(ResultTables.kept + ResultTables.replaced + [customers] + views)
  }

  private func writePublication() throws {
    try connection.execute(sql: "DELETE FROM main.publication")
    try insert(
      ResultTables.publication,
      [
        [
          publication.asOf.description, publication.currency, publication.fractionDigits, publication.timeZone,
          publication.customers.rowCount,
        ]
      ])
  }

  private func writeRun(finishedAt: Int64) throws {
    func sum(_ count: KeyPath<LoadRecord, Int64>) -> Int64 { publication.loads.reduce(0) { $0 &+ $1[keyPath: count] } }
    try connection.execute(sql: "DELETE FROM main.runs WHERE run_id = ?", arguments: [publication.runID])
    try insert(
      ResultTables.runs,
      [
        [
          publication.runID, timestamp(publication.startedAt), timestamp(finishedAt), publication.asOf.description, publication.pipeline,
          publication.pipelineSHA256, "published", sum(\.rowsRead), sum(\.rowsLoaded), sum(\.rowsRejected), sum(\.rowsDuplicate),
          sum(\.rowsFiltered), publication.customers.rowCount,
        ]
      ])
  }

  private func writeLoads() throws {
    try insert(
      ResultTables.loads,
      publication.loads.lazy.map { load in
        [
          load.feed, load.path, load.sha256, load.fileBytes, load.textBytes, load.rowsRead, load.rowsLoaded, load.rowsRejected,
          load.rowsDuplicate, load.rowsFiltered, load.firstEventAt.map(timestamp), load.lastEventAt.map(timestamp), load.runID,
        ]
      })
  }

  private func writeRejects() throws {
    try insert(
      ResultTables.rejects,
      publication.rejects.lazy.map { record in
        [
          record.feed, record.path, record.sha256, record.reject.line, record.reject.byteOffset, record.reject.column, record.reject.reason,
          Data(record.reject.raw),
        ]
      })
  }

  private func writeConflicts() throws {
    try insert(
      ResultTables.conflicts,
      publication.conflicts.lazy.map { [$0.feed, $0.sha256, $0.line, $0.keptSHA256, $0.keptLine, $0.differs] })
  }

  private func writeChecks() throws {
    try connection.execute(sql: "DELETE FROM main.checks WHERE run_id = ?", arguments: [publication.runID])
    try insert(
      ResultTables.checks,
      publication.checks.lazy.map {
        [publication.runID, publication.asOf.description, $0.name, $0.severity, $0.expected, $0.found, $0.passed ? 1 : 0]
      })
  }

  private func writeSegments() throws {
    try insert(ResultTables.segments, DatedRows.segmentRows(publication.dated.segments, day: publication.asOf.description))
  }

  private func writeDictionary(_ tables: [TableDefinition]) throws {
    for table in tables {
      try insert(
        ResultTables.dataDictionary,
        table.fields.enumerated().lazy.map { position, field in
          let definition = field.definition
          return [table.name, definition.name, position + 1, field.type, definition.unit, definition.meaning, definition.nullWhen]
        })
    }
  }

  func insert(_ table: TableDefinition, _ rows: some Sequence<[(any DatabaseValueConvertible)?]>) throws {
    let statement = try connection.cachedStatement(sql: table.insertSQL)
    for row in rows {
      // As many values as columns: no need to ask SQLite for every row.
      statement.setUncheckedArguments(StatementArguments(row))
      try statement.execute()
    }
  }
}

/// ISO 8601, UTC, to the second.
func timestamp(_ seconds: Int64) -> String {
  let clamped = min(max(seconds, -62_167_219_200), 253_402_300_799)
  let day = clamped >= 0 ? clamped / 86_400 : (clamped - 86_399) / 86_400
  let second = Int(clamped - day * 86_400)
  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  return "\(Day(Int32(day)))T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
}
