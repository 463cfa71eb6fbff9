import Buffers
import Columns
import Dumps
import Events
import Foundation
import TestSupport
import Testing

@Suite struct StoreTests {
  private let ids = ["T00017", "T00001", "x", "'; DROP TABLE loads", "../../up", "<script>", "é€😀", String(repeating: "long", count: 100)]

  @Test(arguments: [1, 64]) func `every event leads back to the line of the dump that it stands on`(buckets: Int) throws {
    let stores = try Stores(buckets: buckets)
    let numbered = (0..<5000).map { row("T" + String(String($0 * 37).count) + "\(100_000 + $0)", "c\($0 % 300)", "\($0).25", category: "k\($0 % 4)") }
    let mixed = (0..<2000).map { i in
      i % 50 == 9 ? row("bad", at: "never") : i % 7 == 3 ? "\"\(ids[i % 8])\n\(i)\",c\(i),2024-03-01,1.00,,purchase,\n" : row("\(ids[i % 8])\(i)", "c\(i % 40)")
    }
    try stores.load("numbered.csv", numbered)
    try stores.load("mixed.csv", mixed) { $0.limits.rowsMax = 1000 }
    let lines = ["numbered.csv": header + numbered.joined(), "mixed.csv": header + mixed.joined()].mapValues { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    for again in [stores, try Stores(again: stores)] {
      let events = try again.events()
      #expect(events.count == 5000 + 2000 - 40)
      for event in events {
        let text = try #require(lines[event.dump])[Int(event.line) - 1]
        let start = event.id.contains("\n") ? "\"" + event.id.split(separator: "\n")[0] : event.id + "," + event.customer + ","
        if !text.hasPrefix(start) { Issue.record("line \(event.line) of \(event.dump): \(event.id), found \(text)") }
      }
    }
  }

  @Test func `what an interrupted run left behind is swept, and nothing else`() throws {
    let stores = try Stores()
    try stores.load("a.csv", [row("1")])
    let kept = stores.segmentNames
    for name in ["dead.seg", "run9-0.tmp", "0123.seg.tmp"] { try stores.folder.write("state/events/transactions/" + name, [1, 2, 3]) }
    try stores.folder.write("state/events/transactions/README", "mine")
    let next = try Stores(again: stores)
    #expect(next.segmentNames == (kept + ["README"]).sorted())
    #expect(try next.events().count == 1)
  }

  @Test func `the state is for its owner alone`() throws {
    let stores = try Stores()
    try stores.load("a.csv", [row("1")])
    func mode(_ path: String) throws -> Int? { try FileManager.default.attributesOfItem(atPath: stores.folder.path + "/state" + path)[.posixPermissions] as? Int }
    #expect(try mode("") == 0o700 && mode("/events") == 0o700 && mode("/events/transactions") == 0o700 && mode("/catalog.sqlite") == 0o600)
    #expect(try mode("/events/transactions/" + stores.segmentNames[0]) == 0o600)
  }

  @Test func `a bit flipped in a segment is found by verify, a segment cut or missing too`() throws {
    let stores = try Stores()
    try stores.load("a.csv", (0..<300).map { row("t\($0)", "c\($0 % 20)") })
    #expect(try stores.store.verify(threads: 2) == [])
    let name = "state/events/transactions/" + stores.segmentNames[0], sound = try stores.folder.read(name)
    var random = Seeded(101)
    for _ in 0..<100 {
      var bytes = sound
      bytes[Int(random.next() % UInt64(sound.count))] ^= 1 << UInt8(random.next() % 8)
      // Under a new inode: the store has the old one mapped.
      try FileManager.default.removeItem(atPath: stores.folder.path + "/" + name)
      try stores.folder.write(name, bytes)
      let problems = try stores.store.verify(threads: 2)
      #expect(!problems.isEmpty && problems.allSatisfy { $0.contains(stores.segmentNames[0]) })
    }
    try stores.folder.write("cut", Array(sound.dropLast(1)))
    try FileManager.default.removeItem(atPath: stores.folder.path + "/" + name)
    #expect(try stores.store.verify(threads: 1).count == 1)
    try FileManager.default.moveItem(atPath: stores.folder.path + "/cut", toPath: stores.folder.path + "/" + name)
    #expect(try stores.store.verify(threads: 1).count == 1)
  }

  @Test func `a store of a run before is read as the run that made it reads it`() throws {
    let stores = try Stores()
    try stores.load("a.csv", [row("1", category: "é"), row("bad", at: "never")]) { $0.limits.rowsMax = 1 }
    try stores.load("b.csv", [row("2", at: "2023-01-01")])
    let next = try Stores(again: stores)
    #expect(try next.events() == stores.events() && next.store.loads() == stores.store.loads() && next.store.rejects() == stores.store.rejects())
    #expect(try next.store.newestEventAt() == stores.store.newestEventAt() && next.store.rejects().map(\.reject.line) == [3])
  }
}
