import Columns
import Events
import TestSupport
import Testing

@Suite struct `A customer erased from a store` {
  /// Rows of three dumps: ids that are numbered and ids that are not, repeats with other content, updates, and rows of `c7` between.
  private func rows(_ dump: Int) -> [String] {
    var random = Seeded(UInt64(dump))
    return (0..<400).map { i in
      let number = Int.random(in: 0..<500, using: &random), customer = "c\(Int.random(in: 0..<20, using: &random))"
      let id = dump == 2 ? String(repeating: "x", count: number % 7) + "-\(number)" : "t\(number + 1000)"
      let category = ["", "books", "tea"][number % 3], day = number % 28 + 1
      return row(
        id, customer, at: "2024-0\(dump + 1)-\(day < 10 ? "0" : "")\(day)T00:00:00Z", "\(number).\(10 + i % 90)", category: category,
        kind: number % 9 == 0 ? "refund" : "purchase", updated: number % 4 == 0 ? "2024-06-01T00:00:00Z" : "")
    }
  }

  private func loaded(buckets: Int, identity: [String], without customer: String? = nil) throws -> Stores {
    let stores = try Stores(buckets: buckets)
    for dump in 0..<3 {
      // A row that is left out still has its line.
      let rows = rows(dump).map { customer != nil && $0.contains(",\(customer ?? ""),") ? row("x", "", "0") : $0 }
      try stores.load("\(dump).csv", rows) {
        $0.mapping = mapping(identity: identity)
        $0.limits = RejectLimits(rowsMax: 1000)
      }
    }
    return stores
  }

  @Test(arguments: [1, 4, 64], [["transaction_id", "kind"], []])
  func `leaves every other row as it was, in its line, and the store that dumps without him give`(buckets: Int, identity: [String]) throws {
    let stores = try loaded(buckets: buckets, identity: identity), fresh = try loaded(buckets: buckets, identity: identity, without: "c7")
    let before = try stores.events(), his = before.filter { $0.customer == "c7" }
    let traces = try stores.store.traces(of: Array("c7".utf8), threads: 2)
    #expect(traces.rows == his.count && his.count > 30)
    #expect(traces.lines.values.flatMap { $0 }.sorted() == his.map(\.line).sorted())
    try stores.store.erase(Array("c7".utf8), runID: "erase", threads: 2)

    for again in [stores, try Stores(again: stores)] {
      #expect(try again.events() == before.filter { $0.customer != "c7" })
      #expect(try again.events(deduplicated: true) == fresh.events(deduplicated: true))
      #expect(try again.store.verify(threads: 2) == [])
      #expect(try again.store.newestEventAt() == fresh.store.newestEventAt())
      #expect(try again.store.traces(of: Array("c7".utf8), threads: 2).rows == 0)
      #expect(again.segmentNames.count == 3)
    }
    for load in try stores.store.loads() {
      #expect(load.rowsFiltered == Int64(his.count { load.path.hasSuffix("/" + $0.dump) }))
      #expect(load.rowsLoaded + load.rowsFiltered + load.rowsRejected == load.rowsRead)
    }
  }

  @Test func `takes the last row of a dump along, and none of a customer whose id is longer`() throws {
    let stores = try Stores()
    try stores.load("a.csv", [row("t1", "c7"), row("t2", "c7")])
    try stores.load("b.csv", [row("t3", "c77"), row("t4", "xc7")])
    try stores.store.erase(Array("c7".utf8), runID: "erase", threads: 1)
    #expect(try stores.events().map(\.customer) == ["c77", "xc7"])
    #expect(try stores.store.loads().map(\.firstEventAt).first == .some(nil))
    #expect(try stores.load("c.csv", [row("t5", "c7"), row("t6", "c8")]).load?.rowsFiltered == 1)
    #expect(try stores.events().map(\.customer) == ["c77", "xc7", "c8"])
  }

  @Test(arguments: [
    ("a,c7,1", true), ("c7", true), ("a,\"c7\",1", true), ("a,c77,1", false), ("a,xc7,1", false), ("", false), ("a-c7-b", true),
    ("c77,c7", true), ("éc7", false),
  ])
  func `is met in a refused row as a word, not as a part of one`(text: String, isThere: Bool) {
    #expect(names(Array("c7".utf8), in: Array(text.utf8)) == isThere)
  }
}
