import Columns
import Events
import Features
import Testing
import Twins

/// The features depend on what the dumps say, and on nothing else.
struct InvarianceTests {
  /// Everything that must stay the same, by content: no dump's name or place.
  private struct Results: Equatable {
    var customers: TableContents
    var idsInOrder: [String]
    var partials: MetricPartials
    var conflicts: [String]
    var duplicates: Int64
  }

  private func results(_ store: EventStore, _ dumps: [String], day: String, threads: Int) throws -> Results {
    let features = try transform(store, options: TransformOptions(asOf: Day(day)!, threads: threads))
    let shas = Dictionary(uniqueKeysWithValues: features.loads.map { ($0.sha256, $0.path) })
    var texts: [String: [String]] = [:]
    for (sha, path) in shas where !path.hasSuffix(".gz") { texts[sha] = try allLines(ofFile: path) }
    func line(_ sha: String, _ number: Int64) -> String { texts[sha].map { $0[Int(number) - 1] } ?? "\(shas[sha] ?? "") \(number)" }
    guard case .text(let ids)? = features.customers["customer_id"]?.values else { throw TwinFault(text: "no ids") }
    return Results(
      customers: contents(of: features.customers), idsInOrder: features.customersByID.map { latin1(bytes(ids, Int($0))) },
      partials: features.partials,
      conflicts: features.conflicts.map { "\(line($0.sha256, $0.line)) | \(line($0.keptSHA256, $0.keptLine)) | \($0.differs)" }.sorted(),
      duplicates: features.loads.reduce(0) { $0 + $1.rowsDuplicate })
  }

  @Test func `1, 2 and 7 threads, 1 and 64 buckets give the same features of the synthetic population`() throws {
    let dumps = try fixture("synthetic"), folder = try StoreFolder()
    let expected = try results(try folder.store(dumps, threads: 1), dumps, day: "2024-10-05", threads: 1)
    #expect(expected.customers.rows.count > 1800)
    for buckets in [1, 64, 4096] {
      let store = try folder.store(dumps, buckets: buckets, threads: 7)
      for threads in [1, 2, 7] {
        let found = try results(store, dumps, day: "2024-10-05", threads: threads)
        // Not `==` on both at once: a failure would print two tables.
        #expect((found == expected) as Bool, "\(buckets) buckets, \(threads) threads")
      }
    }
  }

  @Test func `a sample is of the same customers with the same features whatever the buckets, and they are as they are among all`() throws {
    let dumps = try fixture("synthetic"), folder = try StoreFolder()
    // With a fixed horizon nothing but the rhythm hangs on other customers.
    var options = TransformOptions(asOf: Day("2024-10-05")!, threads: 2, churnHorizonDays: 90)
    let all = cells(of: try transform(try folder.store(dumps), options: options).customers)
    for oneIn in [4, 32] {
      options.sampledOneIn = oneIn
      let few = cells(of: try transform(try folder.store(dumps, buckets: 64), options: options).customers)
      #expect(abs(Double(few.count) / Double(all.count) - 1 / Double(oneIn)) < 0.02, "\(few.count)")
      for buckets in [1, 2, 4096] {
        let others = try transform(try folder.store(dumps, buckets: buckets), options: options)
        #expect((cells(of: others.customers) == few) as Bool, "\(buckets) buckets")
        #expect(others.customersByID.count == few.count)
      }
      for (id, row) in few {
        let own = row.filter { !["rhythm_days", "overdue_days", "overdue_ratio"].contains($0.key) }
        #expect((all[id]?.filter { own[$0.key] != nil } == own) as Bool)
      }
    }
  }

  @Test(arguments: [1, 2, 5] as [UInt64])
  func `the same rows in 20 other orders, split into other files, give the same features`(seed: UInt64) throws {
    let population = NastyPopulation(seed: seed), folder = try StoreFolder()
    var expected: Results?
    for trial in 0..<20 {
      var numbers = SeededNumbers(seed: seed * 1000 + UInt64(trial))
      let files = 1 + Int(numbers.next() % 6)
      let names = (0..<files).map { "\(trial)-\(numbers.next() % 1_000_000)-\($0).csv" }
      var dumps = try population.write(to: folder, files: files, names: names, lines: population.lines.shuffled(using: &numbers))
      dumps.shuffle(using: &numbers)
      let store = try folder.store(
        dumps, mapping: population.mapping, buckets: [1, 64, 8][trial % 3], zone: population.zone, threads: [1, 2, 7][trial % 3])
      let found = try results(store, dumps, day: "2024-06-30", threads: [7, 1, 2][trial % 3])
      guard let first = expected else {
        expected = found
        #expect(found.conflicts.count > 5 && found.duplicates > 15)
        continue
      }
      #expect(found.partials == first.partials, "trial \(trial)")
      #expect(found.conflicts == first.conflicts, "trial \(trial)")
      #expect((found == first) as Bool, "trial \(trial)")
    }
  }

  @Test func `events of one second with one and the same id give the same channels in any order, where nothing is deduplicated`() throws {
    let folder = try StoreFolder()
    var mapping = cdnowMapping
    (mapping.channel, mapping.identity) = ("channel", [])
    let rows = ["x,c,2024-01-01T10:00:00Z,1,web", "x,c,2024-01-01T10:00:00Z,1,app", "x,c,2024-01-01T10:00:00Z,1,store"]
    for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0], [1, 2, 0]] {
      let text = (["transaction_id,customer_id,occurred_at,amount,channel"] + order.map { rows[$0] }).joined(separator: "\n") + "\n"
      let store = try folder.store([try folder.write("\(order).csv", text)], mapping: mapping)
      let row = cells(of: try transform(store, options: TransformOptions(asOf: Day("2024-01-02")!, threads: 1)).customers)["c"]
      #expect(row?["first_channel"] == .text("app"))
      #expect(row?["last_channel"] == .text("web"))
    }
  }

  @Test(arguments: 1...8)
  func `customers by id are all rows in strictly ascending byte order`(seed: UInt64) throws {
    let population = NastyPopulation(seed: seed), folder = try StoreFolder()
    let dumps = try population.write(to: folder, files: 2)
    for buckets in [1, 2, 64] {
      let store = try folder.store(dumps, mapping: population.mapping, buckets: buckets, zone: population.zone)
      let features = try transform(store, options: TransformOptions(asOf: Day("2025-06-01")!, threads: 2))
      guard case .text(let ids)? = features.customers["customer_id"]?.values else { throw TwinFault(text: "no ids") }
      let order = features.customersByID.map { bytes(ids, Int($0)) }
      #expect(order.count == features.customers.rowCount && order.count > 40)
      #expect(zip(order, order.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    }
  }

  private func allLines(ofFile path: String) throws -> [String] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}
