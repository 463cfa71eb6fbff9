import Columns
import Dumps
import Events
import Features
import Foundation
import Metrics
import Testing
import Twins

/// Tenures against the slow twin, customer by customer, and against curves worked by hand.
struct TenureTests {
  private func features(_ store: EventStore, _ day: String, horizon: Int? = nil, threads: Int = 2) throws -> FeatureSet {
    var options = TransformOptions(asOf: Day(day)!, threads: threads, churnHorizonDays: horizon)
    options.beginnings = true
    return try transform(store, options: options)
  }

  private func tenures(_ features: FeatureSet, drivers: Bool = false) throws -> Tenures {
    var ids = TextColumn()
    if case .text(let found)? = features.customers["customer_id"]?.values { ids = found }
    return Tenures(try #require(features.beginnings), asOf: features.asOf, ids: ids, drivers: drivers)
  }

  @Test func `with contracts a tenure ends with the last paid period, and nobody is watched for longer than it is known`() throws {
    // One month; six and on; two, then a pause; the first days ago; a payment that is missing for a day too long, and one that may come yet.
    let payments = [
      "a": ["2024-01-10"], "b": (1...6).map { "2024-0\($0)-10" }, "c": ["2024-01-10", "2024-02-10", "2024-05-10", "2024-06-10"],
      "d": ["2024-06-25"], "e": ["2024-05-20"], "f": ["2024-05-21"],
    ]
    let rows = payments.flatMap { id, days in days.map { "\(id)\($0),\(id),\($0),9.99" } }.sorted()
    let folder = try StoreFolder(), text = (["transaction_id,customer_id,occurred_at,amount"] + rows).joined(separator: "\n") + "\n"
    for (buckets, horizon) in [(64, nil), (1, 90)] as [(Int, Int?)] {
      let store = try folder.store([try folder.write("tx\(buckets).csv", text)], mapping: cdnowMapping, buckets: buckets)
      var options = TransformOptions(asOf: Day("2024-06-30")!, threads: 2, churnHorizonDays: horizon, columns: ["frequency"])
      options.beginnings = true
      options.contract = ContractWish(period: .days(365.25 / 12))
      let plain = try transform(store, options: options)
      #expect(plain.contract == nil && plain.gaps?.reduce(0, +) == 8)
      options.requiresContracts = true
      let features = try transform(store, options: options), terms = try #require(features.contract)
      #expect(terms.graceDays == 10)
      let tenures = Tenures(try #require(features.beginnings), asOf: features.asOf, ids: TextColumn(), drivers: false, contract: terms)
      let all = try #require(tenures.groupings.first?.groups.first)
      #expect(all.customers == 6 && all.lost == 3)
      #expect(all.months.map(\.days) == [0, 30, 60, 90, 120, 150, 162])
      #expect(all.months.map(\.lost) == [0, 2, 0, 1, 0, 0, 0])
      #expect(all.months.map(\.atRisk) == [6, 5, 2, 1, 1, 1, 1])
      #expect(abs(all.months[6].survival - 0.3) < 1e-12)
      let folderOfFeatures = folder.path + "/features\(buckets)"
      try features.write(to: folderOfFeatures)
      let read = try FeatureSet(readFrom: folderOfFeatures)
      #expect(read.contract == terms && read.gaps == features.gaps && read.beginnings?.firstLostOn == features.beginnings?.firstLostOn)
    }
  }

  private func isClose(_ a: Double?, _ b: Double) -> Bool { abs((a ?? .nan) - b) <= 1e-9 * max(1, abs(b)) }

  /// How each customer began, as the twin has it. Returns his life by group, by grouping.
  private func check(_ features: FeatureSet, _ twin: Twin) throws -> [String: [String: [(days: Int, isLost: Bool)]]] {
    let beginnings = try #require(features.beginnings), expected = twin.beginnings(), cells = twin.customers()
    guard case .text(let ids)? = features.customers["customer_id"]?.values else { return [:] }
    var lives: [String: [String: [(days: Int, isLost: Bool)]]] = [:], wrong: [String] = []
    for row in 0..<ids.count {
      let id = latin1(bytes(ids, row))
      guard let own = expected[id] else {
        if beginnings.bought[row] { wrong.append(id) }
        continue
      }
      let category = beginnings.firstCategory[row] == 0 ? nil : beginnings.categories[Int(beginnings.firstCategory[row])]
      let lostOn = beginnings.firstLostOn[row] == Beginnings.notLost ? nil : Int(beginnings.firstLostOn[row])
      let share = beginnings.firstDiscountShare[row]
      let isSameDays = Int(beginnings.firstDay[row]) == own.firstDay && lostOn == own.firstLostOn
      let isSameOrder = Int(beginnings.firstOrderMinor[row]) == own.paid && (share.isNaN ? nil : share) == own.discountShare
      let isSame = isSameDays && isSameOrder && category.map { latin1(Array($0.utf8)) } == own.category
      if !isSame { wrong.append(id) }
      let month = Day(Int32(own.firstDay)).month, quarter = "\(month / 12)-Q\(month % 12 / 3 + 1)"
      var channel = "(none)"
      if case .text(let first)? = cells[id]?["first_channel"] { channel = first }
      let life = (days: (own.firstLostOn ?? twin.asOf) - own.firstDay, isLost: own.firstLostOn != nil)
      for (grouping, group) in [
        ("all", "all"), ("acquisition_quarter", quarter), ("first_channel", channel), ("first_category", category ?? "(none)"),
      ] {
        lives[grouping, default: [:]][group, default: []].append(life)
      }
    }
    #expect(wrong.isEmpty)
    return lives
  }

  private func check(_ groupings: [TenureGrouping], _ lives: [String: [String: [(days: Int, isLost: Bool)]]]) {
    for grouping in groupings {
      #expect(Set(grouping.groups.map(\.name)) == Set(lives[grouping.name, default: [:]].keys), "\(grouping.name)")
      for group in grouping.groups {
        let slow = TwinSurvival(lives[grouping.name]?[group.name] ?? []), isLong = slow.lives.contains { $0.days >= 365 }
        #expect(group.customers == slow.lives.count && group.lost == slow.lives.count { $0.isLost })
        #expect(group.medianDays.map { Int($0) } == slow.median)
        #expect(isLong ? isClose(group.restrictedMeanDays, slow.restrictedMean(365)) : group.restrictedMeanDays == nil)
        var before = -1
        for month in group.months {
          #expect(month.atRisk == slow.atRisk(month.days) && month.lost == slow.lost(after: before, upTo: month.days))
          #expect(isClose(month.survival, slow.survival(month.days)) && isClose(month.cumulativeHazard, slow.hazard(month.days)))
          #expect(month.low ?? 0 <= month.survival && month.survival <= month.high ?? 1)
          before = month.days
        }
        #expect(group.months.reduce(0) { $0 + $1.lost } == group.lost && before == slow.lives.map(\.days).max())
      }
    }
  }

  @Test(arguments: [("2024-12-31", nil), ("2023-11-17", 90)] as [(String, Int?)])
  func `beginnings and curves of the synthetic population are the twin's`(day: String, horizon: Int?) throws {
    let dumps = try fixture("synthetic"), folder = try StoreFolder()
    let twin = try Twin(rows: try dumps.flatMap { try twinRows(ofFile: $0) }, asOf: day, horizon: horizon)
    let features = try features(try folder.store(dumps), day, horizon: horizon), found = try tenures(features)
    #expect(found.groupings.map(\.name) == ["all", "acquisition_quarter", "first_channel", "first_category"] && found.notes.isEmpty)
    check(found.groupings, try check(features, twin))
  }

  @Test(arguments: 1...6)
  func `beginnings of a small nasty population are the twin's`(seed: UInt64) throws {
    let population = NastyPopulation(seed: seed), folder = try StoreFolder()
    let dumps = try population.write(to: folder, files: 2), day = population.days[0]
    let rows = try dumps.flatMap { try twinRows(ofFile: $0, zone: population.zone) }
    let store = try folder.store(dumps, mapping: population.mapping, zone: population.zone)
    for horizon in [nil, 5, 90] {
      _ = try check(
        try features(store, day, horizon: horizon), try Twin(rows: rows, asOf: day, horizon: horizon, zone: population.zone))
    }
  }

  @Test func `three customers by hand: lost after 90 days, censored after 100, lost after 130 and back`() throws {
    let folder = try StoreFolder()
    let rows = [
      "1,a,2024-01-01,5.00", "2,b,2024-01-01,5.00", "3,b,2024-03-01,5.00", "4,c,2024-01-01,9.00", "5,c,2024-02-10,9.00",
      "6,c,2024-05-25,9.00",
    ]
    let text = (["transaction_id,customer_id,occurred_at,amount"] + rows).joined(separator: "\n") + "\n"
    let store = try folder.store([try folder.write("tx.csv", text)], mapping: cdnowMapping)
    // 100 days after the first of January: b bought 60 days in, c 40 days in.
    let early = try tenures(try features(store, "2024-04-10", horizon: 90)), first = try #require(early.groupings.first?.groups.first)
    #expect(first.months.map(\.days) == [0, 30, 60, 90, 100] && first.months.map(\.lost) == [0, 0, 0, 1, 0])
    #expect(first.months.map(\.atRisk) == [3, 3, 3, 3, 2])
    #expect(zip(first.months, [1, 1, 1, 2.0 / 3, 2.0 / 3]).allSatisfy { isClose($0.survival, $1) })
    #expect(early.notes.count == 2 && early.notes.allSatisfy { $0.hasPrefix("no tenure curves by first_") })
    // c was lost on day 130, and came back on day 145: lost he stays. b is lost on day 150.
    let late = try tenures(try features(store, "2024-06-30", horizon: 90)), last = try #require(late.groupings.first?.groups.first)
    #expect(last.lost == 3 && last.medianDays == 130 && last.months.last?.survival == 0 && last.months.last?.low == nil)
    #expect(last.restrictedMeanDays == nil, "nobody was watched for a year")
  }

  @Test func `drivers find who leaves sooner, and neither buckets nor threads change a bit`() throws {
    let folder = try StoreFolder()
    var numbers = SeededNumbers(seed: 7), rows: [String] = []
    // Who comes through the shop buys on for 1…4 months, the others for 1…8; the size of the first order says nothing.
    for customer in 0..<3000 {
      let isShop = customer % 3 == 0, start = Day("2023-01-01")! + Int(numbers.next() % 300),
        months = 1 + Int(numbers.next() % (isShop ? 4 : 8))
      for month in 0..<months {
        rows.append("\(customer)-\(month),c\(customer),\(start + 25 * month),\(1 + numbers.next() % 99).00,\(isShop ? "shop" : "web")")
      }
    }
    let text = (["transaction_id,customer_id,occurred_at,amount,channel"] + rows).joined(separator: "\n") + "\n"
    let mapping = TransactionMapping(discount: nil, cost: nil, category: nil, kind: nil)
    let dump = try folder.write("tx.csv", text)
    func drivers(buckets: Int, threads: Int) throws -> ChurnDrivers {
      let features = try features(
        try folder.store([dump], mapping: mapping, buckets: buckets), "2024-01-31", horizon: 60, threads: threads)
      return try #require(try tenures(features, drivers: true).drivers)
    }
    let found = try drivers(buckets: 64, threads: 2), again = try drivers(buckets: 1, threads: 1)
    #expect(found.drivers.map(\.coefficient) == again.drivers.map(\.coefficient) && found.concordance == again.concordance)
    let channel = try #require(found.drivers.first { $0.covariate == "first_channel" })
    let sign = channel.level == "shop" ? 1.0 : -1
    #expect(sign * channel.coefficient > 0.5 && abs(channel.coefficient) > 10 * channel.standardError)
    let order = try #require(found.drivers.first { $0.covariate == "first_order_doublings" })
    #expect(abs(order.coefficient) < 4 * order.standardError && found.concordance > 0.55 && found.customers == 3000)
    #expect(!found.drivers.contains { $0.covariate == "first_discount_tenths" }, "the dumps tell no discount")
  }

  @Test func `what transform keeps in its file is read back`() throws {
    let folder = try StoreFolder(), written = try features(try folder.store(try fixture("synthetic")), "2024-06-30")
    try written.write(to: folder.path + "/features")
    let read = try FeatureSet(readFrom: folder.path + "/features")
    let (a, b) = (try tenures(written), try tenures(read))
    #expect(a.groupings.map { $0.groups.map(\.months) } == b.groupings.map { $0.groups.map(\.months) })
    #expect(read.customers.columns.map(\.name) == written.customers.columns.map(\.name))
  }
}
