import Columns
import Dumps
import Events
import Foundation
import TestSupport
import Testing

/// What a store tells of itself: all that later stages read.
private struct Facts: Equatable {
  var events: [StoredEvent]
  var counted: [StoredEvent]
  var duplicates: [String: Int64]
  var conflicts: [ConflictRecord]
  var loads: [LoadRecord]
  var places: [[CustomerEvent.Place]]
  var stands: [[CustomerEvent.Place?]]

  init(_ stores: Stores) throws {
    events = try stores.events()
    counted = try stores.events(deduplicated: true)
    let found = try deduplicate(stores.store.segments(), feed: EventStore.feed, threads: 2)
    (duplicates, conflicts) = (found.duplicates, found.conflicts)
    loads = try stores.store.loads().map { load in
      var load = load
      load.path = String(load.path.split(separator: "/").last ?? "")
      return load
    }
    let histories = try (0..<12).map { try stores.store.history(of: Array("c\($0)".utf8), threads: 2) }
    places = histories.map { $0.map(\.place) }
    stands = histories.map { $0.map(\.stands) }
  }
}

@Suite struct `A store whose segments are merged` {
  /// Identical repeats, conflicts, newer versions, words that differ from dump to dump, ids that are numbered and ids that are not, refused
  /// rows, and dumps without a row.
  private func rows(_ dump: Int, _ random: inout Seeded) -> [String] {
    let style = Int.random(in: 0..<3, using: &random)
    return (0..<Int.random(in: 0..<60, using: &random)).map { i in
      let number = Int.random(in: 0..<150, using: &random), day = number % 28 + 1
      let id =
        style == 2 ? String(repeating: "x", count: number % 5) + "-\(number)" : style == 1 ? "t\(number + 1000)" : "T0\(number + 1000)"
      if i % 17 == 16 { return row(id, "c\(number % 12)", "much") }
      return row(
        id, "c\(number % 12)", at: "2024-0\(dump % 9 + 1)-\(day < 10 ? "0" : "")\(day)T00:00:00Z", "\(number).\(10 + number % 3)",
        category: ["", "w\(dump)", "tea", "w\(number)"][number % 4], kind: number % 9 == 0 ? "refund" : "purchase",
        updated: Bool.random(using: &random) ? "2024-06-0\(number % 9 + 1)T00:00:00Z" : "")
    }
  }

  private func change(_ options: inout ExtractOptions) {
    options.limits = RejectLimits(rowsMax: 1000)
    options.checks.allowsEmpty = true
    options.replace = true
    options.allowSameText = true
  }

  @discardableResult
  private func compact(_ stores: Stores) throws -> Int {
    try stores.store.compact(try stores.store.compactions(), threads: 2) { _ in }.count
  }

  /// Two stores are led through the same life; one of them is merged at every turn.
  @Test(arguments: 0..<12, [1, 8])
  func `tells what one that never was does: loads, replaced dumps, repairs and erasures included`(seed: UInt64, buckets: Int) throws {
    var random = Seeded(seed &* 31 &+ UInt64(buckets))
    let (plain, merged) = (try Stores(buckets: buckets), try Stores(buckets: buckets))
    func both(_ body: (Stores) throws -> Void) throws { for stores in [plain, merged] { try body(stores) } }
    func agree(_ step: String) throws {
      // Runs are numbered by store; nothing else differs.
      #expect(try Facts(plain) == Facts(merged), "seed \(seed), after \(step)")
      #expect(try merged.store.verify(threads: 2) == [], "seed \(seed), after \(step)")
    }
    let texts = (0..<8).map { header + rows($0, &random).joined() }
    for (i, text) in texts.enumerated() {
      try both { stores in
        try stores.folder.write("\(i).csv", text)
        // A different set of columns cannot be merged with the others.
        try stores.extract("\(i).csv") {
          change(&$0); if i == 3 { $0.mapping.category = nil }
        }
      }
      if i == 4 { try compact(merged) }
    }
    try compact(merged)
    #expect(merged.segmentNames.count < plain.segmentNames.count)
    try agree("merging")
    #expect(try compact(merged) == 0, "there is nothing left to merge")

    try both { stores in
      try stores.folder.write("again.csv", texts[1] + row("z", "c3")); try stores.extract("again.csv", change: change)
    }
    try agree("a dump delivered again")
    let anew = (0..<8).map { header + rows($0, &random).joined() }
    try both { stores in
      for i in [2, 5] { try stores.folder.write("\(i).csv", anew[i]) }
      try stores.extract("2.csv", "5.csv", change: change)
    }
    try agree("two dumps replaced")
    try both { stores in
      let rejects = try stores.store.rejects().filter { !$0.path.hasSuffix("/3.csv") && !$0.path.hasSuffix("again.csv") }
      let repaired = rejects.prefix(3).map {
        RepairedRow(sha256: $0.sha256, line: $0.reject.line, raw: Array(row("r\($0.reject.line)", "c1", "7.00").dropLast().utf8))
      }
      for outcome in try stores.store.repair(repaired, options: stores.options(change)).outcomes { #expect(outcome.error == nil) }
      try stores.store.waitUntilCommitted()
    }
    try compact(merged)
    try agree("rejects repaired")
    try both { try $0.store.erase(Array("c7".utf8), runID: "erase", threads: 2) }
    try agree("an erasure")
    let again = try Stores(again: merged)
    #expect(try Facts(again) == Facts(merged))
    #expect(Set(again.segmentNames).count == Set(try again.store.segments().map(\.path)).count)
  }

  @Test func `all of whose dumps are replaced keeps nothing of the merged segment`() throws {
    let stores = try Stores()
    for name in ["a", "b"] { try stores.load("\(name).csv", [row("t-\(name)", "c1")]) }
    try compact(stores)
    #expect(stores.segmentNames.count == 1)
    for name in ["a", "b"] {
      try stores.folder.write("\(name).csv", header + row("u-\(name)", "c2"))
      #expect(try stores.extract("\(name).csv") { $0.replace = true }[0].kind == .replaced)
    }
    #expect(try Stores(again: stores).events().map(\.id) == ["u-a", "u-b"])
    #expect(stores.segmentNames.count == 2)
  }

  @Test func `with a part that the catalog does not know is refused, and so is a cut or changed byte`() throws {
    let stores = try Stores()
    for name in ["a", "b"] { try stores.load("\(name).csv", [row("t-\(name)", "c1")]) }
    try compact(stores)
    let path = try #require(try stores.store.segments().first).path
    let other = try Stores()
    for name in ["c", "d"] { try other.load("\(name).csv", [row("t-\(name)", "c1")]) }
    try compact(other)
    let place = try #require(try other.store.segments().first).path
    try FileManager.default.removeItem(atPath: place)
    try FileManager.default.copyItem(atPath: path, toPath: place)
    #expect(throws: PipelineError.self) { try Stores(again: other).store.segments() }
    #expect(try Stores(again: other).store.verify(threads: 1).count == 1)
  }
}
