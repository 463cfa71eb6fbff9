import Columns
import Dumps
import Events
import Foundation
import GRDB
import Metrics
import Scores
import Warehouse

typealias Column = Columns.Column
typealias Table = Columns.Table

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString)").path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A database in a folder that is still to be made.
  var database: String { path + "/output/results.sqlite" }
}

enum Sample {
  static let load = LoadRecord(
    feed: "transactions", path: "dumps/a.csv.gz", sha256: String(repeating: "a", count: 64), fileBytes: 10, textBytes: 100, rowsRead: 10,
    rowsLoaded: 6, rowsRejected: 1, rowsDuplicate: 2, rowsFiltered: 1, firstEventAt: 0, lastEventAt: 1_700_000_000, runID: "run-1")

  static let reject = RejectRecord(
    feed: "transactions", path: "dumps/a.csv.gz", sha256: load.sha256,
    reject: Reject(line: 3, byteOffset: 47, column: "amount", reason: "expected a number", raw: [0x22, 0, 0xFF, 0x0A]))

  static let conflict = ConflictRecord(
    feed: "transactions", sha256: load.sha256, line: 5, keptSHA256: load.sha256, keptLine: 4, differs: "amount,category")

  static func month(_ month: Int32) -> ChurnMonth {
    var value = ChurnMonth(month: month)
    (value.opening, value.new, value.regained, value.lost, value.closing, value.lostOfOpening) = (10, 4, 1, 3, 12, 2)
    (value.lostForAWhile, value.formerNetMinor, value.retainedNetMinor, value.contractedMinor) = (1, 8000, 6000, 4000)
    (value.active, value.purchases, value.refunds, value.grossMinor, value.netMinor) = (8, 20, 1, 12_345, 12_000)
    return value
  }

  static func segment(_ name: String, customers: Int64) -> SegmentSummary {
    var value = SegmentSummary(segment: name, meaning: "what \(name) do")
    (value.customers, value.purchases, value.grossMinor, value.netMinor) = (customers, customers * 3, customers * 1999, customers * 1500)
    value.daysSinceLastSum = customers * 7
    return value
  }

  /// Customers in the order given, with a column of every kind, every second row NULL where a column may be.
  static func customers(_ ids: [String]) -> Table {
    let count = ids.count
    let numbers = Array(0..<Int64(count))
    let isPresent = numbers.map { $0 % 2 == 0 }
    func sparse<T: ExpressibleByIntegerLiteral>(_ values: [T]) -> [T] { zip(values, isPresent).map { $1 ? $0 : 0 } }
    let days = sparse(numbers.map { Int32($0) - 1 })
    return Table(
      rowCount: count,
      columns: [
        Column(ColumnDefinition("customer_id", .text, "The customer"), .text(TextColumn(ids))),
        Column(ColumnDefinition("purchases", .integer, unit: "count", "Purchases"), .int32(numbers.map { Int32($0) - 3 })),
        Column(ColumnDefinition("net_minor", .integer, unit: "minor", "Net"), .int64(numbers.map { $0 * 1_000_000_007 - 5 })),
        Column(
          ColumnDefinition("refund_share", .real, unit: "share 0…1", "Refunds", nullWhen: "no purchase"),
          .double(sparse(numbers.map { Double($0) / 3 })), isPresent: isPresent),
        Column(ColumnDefinition("last_purchase", .date, "Day", nullWhen: "no purchase"), .int32(days), isPresent: isPresent),
        Column(ColumnDefinition("cohort", .month, "Month"), .int32(numbers.map { 24_300 + Int32($0) })),
        Column(
          ColumnDefinition("city", .text, "City", nullWhen: "unknown"), .text(TextColumn(ids.map { "in " + $0 })), isPresent: isPresent),
        Column(
          ColumnDefinition("segment", .text, "Segment", nullWhen: "none"),
          .code(sparse(numbers.map { UInt16($0 % 3) }), dictionary: ["lost", "", "👑 champions"]), isPresent: isPresent),
      ])
  }

  static func dated(_ asOf: String) -> DatedResults {
    DatedResults(
      asOf: Day(asOf) ?? Day(0), churnMonths: [month(24_299), month(24_300)],
      cohorts: [CohortMonth(cohort: 24_299, age: 1, size: 4, customers: 3, grossMinor: 500, netMinor: 400)],
      segments: [segment("champions", customers: 3), segment("lost", customers: 0)])
  }

  static func publication(_ asOf: String = "2025-01-01", ids: [String] = ["b", "a", "c"], runID: String = "run-1") -> Publication {
    let table = customers(ids)
    return Publication(
      runID: runID, startedAt: 1_735_700_000, pipeline: "sample", pipelineSHA256: "ff", currency: "EUR", fractionDigits: 2,
      timeZone: "UTC", loads: [load], rejects: [reject], conflicts: [conflict], customers: table, customersByID: order(of: ids),
      dated: dated(asOf))
  }

  static func order(of ids: [String]) -> [UInt32] {
    ids.indices.sorted { Array(ids[$0].utf8).lexicographicallyPrecedes(Array(ids[$1].utf8)) }.map(UInt32.init)
  }
}

/// Looks into a results database as anyone would: with no setting of ours.
struct Reader {
  let queue: DatabaseQueue

  init(_ path: String) throws { queue = try DatabaseQueue(path: path) }

  func rows(_ sql: String) throws -> [[DatabaseValue]] {
    try queue.read { try Row.fetchAll($0, sql: sql).map { Array($0.databaseValues) } }
  }

  func texts(_ sql: String) throws -> [String] { try rows(sql).map { $0.map(\.description).joined(separator: "|") } }

  func execute(_ sql: String) throws { try queue.writeWithoutTransaction { try $0.execute(sql: sql) } }
}
