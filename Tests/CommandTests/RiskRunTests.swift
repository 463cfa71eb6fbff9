import Foundation
import TestSupport
import Testing

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// The model that `churn_risk` is by, from dumps to the database.
@Suite(.timeLimit(.minutes(15))) struct `The risk that value.risk asks for` {
  private let night: Night

  init() throws { night = try Night(rows: 100) }

  private func sql(_ query: String, _ place: String = "a") throws -> [String] {
    let result = try Holdfast.shell("sqlite3 '\(place)/out.sqlite' \"\(query)\"", in: night.folder)
    try #require(result.status == 0, "\(result.errors)")
    return result.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// - Parameter value: of the section `value`, after a comma.
  private func write(_ dumps: String, _ value: String, asOf: String = "latest", columns: String = "", mapping: String = "") throws {
    let yaml = """
      name: shop
      as_of: \(asOf)
      feeds: {transactions: {dumps: ['\(dumps)'], settle: 0, rejects: {rows_max: 100000}\(mapping)}}
      value: {margin: 1\(value)}
      publish: {columns: [customer_id, churn_risk, clv_minor, value_tier, lifecycle_stage, risk_reason_1\(columns)]}

      """
    try night.write("shop.yaml", yaml)
  }

  private func writeCDs(_ value: String, columns: String = "") throws {
    try write(
      root + "/fixtures/cdnow/*.csv.gz", value, asOf: "1997-12-31", columns: columns,
      mapping: ", columns: {discount: null, cost: null, category: null, channel: null, kind: null}")
  }

  @Test func `is the learned one on CDNOW, where a backtest finds it closer, with its reasons, and stage by stage too`() throws {
    try writeCDs(", risk: auto")
    let run = try night.run("run", "a", pipeline: "shop.yaml")
    #expect(run.errors.contains("churn_risk is by churn_logistic: it is closer to who left: Brier 0.11"), "\(run.errors)")
    #expect(run.output.contains("\nRisk        churn_risk is by churn_logistic: it is closer to who left: Brier"))
    #expect(run.output.contains("\nCall first  "))
    #expect(
      try sql("SELECT model, risk_status, risk_trial ->> 'origin', risk_trial ->> 'beats_baselines' FROM models ORDER BY 1") == [
        "bg_nbd|loser|1997-10-02|1", "churn_logistic|winner|1997-10-02|1", "gamma_gamma|||",
      ])
    let page = try Holdfast.finish(night.process("explain", "a", ["00004"], pipeline: "shop.yaml"))
    #expect(
      page.output.contains("churn_logistic, since it is") && page.output.contains("learned from 23,570"), "\(page.errors)\(page.output)")
    try night.run("extract", "b", pipeline: "shop.yaml")
    for stage in ["transform", "score", "publish"] { try night.run(stage, "b", pipeline: "shop.yaml") }
    #expect(
      Results.differences(try night.tables("a", without: ["fit_reason"]), try night.tables("b", without: ["fit_reason"])) == ["loads"])
    // The same as the column of its own, whose reasons it has.
    try writeCDs(", risk: learned", columns: ", churn_risk_learned, churn_reason_1")
    let named = try night.run("run", "b", pipeline: "shop.yaml")
    #expect(named.output.contains("churn_risk is by churn_logistic: value.risk names it"))
    #expect(
      try sql("SELECT count(*), sum(churn_risk = churn_risk_learned), sum(risk_reason_1 = churn_reason_1) FROM customers", "b")
        == ["23570|23570|23570"])
    #expect(try sql("SELECT model FROM models WHERE risk_status = 'named'", "b") == ["churn_logistic"])
    let risks = "SELECT sum(churn_risk) FROM customers"
    #expect(try sql(risks) == sql(risks, "b"))
  }

  @Test func `is that of purchases where the customers buy and leave as it says`() throws {
    let made = try Holdfast.shell("holdfast generate g --model bg-nbd --customers 4000 --months 18 --seed 2", in: night.folder)
    #expect(made.status == 0)
    try write("g/*.csv.gz", ", risk: auto")
    let run = try night.run("run", "a", pipeline: "shop.yaml")
    #expect(run.output.contains("churn_risk is by bg_nbd: the learned model is not closer"))
    #expect(
      try sql("SELECT model, risk_status, status FROM models WHERE risk_status <> '' ORDER BY 1") == [
        "bg_nbd|winner|named", "churn_logistic|loser|named",
      ])
    let all = "SELECT group_concat(churn_risk || risk_reason_1) FROM customers", chosen = try sql(all)
    try write("g/*.csv.gz", "")
    try night.run("run", "a", pipeline: "shop.yaml")
    #expect(try sql(all) == chosen)
    #expect(try sql("SELECT model, risk_status, risk_trial FROM models WHERE risk_status <> ''") == ["bg_nbd|named|"])
  }

  @Test func `is the learned one where that of purchases is worse than a simple rule, and customers are picked by it`() throws {
    // Half of the customers buy in one quarter of 90 days, half in the next: who bought lately will not, and who has not will.
    var random = Seeded(5), rows = "transaction_id,customer_id,occurred_at,amount\n", count = 0
    let start = Date(timeIntervalSince1970: 1_672_531_200), style = Date.ISO8601FormatStyle().year().month().day()
    for customer in 0..<800 {
      for day in 0..<450 where random.next() % 1000 < ((day / 90 + customer) % 2 == 0 ? 30 : 2) {
        count += 1
        let date = start.addingTimeInterval(Double(day) * 86_400).formatted(style)
        rows += "t\(count),c\(customer),\(date),\(10 + random.next() % 40).00\n"
      }
    }
    try night.write("seasons.csv", rows)
    let mapping = ", columns: {discount: null, cost: null, category: null, channel: null, kind: null}"
    try write("seasons.csv", ", risk: auto", asOf: "2024-03-25", mapping: mapping)
    let run = try night.run("run", "a", pipeline: "shop.yaml")
    let reason = "the model of purchases does not beat the baselines ("
    #expect(run.errors.contains("churn_risk is by churn_logistic: \(reason)"), "\(run.errors)")
    #expect(run.output.contains("\nRisk        churn_risk is by churn_logistic: the model of purchases does not\n"), "\(run.output)")
    #expect(!run.errors.contains("nobody is picked by it"))
    #expect(
      try sql(
        "SELECT model, risk_status, risk_trial ->> 'beats_baselines', risk_trial ->> 'reason' LIKE '\(reason)%' FROM models WHERE risk_status <> '' ORDER BY 1"
      ) == ["bg_nbd|loser|0|", "churn_logistic|winner|1|1"])
    // Those of the list are the ones whose quarter is over, and the page names its first ten.
    let list = try sql("SELECT customer_id FROM v_at_risk"), named = run.output.components(separatedBy: "\nCall first  ").last ?? ""
    let first = named.split(separator: "\n").filter { $0.hasPrefix("c") && !$0.hasPrefix("customer") }.prefix(10)
    #expect(list.count > 100 && first.map { String($0.prefix { $0 != " " }) } == Array(list.prefix(10)), "\(list.prefix(10)), \(named)")
    #expect(list.prefix(10).allSatisfy { Int($0.dropFirst())! % 2 == 0 })
  }

  @Test func `picks nobody where neither is better than a simple rule`() throws {
    // Everybody buys on any day with the same chance: there is nothing to know.
    var random = Seeded(3), rows = "transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind\n", count = 0
    for customer in 0..<800 {
      for day in 0..<420 where day == customer % 20 || random.next() % 1000 < 12 {
        count += 1
        let (month, date) = (day / 28 + 1, day % 28 + 1)
        let text = "\(2023 + (month - 1) / 12)-\((month - 1) % 12 < 9 ? "0" : "")\((month - 1) % 12 + 1)-\(date < 10 ? "0" : "")\(date)"
        rows += "t\(count),c\(customer),\(text)T10:00:00Z,\(10 + random.next() % 40).00,0.00,1.00,books,web,purchase\n"
      }
    }
    try night.write("alike.csv", rows)
    try write("alike.csv", ", risk: auto")
    let run = try night.run("run", "a", pipeline: "shop.yaml")
    #expect(run.errors.contains("nobody is picked by it"), "\(run.errors)")
    #expect(!run.output.contains("\nCall first  "))
    #expect(try sql("SELECT risk_trial ->> 'beats_baselines' FROM models WHERE risk_status <> '' ORDER BY 1") == ["0", "0"])
    #expect(
      try sql(
        "SELECT model LIKE 'churn%', risk_trial ->> 'reason' LIKE 'the learned model does not beat%' FROM models WHERE risk_status = 'winner'"
      )
        == ["0|1"])
    #expect(try sql("SELECT count(*) FROM v_at_risk") == ["0"])
    try write("alike.csv", "")
    try night.run("run", "a", pipeline: "shop.yaml")
    #expect(try sql("SELECT count(*) > 0 FROM v_at_risk") == ["1"], "who asks for no backtest gets the list")
  }

  @Test func `stays with purchases where there is no past to learn from, and a fit that is kept was asked for the same`() throws {
    try writeCDs(", risk: auto, fit: weekly")
    let early = try night.run("run", "a", ["--as-of", "1997-02-20"], pipeline: "shop.yaml")
    #expect(early.output.contains("churn_risk is by bg_nbd: nothing could be learned"))
    #expect(try sql("SELECT count(*) = count(churn_risk) FROM customers") == ["1"])
    let later = try night.run("run", "a", ["--as-of", "1997-02-22"], pipeline: "shop.yaml")
    #expect(later.output.contains("kept: the newest fit is 2 days old"))
    try writeCDs(", risk: learned, fit: weekly")
    let other = try night.run("run", "a", ["--as-of", "1997-02-23"], pipeline: "shop.yaml")
    #expect(other.output.contains("fitted anew: there is no earlier fit that serves"))
    #expect(
      other.errors.contains("churn_logistic: too little to learn from")
        && other.errors.contains("churn_logistic: churn_risk is by the model of purchases"))
    #expect(try sql("SELECT model FROM models WHERE as_of = '1997-02-23' AND risk_status = 'named'") == ["bg_nbd"])
    try night.run("backfill", "a", ["--database", "a/out.sqlite", "--from", "1997-02-21"], pipeline: "shop.yaml")
    #expect(try sql("SELECT count(*) FROM drift WHERE \\\"column\\\" = 'churn_risk' AND as_of = '1997-02-21'") == ["0"])
    let wrong = try Holdfast.shell("sed 's/risk: learned/risk: lerned/' shop.yaml > x.yaml; holdfast run x.yaml", in: night.folder)
    #expect(wrong.status == 78 && wrong.errors.contains("found 'lerned'; did you mean 'learned'?"), "\(wrong.errors)")
  }
}
