import Columns
import Foundation
import Scores
import Testing
import Warehouse

struct ModelsTests {
  let folder = TemporaryFolder()
  var options: PublishOptions { PublishOptions(path: folder.database) }

  private func models(_ asOf: String, r: Double) -> FittedModels {
    var purchases = ModelRecord("bg_nbd", ["b": 2.5, "r": r, "a": 0.75, "alpha_days": 31])
    (purchases.logLikelihood, purchases.gradientNorm, purchases.iterations) = (-100.5, 1e-7, 12)
    (purchases.customers, purchases.histories) = (3, 2)
    let values = ModelRecord("gamma_gamma", nil, warnings: ["nobody bought twice", "so it is"])
    return FittedModels(asOf: Day(asOf)!, currency: "EUR", models: [purchases, values])
  }

  /// With columns of value, tiers A to D and stages by turns.
  private func publication(_ asOf: String = "2025-01-01") -> Publication {
    let ids = (0..<12).map { "c\($0)" }
    var publication = Sample.publication(asOf, ids: ids)
    let tiers = ids.indices.map { UInt16($0 % 4 + 1) }, stages = ids.indices.map { UInt16($0 % 6) }
    func real(_ name: String, _ values: [Double]) -> Column {
      Column(ColumnDefinition(name, .real, unit: name.hasSuffix("minor") ? "minor" : "probability 0…1", name), .double(values))
    }
    publication.customers.append(real("churn_risk", ids.indices.map { Double($0) / 12 }))
    publication.customers.append(real("clv_minor", ids.indices.map { Double(1000 - 50 * $0) }))
    publication.customers.append(
      Column(ColumnDefinition("value_tier", .text, "tier"), .code(tiers, dictionary: ["", "A", "B", "C", "D"])))
    publication.customers.append(
      Column(ColumnDefinition("lifecycle_stage", .text, "stage"), .code(stages, dictionary: lifecycleStageNames)))
    return publication
  }

  @Test func `models of a day arrive with parameters in their order, and replace that day's only`() throws {
    var first = Sample.publication("2025-01-01"), second = Sample.publication("2025-01-02")
    (first.dated.models, second.dated.models) = (models("2024-12-30", r: 0.1), models("2025-01-02", r: 0.2))
    for publication in [first, second] { _ = try publish(publication, options: options) {} }
    second.dated.models = models("2025-01-02", r: 0.25)
    _ = try publish(second, options: options) {}
    let reader = try Reader(folder.database)
    #expect(
      try reader.texts("SELECT as_of, fitted_as_of, model, json_extract(parameters, '$.r'), warnings FROM models ORDER BY 1, 3") == [
        "\"2025-01-01\"|\"2024-12-30\"|\"bg_nbd\"|0.1|\"\"",
        "\"2025-01-01\"|\"2024-12-30\"|\"gamma_gamma\"|NULL|\"nobody bought twice; so it is\"",
        "\"2025-01-02\"|\"2025-01-02\"|\"bg_nbd\"|0.25|\"\"",
        "\"2025-01-02\"|\"2025-01-02\"|\"gamma_gamma\"|NULL|\"nobody bought twice; so it is\"",
      ])
    #expect(
      try reader.texts(
        "SELECT replace(parameters, '\"', ''), log_likelihood, iterations, customers, histories FROM models WHERE model = 'bg_nbd' LIMIT 1")
        == ["\"{r: 0.1, alpha_days: 31.0, a: 0.75, b: 2.5}\"|-100.5|12|3|2"])
    second.dated.models = nil
    _ = try publish(second, options: options) {}
    #expect(try reader.texts("SELECT DISTINCT as_of FROM models") == ["\"2025-01-01\""])
  }

  @Test func `a database from before there were models is upgraded and keeps its results`() throws {
    _ = try publish(Sample.publication("2025-01-01"), options: options) {}
    let newer = ["models", "checks", "backtests", "drift", "tenure_curves", "tenure_groups", "churn_drivers"].map { "DROP TABLE \($0); " }
      .joined()
    try Reader(folder.database).execute(newer + "PRAGMA user_version = 2")
    var next = Sample.publication("2025-01-02")
    next.dated.models = models("2025-01-02", r: 0.2)
    _ = try publish(next, options: options) {}
    let reader = try Reader(folder.database)
    #expect(try reader.texts("SELECT count(*) FROM models") == ["2"])
    #expect(try reader.texts("SELECT DISTINCT as_of FROM churn_metrics ORDER BY 1") == ["\"2025-01-01\"", "\"2025-01-02\""])
  }

  @Test func `models from before they told whose risk it is are kept, with none told`() throws {
    var publication = Sample.publication("2025-01-01")
    publication.dated.models = models("2025-01-01", r: 0.1)
    _ = try publish(publication, options: options) {}
    let reader = try Reader(folder.database)
    #expect(try reader.texts("SELECT model, risk_status FROM models ORDER BY 1") == ["\"bg_nbd\"|\"named\"", "\"gamma_gamma\"|NULL"])
    // As the version before made it.
    try Reader(folder.database).execute(
      """
      CREATE TABLE before AS SELECT * FROM models; DROP TABLE models;
      CREATE TABLE "models" (
        "as_of" TEXT NOT NULL, "model" TEXT NOT NULL, "fitted_as_of" TEXT NOT NULL, "parameters" TEXT, "log_likelihood" REAL,
        "gradient_norm" REAL, "iterations" INTEGER, "customers" INTEGER, "histories" INTEGER, "left_out_customers" INTEGER,
        "correlation" REAL, "warnings" TEXT NOT NULL, "status" TEXT NOT NULL, "trial" TEXT, "beats_baselines" INTEGER,
        "fit_reason" TEXT, PRIMARY KEY ("as_of", "model")
      ) STRICT, WITHOUT ROWID;
      INSERT INTO models SELECT as_of, model, fitted_as_of, parameters, log_likelihood, gradient_norm, iterations, customers, histories,
        left_out_customers, correlation, warnings, status, trial, beats_baselines, fit_reason FROM before;
      DROP TABLE before; PRAGMA user_version = 8
      """)
    var next = Sample.publication("2025-01-02")
    next.dated.models = models("2025-01-02", r: 0.2)
    _ = try publish(next, options: options) {}
    #expect(
      try Reader(folder.database).texts("SELECT as_of, risk_status FROM models WHERE model = 'bg_nbd' ORDER BY 1") == [
        "\"2025-01-01\"|NULL", "\"2025-01-02\"|\"named\"",
      ])
  }

  @Test func `the lists of key customers and those at risk follow their rules, the most valuable first`() throws {
    let publication = publication()
    _ = try publish(publication, options: options) {}
    let reader = try Reader(folder.database)
    // Tier A: 0, 4, 8; stages: prospect, lost, active.
    #expect(try reader.texts("SELECT customer_id, clv FROM v_key_customers") == ["\"c0\"|10.0", "\"c8\"|6.0"])
    // Tiers A and B: 0 prospect 0, 1 new .08, 4 lost, 5 regained .42, 8 active .67, 9 lapsing .75; 9: 412, 8: 400.
    #expect(try reader.texts("SELECT customer_id FROM v_at_risk") == ["\"c9\"", "\"c8\""])
    let first = customersAtRisk(publication.customers, byID: publication.customersByID, most: 10)
    #expect(first.map(\.customerId) == ["c9", "c8"], "the list of the summary is the view's")
  }

  @Test func `a list exists only while its columns are published`() throws {
    let lists = "SELECT name FROM sqlite_schema WHERE type = 'view' AND name IN ('v_key_customers', 'v_at_risk') ORDER BY 1"
    let both = ["\"v_at_risk\"", "\"v_key_customers\""]
    for (columns, expected) in [
      (nil, both), (["clv_minor", "value_tier", "lifecycle_stage"], ["\"v_key_customers\""]), (["clv_minor"], []), (nil, both),
    ] as [([String]?, [String])] {
      _ = try publish(publication(), options: PublishOptions(path: folder.database, columns: columns)) {}
      let reader = try Reader(folder.database)
      #expect(try reader.texts(lists) == expected)
      for view in expected { #expect(try !reader.texts("SELECT * FROM \(view)").isEmpty) }
      let described = "SELECT DISTINCT table_name FROM data_dictionary WHERE table_name LIKE 'v%k%' OR table_name LIKE 'v_key%' ORDER BY 1"
      #expect(try reader.texts(described) == expected)
    }
  }
}
