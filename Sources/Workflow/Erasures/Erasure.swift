import Columns

/// What `erase` found of a customer and took away; nothing of it names him.
struct Erasure: Encodable {
  struct Table: Encodable {
    var table: String
    var rows: Int64
  }
  /// A dump that still holds him; it is not touched.
  struct Dump: Encodable {
    var path: String
    /// Rows that name him; nil: it can not be read.
    var rows: Int?
    var problem: String?
  }
  var dryRun: Bool
  var erasedBefore: Bool
  /// Of the event store.
  var events: Int
  var rejects: Int
  var database: String
  var tables: [Table] = []
  /// Artifacts of transform and score, which can be computed again.
  var artifacts: [String] = []
  /// Records of runs whose errors quoted him.
  var records: [String] = []
  var dumps: [Dump] = []
  /// The published day, where the newest transaction left is older: `as_of: latest` lies before it until newer ones come.
  var publishedAheadOfEvents: String?

  /// Whether he was met anywhere.
  var isKnown: Bool {
    erasedBefore || events > 0 || rejects > 0 || !tables.isEmpty || !artifacts.isEmpty || !records.isEmpty
      || dumps.contains { $0.rows ?? 0 > 0 }
  }
}

enum ErasureText {
  static func text(_ facts: Erasure) -> String {
    var lines = [facts.dryRun ? "Would erase (nothing is changed)" : "Erased"]
    func add(_ what: String, _ count: Int, _ one: String, _ many: String) {
      lines.append("  " + PageText.atLeft(what, 15) + "\(PageText.grouped(Int64(count))) \(count == 1 ? one : many)")
    }
    add("event store", facts.events, "row", "rows")
    add("rejects", facts.rejects, "row", "rows")
    for table in facts.tables { add(table.table, Int(table.rows), "row of the results database", "rows of the results database") }
    let removed = facts.dryRun ? "would be removed" : "removed"
    for path in facts.artifacts { lines.append("  \(path): \(removed); transform and score make it anew") }
    for path in facts.records { lines.append("  \(path): \(facts.dryRun ? "would lose" : "lost") what it quoted of him") }
    lines += dumps(facts)
    if facts.dryRun { return joined(lines) }
    lines.append("A keyed hash of the id is kept: rows of later dumps that name him are filtered.")
    lines.append("Counts and sums over all customers stay as published until the next run.")
    if let day = facts.publishedAheadOfEvents {
      lines.append("The newest transaction was his: until a newer one comes, run with --as-of \(day), the published day.")
    }
    return joined(lines)
  }

  private static func dumps(_ facts: Erasure) -> [String] {
    let holding = facts.dumps.filter { $0.rows ?? 0 > 0 }, unread = facts.dumps.filter { $0.rows == nil }
    var lines: [String] = []
    if holding.isEmpty && unread.isEmpty { lines.append("No dump on disk holds him.") }
    if !holding.isEmpty { lines.append("Dumps that still hold him, which are not touched:") }
    for dump in holding { lines.append("  \(dump.path): \(dump.rows == 1 ? "1 row" : "\(PageText.grouped(Int64(dump.rows ?? 0))) rows")") }
    if !unread.isEmpty { lines.append("Dumps that can not be read, so that nobody knows:") }
    for dump in unread { lines.append("  \(dump.path): \(dump.problem ?? "")") }
    return lines
  }

  private static func joined(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }
}
