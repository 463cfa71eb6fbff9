import Columns
import Events
import Features
import Foundation
import Models
import Scores
import Testing
import Twins

/// The learned churn model on CDNOW's customers, by a store in a folder of its own.
struct LearnedChurnTests {
  private static let horizon = 90
  private static let day = Day("1997-12-31")!

  private func features(_ store: EventStore, _ day: Day, threads: Int = 2) throws -> FeatureSet {
    try transform(store, options: TransformOptions(asOf: day, threads: threads, columns: LearnedChurn.featureColumns))
  }

  private func learned(_ store: EventStore, threads: Int = 2) throws -> (model: LearnedChurn, now: FeatureSet) {
    let earlier = try features(store, Self.day + -Self.horizon, threads: threads), now = try features(store, Self.day, threads: threads)
    let bought = try LearnedChurn.purchases(of: earlier, within: now)
    return (try LearnedChurn.train(earlier, bought: bought, horizonDays: Self.horizon, threads: threads), now)
  }

  /// By customer.
  private func risks(_ model: LearnedChurn, _ features: FeatureSet, threads: Int = 2) throws -> [String: Double] {
    guard case .text(let ids)? = features.customers["customer_id"]?.values else { throw TwinFault(text: "no ids") }
    let values = try model.probabilities(features, threads: threads)
    return Dictionary(uniqueKeysWithValues: values.indices.map { (ids[$0], values[$0]) })
  }

  /// CDNOW's dumps as plain text, each row by `change`.
  private func dump(_ folder: StoreFolder, _ name: String, _ change: (_ fields: [Substring]) -> String?) throws -> String {
    var text = "transaction_id,customer_id,occurred_at,amount\n"
    for path in try fixture("cdnow") {
      let process = Process(), pipe = Pipe()
      process.executableURL = URL(fileURLWithPath: "/bin/gzip")
      process.arguments = ["-dc", path]
      process.standardOutput = pipe
      try process.run()
      let lines = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split(whereSeparator: \.isNewline)
      let names = lines[0].split(separator: ",").map(String.init)
      let places = ["transaction_id", "customer_id", "occurred_at", "amount"].compactMap { names.firstIndex(of: $0) }
      for line in lines.dropFirst() {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        if let row = change(places.map { fields[$0] }) { text += row + "\n" }
      }
    }
    return try folder.write(name, text)
  }

  private func plain(_ fields: [Substring]) -> String { fields.joined(separator: ",") }

  @Test func `a purchase after the day, moved, doubled or taken away by hand, changes no feature, no label, no coefficient and no score`()
    throws
  {
    let folder = try StoreFolder(), end = "\(Self.day)"
    let whole = try learned(try folder.store([try dump(folder, "whole.csv", plain)], mapping: cdnowMapping))
    let changed = try dump(folder, "changed.csv") { fields in
      if fields[2].prefix(10) <= end { return plain(fields) }
      let number = fields[0].utf8.reduce(0) { $0 + Int($1) }
      if number % 3 == 0 { return nil }
      return number % 3 == 1 ? "\(fields[0]),\(fields[1]),1998-06-30,999.99" : "\(fields[0]),\(fields[1]),1998-01-01,0.01"
    }
    let other = try learned(try folder.store([changed], mapping: cdnowMapping))
    #expect(whole.model == other.model && whole.model.fit != nil)
    #expect(try risks(whole.model, whole.now) == risks(other.model, other.now))
    // And the test can fail: a purchase of the horizon does change what is learned.
    let leaking = try dump(folder, "leaking.csv") {
      $0[2].prefix(10) > "1997-10-02" && $0[2].prefix(10) <= end && $0[1] < "05000" ? nil : plain($0)
    }
    #expect(try learned(try folder.store([leaking], mapping: cdnowMapping)).model != whole.model)
  }

  @Test func `neither buckets nor threads leave a trace`() throws {
    let folder = try StoreFolder(), dumps = try fixture("cdnow")
    let one = try learned(try folder.store(dumps, mapping: cdnowMapping, buckets: 64), threads: 2)
    let two = try learned(try folder.store(dumps.reversed(), mapping: cdnowMapping, buckets: 1), threads: 1)
    #expect(one.model == two.model)
    #expect(try risks(one.model, one.now) == risks(two.model, two.now, threads: 3))
  }

  @Test func `probabilities lie in 0…1, are NaN for who never bought, and rank and add up to what comes in a time not seen`() throws {
    let folder = try StoreFolder(), store = try folder.store(try fixture("cdnow"), mapping: cdnowMapping)
    let (model, now) = try learned(store)
    let later = try features(store, Self.day + Self.horizon)
    let bought = try LearnedChurn.purchases(of: now, within: later), risks = try model.probabilities(now, threads: 2)
    let rows = risks.indices.filter { !risks[$0].isNaN }
    #expect(rows.count == 23_570 && rows.allSatisfy { (0...1).contains(risks[$0]) })
    #expect(model.customers == 23_570 && model.inputs.contains("days_since_last") && !model.inputs.contains("categories"))
    // Those ranked as the riskiest and the least risky fifth.
    let ranked = rows.sorted { risks[$0] < risks[$1] }
    func share(_ rows: some Collection<Int>) -> Double { Double(rows.count { bought[$0] }) / Double(rows.count) }
    #expect(share(ranked.prefix(rows.count / 5)) > 4 * share(ranked.suffix(rows.count / 5)))
    let expected = rows.reduce(0) { $0 + 1 - risks[$1] } / Double(rows.count)
    #expect(abs(expected - share(rows)) < 0.05, "\(expected) and \(share(rows))")
  }

  @Test func `a customer's contributions and the intercept are his score, and the columns name the three strongest with their signs`()
    throws
  {
    let folder = try StoreFolder(), (model, now) = try learned(try folder.store(try fixture("cdnow"), mapping: cdnowMapping))
    let fit = try #require(model.fit), risks = try model.probabilities(now, threads: 2)
    var options = ScoreOptions(columns: ["customer_id"], threads: 2)
    options.learns = true
    let fitted = FittedModels(asOf: now.asOf, currency: "USD", models: [], learned: model)
    let whole = try transform(
      try folder.store(try fixture("cdnow"), mapping: cdnowMapping), options: TransformOptions(asOf: Self.day, threads: 2))
    let columns = try score(whole, options, models: fitted).columns
    for row in stride(from: 0, to: risks.count, by: 2500) {
      let parts = try model.contributions(now, row: row, threads: 1)
      #expect(parts.count == model.inputs.count && zip(parts, parts.dropFirst()).allSatisfy { abs($0.logOdds) >= abs($1.logOdds) })
      let sum = parts.reduce(fit.intercept) { $0 + $1.logOdds }
      #expect(abs(model.calibration.probability(sum) - risks[row]) < 1e-12)
      for place in 0..<3 {
        guard let column = columns.first(where: { $0.name == "churn_reason_\(place + 1)" }) else { throw TwinFault(text: "no reason") }
        #expect(Twins.cell(column, row) == .text((parts[place].logOdds > 0 ? "raises: " : "lowers: ") + parts[place].words))
      }
    }
  }

  @Test func `where nothing came before, or too little, the model says so and every risk is NULL`() throws {
    let folder = try StoreFolder()
    let text = "transaction_id,customer_id,occurred_at,amount\n" + (0..<50).map { "t\($0),c\($0),1997-12-\($0 % 9 + 10),5\n" }.joined()
    let (model, now) = try learned(try folder.store([try folder.write("few.csv", text)], mapping: cdnowMapping))
    #expect(model.fit == nil && model.warnings.first?.contains("too little to learn from: as of 1997-10-02 there were 0 customers") == true)
    #expect(try model.probabilities(now, threads: 1).allSatisfy(\.isNaN))
  }
}
