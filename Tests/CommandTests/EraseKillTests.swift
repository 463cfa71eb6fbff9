import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `An erasure killed at any moment` {
  @Test func `leaves a store with all of his rows or with none, and the same command carries on`() throws {
    let shop = try Person(rows: 100_000)
    try shop.shell("holdfast run with.yaml --quiet && holdfast transform with.yaml --quiet && holdfast score with.yaml --quiet")
    let rows = try shop.shell("sqlite3 state-with/catalog.sqlite 'SELECT sum(rows_stored) FROM loads'")
    let began = ContinuousClock.now
    try whole(shop, "whole")
    var seconds = (ContinuousClock.now - began) / .seconds(1)
    let wanted = try shop.shell("sqlite3 whole/state/catalog.sqlite 'SELECT sum(rows_stored) FROM loads'")
    #expect(rows != wanted)

    var random = Seeded(11), killed = 0, seen: Set<String> = []
    let moments = 16
    for i in 0..<moments {
      let moment = (Double(i) + Double.random(in: 0..<1, using: &random)) / Double(moments) * seconds
      let place = "kill-\(i)"
      // A machine that has become less busy than when the whole was timed is over sooner.
      if try kill(shop, place, after: moment) { killed += 1 } else { seconds *= 0.75 }
      let found = try shop.shell("sqlite3 \(place)/state/catalog.sqlite 'SELECT sum(rows_stored) FROM loads'")
      #expect(found == rows || found == wanted, "killed after \(moment) s")
      seen.insert(found)
      let check = "sqlite3 \(place)/out.sqlite 'PRAGMA quick_check' && holdfast validate with.yaml --store --state \(place)/state"
      #expect(try shop.shell(check).hasPrefix("ok\n"))
      try erase(shop, place)
      try expectGone(shop, place)
      try shop.shell("rm -r \(place)")
    }
    #expect(killed >= moments / 4, "the erasures were over too early: \(killed) of \(moments) killed")
    #expect(!seen.isEmpty)
  }

  private func copy(_ shop: Person, _ place: String) throws {
    try shop.shell("mkdir \(place) && cp -a state-with \(place)/state && cp with.sqlite \(place)/out.sqlite")
  }

  private func whole(_ shop: Person, _ place: String) throws {
    try copy(shop, place)
    try erase(shop, place)
    try expectGone(shop, place)
  }

  private func erase(_ shop: Person, _ place: String) throws {
    try shop.shell("holdfast erase with.yaml \(shop.id) --yes --state \(place)/state --database \(place)/out.sqlite --quiet")
  }

  private func expectGone(_ shop: Person, _ place: String) throws {
    #expect(try Holdfast.shell("grep -rlaF \(shop.id) \(place)", in: shop.folder).output.isEmpty)
    let segments = try shop.shell("sqlite3 \(place)/state/catalog.sqlite 'SELECT segment FROM loads ORDER BY segment'")
    #expect(try shop.shell("ls \(place)/state/events/transactions") == segments, "files that no row of the catalog names")
  }

  /// Whether it was still at work.
  private func kill(_ shop: Person, _ place: String, after seconds: Double) throws -> Bool {
    try copy(shop, place)
    let process = Holdfast.process(
      ["erase", "with.yaml", shop.id, "--yes", "--state", place + "/state", "--database", place + "/out.sqlite"], in: shop.folder)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    Thread.sleep(forTimeInterval: seconds)
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal
  }
}
