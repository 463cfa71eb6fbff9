import Columns
import Foundation
import Models
import Scores
import Testing
import Twins

/// Population stability against hand-worked numbers and a slow twin.
struct DriftTests {
  private static let day = Day(20_000)

  /// Customers whose features are drawn anew: `growth` times as many purchase days at the same tenure, tenures longer by `age`.
  private static func customers(_ count: Int, seed: UInt64, growth: Int64 = 1, age: Int32 = 0, shuffledBy shuffle: UInt64? = nil) -> Table {
    var numbers = SeededNumbers(seed: seed)
    var rows = (0..<count).map { _ in
      let tenure = Int32(numbers.next() % 400) + age
      let frequency = Int32(truncatingIfNeeded: Int64(numbers.next() % UInt64(1 + Int64(tenure) * growth / 50)))
      let value = Int64(numbers.next() % 5000) * growth
      return (
        tenure, frequency, min(tenure, frequency * 9), Int64(frequency) * value, Double(numbers.next() % 2000) / 1000 - 1,
        numbers.next() % 3 == 0, UInt16(1 + numbers.next() % 20 * (numbers.next() % 2)), numbers.next() % 50 == 0
      )
    }
    if let shuffle {
      var order = SeededNumbers(seed: shuffle)
      for row in rows.indices.reversed() { rows.swapAt(row, Int(order.next() % UInt64(row + 1))) }
    }
    func int(_ name: String, _ values: [Int32]) -> Column { Column(ColumnDefinition(name, .integer, name), .int32(values)) }
    let dictionary = [""] + (1...21).map { "word \($0)" }
    return Table(
      rowCount: count,
      columns: [
        int("tenure_days", rows.map(\.0)), int("frequency", rows.map(\.1)), int("recency_days", rows.map(\.2)),
        Column(ColumnDefinition("repeat_gross_minor", .integer, "money"), .int64(rows.map(\.3))),
        Column(ColumnDefinition("spend_trend", .real, "trend"), .double(rows.map { $0.5 ? 0 : $0.4 }), isPresent: rows.map { !$0.5 }),
        Column(ColumnDefinition("discount_share", .real, "share"), .double(rows.map { $0.5 ? 0 : abs($0.4) })),
        Column(ColumnDefinition("refunds", .integer, "constant"), .int64([Int64](repeating: 7 * growth, count: count))),
        Column(
          ColumnDefinition("first_channel", .text, "word"), .code(rows.map { $0.7 ? 0 : $0.6 }, dictionary: dictionary),
          isPresent: rows.map { !$0.7 }),
        Column(ColumnDefinition("last_purchase", .date, "a day is not compared"), .int32(rows.map(\.0))),
      ])
  }

  private static let models = [
    ModelRecord("nbd", ["r": 0.5, "alpha_days": 100]), ModelRecord("gamma_gamma", ["p": 6, "q": 4, "v": 15]),
  ]

  private static func fitted(_ customers: Table, threads: Int = 1) throws -> FittedModels {
    let population = try DayPopulation(customers, asOf: day, columns: nil, ScoreOptions(threads: threads))
    var models = FittedModels(asOf: day, currency: "USD", models: models)
    models.population = population.counted([], keeps: true, since: nil, nil).population
    return models
  }

  private static func report(_ customers: Table, since fitted: FittedModels, days: Int, threads: Int = 1) throws -> DriftReport {
    let population = try DayPopulation(customers, asOf: day + days, columns: nil, ScoreOptions(threads: threads))
    return try #require(population.counted([], keeps: false, since: fitted, population.inputDrift(since: fitted)).report)
  }

  /// Of each row, as text for words; nil where there is none.
  private static func values(_ table: Table, _ name: String) -> [TwinCell?] {
    guard let column = table[name] else { return [] }
    return (0..<column.count).map { row in
      if column.isPresent?[row] == false { return nil }
      switch column.values {
      case .int32(let values): return .real(Double(values[row]))
      case .int64(let values): return .real(Double(values[row]))
      case .double(let values): return .real(values[row])
      case .code(let codes, let words): return .text(words[Int(codes[row])])
      case .text: return nil
      }
    }
  }

  private static func isIn(_ value: TwinCell?, _ bin: DriftBin, words: Set<String>) -> Bool {
    switch value {
    case nil: bin.isMissing == true
    case .real(let value)?: bin.isMissing == nil && value >= bin.from ?? -.infinity && value < bin.to ?? .infinity
    case .text(let word)?: bin.value == word || bin.isOther == true && !words.contains(word)
    default: false
    }
  }

  @Test func `shares of 50, 30, 20 % that become 40, 30, 30 % have an index of 0.0629`() {
    // (−0.1) ln 0.8 + 0 + 0.1 ln 1.5 = 0.022314 + 0.040547
    #expect(abs(PopulationStability(then: [50, 30, 20], now: [400, 300, 300]).index - 0.062861) < 1e-6)
    // An empty bin counts as half a customer of 10: (−0.5) ln 0.5 + (0.5 − 0.05) ln 10 = 0.346574 + 1.036163; one empty twice does not.
    #expect(abs(PopulationStability(then: [10, 0, 0], now: [5, 5, 0]).index - 1.382737) < 1e-6)
    #expect(PopulationStability(then: [3, 4], now: [3, 4]).index == 0)
    #expect(PopulationStability(then: [0, 0], now: [3, 4]).index.isNaN)
  }

  @Test func `bins, shares, means and indices of all columns are those of a count by hand`() throws {
    let before = Self.customers(3000, seed: 1), after = Self.customers(2000, seed: 2, growth: 3)
    let report = try Self.report(after, since: try Self.fitted(before), days: 30)
    #expect(
      report.columns.map(\.column).sorted() == [
        "discount_share", "first_channel", "frequency", "mean_repeat_value_minor", "recency_days", "refunds", "repeat_gross_minor",
        "spend_trend", "tenure_days",
      ])
    for drift in report.columns where drift.column != "mean_repeat_value_minor" {
      let (then, now) = (Self.values(before, drift.column), Self.values(after, drift.column))
      let words = Set(drift.bins.compactMap(\.value))
      var index = 0.0
      for bin in drift.bins {
        let n = then.count { Self.isIn($0, bin, words: words) }, m = now.count { Self.isIn($0, bin, words: words) }
        #expect(bin.then == Double(n) / 3000 && bin.now == Double(m) / 2000, "\(drift.column) \(bin)")
        let p = max(Double(n), 0.5) / 3000, q = max(Double(m), 0.5) / 2000
        index += (q - p) * log(q / p)
        // By tenths, unless one value, or one class of 1/32 around a number, has more.
        let met = Set(then.filter { Self.isIn($0, bin, words: words) }.compactMap { if case .real(let value)? = $0 { value } else { nil } })
        #expect(bin.then < 0.2 || (met.min() ?? 0) * 1.033 + 1e-4 >= met.max() ?? 0, "\(drift.column) \(bin)")
      }
      #expect(abs(drift.index - index) < 1e-9, "\(drift.column)")
      #expect(abs(drift.bins.map(\.then).reduce(0, +) - 1) < 1e-9 && abs(drift.bins.map(\.now).reduce(0, +) - 1) < 1e-9)
      #expect(drift.missingThen == then.count { $0 == nil } && drift.missingNow == now.count { $0 == nil })
      let present = now.compactMap { if case .real(let value)? = $0 { value } else { nil } }
      if let mean = drift.meanNow { #expect(abs(mean - present.reduce(0, +) / Double(present.count)) < 1e-6 * max(1, abs(mean))) }
    }
    #expect(report.column("refunds")?.level == .shifted, "a constant that became another one")
    #expect(report.column("first_channel")?.bins.count == 17, "15 words, the others, and none")
  }

  @Test func `at equal tenure the index is that of a weighted count by hand; ageing alone moves it little`() throws {
    let before = Self.customers(8000, seed: 3), aged = Self.customers(8000, seed: 4, age: 60)
    let fitted = try Self.fitted(before), report = try Self.report(aged, since: fitted, days: 60)
    let edges = try #require(fitted.population?.spread("tenure_days")?.edges)
    func tenths(_ table: Table) -> [Int?] {
      Self.values(table, "tenure_days").map { value in
        guard case .real(let tenure)? = value, tenure <= 399 else { return nil }
        return edges.count { $0 <= tenure }
      }
    }
    let (tenthsThen, tenthsNow) = (tenths(before), tenths(aged))
    for name in ["frequency", "recency_days"] {
      let drift = try #require(report.column(name))
      let (then, now) = (Self.values(before, name), Self.values(aged, name))
      let met = Set(tenthsNow.compactMap { $0 }).intersection(tenthsThen.compactMap { $0 })
      let customersThen = tenthsThen.count { $0.map(met.contains) ?? false },
        customersNow = tenthsNow.count { $0.map(met.contains) ?? false }
      var index = 0.0
      for bin in drift.bins {
        var n = 0.0, m = 0.0
        for tenth in met {
          let sizeThen = tenthsThen.count { $0 == tenth }, sizeNow = tenthsNow.count { $0 == tenth }
          let inThen = then.indices.count { tenthsThen[$0] == tenth && Self.isIn(then[$0], bin, words: []) }
          let inNow = now.indices.count { tenthsNow[$0] == tenth && Self.isIn(now[$0], bin, words: []) }
          n += Double(inThen)
          m += Double(inNow) / Double(sizeNow) * Double(sizeThen) * Double(customersNow) / Double(customersThen)
        }
        if n == 0 && m == 0 { continue }
        let p = max(n, 0.5) / Double(customersThen), q = max(m, 0.5) / Double(customersNow)
        index += (q - p) * log(q / p)
      }
      #expect(abs((drift.atEqualTenure ?? -1) - index) < 1e-9, "\(name)")
      #expect(index < 0.05 && drift.index > 2 * index, "\(name) \(drift.index) \(index)")
    }
  }

  @Test func `purchase days since the fit are counted against those that the model expects`() throws {
    let before = Self.customers(4000, seed: 5), fitted = try Self.fitted(before)
    // The same customers 20 days later, each with one purchase day more.
    guard case .int32(let tenure)? = before["tenure_days"]?.values, case .int32(let frequency)? = before["frequency"]?.values else {
      return
    }
    let later = Table(
      rowCount: 4000,
      columns: before.columns.map { column in
        switch column.name {
        case "tenure_days": Column(column.definition, .int32(tenure.map { $0 + 20 }))
        case "frequency": Column(column.definition, .int32(frequency.map { $0 + 1 }))
        default: column
        }
      })
    let since = try #require(try Self.report(later, since: fitted, days: 20).purchases)
    // Of NBD: r/α a day, whatever the tenure; variance of a customer e + e²/r.
    let each = 0.5 / 100 * 20
    #expect(since.seen == 4000 && since.customers == 4000 && abs(since.expected - 4000 * each) < 1e-6)
    #expect(abs(since.standardError - (4000 * (each + each * each / 0.5)).squareRoot()) < 1e-9)
    #expect(since.level == .shifted && since.isOff(by: 2) && !since.isOff(by: 2.4), "ln 10 = 2.30")
    // More than one in a hundred of the customers of then are gone: nothing can be told.
    let gone = Self.customers(3900, seed: 5, age: 20)
    #expect(try Self.report(gone, since: fitted, days: 20).purchases == nil)
  }

  @Test func `neither threads nor the order of customers change a bit, and what is kept reads back as it was`() throws {
    let first = try Self.fitted(Self.customers(2000, seed: 6)), now = Self.customers(1500, seed: 7, growth: 2)
    let expected = try Self.report(now, since: first, days: 9)
    for (threads, shuffle) in [(3, nil), (1, 11), (4, 12)] as [(Int, UInt64?)] {
      let again = try Self.fitted(Self.customers(2000, seed: 6, shuffledBy: shuffle), threads: threads)
      #expect(again == first)
      #expect(
        try Self.report(Self.customers(1500, seed: 7, growth: 2, shuffledBy: shuffle), since: again, days: 9, threads: threads) == expected)
    }
    let kept = try JSONDecoder().decode(FittedModels.self, from: JSONEncoder().encode(first))
    #expect(kept == first && kept.isSound)
    var foreign = first
    foreign.population?.columns[0].customers[0] += 1
    #expect(!foreign.isSound, "the bins do not add up to the customers")
  }

  @Test func `numbers of every size and sign fall into bins that hold them`() throws {
    let numbers: [Double] = [
      -1e300, -1e15, -70, -64, -1.03, -1, -0.5, -1e-4, 0, -0.0, 1e-4, 0.5, 1, 1.03, 2, 63, 64, 65, 1e6, 1e15, 1e300,
    ]
    let values = (0..<200).map { numbers[$0 % numbers.count] }
    func table(_ values: [Double]) -> Table {
      let zeros = Column(ColumnDefinition("frequency", .integer, ""), .int32([Int32](repeating: 0, count: values.count)))
      let columns = ["tenure_days", "recency_days"].map { Column(ColumnDefinition($0, .integer, ""), zeros.values) }
      let money = Column(ColumnDefinition("repeat_gross_minor", .integer, ""), .int64([Int64](repeating: 0, count: values.count)))
      return Table(rowCount: values.count, columns: [zeros, money] + columns + [Column(ColumnDefinition("x", .real, ""), .double(values))])
    }
    let fitted = try Self.fitted(table(values))
    for number in numbers {
      let drift = try #require(try Self.report(table([number]), since: fitted, days: 1).column("x"))
      let bin = try #require(drift.bins.first { $0.now == 1 })
      // What is beyond the outermost classes counts with them.
      let counted = min(max(number, -0x1.f8p47), 0x1p48)
      #expect(counted >= bin.from ?? -.infinity && counted <= bin.to ?? .infinity, "\(number) in \(bin)")
    }
  }
}
