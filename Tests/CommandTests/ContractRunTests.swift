import Foundation
import Testing

/// Contracts, from generated dumps to the database, a customer's page and a backtest.
@Suite(.timeLimit(.minutes(15))) struct `Contracts by sBG` {
  private let night: Night

  init() throws {
    night = try Night(rows: 100)
    let made = try Holdfast.shell("holdfast generate g --model sbg --customers 4000 --months 18 --seed 4 --level 1", in: night.folder)
    #expect(made.status == 0 && made.output.contains("alive at the end"), "\(made.errors)")
  }

  private func write(_ value: String, dumps: String = "g/*.csv.gz", rest: String = "") throws {
    try night.write(
      "c.yaml",
      """
      name: c
      feeds: {transactions: {dumps: ['\(dumps)'], settle: 0, rejects: {rows_max: 100000}}}
      value: {\(value)}
      \(rest)

      """)
  }

  private func sql(_ query: String, _ place: String = "a") throws -> String {
    let result = try Holdfast.shell("sqlite3 '\(place)/out.sqlite' \"\(query)\"", in: night.folder)
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }

  @Test func `are fitted and scored the same stage by stage, on one thread and seven, and in one bucket`() throws {
    try write("model: sbg")
    let run = try night.run("run", "a", pipeline: "c.yaml")
    #expect(run.output.contains("Purchases   sBG α 0."), "\(run.output)")
    #expect(
      try sql(
        "SELECT abs(parameters ->> 'alpha' - 0.668) < 3 * (parameters ->> 'alpha_se'), abs(parameters ->> 'beta' - 3.806) < 3 * (parameters "
          + "->> 'beta_se'), parameters ->> 'period_days', parameters ->> 'grace_days', parameters ->> 'regular_share' > 0.99, customers "
          + "FROM models WHERE model = 'sbg'") == "1|1|30.4375|10.0|1|4000\n")
    // Of those who live none is as good as gone, and the others are; a due date is in 90 days for all who live.
    #expect(
      try sql(
        "SELECT count(*), sum(p_alive BETWEEN 0 AND 1), sum(churn_risk BETWEEN 0 AND 1), sum(p_alive = 1 AND churn_risk > 0.5), "
          + "sum(days_since_last > 40 AND (p_alive > 0 OR churn_risk < 1 OR clv_minor > 0)), sum(p_alive = 1 AND expected_purchases < 1), "
          + "sum(clv_infinite_minor < clv_minor) FROM customers") == "4000|4000|4000|0|0|0|0\n")
    // As many alive as were drawn alive, but for those whose last payment is not yet due or was late.
    let truth = try Holdfast.shell("gzip -dc g/truth/customers.csv.gz | awk -F, '$8 == 1' | wc -l", in: night.folder).output
    let alive = try #require(Double(truth.trimming(" \n"))),
      own = try #require(Double(try sql("SELECT sum(p_alive) FROM customers").trimming("\n")))
    #expect(abs(own / alive - 1) < 0.02, "\(own), \(alive)")

    try night.run("extract", "b", pipeline: "c.yaml")
    for stage in ["transform", "score", "publish"] { try night.run(stage, "b", ["--threads", "1"], pipeline: "c.yaml") }
    #expect(Results.differences(try night.tables("a", without: ["run_id"]), try night.tables("b", without: ["run_id"])) == [])
    let yaml = try String(contentsOfFile: night.folder + "/c.yaml", encoding: .utf8)
    try night.write("one.yaml", "store: {buckets: 1}\n" + yaml)
    try night.run("run", "c", ["--threads", "7"], pipeline: "one.yaml")
    #expect(Results.differences(try night.tables("a", without: ["run_id"]), try night.tables("c", without: ["run_id"])) == [])
  }

  @Test func `tell a customer's age, rate of renewal and next due date on his page, and serve again where a fit is kept`() throws {
    try write("model: sbg, fit: weekly")
    try night.run("run", "a", pipeline: "c.yaml")
    func page(_ query: String) throws -> String {
      let id = try sql("SELECT customer_id FROM customers WHERE \(query) LIMIT 1").trimming("\n")
      let page = try Holdfast.finish(night.process("explain", "a", [id], pipeline: "c.yaml"))
      #expect(page.status == 0 && page.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(page.errors)")
      return page.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    let running = try page("frequency = 3 AND days_since_last = 0")
    #expect(
      running.contains("a payment every month; in the 4th period; 9")
        && running.contains("% renew at this age; next payment due 2024-07-31"))
    #expect(try page("days_since_last = 35").contains("of those who do pay later than 35 days; due 2024-06-26"))
    #expect(try page("frequency = 0 AND days_since_last > 60").contains("ended after the 1st period: nothing was paid by 202"))
    let parameters = "SELECT parameters FROM models WHERE model = 'sbg' ORDER BY as_of", first = try sql(parameters)
    let again = try night.run("run", "a", ["--as-of", "2024-07-01"], pipeline: "c.yaml")
    #expect(again.output.contains("kept: the newest fit is 1 day old"), "\(again.output)")
    #expect(try sql(parameters) == first + first)
    // Another grace is another model.
    try write("model: sbg, fit: weekly, contract: {period: month, grace: 12d}")
    #expect(try night.run("run", "a", ["--as-of", "2024-07-02"], pipeline: "c.yaml").output.contains("no earlier fit that serves"))
  }

  @Test func `are what a payment after the as-of day does not change`() throws {
    try write("model: sbg, contract: {period: month}")
    let day = ["--as-of", "2024-05-15"], all = "SELECT * FROM customers ORDER BY 1"
    try night.run("run", "a", day, pipeline: "c.yaml")
    let before = try sql(all)
    let cut = """
      mkdir cut; for f in g/*.csv.gz; do gzip -dc "$f" | awk -F, 'NR == 1 || $3 < "2024-05-16"' > "cut/$(basename "$f" .gz)"; done
      """
    #expect(try Holdfast.shell(cut, in: night.folder).status == 0)
    try write("model: sbg, contract: {period: month}", dumps: "cut/*.csv")
    try night.run("run", "b", day, pipeline: "c.yaml")
    #expect(try sql(all, "b") == before && before.count > 100_000)
  }

  @Test func `win where a backtest chooses the model, and risk and backtest know of survival`() throws {
    try write("model: auto, risk: auto")
    let run = try night.run("run", "a", pipeline: "c.yaml")
    #expect(run.errors.contains("notice: sbg is used: it ranks customers best") && run.output.contains("(best"), "\(run.errors)")
    #expect(
      try sql("SELECT group_concat(model || ' ' || status || ' ' || ifnull(risk_status, '')) FROM (SELECT * FROM models ORDER BY model)")
        == "bg_nbd loser ,churn_logistic named loser,gamma_gamma named ,margin named ,mbg_nbd loser ,nbd loser ,pareto_nbd loser ,"
        + "sbg winner winner,survival named loser\n")
    let scores = "SELECT group_concat(churn_risk), group_concat(clv_minor) FROM customers", chosen = try sql(scores)
    try write("model: sbg")
    try night.run("run", "b", pipeline: "c.yaml")
    #expect(try sql(scores, "b") == chosen)

    let page = try night.run("backtest", "a", ["--origins", "1", "--database", "a/out.sqlite"], pipeline: "c.yaml").output
    #expect(page.contains("✓ sBG") && page.contains("✓ survival") && page.contains("Best        sBG ranks"), "\(page)")
    let measured = """
      SELECT model, auc > 0.95, brier < 0.05, abs(bias_share) < 0.05, parameters ->> 'alpha' > 0 FROM backtests
      WHERE segment = 'all' AND model IN ('sbg', 'survival') ORDER BY 1
      """
    #expect(try sql(measured) == "sbg|1|1|1|1\nsurvival|1|1||\n")

    try write("model: sbg, risk: survival")
    let survival = try night.run("run", "b", pipeline: "c.yaml")
    #expect(survival.output.contains("churn_risk is by survival: value.risk names it"), "\(survival.output)")
    #expect(try sql("SELECT model FROM models WHERE risk_status = 'named'", "b") == "survival\n")
    #expect(try sql(scores, "b") != chosen)
    // Of everyone in his second paid period with a payment to come: who came to its end and left.
    #expect(
      try sql("SELECT count(DISTINCT churn_risk), max(churn_risk) < 0.3 FROM customers WHERE frequency = 1 AND days_since_last < 30", "b")
        == "1|1\n")
  }

  @Test func `are not tried where the transactions are not like those of contracts, and asked for there BG NBD stands in`() throws {
    #expect(try Holdfast.shell("holdfast generate r --rows 12000 --customers 1500", in: night.folder).status == 0)
    try write("model: auto", dumps: "r/*.csv.gz", rest: "churn: {tenure: curves}")
    let run = try night.run("run", "a", pipeline: "c.yaml")
    #expect(run.output.contains("(best of 4, ") && !run.errors.contains("contracts"), "\(run.errors)")
    #expect(try sql("SELECT count(*) FROM models WHERE model IN ('sbg', 'survival')") == "0\n")
    let page = try night.run("backtest", "a", ["--origins", "1", "--database", "a/out.sqlite"], pipeline: "c.yaml").output
    #expect(!page.contains("sBG") && !page.contains("survival"))

    try write("model: sbg", dumps: "r/*.csv.gz")
    let asked = try night.run("run", "a", pipeline: "c.yaml")
    #expect(asked.errors.contains("warning: sbg: no period found that customers pay by: only "), "\(asked.errors)")
    #expect(asked.errors.contains("; bg_nbd is used") && asked.output.contains("no model of contracts"))
    #expect(try sql("SELECT model, parameters <> '' FROM models WHERE model IN ('sbg', 'bg_nbd') ORDER BY 1") == "bg_nbd|1\nsbg|\n")
    let scores = "SELECT group_concat(churn_risk), group_concat(clv_minor) FROM customers", standIn = try sql(scores)
    try write("model: bg_nbd", dumps: "r/*.csv.gz")
    try night.run("run", "a", pipeline: "c.yaml")
    #expect(try sql(scores) == standIn)
    // With a period that is named, it is done as asked, and said.
    try write("model: sbg, contract: {period: month}", dumps: "r/*.csv.gz")
    #expect(try night.run("run", "a", pipeline: "c.yaml").errors.contains("sbg: these hardly look like contracts: "))
  }

  @Test func `of which one in ten or more is of another period are warned of`() throws {
    let mixed = """
      holdfast generate y --model sbg --customers 900 --start 2019-07-01 --months 60 --period year --level 1
      gzip -dc g/*.csv.gz > mixed.csv; gzip -dc y/*.csv.gz | grep -v ^transaction_id | sed 's/^T/Y/; s/,C/,Y/' >> mixed.csv
      """
    #expect(try Holdfast.shell(mixed, in: night.folder).status == 0)
    try write("model: sbg", dumps: "mixed.csv")
    let run = try night.run("run", "a", pipeline: "c.yaml")
    #expect(run.output.contains("a payment every 30.44 days"), "\(run.output)")
    #expect(run.errors.contains(" % of the customers with two payments or more pay by another period"), "\(run.errors)")
  }

  @Test func `end tenures with the last period that was paid, as they were drawn`() throws {
    try write("model: sbg", rest: "churn: {tenure: drivers}\npublish: {columns: [customer_id, p_alive]}")
    let run = try night.run("run", "a", pipeline: "c.yaml")
    #expect(
      run.errors.contains("notice: tenures end with contracts: 100 % of the gaps between purchase days are of a month"), "\(run.errors)")
    // Kaplan and Meier's curve beside the survival that was drawn: S(t) = B(α, β + t)/B(α, β).
    let curve = try sql(
      "SELECT month, survival_share FROM tenure_curves WHERE grouping = 'all' AND group_value = 'all' AND month IN (7, 8, 9, 11, 13)"
    ).split(
      separator: "\n")
    #expect(curve.count == 5)
    for line in curve {
      let cells = line.split(separator: "|").compactMap { Double($0) }
      // Months of 30 days that end well after the newest end of a period and before the next one.
      var drawn = 1.0
      for k in 0..<Int(cells[0] * 30 / 30.4375) { drawn *= (3.806 + Double(k)) / (4.474 + Double(k)) }
      #expect(abs(cells[1] - drawn) < 0.025, "\(cells), \(drawn)")
    }
    #expect(try sql("SELECT count(*) > 0 FROM churn_drivers") == "1\n")
    try night.run("extract", "b", pipeline: "c.yaml")
    for stage in ["transform", "score", "publish"] { try night.run(stage, "b", pipeline: "c.yaml") }
    #expect(Results.differences(try night.tables("a", without: ["run_id"]), try night.tables("b", without: ["run_id"])) == [])
  }

  @Test func `that cost everyone the same are worth what is paid`() throws {
    // One in ten payments is in two halves: the second one goes.
    let awk = "NR == 1 { print } NF == 9 && $4 > 0 && !seen[$2 substr($3, 1, 10)]++ { $4 = \"9.99\"; $6 = \"1.00\"; print }"
    let same = "gzip -dc g/*.csv.gz | awk 'BEGIN { FS = OFS = \",\" } \(awk)' > same.csv"
    #expect(try Holdfast.shell(same, in: night.folder).status == 0)
    try write("model: sbg, margin: 1, fit: weekly", dumps: "same.csv")
    let run = try night.run("run", "a", pipeline: "c.yaml")
    #expect(run.output.contains("no model: each customer's own mean") && run.errors.contains("the customer's own mean stands in"))
    #expect(
      try sql("SELECT min(expected_value_minor), max(expected_value_minor), sum(clv_minor > 0) > 1000 FROM customers") == "999.0|999.0|1\n")
    #expect(try night.run("run", "a", ["--as-of", "2024-07-01"], pipeline: "c.yaml").output.contains("kept: the newest fit is 1 day old"))
  }
}

extension String {
  fileprivate func trimming(_ characters: String) -> String {
    String(drop { characters.contains($0) }.reversed().drop { characters.contains($0) }.reversed())
  }
}
