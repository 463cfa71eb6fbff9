import Foundation
import Testing

/// Runs whose results hold the columns of value.
private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

extension Night {
  fileprivate func sql(_ place: String, _ query: String) throws -> String {
    let result = try Holdfast.shell("sqlite3 '\(place)/out.sqlite' \"\(query)\"", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }

  /// Runs as of a day with a line for the pipeline's section `value`.
  @discardableResult
  fileprivate func value(_ place: String, _ day: String, _ line: String = "", _ arguments: [String] = []) throws -> Holdfast.Result {
    try write("value.yaml", Self.pipeline(buckets: 64).replacing("as_of: \(Self.day)", with: "as_of: \(day)") + line + "\n")
    return try Holdfast.finish(process("run", place, ["--quiet"] + arguments, pipeline: "value.yaml"))
  }

  fileprivate func fits(_ place: String) -> [String] { files(place + "/state/models") }
}

@Suite(.timeLimit(.minutes(15))) struct `Customers' value` {
  /// Ids of the first ten of the sample by its own numbering, as SQL.
  private static let firstTen = [4, 21, 50, 71, 86, 111, 112, 113, 114, 131].map { "'" + String(String(100_000 + $0).dropFirst()) + "'" }
    .joined(separator: ", ")

  @Test func `of CDNOW's sample, from dumps to the database, is that of the papers`() throws {
    let night = try Night(rows: 100)
    let line = """
      mkdir cd; for f in '\(root)'/fixtures/cdnow/tx-1997-q[123].csv.gz; do
        gzip -dc "$f" | awk -F, 'FNR == NR { if (FNR > 1) wanted[$2] = 1; next } FNR == 1 || $2 in wanted' \\
          '\(root)/fixtures/cdnow/sample_customers.csv' - > "cd/$(basename "$f" .gz)"
      done
      holdfast run '\(root)/pipelines/cdnow.yaml' --dumps 'cd/*.csv' --as-of 1997-09-30 --state cd/state --database cd/out.sqlite --quiet
      """
    let run = try Holdfast.shell(line, in: night.folder)
    try #require(run.status == 0, "\(run.errors)")
    let parameters = try night.sql(
      "cd", "SELECT printf('%.3f', value) FROM models, json_each(parameters) WHERE model = 'bg_nbd' AND key <> 'alpha_days'")
    #expect(parameters == "0.243\n0.793\n2.426\n", "Fader, Hardie and Lee (2005)")
    // In days the density of each of the 2,457 repeat purchases is a seventh of that in weeks.
    #expect(
      try night.sql(
        "cd",
        "SELECT printf('%.3f', parameters ->> 'alpha_days' / 7), printf('%.3f', log_likelihood + 2457 * ln(7)), customers FROM models WHERE model = 'bg_nbd'"
      ) == "4.414|-9582.429|2357\n")
    #expect(
      try night.sql("cd", "SELECT printf('%.2f', value) FROM models, json_each(parameters) WHERE model = 'gamma_gamma'")
        == "6.25\n3.74\n15.44\n",
      "Hardie, note 025")
    let first = try night.sql(
      "cd",
      "SELECT printf('%.2f', expected_value_minor / 100) FROM customers WHERE customer_id IN (\(Self.firstTen)) ORDER BY customer_id")
    #expect(first.split(separator: "\n") == ["24.65", "18.91", "35.17", "35.17", "35.17", "71.46", "18.91", "35.17", "27.28", "35.17"])
    let alive = try night.sql("cd", "SELECT printf('%.6f', p_alive) FROM customers WHERE customer_id IN ('00004', '00021') ORDER BY 1 DESC")
    #expect(alive == "0.726620\n0.212391\n")
  }

  @Test func `is fitted anew every night by default, and a run again fits again`() throws {
    let night = try Night(rows: 6000)
    for day in ["2024-10-01", "2024-10-02", "2024-10-02"] { #expect(try night.value("a", day).status == 0) }
    #expect(night.fits("a").map { String($0.prefix(10)) } == ["2024-10-01", "2024-10-02", "2024-10-02"])
    #expect(
      try night.sql("a", "SELECT as_of, fitted_as_of, count(*) FROM models GROUP BY 1, 2")
        == "2024-10-01|2024-10-01|3\n2024-10-02|2024-10-02|3\n")
  }

  @Test func `is fitted anew after seven days where the pipeline says weekly`() throws {
    let night = try Night(rows: 6000), weekly = "value: {fit: weekly}"
    for day in ["2024-10-01", "2024-10-02", "2024-10-07", "2024-10-08", "2024-10-09", "2024-10-08"] {
      // The last one is older than what is published: into another database.
      let isAgain = day == "2024-10-08" && night.fits("a").count == 2
      let result = try night.value("a", day, weekly, isAgain ? ["--database", "a/again.sqlite"] : [])
      #expect(result.status == 0, "\(result.errors)")
    }
    #expect(night.fits("a").map { String($0.prefix(10)) } == ["2024-10-01", "2024-10-08", "2024-10-08"])
    let fitted = "SELECT as_of, fitted_as_of FROM models WHERE model = 'gamma_gamma' ORDER BY 1"
    #expect(
      try night.sql("a", fitted)
        == "2024-10-01|2024-10-01\n2024-10-02|2024-10-01\n2024-10-07|2024-10-01\n2024-10-08|2024-10-08\n2024-10-09|2024-10-08\n")
    // The same day as a first time in a state of its own.
    #expect(try night.value("b", "2024-10-01", weekly).status == 0)
    #expect(try night.value("b", "2024-10-02", weekly).status == 0)
    let customers = "SELECT count(*), sum(clv_minor) FROM customers"
    #expect(try night.value("b", "2024-10-09", weekly).status == 0)
    #expect(try night.sql("a", customers) != night.sql("b", customers), "fitted as of the 8th and the 9th")
  }

  @Test func `is not fitted where the pipeline says never: the newest fit stands, and without one the run says what to do`() throws {
    let night = try Night(rows: 6000), never = "value: {fit: never}"
    let without = try night.value("a", "2024-10-01", never)
    #expect(without.status == 66 && without.errors.contains("there is no fit of the models at or before 2024-10-01"))
    #expect(without.errors.contains("fix: fit once with value.fit: nightly in value.yaml") && !night.exists("a/out.sqlite"))
    #expect(try night.value("a", "2024-10-01").status == 0)
    #expect(try night.value("a", "2024-12-31", never).status == 0)
    #expect(try night.sql("a", "SELECT DISTINCT as_of, fitted_as_of FROM models") == "2024-10-01|2024-10-01\n2024-12-31|2024-10-01\n")
    #expect(night.fits("a").count == 1)
  }

  @Test(arguments: [("mbg_nbd", "a,alpha_days,b,r"), ("pareto_nbd", "alpha_days,beta_days,r,s"), ("nbd", "alpha_days,r")])
  func `comes from the model of purchases that value.model names; a fit of another one does not serve`(
    model: String, parameters: String
  ) throws {
    let night = try Night(rows: 6000)
    #expect(try night.value("a", "2024-10-01").status == 0)
    let result = try night.value("a", "2024-10-02", "value: {fit: weekly, model: \(model)}")
    #expect(result.status == 0, "\(result.errors)")
    let found = try night.sql(
      "a",
      "SELECT model, fitted_as_of, (SELECT group_concat(key) FROM (SELECT key FROM json_each(parameters) ORDER BY key)) FROM models "
        + "WHERE as_of = '2024-10-02' AND model LIKE '%nbd'")
    #expect(found == "\(model)|2024-10-02|\(parameters)\n")
    #expect(try night.value("a", "2024-10-03", "value: {fit: weekly, model: \(model)}").status == 0)
    #expect(try night.sql("a", "SELECT fitted_as_of FROM models WHERE as_of = '2024-10-03' AND model LIKE '%nbd'") == "2024-10-02\n")
    #expect(try night.sql("a", "SELECT count(*) FROM customers WHERE NOT churn_risk BETWEEN 0 AND 1 OR NOT clv_minor > 0") == "0\n")
  }

  @Test func `can be computed with the models of an older run`() throws {
    let night = try Night(rows: 6000)
    #expect(try night.value("a", "2024-10-01").status == 0)
    let run = try #require(night.fits("a").first).dropFirst(11).dropLast(5)
    #expect(try night.value("a", "2024-11-01").status == 0)
    #expect(try night.value("a", "2024-11-02", "", ["--model", String(run)]).status == 0)
    #expect(try night.sql("a", "SELECT DISTINCT fitted_as_of FROM models WHERE as_of = '2024-11-02'") == "2024-10-01\n")
    for stage in ["transform", "score", "publish"] {
      try night.run(stage, "a", ["--quiet"] + (stage == "score" ? ["--model", String(run)] : []), pipeline: "value.yaml")
    }
    #expect(try night.sql("a", "SELECT DISTINCT fitted_as_of FROM models WHERE as_of = '2024-11-02'") == "2024-10-01\n")

    let unknown = try night.value("a", "2024-11-02", "", ["--model", "nosuch"])
    #expect(unknown.status == 66 && unknown.errors.contains("the newest are:\n") && unknown.errors.contains("\(run) as of 2024-10-01"))
    let later = try night.value("b", "2024-09-01", "", ["--model", "nosuch"])
    #expect(later.status == 66 && later.errors.contains("there are none yet"))
    let newest = try #require(night.fits("a").last).dropFirst(11).dropLast(5)
    let leak = try night.value("a", "2024-10-15", "", ["--model", String(newest)])
    #expect(leak.status == 64 && leak.errors.contains("fitted its models as of 2024-11-01, which knows what came after 2024-10-15"))
    let useless = try night.value("a", "2024-11-02", "publish: {columns: [customer_id]}", ["--model", String(run)])
    #expect(useless.status == 64 && useless.errors.contains("names no column that a model computes"))
  }

  @Test(arguments: [
    ("cut", "head -c 40 \"$f\" > x && mv x \"$f\""), ("renamed", "mv \"$f\" a/state/models/notes.json"),
    ("of another day", "sed -i 's/2024-10-01/2024-09-30/' \"$f\""),
    ("newer", "sed -i 's/\"schema_version\" : 1/\"schema_version\" : 9/' \"$f\""),
    ("negative", "sed -i 's/\"alpha_days\" : /\"alpha_days\" : -/' \"$f\""),
    ("another model", "sed -i 's/\"alpha_days\"/\"beta_days\"/' \"$f\""),
    ("unreadable", "rm \"$f\"; mkdir \"$f\""),
  ])
  func `from a damaged or foreign file of parameters is refused, naming it`(what: String, damage: String) throws {
    let night = try Night(rows: 3000)
    #expect(try night.value("a", "2024-10-01").status == 0)
    let damaged = try Holdfast.shell("f=$(echo a/state/models/*.json); " + damage, in: night.folder)
    try #require(damaged.status == 0, "\(damaged.errors)")
    let file = try #require(night.fits("a").first)
    let result = try night.value("a", "2024-10-02", "value: {fit: weekly}")
    #expect(result.status == 65, "\(what): \(result.errors)")
    #expect(result.errors.contains("a/state/models/\(file)") && result.errors.contains("fix: "), "\(what): \(result.errors)")
    #expect(try night.sql("a", "SELECT as_of FROM publication") == "2024-10-01\n")
  }

  @Test func `costs nothing where it is not published`() throws {
    let night = try Night(rows: 3000)
    #expect(try night.value("a", "2024-10-01", "publish: {columns: [customer_id, rfm_segment, lifecycle_stage]}").status == 0)
    #expect(night.fits("a") == [] && !night.exists("a/state/models"))
    #expect(try night.sql("a", "SELECT count(*) FROM models") == "0\n")
    #expect(try night.sql("a", "SELECT count(DISTINCT lifecycle_stage) > 2 FROM customers") == "1\n")
    // Scores left by one pipeline file do not hold what another one publishes.
    for stage in ["transform", "score"] { try night.run(stage, "a", ["--quiet"], pipeline: "value.yaml") }
    try night.write("value.yaml", Night.pipeline(buckets: 64).replacing(Night.day, with: "2024-10-01"))
    let publish = try Holdfast.finish(night.process("publish", "a", pipeline: "value.yaml"))
    #expect(publish.status == 65 || publish.status == 66)
    #expect(publish.errors.contains("holdfast score value.yaml --as-of 2024-10-01"), "\(publish.errors)")
  }

  @Test func `is NULL where nobody bought twice, and run and database say why`() throws {
    let shop = try Shop(dumps: ["a.csv": Shop.rows.replacing("t2,anna", with: "t2,dora")])
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("warning: bg_nbd: ") && result.errors.contains("warning: gamma_gamma: "))
    #expect(result.output.contains("no model: customers' value is NULL"))
    let found = try Holdfast.shell(
      "sqlite3 out/shop.sqlite 'SELECT count(*), count(clv_minor), count(value_tier), count(lifecycle_stage) FROM customers;"
        + " SELECT count(*), count(parameters), min(warnings) > \"\" FROM models WHERE model <> \"margin\"'", in: shop.folder)
    #expect(found.output == "4|0|0|4\n2|0|1\n")
    #expect(shop.files("state/models") == [])
  }

  @Test func `stands in the summary: models, outlook, and whom to call first`() throws {
    let night = try Night(rows: 20_000)
    let text = try night.run("run", "a", ["--quiet"]).output
    #expect(text.contains("\nPurchases   ") && text.contains("\nValue       Gamma-Gamma p ") && text.contains("\nNext 30 d   "))
    #expect(text.split(separator: "\n").filter { !$0.hasPrefix("  sqlite3") && !$0.hasPrefix("Database") }.allSatisfy { $0.count <= 80 })
    let json = try night.run("run", "a", ["--quiet", "--json"]).output
    let facts = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let models = try #require(facts["models"] as? [[String: Any]])
    #expect(models.compactMap { $0["model"] as? String }.last == "margin" && models.count == 3)
    #expect(((facts["outlook"] as? [String: Any])?["purchases"] as? Double ?? 0) > 0)
    let calls = try #require(facts["at_risk"] as? [[String: Any]]).compactMap { $0["customer_id"] as? String }
    #expect(calls.count == 10)
    #expect(try night.sql("a", "SELECT customer_id FROM v_at_risk LIMIT 10").split(separator: "\n").map(String.init) == calls)
    #expect(try night.sql("a", "SELECT count(*) FROM v_key_customers") != "0\n")
    for id in calls { #expect(text.contains("\n" + id)) }
  }
}
