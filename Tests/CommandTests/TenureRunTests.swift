import Foundation
import Testing

/// `churn.tenure` from pipeline file to tables.
@Suite(.timeLimit(.minutes(15))) struct `Tenures, as published` {
  private static func pipeline(_ tenure: String) -> String {
    Night.pipeline(buckets: 64) + "churn: {horizon: 90d, tenure: \(tenure)}\npublish: {columns: [customer_id, rfm_segment]}\n"
  }

  private func sql(_ night: Night, _ place: String, _ query: String) throws -> String {
    try Holdfast.shell("sqlite3 '\(place)/out.sqlite' \"\(query)\"", in: night.folder).output
  }

  private static let tables = ["tenure_curves", "tenure_groups", "churn_drivers"]

  @Test func `curves, tests and drivers arrive, as one run or stage by stage, and another day leaves them alone`() throws {
    let night = try Night(rows: 12_000)
    try night.write("tenure.yaml", Self.pipeline("drivers"))
    let text = try night.run("run", "a", ["--quiet", "--as-of", "2024-10-01"], pipeline: "tenure.yaml").output
    #expect(text.contains("\nTenure      ") && text.split(separator: "\n").filter { $0.hasPrefix("Tenure") }.allSatisfy { $0.count <= 80 })
    #expect(
      try sql(night, "a", "SELECT DISTINCT grouping FROM tenure_curves ORDER BY 1")
        == "acquisition_quarter\nall\nfirst_category\nfirst_channel\n")
    let lost =
      "SELECT count(*) FROM tenure_groups g WHERE lost_customers <> (SELECT sum(lost_customers) FROM tenure_curves c "
      + "WHERE c.grouping = g.grouping AND c.group_value = g.group_value) OR NOT log_rank_p BETWEEN 0 AND 1"
    #expect(try sql(night, "a", lost) == "0\n")
    // Who is lost for the first time is lost in churn_metrics, too.
    let both =
      "SELECT lost_customers <= (SELECT sum(lost_customers) FROM churn_metrics), customers FROM tenure_groups WHERE grouping = 'all'"
    #expect(try sql(night, "a", both).hasPrefix("1|"))
    #expect(
      try sql(
        night, "a", "SELECT count(*) > 5, min(hazard_ratio_low < hazard_ratio AND hazard_ratio < hazard_ratio_high) FROM churn_drivers")
        == "1|1\n")
    var expected: [String] = []
    for table in Self.tables { expected.append(try sql(night, "a", "SELECT * FROM \(table)")) }
    _ = try night.run("run", "a", ["--quiet", "--as-of", "2024-10-02"], pipeline: "tenure.yaml")
    for (table, rows) in zip(Self.tables, expected) {
      #expect(try sql(night, "a", "SELECT * FROM \(table) WHERE as_of = '2024-10-01'") == rows, "\(table)")
    }
    try night.run("extract", "b", ["--quiet"], pipeline: "tenure.yaml")
    for stage in ["transform", "score", "publish"] {
      try night.run(stage, "b", ["--quiet", "--as-of", "2024-10-01"], pipeline: "tenure.yaml")
    }
    for (table, rows) in zip(Self.tables, expected) { #expect(try sql(night, "b", "SELECT * FROM \(table)") == rows, "\(table)") }
    // Features that were left without them: what to do is said.
    try night.write("without.yaml", Self.pipeline("none"))
    try night.run("transform", "b", ["--quiet", "--as-of", "2024-10-01"], pipeline: "without.yaml")
    let refused = try Holdfast.finish(night.process("publish", "b", ["--as-of", "2024-10-01"], pipeline: "tenure.yaml"))
    #expect(refused.status == 66 && refused.errors.contains("holdfast transform tenure.yaml --as-of 2024-10-01"), "\(refused.errors)")
  }

  @Test func `nobody who does not ask gets any; where the dumps name no channel the log says so`() throws {
    let night = try Night(rows: 3000)
    try night.write("none.yaml", Self.pipeline("none"))
    #expect(!(try night.run("run", "a", [], pipeline: "none.yaml")).output.contains("\nTenure"))
    for table in Self.tables { #expect(try sql(night, "a", "SELECT count(*) FROM \(table)") == "0\n") }
    try night.write("curves.yaml", Self.pipeline("curves").replacing("settle: 0", with: "settle: 0, columns: {channel: null}"))
    let result = try night.run("run", "b", [], pipeline: "curves.yaml")
    #expect(result.errors.contains("notice: no tenure curves by first_channel: no first purchase names a channel"), "\(result.errors)")
    #expect(try sql(night, "b", "SELECT group_concat(DISTINCT grouping) FROM tenure_groups") == "acquisition_quarter,all,first_category\n")
    #expect(try sql(night, "b", "SELECT count(*) FROM churn_drivers") == "0\n")
  }
}
