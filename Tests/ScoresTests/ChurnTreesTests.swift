#if XGBoost
  import Boosters
  import Columns
  import Events
  import Features
  import Foundation
  import Models
  import Scores
  import Testing
  import Twins

  @Suite struct `Boosted trees` {
    /// Two inputs, the second known of every other row, and an outcome that hangs on both and on whether it is known.
    private func sample(_ count: Int) -> (columns: [[Double]], outcome: [Bool]) {
      var state: UInt64 = 3
      func uniform() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) / 0x1p53
      }
      var a: [Double] = [], b: [Double] = [], outcome: [Bool] = []
      for _ in 0..<count {
        let x = uniform(), y = uniform() < 0.5 ? uniform() : .nan
        let odds = 3 * x - 1.5 + (y.isNaN ? 1 : y > 0.5 ? -2 : 0)
        a.append(x)
        b.append(y)
        outcome.append(uniform() < 1 / (1 + exp(-odds)))
      }
      return ([a, b], outcome)
    }

    @Test func `of the same rows are the same bytes, and neither threads nor neighbours change a bit of what they say`() throws {
      let (columns, outcome) = sample(5000), inputs = TreeInputs(columns)
      let one = try BoostedTrees.grow(inputs, outcome: outcome, TreeOptions())
      #expect(one == (try BoostedTrees.grow(inputs, outcome: outcome, TreeOptions())) && one.bytes.count > 1000)
      let scores = try one.logOdds(inputs, threads: 1)
      #expect(scores == (try one.logOdds(inputs, threads: 2)))
      #expect(try one.contributions(inputs, threads: 1) == one.contributions(inputs, threads: 2))
      let some = [4711, 3, 4999]
      #expect(try one.logOdds(inputs.picked(some), threads: 1) == some.map { scores[$0] })
      #expect(try BoostedTrees(bytes: one.bytes).logOdds(inputs, threads: 1) == scores)
      #expect(try one.logOdds(inputs, rounds: 50, threads: 1) != scores)
    }

    @Test func `tell each row by contributions that add up to its score, and take a missing value for one of its own`() throws {
      let (columns, outcome) = sample(5000), inputs = TreeInputs(columns)
      let trees = try BoostedTrees.grow(inputs, outcome: outcome, TreeOptions())
      let scores = try trees.logOdds(inputs, threads: 2), parts = try trees.contributions(inputs, threads: 2)
      #expect(parts.count == 3 && Set(parts[2]).count == 1)
      for row in scores.indices {
        // The library adds single floats.
        #expect(abs(parts[0][row] + parts[1][row] + parts[2][row] - scores[row]) < 1e-4)
      }
      let asked = TreeInputs([[0.5, 0.5, 0.5], [.nan, 0.2, 0.8]]), found = try trees.logOdds(asked, threads: 1)
      #expect(found[0] > found[1] + 0.5 && found[1] > found[2] + 1, "\(found)")
    }

    @Test func `whose bytes are damaged are refused`() throws {
      #expect(throws: BoosterError.self) { try BoostedTrees(bytes: Array("{no trees".utf8)) }
      #expect(throws: BoosterError.self) { try BoostedTrees(bytes: []) }
    }
  }

  /// Trees as the learned churn risk of CDNOW's customers.
  struct ChurnTreesTests {
    private static let horizon = 90
    private static let day = Day("1997-12-31")!

    private func features(_ store: EventStore, _ day: Day, threads: Int = 2) throws -> FeatureSet {
      try transform(store, options: TransformOptions(asOf: day, threads: threads, columns: LearnedChurn.featureColumns))
    }

    private func learned(
      _ store: EventStore, _ method: LearnedMethod, threads: Int = 2
    ) throws -> (model: LearnedChurn, now: FeatureSet) {
      let earlier = try features(store, Self.day + -Self.horizon, threads: threads), now = try features(store, Self.day, threads: threads)
      let bought = try LearnedChurn.purchases(of: earlier, within: now)
      return (
        try LearnedChurn.train(earlier, bought: bought, horizonDays: Self.horizon, threads: threads, method: method), now
      )
    }

    private func risks(_ model: LearnedChurn, _ features: FeatureSet, threads: Int) throws -> [String: Double] {
      guard case .text(let ids)? = features.customers["customer_id"]?.values else { throw TwinFault(text: "no ids") }
      let values = try model.probabilities(features, threads: threads)
      return Dictionary(uniqueKeysWithValues: values.indices.map { (ids[$0], values[$0]) })
    }

    /// Share of pairs in the right order, pair by pair.
    private func slowArea(_ scores: [Double], _ outcome: [Bool]) -> Double {
      var right = 0.0, pairs = 0.0
      for i in scores.indices where outcome[i] {
        for j in scores.indices where !outcome[j] {
          right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
          pairs += 1
        }
      }
      return right / pairs
    }

    @Test func `neither buckets nor threads leave a trace`() throws {
      let folder = try StoreFolder(), dumps = try fixture("cdnow")
      let one = try learned(try folder.store(dumps, mapping: cdnowMapping), .trees)
      let two = try learned(try folder.store(dumps.reversed(), mapping: cdnowMapping, buckets: 1), .trees, threads: 1)
      #expect(one.model == two.model && one.model.trees != nil)
      #expect(try risks(one.model, one.now, threads: 2) == risks(two.model, two.now, threads: 1))
    }

    @Test func `auto takes the one that loses less on customers held out, keeps the other's measures, and ranks a time not seen`() throws {
      let folder = try StoreFolder(), store = try folder.store(try fixture("cdnow"), mapping: cdnowMapping)
      let (model, now) = try learned(store, .auto), (logistic, _) = try learned(store, .logistic), (trees, _) = try learned(store, .trees)
      let loser = try #require(model.loser), trial = try #require(model.trial)
      #expect(trial.isWinner && loser.trial?.isWinner == false && trial.reason?.contains("it loses less on customers") == true)
      let (won, lost) = (trial.measures["log_loss"]!, loser.trial!.measures["log_loss"]!)
      #expect(won <= lost && (0.5...1).contains(trial.measures["auc"]!) && (0.5...1).contains(loser.trial!.measures["auc"]!))
      #expect((loser.model == "churn_trees") == (model.method != .trees))
      let best = model.method == .trees ? trees : logistic
      #expect(model.fit == best.fit && model.trees == best.trees && model.calibration == best.calibration)
      #expect(try JSONDecoder().decode(LearnedChurn.self, from: try JSONEncoder().encode(trees)) == trees)
      // What comes in a time that none of them has seen.
      let later = try features(store, Self.day + Self.horizon), bought = try LearnedChurn.purchases(of: now, within: later)
      for (name, one) in [("logistic", logistic), ("trees", trees)] {
        let risks = try one.probabilities(now, threads: 2), rows = risks.indices.filter { !risks[$0].isNaN }
        #expect(rows.count == 23_570 && rows.allSatisfy { (0...1).contains(risks[$0]) })
        let area = fastArea(rows.map { risks[$0] }, rows.map { !bought[$0] }), some = Array(rows.prefix(2000))
        #expect(
          abs(fastArea(some.map { risks[$0] }, some.map { !bought[$0] }) - slowArea(some.map { risks[$0] }, some.map { !bought[$0] }))
            < 1e-12)
        #expect(area > 0.79, "\(name): \(area)")
        print("AUC of the next 90 days by \(name): \(area)")
      }
    }

    private func fastArea(_ scores: [Double], _ outcome: [Bool]) -> Double { areaUnderCurve(scores, outcome) }

    @Test func `a customer's contributions and what everybody has are his score, and the columns name the three strongest`() throws {
      let folder = try StoreFolder(), store = try folder.store(try fixture("cdnow"), mapping: cdnowMapping)
      let (model, now) = try learned(store, .trees), risks = try model.probabilities(now, threads: 2)
      var options = ScoreOptions(columns: ["customer_id"], threads: 2)
      options.learns = true
      let whole = try transform(store, options: TransformOptions(asOf: Self.day, threads: 2))
      let fitted = FittedModels(asOf: now.asOf, currency: "USD", models: [], learned: model)
      let columns = try score(whole, options, models: fitted).columns
      var sums: [(moved: Double, risk: Double)] = []
      for row in stride(from: 0, to: risks.count, by: 500) {
        let parts = try model.contributions(now, row: row, threads: 1)
        #expect(parts.count == model.inputs.count && zip(parts, parts.dropFirst()).allSatisfy { abs($0.logOdds) >= abs($1.logOdds) })
        sums.append((parts.reduce(0) { $0 + $1.logOdds }, risks[row]))
        for place in 0..<3 {
          guard let column = columns.first(where: { $0.name == "churn_reason_\(place + 1)" }) else { throw TwinFault(text: "no reason") }
          #expect(Twins.cell(column, row) == .text((parts[place].logOdds > 0 ? "raises: " : "lowers: ") + parts[place].words))
        }
      }
      // Everybody's part is the same: the more is added, the greater the risk.
      sums.sort { $0.moved < $1.moved }
      #expect(zip(sums, sums.dropFirst()).allSatisfy { $1.moved - $0.moved < 1e-4 || $0.risk <= $1.risk } && sums[0].risk < 0.5)
    }

    @Test func `with too few customers there are no trees, and the model says so`() throws {
      let folder = try StoreFolder()
      let text = "transaction_id,customer_id,occurred_at,amount\n" + (0..<150).map { "t\($0),c\($0),1997-0\($0 % 9 + 1)-10,5\n" }.joined()
      let (model, now) = try learned(try folder.store([try folder.write("few.csv", text)], mapping: cdnowMapping), .auto)
      #expect(!model.isFitted && model.loser?.warnings.first?.contains("too little to learn from") == true)
      #expect(try model.probabilities(now, threads: 1).allSatisfy(\.isNaN))
    }
  }
#endif
