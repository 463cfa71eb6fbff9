import Columns
import Dumps
import Events
import Features
import Testing
import Twins

/// What holds for the features of any population.
struct PropertyTests {
  private static let looksAtAllGaps: Set<String> = ["rhythm_days", "overdue_days", "overdue_ratio", "lost_after_days", "regained_on"]

  private func features(_ folder: StoreFolder, _ population: NastyPopulation, _ lines: [String]? = nil, day: String) throws -> FeatureSet {
    let dumps = try population.write(
      to: folder, files: 2, names: ["a-\(lines?.count ?? 0).csv", "b-\(lines?.count ?? 0).csv"], lines: lines)
    let store = try folder.store(dumps, mapping: population.mapping, zone: population.zone)
    return try transform(store, options: TransformOptions(asOf: Day(day)!, threads: 2))
  }

  @Test(arguments: 1...12)
  func `days, windows and sums of a customer keep their order`(seed: UInt64) throws {
    let features = try features(try StoreFolder(), NastyPopulation(seed: seed), day: "2024-06-30")
    var gross = 0, net = 0, purchases = 0
    for (customer, row) in cells(of: features.customers) {
      func value(_ name: String) -> Int {
        if case .integer(let value)? = row[name] { value } else { 0 }
      }
      let bought = value("purchases")
      #expect(value("frequency") <= max(0, bought - 1) && value("recency_days") <= value("tenure_days"), "customer \(customer)")
      #expect(value("recency_days") + value("days_since_last") == value("tenure_days"), "customer \(customer)")
      #expect(value("gross_minor") >= value("net_minor"), "customer \(customer)")
      for n in [30, 90, 365] {
        #expect(value("spend_\(n)d_minor") + value("spend_prev_\(n)d_minor") <= value("gross_minor"), "customer \(customer)")
        #expect(value("purchases_\(n)d") + value("purchases_prev_\(n)d") <= bought, "customer \(customer)")
      }
      #expect(value("spend_30d_minor") <= value("spend_90d_minor") && value("spend_90d_minor") <= value("spend_365d_minor"))
      #expect((row["last_purchase"] == .null) == (bought == 0) && (row["rhythm_days"] == .null) == (bought == 0), "customer \(customer)")
      (gross, net, purchases) = (gross + value("gross_minor"), net + value("net_minor"), purchases + bought)
    }
    let partials = features.partials
    #expect(partials.grossMinor.reduce(0, +) == gross && partials.purchases.reduce(0, +) == purchases)
    #expect(partials.grossMinor.reduce(0, +) - partials.refundedMinor.reduce(0, +) == net)
  }

  @Test(arguments: 1...6)
  func `a purchase after the as-of day, whenever it is, changes nothing`(seed: UInt64) throws {
    let population = NastyPopulation(seed: seed), folder = try StoreFolder(), day = "2024-05-14"
    let before = try features(folder, population, day: day)
    var numbers = SeededNumbers(seed: seed), moved = 0
    let lines = population.lines.map { line in
      var fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard fields[2].prefix(10) > "2024-05-16" else { return line }
      moved += 1
      // Some to the first second that is not visible, in the zone's own time.
      fields[2] =
        numbers.next() % 3 == 0
        ? "2024-05-15T00:00:00" : "\(Day("2024-05-16")! + Int(numbers.next() % 3000))" + fields[2].dropFirst(10)
      return fields.joined(separator: ",")
    }
    let after = try features(folder, population, lines, day: day)
    #expect(moved > 50)
    #expect((contents(of: before.customers) == contents(of: after.customers)) as Bool)
    #expect(before.partials == after.partials)
    #expect(differences(after.customers, cells(of: before.customers)) == [])
  }

  @Test(arguments: 1...6)
  func `a new customer changes no other's row, but for what looks at everyone's gaps`(seed: UInt64) throws {
    let population = NastyPopulation(seed: seed), folder = try StoreFolder()
    let before = cells(of: try features(folder, population, day: "2024-06-30").customers)
    var added: [String] = []
    for i in 0..<7 {
      var fields = population.lines[i].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      (fields[0], fields[1], fields[2]) = ("new-\(i)", "C00new", "2024-01-\(10 + 2 * i)T00:00:00Z")
      added.append(fields.joined(separator: ","))
    }
    var after = cells(of: try features(folder, population, added + population.lines, day: "2024-06-30").customers)
    #expect(after.removeValue(forKey: "C00new") != nil)
    #expect(Set(after.keys) == Set(before.keys))
    for (customer, row) in before {
      for (name, cell) in row where !Self.looksAtAllGaps.contains(name) {
        #expect(after[customer]?[name] == cell, "customer \(customer), \(name)")
      }
    }
  }

  @Test func `a store without dumps, and dumps without rows, give an empty table`() throws {
    let folder = try StoreFolder()
    let empty = try folder.write("empty.csv", "transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind\n")
    for dumps in [[], [empty]] {
      for day in ["1970-01-01", "2024-02-29", "9999-12-31", "0001-01-01"] {
        let features = try transform(try folder.store(dumps), options: TransformOptions(asOf: Day(day)!, threads: 2))
        #expect(features.customers.rowCount == 0 && features.customersByID.isEmpty && features.conflicts.isEmpty)
        #expect(features.customers.columns.count == 54)
        #expect(features.loads.count == dumps.count)
      }
    }
  }

  @Test func `as of a day before all events there is nobody`() throws {
    let folder = try StoreFolder()
    let features = try transform(
      try folder.store(try fixture("synthetic")), options: TransformOptions(asOf: Day("2022-12-31")!, threads: 2))
    #expect(features.customers.rowCount == 0)
    #expect(features.partials.purchases.allSatisfy { $0 == 0 })
  }
}
