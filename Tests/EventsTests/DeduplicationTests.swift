import Buffers
import Columns
import Dumps
import Events
import Foundation
import TestSupport
import Testing

@Suite struct DeduplicationTests {
  private func conflicts(_ stores: Stores) throws -> [(line: Int64, kept: Int64, differs: String)] {
    try deduplicate(stores.store.segments(), feed: EventStore.feed, threads: 2).conflicts.map { ($0.line, $0.keptLine, $0.differs) }
  }

  @Test func `an identical repeat counts once and is no conflict, in one dump and in another`() throws {
    let stores = try Stores()
    try stores.load("a.csv", [row("1"), row("1"), row("2")])
    try stores.load("b.csv", [row("3"), row("1")])
    #expect(try stores.events().count == 5 && stores.events(deduplicated: true).map(\.id).sorted() == ["1", "2", "3"])
    #expect(try conflicts(stores).isEmpty)
  }

  @Test func `a refund may bear its purchase's id; without the kind in the identity it is a repeat`() throws {
    let stores = try Stores(), other = try Stores()
    for (stores, identity) in [(stores, ["transaction_id", "kind"]), (other, ["transaction_id"])] {
      try stores.load("a.csv", [row("1"), row("1", kind: "refund")]) { $0.mapping = mapping(identity: identity) }
    }
    #expect(try stores.events(deduplicated: true).count == 2 && other.events(deduplicated: true).count == 1)
    #expect(try conflicts(other).map(\.differs) == ["kind"])
  }

  @Test func `no identity keeps every row`() throws {
    let stores = try Stores()
    try stores.load("a.csv", [row("1"), row("1"), row("1", "c2")]) { $0.mapping = mapping(identity: []) }
    #expect(try stores.events(deduplicated: true).count == 3 && conflicts(stores).isEmpty)
  }

  @Test func `the newest update stands, then the smallest row; what differs is named`() throws {
    let stores = try Stores()
    try stores.load(
      "a.csv",
      [
        row("1", "c1", "5.00", updated: "2024-03-02"), row("1", "c1", "4.00", updated: "2024-03-03"), row("1", "c1", "3.00"),
        row("2", "c9", category: "toys"), row("2", "c5", category: "books"), row("3", at: "2024-03-02", "2.00"),
        row("3", at: "2024-03-01", "9.00"),
        row("4", "c1", "2.00", category: "b"), row("4", "c1", "2.00", category: "a"), row("4", "c1", "2.00"),
      ])
    #expect(try stores.events(deduplicated: true).map(\.line) == [3, 6, 8, 11])
    let found = try conflicts(stores)
    #expect(found.map(\.line) == [2, 4, 5, 7, 9, 10] && found.map(\.kept) == [3, 3, 6, 8, 11, 11])
    #expect(
      found.map(\.differs) == [
        "updated_at,amount", "updated_at,amount", "customer_id,category", "occurred_at,amount", "category", "category",
      ])
  }

  @Test func `what stands does not depend on the order, on the dumps, on buckets or on a store's key, and equals a plain grouping`() throws
  {
    var random = Seeded(91)
    let rows = (0..<3000).map { _ in
      row(
        "t\(random.next() % 900)", "c\(random.next() % 3)", at: "2024-03-0\(1 + random.next() % 2)", "\(random.next() % 3).00",
        category: ["", "a", "b"][Int(random.next() % 3)], kind: random.next() % 9 == 0 ? "refund" : "purchase",
        updated: ["", "2024-04-01", "2024-04-02"][Int(random.next() % 3)])
    }
    /// Without update, dump and line: what a customer's figures are made of.
    func values(_ stores: Stores) throws -> [StoredEvent] {
      try stores.events(deduplicated: true).map { event in
        var event = event
        (event.dump, event.line) = ("", 0)
        return event
      }.sorted { ($0.id, $0.kind) < ($1.id, $1.kind) }
    }
    var results: [[StoredEvent]] = [], counts: [Int64] = []
    for (dumps, buckets) in [(1, 1), (1, 64), (3, 4), (7, 16), (7, 2)] {
      let stores = try Stores(buckets: buckets), shuffled = rows.shuffled(using: &random)
      for d in 0..<dumps {
        try stores.load("\(random.next() % 1000)-\(d).csv", shuffled.indices.filter { $0 % dumps == d }.map { shuffled[$0] })
      }
      results.append(try values(stores))
      counts.append(try deduplicate(stores.store.segments(), feed: EventStore.feed, threads: 1).duplicates.values.reduce(0, +))
    }
    for result in results.dropFirst() { #expect(result == results[0]) }
    // The plain grouping: by id and kind, newest update, then customer, time, amount, category.
    let groups = Dictionary(
      grouping: rows.map { $0.dropLast().split(separator: ",", omittingEmptySubsequences: false).map(String.init) },
      by: { $0[0] + "," + $0[5] })
    let expected = groups.values.map { group in
      group.min { a, b in a[6] != b[6] ? a[6] > b[6] : [a[1], a[2], a[3], a[4]].lexicographicallyPrecedes([b[1], b[2], b[3], b[4]]) }!
    }.sorted { ($0[0], $0[5]) < ($1[0], $1[5]) }
    #expect(
      results[0].map { [$0.id, $0.customer, "\($0.amount / 100).00", $0.category, $0.kind == 0 ? "purchase" : "refund"] }
        == expected.map { [$0[0], $0[1], $0[3], $0[4], $0[5]] })
    #expect(counts == counts.map { _ in Int64(3000 - groups.count) })
  }
}
