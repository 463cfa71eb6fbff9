import Columns
import Events
import Features
import Foundation
import Metrics
import Models
import Scores
import Testing
import Twins

/// The columns of value against plain formulas and the slow twin.
struct ValueTests {
  /// The published fits to CDNOW's sample; α in days.
  static let bgNBD = ["r": 0.24259452, "alpha_days": 7 * 4.41360214, "a": 0.79292191, "b": 2.42590648]
  static let gammaGamma = ["p": 6.25, "q": 3.74, "v": 15.44]

  private func fitted(margin: Double? = 0.4) -> FittedModels {
    var models = [ModelRecord("bg_nbd", Self.bgNBD), ModelRecord("gamma_gamma", Self.gammaGamma)]
    if let margin { models.append(ModelRecord("margin", ["share": margin])) }
    return FittedModels(asOf: Day("1997-09-30")!, currency: "USD", models: models)
  }

  private func cdnow(_ folder: StoreFolder, day: String = "1997-09-30") throws -> FeatureSet {
    try transform(
      try folder.store(try fixture("cdnow"), mapping: cdnowMapping), options: TransformOptions(asOf: Day(day)!, threads: 2))
  }

  private func cells(_ features: FeatureSet, _ scores: ScoreSet) -> [String: [String: TwinCell]] {
    var table = features.customers
    for column in scores.columns { table.append(column) }
    return Twins.cells(of: table)
  }

  private func real(_ row: [String: TwinCell]?, _ name: String) -> Double? {
    if case .real(let value)? = row?[name] { value } else { nil }
  }

  private func int(_ row: [String: TwinCell]?, _ name: String) -> Double {
    if case .integer(let value)? = row?[name] { Double(value) } else { 0 }
  }

  @Test func `P(alive), E[Z] and CLV of CDNOW's customers are put together by their formulas`() throws {
    let features = try cdnow(try StoreFolder())
    let rows = cells(features, try score(features, ScoreOptions(threads: 2), models: fitted()))
    let (r, alpha, a, b) = (Self.bgNBD["r"]!, Self.bgNBD["alpha_days"]!, Self.bgNBD["a"]!, Self.bgNBD["b"]!)
    let (p, q, v) = (6.25, 3.74, 15.44)
    var wrong: [String] = []
    for (id, row) in rows.sorted(by: { $0.key < $1.key }).enumerated().filter({ $0.offset % 40 == 0 }).map(\.element) {
      let x = int(row, "frequency"), recency = int(row, "recency_days"), tenure = int(row, "tenure_days")
      let odds = x == 0 ? 0 : a / (b + x - 1) * pow((alpha + tenure) / (alpha + recency), r + x)
      let repeated = int(row, "repeat_gross_minor") / 100, known = repeated > 0 ? x : 0
      let worth = 100 * p * (v + repeated) / (p * known + q - 1)
      func near(_ name: String, _ expected: Double) -> Bool { abs((real(row, name) ?? -1) / expected - 1) < 1e-9 }
      if !near("p_alive", 1 / (1 + odds)) || !near("expected_value_minor", worth) { wrong.append(id) }
      // Purchases of each step, discounted to its end; the last step ends with the horizon.
      func expected(_ days: Double) -> PurchaseScores {
        scorePurchases(
          .bgNBD(BGNBD(r: r, alphaDays: alpha, a: a, b: b)), frequency: [Int32(x)], recencyDays: [Int32(recency)],
          tenureDays: [Int32(tenure)], isPresent: nil, horizons: PurchaseHorizons(riskDays: days), threads: 1)
      }
      let ends = Array(stride(from: 30.0, to: 365, by: 30)) + [365]
      var discounted = 0.0, before = 0.0
      for end in ends {
        let until = expected(end).expectedPurchases[0]
        discounted += (until - before) / pow(1.1, end / 365)
        before = until
      }
      if !near("clv_minor", discounted * worth * 0.4) { wrong.append("\(id) clv \(row["clv_minor"]!) \(discounted * worth * 0.4)") }
      if !near("churn_risk", expected(90).churnRisk[0]) || !near("expected_purchases", expected(90).expectedPurchases[0]) {
        wrong.append(id)
      }
      if let infinite = real(row, "clv_infinite_minor"), let clv = real(row, "clv_minor"), infinite < clv { wrong.append("\(id) infinite") }
    }
    #expect(wrong == [])
    let tiers = rows.compactMapValues { real($0, "clv_minor") }
    #expect(rows.mapValues { $0["value_tier"] } == twinTiers(tiers, shares: [0.5, 0.8, 0.95]).mapValues { .text($0) })
  }

  @Test func `E[Z] of the first ten of CDNOW's sample are the published ones`() throws {
    let features = try cdnow(try StoreFolder())
    let rows = cells(features, try score(features, ScoreOptions(columns: ["customer_id", "expected_value_minor"]), models: fitted()))
    let sample = try String(contentsOfFile: packageRoot + "/fixtures/cdnow/sample_customers.csv", encoding: .utf8).split(separator: "\n")
    let ids = sample.dropFirst().prefix(10).map { String($0.split(separator: ",")[1]) }
    let expected = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    // Hardie's note 025, Lifetimes, CLVTools: to the cent at their full parameters, here at the printed ones.
    for (id, value) in zip(ids, expected) { #expect(abs((real(rows[id], "expected_value_minor") ?? 0) / 100 - value) < 0.15, "\(id)") }
  }

  @Test(arguments: 1...16)
  func `lifecycle stages are the twin's, and all but the lost and the prospects are the closing of the churn metrics`(seed: UInt64) throws {
    let population = NastyPopulation(seed: seed), folder = try StoreFolder()
    let dumps = try population.write(to: folder, files: 2)
    let rows = try dumps.flatMap { try twinRows(ofFile: $0, zone: population.zone) }
    let store = try folder.store(dumps, mapping: population.mapping, zone: population.zone)
    for day in population.days {
      for horizon in [nil, 5, 30, 90] {
        let twin = try Twin(rows: rows, asOf: day, horizon: horizon, zone: population.zone)
        let features = try transform(store, options: TransformOptions(asOf: Day(day)!, threads: 2, churnHorizonDays: horizon))
        let found = cells(features, try score(features, ScoreOptions(columns: ["lifecycle_stage"]), models: nil))
        let stages = found.mapValues { $0["lifecycle_stage"] }
        #expect((stages == twin.stages().mapValues { .text($0) }) as Bool, "as of \(day)")
        let there = stages.values.filter { $0 != .text("lost") && $0 != .text("prospect") }.count
        #expect(churnMetrics(features).last.map { Int($0.closing) } ?? 0 == there)
      }
    }
  }

  @Test(arguments: ["1998-06-30", "1997-04-30"])
  func `lifecycle stages of CDNOW agree with the closing of the churn metrics`(day: String) throws {
    let features = try cdnow(try StoreFolder(), day: day)
    let stages = cells(features, try score(features, ScoreOptions(columns: ["lifecycle_stage"]), models: nil)).values.map {
      $0["lifecycle_stage"]
    }
    #expect(stages.filter { $0 != .text("lost") }.count == Int(churnMetrics(features).last?.closing ?? 0))
    #expect(Set(stages).count >= 4)
  }

  @Test func `only what is asked for is computed and asked of transform`() {
    func features(_ columns: String...) -> [String] { ScoreOptions(columns: ["customer_id"] + columns).wanted.features.sorted() }
    #expect(features() == [] && !ScoreOptions(columns: ["customer_id", "rfm_segment"]).wanted.models)
    #expect(features("p_alive") == ["frequency", "recency_days", "tenure_days"])
    #expect(features("expected_value_minor") == ["frequency", "repeat_gross_minor"])
    #expect(
      features("value_tier") == ["cost_minor", "frequency", "margin_minor", "recency_days", "repeat_gross_minor", "tenure_days"])
    #expect(!ScoreOptions(columns: ["lifecycle_stage"]).wanted.models, "the stage needs no model")
    var fixed = ScoreOptions(columns: ["clv_minor"])
    fixed.value.marginShare = 0.3
    #expect(fixed.wanted.features.isDisjoint(with: ["cost_minor", "margin_minor"]))
  }

  @Test func `each column asked for alone holds what it holds among all, and needs no more features than it says`() throws {
    let population = NastyPopulation(seed: 2), folder = try StoreFolder()
    let store = try folder.store(try population.write(to: folder, files: 2), mapping: population.mapping, zone: population.zone)
    var options = TransformOptions(asOf: Day("2024-06-30")!, threads: 2)
    let all = try transform(store, options: options)
    let models = try fitModels(all, ScoreOptions())
    #expect(models.models.map(\.model) == ["bg_nbd", "gamma_gamma", "margin"] || models.models[0].model == "nbd")
    let whole = cells(all, try score(all, ScoreOptions(), models: models))
    for name in scoreColumnNames.dropFirst(4) {
      let wanted = ScoreOptions(columns: ["customer_id", name])
      options.columns = wanted.wanted.features
      let some = try transform(store, options: options)
      let alone = cells(some, try score(some, wanted, models: wanted.wanted.models ? try fitModels(some, wanted) : nil))
      #expect((alone.mapValues { $0[name] } == whole.mapValues { $0[name] }) as Bool, "\(name)")
      #expect(alone.values.first?.keys.filter { scoreColumnNames.dropFirst(4).contains($0) } == [name])
    }
  }

  @Test func `scores do not depend on threads and buckets`() throws {
    let population = NastyPopulation(seed: 5), folder = try StoreFolder()
    let dumps = try population.write(to: folder, files: 2)
    var expected: [String: [String: TwinCell]]?, models: FittedModels?, outlook: Outlook?
    for (buckets, threads) in [(64, 1), (1, 2), (8, 7)] {
      let store = try folder.store(dumps, mapping: population.mapping, buckets: buckets, zone: population.zone)
      let features = try transform(store, options: TransformOptions(asOf: Day("2024-06-30")!, threads: 2))
      let options = ScoreOptions(threads: threads), fit = try fitModels(features, options)
      let scores = try score(features, options, models: fit), found = cells(features, scores)
      #expect((found == expected ?? found) as Bool && fit == models ?? fit && scores.outlook == outlook ?? scores.outlook)
      (expected, models, outlook) = (found, fit, scores.outlook)
    }
  }

  @Test func `who never bought has no value and is a prospect`() throws {
    let folder = try StoreFolder()
    let text = "transaction_id,customer_id,occurred_at,amount,kind\n1,a,2024-01-01,5,refund\n2,b,2024-01-02,5,purchase\n"
    var mapping = cdnowMapping
    mapping.kind = "kind"
    let store = try folder.store([try folder.write("tx.csv", text)], mapping: mapping)
    let features = try transform(store, options: TransformOptions(asOf: Day("2024-01-31")!, threads: 1))
    let rows = cells(features, try score(features, ScoreOptions(), models: fitted()))
    for name in scoreColumnNames.dropFirst(4).dropLast() { #expect(rows["a"]?[name] == .null && rows["b"]?[name] != .null, "\(name)") }
    #expect(rows["a"]?["lifecycle_stage"] == .text("prospect") && rows["b"]?["lifecycle_stage"] == .text("new"))
  }

  @Test func `where nobody bought twice the models say so, and the columns are NULL`() throws {
    let folder = try StoreFolder()
    let text = "transaction_id,customer_id,occurred_at,amount\n" + (1...50).map { "\($0),c\($0),2024-01-01,5\n" }.joined()
    let store = try folder.store([try folder.write("tx.csv", text)], mapping: cdnowMapping)
    let features = try transform(store, options: TransformOptions(asOf: Day("2024-03-31")!, threads: 1))
    let models = try fitModels(features, ScoreOptions())
    for model in models.models.prefix(2) { #expect(model.parameters == nil && !model.warnings.isEmpty) }
    #expect(!models.isWorthKeeping && !models.covers(ScoreOptions().wanted))
    let scores = try score(features, ScoreOptions(), models: models)
    #expect(scores.outlook == nil)
    let row = cells(features, scores)["c1"]
    for name in scoreColumnNames.dropFirst(4).dropLast() { #expect(row?[name] == .null, "\(name)") }
  }

  @Test func `the margin is that of the rows whose cost is known, refunds taken off, else all of the revenue`() throws {
    let folder = try StoreFolder()
    func margin(_ rows: String...) throws -> ModelRecord? {
      let text = "transaction_id,customer_id,occurred_at,amount,cost,kind\n" + rows.joined(separator: "\n") + "\n"
      var mapping = cdnowMapping
      (mapping.cost, mapping.kind) = ("cost", "kind")
      let store = try folder.store([try folder.write("\(rows.hashValue).csv", text)], mapping: mapping)
      let features = try transform(store, options: TransformOptions(asOf: Day("2024-01-31")!, threads: 1))
      return try fitModels(features, ScoreOptions()).models.last
    }
    let known = try margin(
      "1,a,2024-01-01,10,4,purchase", "2,a,2024-01-02,90,,purchase", "3,b,2024-01-02,10,7,purchase", "4,b,2024-01-03,5,3,refund")
    // (20 − 5) − (11 − 3) of 15.
    #expect(known?.model == "margin" && known?.parameters == ["share": 7.0 / 15] && known?.customers == 2 && known?.warnings == [])
    let unknown = try margin("1,a,2024-01-01,10,,purchase")
    #expect(unknown?.parameters == ["share": 1] && unknown?.warnings.first?.hasPrefix("no row tells its cost") == true)
    let loss = try margin("1,a,2024-01-01,10,12,purchase")
    #expect(loss?.parameters == ["share": 0] && loss?.warnings.count == 1)
  }

  @Test func `the outlook is what is expected of all customers together`() throws {
    let features = try cdnow(try StoreFolder())
    var options = ScoreOptions(threads: 2)
    options.value.riskHorizonDays = 30
    let scores = try score(features, options, models: fitted()), rows = cells(features, scores)
    let purchases = rows.values.reduce(0) { $0 + (real($1, "expected_purchases") ?? 0) }
    let revenue = rows.values.reduce(0) { $0 + (real($1, "expected_purchases") ?? 0) * (real($1, "expected_value_minor") ?? 0) }
    let outlook = try #require(scores.outlook)
    #expect(outlook.days == 30 && abs(outlook.purchases / purchases - 1) < 1e-6)
    #expect(abs((outlook.revenueMinor ?? 0) / revenue - 1) < 1e-6)
    options.value.riskHorizonDays = 90
    #expect(try score(features, options, models: fitted()).outlook == outlook, "whatever the horizon of the risk")
  }

  @Test func `the customers at risk are those of the view, the most value in doubt first`() throws {
    let features = try cdnow(try StoreFolder())
    let scores = try score(features, ScoreOptions(threads: 2), models: fitted())
    var table = features.customers
    for column in scores.columns { table.append(column) }
    let found = customersAtRisk(table, byID: features.customersByID, most: 10)
    let expected = Twins.cells(of: table).filter { _, row in
      [.text("A"), .text("B")].contains(row["value_tier"]) && row["lifecycle_stage"] != .text("lost")
        && (row["lifecycle_stage"] == .text("lapsing") || (real(row, "churn_risk") ?? 0) >= 0.5)
    }
    func inDoubt(_ row: [String: TwinCell]?) -> Double { (real(row, "clv_minor") ?? 0) * (real(row, "churn_risk") ?? 0) }
    let sorted = expected.sorted { a, b in
      inDoubt(a.value) != inDoubt(b.value) ? inDoubt(a.value) > inDoubt(b.value) : precedes(a.key, b.key)
    }
    #expect(found.map(\.customerId) == sorted.prefix(10).map(\.key) && found.count == 10)
    #expect(customersAtRisk(features.customers, byID: features.customersByID, most: 10).isEmpty)
  }
}
