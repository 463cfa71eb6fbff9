import Foundation
import Testing

/// Pareto/NBD with covariates, from dumps to the database and to a customer's page.
@Suite(.timeLimit(.minutes(15))) struct `Covariates of the model of purchases` {
  /// 2,400 customers of three channels; the web's buy more often. The first day of each has two books and a record, or the other way round.
  private static let dump: String = {
    var state: UInt64 = 11, number = 0, text = "transaction_id,customer_id,occurred_at,amount,category,channel\n"
    func random(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    func exponential() -> Double { -log((Double(random(1 << 30)) + 0.5) / Double(1 << 30)) }
    let start = Date(timeIntervalSince1970: 1_640_995_200), style = Date.ISO8601FormatStyle().year().month().day()
    func row(_ customer: Int, _ day: Int, _ category: String, _ channel: String) {
      let date = start.addingTimeInterval(Double(day) * 86_400).formatted(style)
      text += "t\(number),c\(customer),\(date),9.50,\(category),\(channel)\n"
      number += 1
    }
    for customer in 0..<2400 {
      let channel = ["shop", "shop", "shop", "web", "web", "fax\\\"1"][customer % 6], first = random(600)
      for category in random(3) == 0 ? ["book", "book", "disc"] : ["disc", "disc", "book"] { row(customer, first, category, channel) }
      // Pareto/NBD with r and s of 1, α 80 days or 40, β 200.
      let rate = exponential() / (channel == "web" ? 40 : 80), life = exponential() / (exponential() / 200)
      var clock = exponential() / rate
      while clock < min(Double(729 - first), life) {
        row(customer, first + Int(clock), "book", "shop")
        clock += exponential() / rate
      }
    }
    return text
  }()

  private func shop(_ value: String, columns: String = "all") throws -> Night {
    let night = try Night(rows: 100)
    // A channel with a quote and a backslash is one field in quotes.
    let dump = Self.dump.replacing("fax\\\"1", with: "\"fax\\\"\"1\"")
    try night.write("dump.csv", dump)
    try night.write(
      "cov.yaml",
      """
      name: cov
      as_of: 2023-12-31
      feeds: {transactions: {dumps: [dump.csv], settle: 0, columns: {discount: null, cost: null, kind: null}}}
      value: {\(value)}
      publish: {columns: \(columns)}

      """)
    return night
  }

  private func sql(_ night: Night, _ query: String, _ place: String = "a") throws -> String {
    let result = try Holdfast.shell("sqlite3 '\(place)/out.sqlite' \"\(query)\"", in: night.folder)
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }

  @Test func `are published with effects, errors and a test, told by explain, and the same stage by stage, on one thread and in 1 bucket`()
    throws
  {
    let reasons = "risk_reason_1, risk_reason_2, risk_reason_3, value_reason_1, value_reason_2, value_reason_3"
    let night = try shop(
      "model: pareto_nbd, covariates: [first_channel, first_category]",
      columns: "[customer_id, first_channel, first_category, p_alive, churn_risk, clv_minor, \(reasons)]")
    let run = try night.run("run", "a", pipeline: "cov.yaml")
    #expect(run.output.contains("Purchases   Pareto/NBD by 3 levels: r "), "\(run.output)")
    #expect(run.errors.contains("pareto_nbd_covariates is used: value.covariates asks for it; likelihood ratio "))
    #expect(
      try sql(night, "SELECT model, status FROM models WHERE model LIKE 'pareto%'") == "pareto_nbd|loser\npareto_nbd_covariates|winner\n")
    let effects = """
      SELECT parameters ->> '$.\\"rate:first_channel=web\\"' > 3 * (parameters ->> '$.\\"rate_se:first_channel=web\\"'),
        parameters ->> '$.\\"leaving_se:first_category=book\\"' > 0, trial ->> 'likelihood_ratio_df' = 6, trial ->> 'likelihood_ratio' > 20
      FROM models WHERE model = 'pareto_nbd_covariates'
      """
    #expect(try sql(night, effects) == "1|1|1|1\n")
    let level = "SELECT count(*) FROM models, json_each(parameters) WHERE key = 'rate:first_channel=fax\\' || char(34) || '1'"
    #expect(try sql(night, level.replacing("\\' ||", with: "\\\\' ||")) == "1\n")
    #expect(try sql(night, "SELECT count(*), count(p_alive), sum(churn_risk BETWEEN 0 AND 1) FROM customers") == "2400|2400|2400\n")
    #expect(try sql(night, "SELECT DISTINCT first_category FROM customers ORDER BY 1") == "book\ndisc\n")
    let page = try Holdfast.finish(night.process("explain", "a", ["c3"], pipeline: "cov.yaml"))
    let words = page.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(page.status == 0 && words.contains("first_channel=web: buys "), "\(page.errors)")
    #expect(words.contains("times the rate, as shop; first_category=") && words.contains("so alpha_days "))
    #expect(words.components(separatedBy: " first channel web").count == 3, "of risk and of CLV: \(words)")
    #expect(page.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(
      try sql(
        night,
        "SELECT count(*), count(value_reason_3), count(risk_reason_3), sum(value_reason_1 || value_reason_2 || value_reason_3 LIKE '%first channel web%' AND first_channel <> 'web') FROM customers"
      ) == "2400|2400|2400|0\n")

    try night.run("extract", "b", pipeline: "cov.yaml")
    for stage in ["transform", "score", "publish"] { try night.run(stage, "b", ["--threads", "1"], pipeline: "cov.yaml") }
    #expect(Results.differences(try night.tables("a", without: ["run_id"]), try night.tables("b", without: ["run_id"])) == [])
    let yaml = try String(contentsOfFile: night.folder + "/cov.yaml", encoding: .utf8)
    try night.write("one.yaml", "store: {buckets: 1}\n" + yaml)
    try night.run("run", "c", pipeline: "one.yaml")
    #expect(Results.differences(try night.tables("a", without: ["run_id"]), try night.tables("c", without: ["run_id"])) == [])
  }

  @Test func `take part in a backtest, and in the choice of the risk`() throws {
    let night = try shop("model: pareto_nbd, covariates: [first_channel], risk: auto")
    try night.run("run", "a", pipeline: "cov.yaml")
    #expect(
      try sql(night, "SELECT model, risk_trial ->> 'brier' BETWEEN 0.05 AND 0.25 FROM models WHERE risk_status <> '' ORDER BY 1")
        == "churn_logistic|1\npareto_nbd_covariates|1\n")
    let test = try night.run("backtest", "a", ["--origins", "1", "--database", "a/out.sqlite"], pipeline: "cov.yaml")
    #expect(test.output.contains("✓ with covariates"))
    let rows = "SELECT auc > 0.5, mae > 0, parameters LIKE '%rate:first_channel=web%' FROM backtests WHERE segment = 'all' AND model = "
    #expect(try sql(night, rows + "'pareto_nbd_covariates'") == "1|1|1\n")
    #expect(try sql(night, "SELECT parameters ->> 'r' > 0 FROM backtests WHERE segment = 'all' AND model = 'pareto_nbd'") == "1\n")
  }

  @Test func `are a candidate more where a backtest chooses the model, and what is chosen serves again`() throws {
    let night = try shop("model: auto, covariates: [first_channel], fit: weekly")
    let run = try night.run("run", "a", pipeline: "cov.yaml")
    let trials = "SELECT count(*), sum(status = 'winner'), sum(trial ->> 'auc' > 0.5 AND trial ->> 'aic' > 0) FROM models WHERE trial <> ''"
    #expect(try sql(night, trials) == "5|1|5\n")
    let winner = try sql(night, "SELECT model, risk_status FROM models WHERE status = 'winner'")
    #expect(winner == "pareto_nbd|named\n")
    #expect(
      try sql(night, "SELECT trial ->> 'likelihood_ratio' > 20 FROM models WHERE model = 'pareto_nbd_covariates' AND status = 'loser'")
        == "1\n")
    #expect(run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains("(best of 5, fitted tonight"), "\(run.output)")
    let risks = "SELECT group_concat(churn_risk) FROM customers", first = try sql(night, risks)
    let plain = try shop("model: pareto_nbd")
    try plain.run("run", "a", pipeline: "cov.yaml")
    #expect(try sql(plain, risks) == first)
    let again = try night.run("run", "a", ["--as-of", "2024-01-01"], pipeline: "cov.yaml")
    #expect(again.output.contains("kept: the newest fit is 1 day old"), "\(again.output)")
  }

  @Test func `that cannot be fitted leave every score as it is without them, and the run says why`() throws {
    let columns = "[customer_id, churn_risk, clv_minor]", scores = "SELECT * FROM customers"
    let without = try shop("model: pareto_nbd", columns: columns)
    try without.run("run", "a", pipeline: "cov.yaml")
    let with = try shop("model: pareto_nbd, covariates: [first_channel]", columns: columns)
    let yaml = try String(contentsOfFile: with.folder + "/cov.yaml", encoding: .utf8)
    // Everybody came the same way.
    try with.write("cov.yaml", yaml.replacing("kind: null", with: "kind: null, channel: {constant: shop}"))
    let run = try with.run("run", "a", pipeline: "cov.yaml")
    #expect(
      run.errors.contains(
        "pareto_nbd_covariates: all customers have the same level of each covariate; the model without covariates is used"))
    #expect(run.output.contains("no model with covariates"))
    #expect(try sql(with, scores) == sql(without, scores))
  }

  @Test func `of a column that the dumps lack, that is not static or misspelt end with 78 and say so`() throws {
    let night = try shop("model: pareto_nbd, covariates: [first_channel]")
    let yaml = try String(contentsOfFile: night.folder + "/cov.yaml", encoding: .utf8)
    func refused(_ change: (String) -> String) throws -> String {
      try night.write("cov.yaml", change(yaml))
      let result = try Holdfast.finish(night.process("run", "a", pipeline: "cov.yaml"))
      #expect(result.status == 78)
      return result.errors
    }
    #expect(
      try refused { $0.replacing("kind: null", with: "kind: null, channel: null") }
        .contains("first_channel is made of the transactions' channel, which no column of the dumps is mapped to"))
    #expect(try refused { $0.replacing("first_channel", with: "first_chanel") }.contains("did you mean 'first_channel'?"))
    #expect(try refused { $0.replacing("first_channel", with: "last_channel") }.contains("'last_channel' is not static"))
    #expect(try refused { $0.replacing("pareto_nbd", with: "mbg_nbd") }.contains("which value.model: pareto_nbd asks for"))
  }
}
