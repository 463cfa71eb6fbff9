import Foundation
import Testing

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// A folder with CDNOW's dumps and the shortest pipeline for them.
private final class CDs {
  let night: Night
  var folder: String { night.folder }

  /// - Parameter sample: the papers' 2,357 customers alone.
  init(sample: Bool = true, _ lines: String = "") throws {
    night = try Night(rows: 100)
    let filter = sample ? "FNR == NR { if (FNR > 1) wanted[$2] = 1; next } FNR == 1 || $2 in wanted" : "FNR < NR"
    let made = try Holdfast.shell(
      """
      mkdir cd; for f in '\(root)'/fixtures/cdnow/tx-*.csv.gz; do
        gzip -dc "$f" | awk -F, '\(filter)' '\(root)/fixtures/cdnow/sample_customers.csv' - > "cd/$(basename "$f" .gz)"
      done
      """, in: night.folder)
    try #require(made.status == 0, "\(made.errors)")
    try pipeline(lines)
  }

  func pipeline(_ lines: String = "") throws {
    let columns = ["discount", "cost", "category", "channel", "kind"].map { $0 + ": null" }.joined(separator: ", ")
    try night.write(
      "cd.yaml",
      "feeds: {transactions: {dumps: [\"cd/*.csv\"], settle: 0, columns: {\(columns)}}}\nstate: state\noutput: {database: cd.sqlite}\n"
        + lines)
  }

  func run(_ arguments: String...) throws -> Holdfast.Result {
    try Holdfast.finish(Holdfast.process(arguments, in: folder))
  }

  func sql(_ query: String) throws -> [String] {
    let result = try Holdfast.shell("sqlite3 cd.sqlite \"\(query)\"", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    return result.output.split(separator: "\n").map(String.init)
  }
}

@Suite(.timeLimit(.minutes(15))) struct `A backtest` {
  @Test func `of CDNOW's sample over 39 weeks reaches what the peers reach, to four digits`() throws {
    let cds = try CDs()
    #expect(try cds.run("extract", "cd.yaml", "--quiet").status == 0)
    let test = try cds.run("backtest", "cd.yaml", "--origins", "1", "--horizon", "273d", "--quiet")
    try #require(test.status == 0, "\(test.errors)")
    let rows = try cds.sql(
      "SELECT model, printf('%.4f', mae), printf('%.4f', rmse), printf('%.4f', auc), printf('%.3f', bias_share) FROM backtests "
        + "WHERE segment = 'all' AND origin = '1997-09-30' AND model NOT IN ('nbd', 'alike', 'churn_logistic') ORDER BY 1")
    #expect(
      rows == [
        "bg_nbd|0.7855|1.6080|0.7725|-0.121", "mbg_nbd|0.7648|1.6072|0.7728|-0.162", "pareto_nbd|0.7545|1.6028|0.7787|-0.115",
        "past_rate|1.0237|2.2119|0.7598|0.557", "recency|0.0000|0.0000|0.7714|0.000",
      ], "lifetimes and others on the same customers: the under-forecast of CDNOW's holdout is known")
    #expect(try cds.sql("SELECT customers, buyers FROM backtests WHERE segment = 'all' AND model = 'bg_nbd'") == ["2357|684"])
    #expect(test.output.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy { $0.count <= 80 })
    #expect(test.output.contains("Pareto/NBD ranks customers best"))
  }

  @Test func `writes one table and no other, and takes a reader who has seen enough for success`() throws {
    let cds = try CDs(sample: false)
    #expect(try cds.run("run", "cd.yaml", "--quiet").status == 0)
    let before = try Results.tables(cds.folder + "/cd.sqlite", without: [])
    let test = try Holdfast.shell(
      "holdfast backtest cd.yaml --json --quiet > a.json; holdfast backtest cd.yaml --quiet --threads 1 | head -1", in: cds.folder)
    #expect(test.status == 0 && test.output.hasPrefix("holdfast · cd · backtest to 1998-06-30"), "\(test.errors)")
    #expect(Results.differences(before, try Results.tables(cds.folder + "/cd.sqlite", without: [])) == [])
    #expect(try cds.sql("SELECT count(DISTINCT origin), count(DISTINCT segment), count(DISTINCT as_of) FROM backtests") == ["4|12|1"])
    // Segments add up to all.
    #expect(
      try cds.sql(
        "SELECT sum(iif(segment = 'all', customers, -customers)), sum(iif(segment = 'all', buyers, -buyers)), sum(iif(segment = 'all', purchases, "
          + "-purchases)), sum(iif(segment = 'all', revenue_minor, -revenue_minor)) FROM backtests") == ["0|0|0|0"])
    #expect(try cds.sql("SELECT count(*) FROM backtests WHERE customers < 50 AND (auc IS NOT NULL OR mae IS NOT NULL)") == ["0"])
    // The learned model is that of a run on the origin's day: its chances add up to the same.
    try cds.pipeline("publish: {columns: [customer_id, churn_risk_learned]}\n")
    #expect(try cds.run("run", "cd.yaml", "--as-of", "1998-04-01", "--quiet", "--state", "then", "--database", "then.sqlite").status == 0)
    let foretold = try cds.sql(
      "ATTACH 'then.sqlite' AS t; SELECT abs(sum(value ->> 'customers' * (value ->> 'no_purchase')) - (SELECT sum(churn_risk_learned) FROM "
        + "t.customers)) < 1e-6, auc_low < auc AND emp_low < emp AND lift_10pct < lift_10pct_high, mae IS NULL FROM main.backtests, "
        + "json_each(calibration) WHERE model = 'churn_logistic' AND segment = 'all' AND origin = '1998-04-01'")
    #expect(foretold == ["1|1|1"])
    let data = try Data(contentsOf: URL(fileURLWithPath: cds.folder + "/a.json"))
    let facts = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(facts["schema_version"] as? Int == 2 && facts["horizon_days"] as? Int == 90 && facts["as_of"] as? String == "1998-06-30")
    #expect(
      (facts["origins"] as? [[String: Any]])?.compactMap { $0["origin"] as? String } == [
        "1997-07-05", "1997-10-03", "1998-01-01", "1998-04-01",
      ])
  }

  @Test func `knows nothing at an origin of what came after it`() throws {
    let cds = try CDs()
    func foretold(_ name: String) throws -> [String] {
      #expect(try cds.run("extract", "cd.yaml", "--quiet", "--state", name).status == 0)
      let test = try cds.run("backtest", "cd.yaml", "--origins", "1", "--horizon", "100d", "--quiet", "--state", name)
      #expect(test.status == 0, "\(test.errors)")
      return try cds.sql(
        "SELECT model, segment, customers, purchases_expected, revenue_expected_minor, parameters FROM backtests ORDER BY 1, 2")
    }
    let before = try foretold("a"), came = try cds.sql("SELECT sum(purchases) FROM backtests")
    // Purchases behind the origin, 1998-03-22, move to another day and another customer; the newest day stays.
    let moved =
      "awk -F, 'BEGIN { OFS = FS } FNR > 1 && $3 >= \"1998-04-01\" && $3 < \"1998-06-30\" { $3 = \"1998-05-05\"; $2 = \"00004\" } { print }'"
    let edit = try Holdfast.shell("\(moved) cd/tx-1998-q2.csv > x && mv x cd/tx-1998-q2.csv", in: cds.folder)
    #expect(edit.status == 0)
    #expect(try foretold("b") == before)
    #expect(try cds.sql("SELECT sum(purchases) FROM backtests") != came)
  }

  @Test func `says so with 66 where the history is too short, and with 64 what makes no sense`() throws {
    let cds = try CDs()
    let none = try cds.run("backtest", "cd.yaml")
    #expect(none.status == 66 && none.errors.contains("holdfast extract cd.yaml"))
    #expect(try cds.run("extract", "cd.yaml", "--quiet").status == 0)
    let short = try cds.run("backtest", "cd.yaml", "--origins", "6", "--quiet")
    #expect(short.status == 66 && short.output.isEmpty)
    #expect(short.errors.contains("545 days up to 1998-06-30, which is too little for 6 origins of 90 days"), "\(short.errors)")
    #expect(short.errors.contains("fix: ask for --origins 5"))
    #expect(try cds.run("backtest", "cd.yaml", "--origins", "1", "--horizon", "400d", "--dry-run").status == 66)
    for flags in [["--origins", "0"], ["--horizon", "90"], ["--horizon", "0d"], ["--horizont", "90d"]] {
      #expect(try Holdfast.finish(Holdfast.process(["backtest", "cd.yaml"] + flags, in: cds.folder)).status == 64)
    }
    let list = try cds.run("backtest", "cd.yaml", "--origins", "2", "--dry-run")
    #expect(list.output == "1998-01-01  foretold up to 1998-04-01\n1998-04-01  foretold up to 1998-06-30\n")
    #expect(!FileManager.default.fileExists(atPath: cds.folder + "/cd.sqlite"))
  }
}

@Suite(.timeLimit(.minutes(15))) struct `A backtest of many customers` {
  @Test func `looks at one in two, says so, and is the same with other buckets and threads`() throws {
    let night = try Night(rows: 100)
    let made = try Holdfast.shell(
      "holdfast generate g --customers 270000 --rows 400000 --level 1; holdfast backtest --help", in: night.folder)
    #expect(made.status == 0 && made.output.contains("262,144"))
    var pages: [String] = []
    for (place, buckets) in [("a", 64), ("b", 1)] {
      try night.write("\(place).yaml", Night.pipeline(buckets: buckets, dumps: "g"))
      try night.run("extract", place, pipeline: "\(place).yaml")
      let test = try Holdfast.finish(
        night.process(
          "backtest", place, ["--origins", "1", "--database", place + "/out.sqlite", "--threads", buckets == 1 ? "1" : "2"],
          pipeline: "\(place).yaml"))
      #expect(test.status == 0 && test.output.contains("Looked at: one in 2\n"), "\(test.errors)")
      let rows = try Holdfast.shell("sqlite3 \(place)/out.sqlite 'SELECT * FROM backtests'", in: night.folder)
      pages.append(rows.output)
    }
    #expect((pages[0] == pages[1]) as Bool && pages[0].count > 1000)
    let customers = try Holdfast.shell(
      "sqlite3 a/out.sqlite 'SELECT max(customers) BETWEEN 100000 AND 136000 FROM backtests'", in: night.folder)
    #expect(customers.output == "1\n")
  }
}

@Suite(.timeLimit(.minutes(15))) struct `The model that value.model: auto chooses` {
  @Test func `on CDNOW is within 1 % of the best on a holdout that it has not seen`() throws {
    let cds = try CDs("value: {model: auto}\n")
    let run = try cds.run("run", "cd.yaml", "--as-of", "1997-09-30", "--quiet")
    try #require(run.status == 0, "\(run.errors)")
    let winner = try cds.sql("SELECT model FROM models WHERE status = 'winner'")
    #expect(try cds.sql("SELECT count(*) FROM models WHERE status = 'loser' AND trial ->> 'aic' > 0") == ["3"])
    #expect(
      try cds.sql("SELECT DISTINCT trial ->> 'origin', trial ->> 'horizon_days' FROM models WHERE status = 'winner'") == ["1997-07-02|90"])
    #expect(try cds.run("backtest", "cd.yaml", "--as-of", "1998-06-30", "--origins", "1", "--horizon", "273d", "--quiet").status == 0)
    let worse = try cds.sql(
      "SELECT max(w.mae / b.mae), max(w.rmse / b.rmse), max(b.auc / w.auc) FROM backtests w, backtests b WHERE w.segment = 'all' AND "
        + "b.segment = 'all' AND w.model = '\(winner.first ?? "")' AND b.model IN ('bg_nbd', 'mbg_nbd', 'pareto_nbd', 'nbd')")
    for ratio in try #require(worse.first).split(separator: "|") { #expect(try #require(Double(ratio)) < 1.01) }
  }

  @Test func `is that of the least AIC where there is no history for a backtest`() throws {
    let cds = try CDs("value: {model: auto}\n")
    let run = try cds.run("run", "cd.yaml", "--as-of", "1997-04-20")
    try #require(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("chosen by the least AIC"))
    #expect(try cds.sql("SELECT count(*) FROM models WHERE trial ->> 'auc' IS NOT NULL OR beats_baselines IS NOT NULL") == ["0"])
    let least = try cds.sql("SELECT model FROM models WHERE trial ->> 'aic' IS NOT NULL ORDER BY trial ->> 'aic' LIMIT 1")
    #expect(try cds.sql("SELECT model FROM models WHERE status = 'winner'") == least)
  }
}
