import Columns
import GRDB

/// Keeps `segment_changes`: what leads from the tracked columns of one published day to those of the next, and back again.
///
/// A row holds both values, so the log can be walked both ways: the state of an earlier day is what `customers` holds with all changes of
/// later days undone. A day that is computed again, or filled in between two others, becomes what the next one is compared with, so that
/// one's changes are written anew too.
struct ChangeLog {
  private struct PublishedDay {
    var asOf: String
    var tracked: [String]
  }

  let connection: GRDB.Database
  let day: Day
  /// Of the day, with its scores.
  let customers: Columns.Table
  let customersByID: [UInt32]

  /// Call before `customers` is renewed.
  /// - Parameter names: the tracked columns that the day's state is to be kept of.
  func write(_ names: [String]) throws {
    let name = day.description, days = try publishedDays()
    let former = days.last { $0.asOf < name }, next = days.first { $0.asOf > name }
    let held = days.isEmpty ? [] : try heldColumns()
    /// Whether the log leads from `customers` back to that day.
    func leads(to day: PublishedDay, _ kind: String) -> Bool {
      held.contains(kind) && days.allSatisfy { $0.asOf < day.asOf || $0.tracked.contains(kind) }
    }

    let kinds = names.filter { kind in next.map { leads(to: $0, kind) } ?? true }
    let before = try former.map { former in try states(kinds.filter { leads(to: former, $0) }, former, days) } ?? [:]
    let after = try next.map { try states(kinds, $0, days) } ?? [:]
    for day in [name] + (next.map { [$0.asOf] } ?? []) {
      try connection.execute(sql: "DELETE FROM main.segment_changes WHERE as_of = ?", arguments: [day])
    }
    if !before.isEmpty || !after.isEmpty { try writeChanges(kinds, before, after, next?.asOf) }
    try connection.execute(sql: "DELETE FROM main.published_days WHERE as_of = ?", arguments: [name])
    try connection.execute(sql: ResultTables.publishedDays.insertSQL, arguments: [name, kinds.joined(separator: ",")])
  }

  private func writeChanges(
    _ kinds: [String], _ before: [String: TrackedState], _ after: [String: TrackedState], _ next: String?
  ) throws {
    guard case .text(let ids)? = customers.columns.first?.values else { return }
    let sorted = TrackedState.sorted(ids, customersByID)
    for kind in kinds.sorted() {
      guard let column = customers[kind], before[kind] != nil || after[kind] != nil else { continue }
      let today = try TrackedState(sortedIDs: sorted, column, customersByID)
      if let before = before[kind] { try insert(TrackedChanges(from: before, to: today), day, kind) }
      if let after = after[kind], let next = next.flatMap({ Day($0) }) { try insert(TrackedChanges(from: today, to: after), next, kind) }
    }
  }

  private func insert(_ changes: TrackedChanges, _ day: Day, _ kind: String) throws {
    let columns = changes.columns(asOf: day, kind: kind)
    try ColumnBridge.insert(
      columns, order: (0..<UInt32(changes.from.count)).map { $0 }, into: ResultTables.segmentChanges, threads: 1, connection)
  }

  /// The tracked columns as they were on a published day.
  private func states(_ kinds: [String], _ day: PublishedDay, _ days: [PublishedDay]) throws -> [String: TrackedState] {
    if day.asOf == days.last?.asOf { return try TrackedState.published(kinds, connection) }
    var states: [String: TrackedState] = [:]
    for kind in kinds { states[kind] = try TrackedState.asOf(day.asOf, kind, connection) }
    return states
  }

  /// Columns of `customers`; none where somebody put something else in its place, which `Schema.renew` refuses.
  private func heldColumns() throws -> Set<String> {
    let sql = """
      SELECT name FROM pragma_table_info('customers', 'main')
      WHERE EXISTS (SELECT 1 FROM main.sqlite_schema WHERE name = 'customers' AND type = 'table' AND rootpage > 0)
      """
    return try String.fetchSet(connection, sql: sql)
  }

  private func publishedDays() throws -> [PublishedDay] {
    try Row.fetchAll(connection, sql: "SELECT as_of, tracked FROM main.published_days ORDER BY as_of").map { row in
      let tracked: String = row["tracked"] ?? ""
      return PublishedDay(asOf: row["as_of"] ?? "", tracked: tracked.split(separator: ",").map(String.init))
    }
  }
}
