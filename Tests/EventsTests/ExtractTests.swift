import Buffers
import Columns
import Dumps
import Events
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct ExtractTests {
  // MARK: once

  @Test func `a dump delivered twice is unchanged, changes nothing and is not even opened`() throws {
    let stores = try Stores()
    try stores.load("a.csv", [row("1"), row("2", "c2")])
    let events = try stores.events(), loads = try stores.store.loads(), path = stores.folder.path + "/a.csv"
    for next in [stores, try Stores(again: stores)] {
      let watch = try OpenWatch(path)
      let outcome = try next.extract("a.csv")[0]
      #expect(outcome.kind == .unchanged && outcome.load == loads[0] && outcome.error == nil)
      #expect(watch.opens == 0)
      #expect(try next.events() == events && next.store.loads() == loads)
      // The watch does see a look at the bytes.
      _ = try InputFile.sha256(of: path)
      #expect(watch.opens == 1)
    }
  }

  @Test func `the same bytes under another name are a no-op that names the first, in one run and in the next`() throws {
    let stores = try Stores()
    for name in ["a.csv", "b.csv"] { try stores.folder.write(name, header + row("1")) }
    let outcomes = try stores.extract("b.csv", "a.csv"), first = stores.folder.path + "/a.csv"
    #expect(outcomes.map(\.kind) == [.loaded, .sameBytes(as: first)] && outcomes.map { $0.path.suffix(5) } == ["a.csv", "b.csv"])
    try stores.folder.write("c.csv", header + row("1"))
    let next = try Stores(again: stores)
    #expect(try next.extract("c.csv", "b.csv").map(\.kind) == [.unchanged, .sameBytes(as: first)])
    #expect(try next.extract("c.csv").map(\.kind) == [.unchanged])
    #expect(try next.store.loads().count == 1 && next.events().count == 1)
  }

  @Test func `the same text compressed anew is refused until that is allowed`() throws {
    let stores = try Stores(), text = header + row("1") + row("2")
    try stores.folder.write("a.csv.gz", gzip(text, level: 1))
    try stores.folder.write("b.csv.gz", storedGzip(Array(text.utf8)))
    let outcomes = try stores.extract("a.csv.gz", "b.csv.gz")
    #expect(outcomes.map(\.kind) == [.loaded, .failed])
    #expect(
      outcomes[1].error?.exit == .badInput
        && outcomes[1].error?.message.hasSuffix("the same text as \(stores.folder.path)/a.csv.gz, compressed anew") == true)
    #expect(try stores.store.loads().count == 1)
    #expect(try stores.extract("b.csv.gz") { $0.allowSameText = true }[0].kind == .loaded)
    #expect(try stores.store.loads().count == 2 && stores.events().count == 4 && stores.events(deduplicated: true).count == 2)
  }

  @Test func `other bytes under a known name are an error until they replace the old rows, rejects and segment`() throws {
    let stores = try Stores()
    try stores.load("a.csv", [row("1"), row("bad", at: "never")]) { $0.limits.rowsMax = 1 }
    let segment = stores.segmentNames
    try stores.folder.write("a.csv", header + row("2"))
    let refused = try stores.extract("a.csv")[0]
    #expect(
      refused.kind == .failed && refused.error?.exit == .badInput
        && refused.error?.message.hasSuffix("loaded before with other bytes") == true)
    #expect(try stores.events().map(\.id) == ["1"])
    let later = try Stores(again: stores),
      report = try later.store.extract(paths: [stores.folder.path + "/a.csv"], options: later.options { $0.replace = true }, progress: nil)
    // At once, and not only when it is durable: a run publishes what it reads now.
    #expect(try later.store.rejects() == [])
    #expect(try report.outcomes[0].kind == .replaced && later.events().map(\.id) == ["2"])
    let next = try Stores(again: later)
    #expect(try next.store.rejects() == [] && next.events().map(\.id) == ["2"] && next.store.loads().count == 1)
    #expect(next.segmentNames.count == 1 && next.segmentNames != segment)
    #expect(try next.extract("a.csv")[0].kind == .unchanged)
  }

  // MARK: mapping

  @Test func `a changed mapping stops the run with 78 and names its keys; reload reads the dumps again`() throws {
    let stores = try Stores()
    try stores.load("a.csv", [row("1", kind: "refund"), row("2")])
    let other = TransactionMapping(
      discount: nil, cost: nil, category: nil, channel: nil, updatedAt: "updated_at", purchaseKinds: ["purchase", "refund"], refundKinds: []
    )
    for next in [stores, try Stores(again: stores)] {
      let error = try #require(throws: PipelineError.self) { try next.extract("a.csv") { $0.mapping = other } }
      #expect(error.exit == .badPipeline)
      #expect(
        error.details == [
          "changed: feeds.transactions.columns.category, feeds.transactions.kinds.purchase, feeds.transactions.kinds.refund"
        ])
    }
    #expect(try stores.events().map(\.kind) == [1, 0])
    #expect(try stores.extract("a.csv") { ($0.mapping, $0.reload) = (other, true) }[0].kind == .replaced)
    let next = try Stores(again: stores)
    #expect(try next.store.segments().map(\.rowCount) == [2] && next.segmentNames.count == 1)
    #expect(try next.extract("a.csv") { $0.mapping = other }[0].kind == .unchanged)
    #expect(try next.store.verify(threads: 2) == [])
  }

  @Test func `a dump reloaded twice in one run is still there`() throws {
    let stores = try Stores()
    try stores.load("a.csv", [row("1")])
    for purchases in [["purchase", "a"], ["purchase", "b"], ["purchase", "c"]] {
      let outcome = try stores.extract("a.csv") { ($0.mapping, $0.reload, $0.runID) = (mapping(purchases: purchases), true, "same") }[0]
      #expect(outcome.kind == .replaced)
    }
    let next = try Stores(again: stores)
    #expect(try next.events().count == 1 && next.store.verify(threads: 1) == [])
  }

  @Test func `two extracts of one run do not write over each other's segments`() throws {
    let stores = try Stores()
    for i in 0..<8 { try stores.folder.write("\(i).csv", header + (0..<200).map { row("\(i)-\($0)") }.joined()) }
    for i in 0..<8 {
      let options = ExtractOptions(mapping: mapping(), threads: 1, runID: "same")
      #expect(
        try stores.store.extract(paths: ["\(stores.folder.path)/\(i).csv"], options: options, progress: nil).outcomes[0].kind == .loaded)
    }
    let next = try Stores(again: stores)
    #expect(try next.events().count == 1600 && next.store.verify(threads: 2) == [])
  }

  @Test func `the number of buckets and the zone are fixed with the store: 78`() throws {
    let stores = try Stores(buckets: 8, zone: "Europe/Berlin")
    for (parameters, name) in [
      (StoreParameters(bucketCount: 4, timeZone: "Europe/Berlin"), "store.buckets"), (StoreParameters(bucketCount: 8), "time_zone"),
    ] {
      let error = try #require(throws: PipelineError.self) {
        try EventStore.open(directory: stores.folder.path + "/state", parameters: parameters)
      }
      #expect(error.exit == .badPipeline && error.details.count == 1 && error.details[0].hasPrefix(name))
    }
    let error = try #require(throws: PipelineError.self) {
      try EventStore.open(directory: stores.folder.path + "/x", parameters: StoreParameters(timeZone: "Mars/Here"))
    }
    #expect(error.exit == .badPipeline)
  }

  // MARK: limits and faults

  @Test(arguments: [1, 2, 7]) func `a dump over its reject limit or damaged is not stored at all, the good ones beside it are`(threads: Int)
    throws
  {
    let stores = try Stores()
    try stores.folder.write("1-good.csv", header + row("1"))
    try stores.folder.write("2-rejects.csv", header + row("2") + row("3", at: "never") + row("4", "x", "x"))
    try stores.folder.write("3-cut.csv.gz", Array(gzip(header + row("5")).dropLast(3)))
    try stores.folder.write("4-good.csv", header + row("6"))
    let names = ["4-good.csv", "1-good.csv", "2-rejects.csv", "3-cut.csv.gz", "5-nowhere.csv"]
    let report = try stores.store.extract(
      paths: names.map { stores.folder.path + "/" + $0 },
      options: stores.options { ($0.threads, $0.limits) = (threads, RejectLimits(rowsMax: 1)) }, progress: nil)
    let outcomes = report.outcomes
    #expect(outcomes.map(\.kind) == [.loaded, .refused, .failed, .loaded, .failed])
    #expect(outcomes.map(\.error?.exit) == [nil, .checkFailed, .badInput, nil, .noInput])
    #expect(
      outcomes[1].rejects.map(\.line) == [3, 4]
        && outcomes[1].error?.message.contains("2-rejects.csv, line 3, column \"occurred_at\"") == true)
    #expect(outcomes[1].error?.details.first?.hasSuffix("2 rows rejected, limit is 1") == true)
    let next = try Stores(again: stores)
    #expect(try next.events().map(\.id) == ["1", "6"] && next.store.rejects() == [] && next.segmentNames.count == 2)
    // Repaired, the next run carries on from there.
    try next.folder.write("3-cut.csv.gz", gzip(header + row("5")))
    #expect(
      try next.extract("1-good.csv", "2-rejects.csv", "3-cut.csv.gz", "4-good.csv") { $0.limits.rowsMax = 2 }.map(\.kind) == [
        .unchanged, .loaded, .loaded, .unchanged,
      ])
    #expect(try next.store.rejects().map(\.reject.line) == [3, 4] && next.events().map(\.id) == ["1", "2", "5", "6"])
  }

  @Test func `a share of rejects is a limit of its own`() throws {
    let stores = try Stores(), rows = (0..<8).map { row("\($0)") } + [row("x", at: "never"), row("y", at: "never")]
    #expect(try stores.load("a.csv", rows) { $0.limits = RejectLimits(rowsMax: 10, shareMax: 0.19) }.kind == .refused)
    #expect(try stores.extract("a.csv") { $0.limits = RejectLimits(rowsMax: 10, shareMax: 0.2) }[0].kind == .loaded)
  }

  @Test func `loaded, rejected, duplicate and filtered are the rows read, of every load`() throws {
    let stores = try Stores()
    try stores.load("a.csv", [row("1"), row("1"), "\n", row("2", at: "never"), row("3"), "x\n"]) { $0.limits.rowsMax = 2 }
    try stores.load("b.csv", [row("1", "c2"), row("4")])
    try stores.load("c.csv", [])
    let loads = try stores.store.loads()
    #expect(loads.map(\.rowsRead) == [5, 2, 0] && loads.map(\.rowsLoaded) == [3, 2, 0] && loads.map(\.rowsRejected) == [2, 0, 0])
    let segments = try stores.store.segments(), found = try deduplicate(segments, feed: EventStore.feed, threads: 1)
    #expect(found.duplicates.values.reduce(0, +) == 2)
    for load in loads {
      #expect(load.rowsLoaded + load.rowsRejected + load.rowsDuplicate + load.rowsFiltered == load.rowsRead)
      #expect(load.firstEventAt == (load.rowsLoaded > 0 ? 1_709_251_200 : nil))
    }
    #expect(try stores.store.newestEventAt() == 1_709_251_200)
  }

  @Test func `a pipe, a folder, a device and a dangling link are refused one by one, and nobody waits`() throws {
    let stores = try Stores(), path = stores.folder.path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["mkfifo", path + "/pipe.csv"]
    try process.run()
    process.waitUntilExit()
    try FileManager.default.createSymbolicLink(atPath: path + "/link.csv", withDestinationPath: path + "/gone.csv")
    try stores.folder.write("z.csv", header + row("1"))
    let report = try stores.store.extract(
      paths: [path + "/pipe.csv", path, "/dev/zero", path + "/link.csv", path + "/z.csv"], options: stores.options(), progress: nil)
    let byPath = Dictionary(uniqueKeysWithValues: report.outcomes.map { ($0.path, $0) })
    for name in [path + "/pipe.csv", path, "/dev/zero"] {
      #expect(byPath[name]?.kind == .failed && byPath[name]?.error?.exit == .badInput, "\(name)")
    }
    #expect(byPath[path + "/link.csv"]?.error?.exit == .noInput && byPath[path + "/z.csv"]?.kind == .loaded)
  }

  @Test func `a dump that changes while it is read is refused`() throws {
    let stores = try Stores(), path = try stores.folder.write("a.csv", header + (0..<30_000).map { row("\($0)") }.joined())
    let touched = Mutex(false)
    let report = try stores.store.extract(paths: [path], options: stores.options()) { _ in
      touched.withLock { done in
        if !done { try? FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path) }
        done = true
      }
    }
    #expect(touched.withLock { $0 })
    #expect(report.outcomes[0].kind == .failed && report.outcomes[0].error?.message.hasSuffix("changed while it was read") == true)
    #expect(try Stores(again: stores).segmentNames == [])
  }

  @Test func `400 single bits flipped in a dump: each is refused or gives exactly the same rows`() throws {
    let stores = try Stores()
    let text =
      header
      + (0..<1500).map {
        row("t\($0)", "c\($0 * 7919 % 211)", at: "2024-03-0\(1 + $0 % 9)T01:02:03Z", "\($0 % 97).\(10 + $0 % 89)", category: "k\($0 % 5)")
      }.joined()
    let sound = try gzip(text)
    try stores.folder.write("0.csv.gz", sound)
    try stores.extract("0.csv.gz")
    let expected = try stores.events().map { event in
      var event = event
      event.dump = ""
      return event
    }
    var random = Seeded(81), paths: [String] = []
    for i in 0..<400 {
      var bytes = sound
      // The first 40 in the header and at the end, the rest anywhere.
      let byte = i < 20 ? i / 2 : i < 40 ? sound.count - 1 - (i - 20) / 2 : Int(random.next() % UInt64(sound.count))
      bytes[byte] ^= 1 << UInt8(random.next() % 8)
      paths.append(try stores.folder.write("flip-\(i).csv.gz", bytes))
    }
    let outcomes = try stores.store.extract(paths: paths, options: stores.options { $0.allowSameText = true }, progress: nil).outcomes
    let loaded = outcomes.filter { $0.kind != .failed }
    #expect(
      outcomes.count == 400 && loaded.count < 40
        && loaded.allSatisfy { $0.kind == .loaded || $0.kind == .sameBytes(as: $0.path) || $0.load?.rowsLoaded == 1500 })
    try stores.store.waitUntilCommitted()
    let all = Dictionary(grouping: try stores.events(), by: \.dump)
    for (dump, events) in all {
      let found = events.map { event in
        var event = event
        event.dump = ""
        return event
      }
      #expect(found == expected, "\(dump)")
    }
  }
}
