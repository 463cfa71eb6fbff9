import Foundation
import Testing

/// 30 nights in a row with late rows: the tenth is run twice, the fifth is left out and filled in at the end.
@Suite struct `Thirty nights` {
  @Test func `hold their identities, equal what each day gives alone, and can be replayed and undone`() throws {
    let nights = try Nights()
    for number in 1...30 where number != 5 {
      try nights.run(number)
      if number == 10 {
        try nights.bringLateRows(number)
        try nights.run(number)
      }
    }
    #expect(try nights.truths() == 29)
    try nights.check()
    try nights.backfill(5, expecting: "2024-12-06")
    try nights.check()
    // The tenth once more, now with every row that came since.
    try nights.backfill(10, expecting: "2024-12-11")
    #expect(try nights.truths() == 30)
    try nights.check()
  }
}

/// A shop whose rows arrive night by night in `dumps`. Beside the database of the nights, `truth.sqlite` keeps what every day gives alone:
/// in a state and a database of its own, made from the dumps that were there when the day was last computed.
private final class Nights {
  private let folder = NSTemporaryDirectory() + "holdfast-nights-" + UUID().uuidString
  private static let header = "transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind\n"
  private static let dated = ["churn_metrics", "cohorts", "segment_history", "models"]
  /// Rows of the dumps to come, by night; those before the first are night 0's.
  private var rows: [Int: [String]] = [:]
  private var arrived = 0

  init() throws {
    try FileManager.default.createDirectory(atPath: folder + "/dumps", withIntermediateDirectories: true)
    try write("nights.yaml", "name: nights\nfeeds: {transactions: {dumps: [\"dumps/*.csv\"], settle: 0, rejects: {rows_max: 1000000}}}\n")
    let made = try shell("holdfast generate all --rows 6000 --customers 500 --files 1 --months 24 --level 1 && zcat all/*.gz | tail -n +2")
    for line in made.split(separator: "\n").map(String.init) {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      let day = fields.count > 2 ? String(fields[2].prefix(10)) : ""
      let night = (1...30).first { day == Self.day($0) } ?? 0
      // Every fifth row of a night is one to four nights late.
      let late = night > 0 && line.utf8.reduce(0, { $0 &+ Int($1) }) % 5 == 0 ? 1 + line.utf8.count % 4 : 0
      rows[min(night + late, 31), default: []].append(line)
    }
    try write("dumps/night-00.csv", Self.header + (rows[0] ?? []).joined(separator: "\n") + "\n")
  }

  /// The columns that `segment_changes` follows.
  private static let kinds = ["lifecycle_stage", "rfm_segment", "value_tier"]

  private static func values(_ customers: String) -> String {
    kinds.map { "SELECT '\($0)' AS kind, customer_id, \($0) AS value FROM \(customers)" }.joined(separator: " UNION ALL ")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private static func day(_ night: Int) -> String { night == 30 ? "2024-12-31" : "2024-12-" + (night < 9 ? "0" : "") + "\(night + 1)" }

  private func write(_ name: String, _ text: String) throws {
    try text.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
  }

  @discardableResult
  private func shell(_ line: String) throws -> String {
    let result = try Holdfast.shell(line, in: folder)
    try #require(result.status == 0, "\(line.prefix(200)): \(result.errors)")
    return result.output
  }

  /// The night's dump, and those of the nights since the last one that ran.
  func run(_ night: Int) throws {
    for number in arrived...night where number > arrived {
      try write("dumps/night-\(number).csv", Self.header + (rows[number] ?? []).map { $0 + "\n" }.joined())
    }
    arrived = max(arrived, night)
    try shell("holdfast run nights.yaml --state state --database out.sqlite --as-of \(Self.day(night)) --quiet")
    try keepTruth(night)
  }

  /// What should have come with the next two nights comes now.
  func bringLateRows(_ night: Int) throws {
    let late = (rows[night + 1] ?? []) + (rows[night + 2] ?? [])
    let due = late.filter { $0.contains("," + Self.day(night - 1) + "T") || $0.contains("," + Self.day(night) + "T") }
    try #require(!due.isEmpty)
    try write("dumps/night-\(night)-late.csv", Self.header + due.map { $0 + "\n" }.joined())
  }

  func backfill(_ night: Int, expecting day: String) throws {
    let output = try shell(
      "holdfast backfill nights.yaml --state state --database out.sqlite --from \(Self.day(night)) --to \(Self.day(night)) --quiet")
    #expect(output.hasPrefix(day + "  "))
    try keepTruth(night)
  }

  /// The day computed by itself, into `truth.sqlite`.
  private func keepTruth(_ night: Int) throws {
    let day = Self.day(night)
    let copies = (Self.dated + ["state"]).map { table in
      let source = table == "state" ? "(SELECT '\(day)' AS as_of, * FROM (\(Self.values("alone.customers"))))" : "alone.\(table)"
      return """
        CREATE TABLE IF NOT EXISTS \(table) AS SELECT * FROM \(source) WHERE 0;
        DELETE FROM \(table) WHERE as_of = '\(day)'; INSERT INTO \(table) SELECT * FROM \(source);
        """
    }
    try write("keep.sql", "ATTACH 'alone.sqlite' AS alone;\n" + copies.joined(separator: "\n"))
    try shell(
      """
      rm -rf alone alone.sqlite
      holdfast run nights.yaml --state alone --database alone.sqlite --as-of \(day) --quiet >/dev/null && sqlite3 truth.sqlite < keep.sql
      """)
  }

  /// How many days there are.
  func truths() throws -> Int {
    Int(try shell("sqlite3 truth.sqlite 'SELECT count(DISTINCT as_of) FROM segment_history'").trimmingCharacters(in: .newlines)) ?? 0
  }

  /// Every statement finds what is wrong, so each must find nothing.
  func check() throws {
    var checks = Self.dated.flatMap { table in
      [("out", "main"), ("main", "out")].map { "SELECT * FROM \($0).\(table) EXCEPT SELECT * FROM \($1).\(table)" }
    }
    checks += [
      // Identities.
      "SELECT * FROM out.churn_metrics WHERE opening_customers + new_customers + regained_customers - lost_customers <> closing_customers",
      """
      SELECT * FROM (SELECT *, lag(closing_customers, 1, 0) OVER (PARTITION BY as_of ORDER BY month) AS before FROM out.churn_metrics)
      WHERE before <> opening_customers
      """,
      "SELECT * FROM out.churn_metrics WHERE gross_revenue_retention_rate > min(1, net_revenue_retention_rate)",
      "SELECT * FROM out.churn_metrics WHERE false_lost_rate NOT BETWEEN 0 AND 1 OR (false_lost_rate IS NULL) <> (lost_customers = 0)",
      """
      SELECT m.as_of, month, new_customers, c.customers FROM out.churn_metrics m LEFT JOIN out.cohorts c
      ON c.as_of = m.as_of AND cohort_month = month AND age_months = 0 WHERE new_customers <> coalesce(c.customers, 0)
      """,
      "SELECT * FROM out.cohorts WHERE age_months = 0 AND customers <> cohort_customers",
      // From the first day on, and from the last day back.
      "\(Self.days) \(Self.replayed) EXCEPT \(Self.known)", "\(Self.days) \(Self.known) EXCEPT \(Self.replayed)",
      "\(Self.days) \(Self.undone) EXCEPT \(Self.known)", "\(Self.days) \(Self.known) EXCEPT \(Self.undone)",
      "SELECT * FROM out.segment_changes WHERE from_value IS to_value",
      // It would all hold if nothing ever changed.
      "SELECT 'few changes' WHERE (SELECT count(DISTINCT as_of) FROM out.segment_changes) < 20",
      "SELECT 'no loss was false' WHERE (SELECT max(false_lost_rate) FROM out.churn_metrics) = 0",
    ]
    let indexed = """
      ATTACH 'out.sqlite' AS out;
      CREATE TEMP TABLE changes AS SELECT * FROM out.segment_changes; CREATE INDEX temp.a ON changes (kind, customer_id, as_of);
      CREATE TEMP TABLE states AS SELECT * FROM main.state; CREATE INDEX temp.b ON states (kind, customer_id, as_of);
      CREATE TEMP TABLE published AS \(Self.values("out.customers")); CREATE INDEX temp.c ON published (kind, customer_id);

      """
    try write("check.sql", indexed + checks.map { $0 + " LIMIT 3;\n" }.joined())
    #expect(try shell("sqlite3 -header truth.sqlite < check.sql") == "")
  }

  private static let days = "WITH days AS (SELECT DISTINCT as_of FROM main.segment_history)"
  private static let known = "SELECT as_of, kind, customer_id, value FROM states WHERE value IS NOT NULL"
  /// Every day's state: the first day's, and the newest change up to that day.
  private static let replayed = state(
    "c.as_of <= d.as_of ORDER BY c.as_of DESC", changed: "to_value",
    otherwise:
      "SELECT value FROM states s WHERE s.kind = i.kind AND s.customer_id = i.customer_id AND as_of = (SELECT min(as_of) FROM days)")
  /// The same from what is published now, with all later changes undone.
  private static let undone = state(
    "c.as_of > d.as_of ORDER BY c.as_of", changed: "from_value",
    otherwise: "SELECT value FROM published s WHERE s.kind = i.kind AND s.customer_id = i.customer_id")

  private static func state(_ nearest: String, changed: String, otherwise: String) -> String {
    let change = "FROM changes c WHERE c.kind = i.kind AND c.customer_id = i.customer_id AND \(nearest) LIMIT 1"
    return """
      SELECT * FROM (
        SELECT d.as_of, i.kind, i.customer_id,
          CASE WHEN EXISTS (SELECT 1 \(change)) THEN (SELECT \(changed) \(change)) ELSE (\(otherwise)) END AS value
        FROM days d, (SELECT DISTINCT kind, customer_id FROM states) i) WHERE value IS NOT NULL
      """
  }
}
