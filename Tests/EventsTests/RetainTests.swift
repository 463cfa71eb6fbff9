import Columns
import Events
import TestSupport
import Testing

@Suite struct `Events older than what is kept` {
  private let first = Day(year: 2024, month: 3, day: 1)

  /// Repeats of which the newest version lies before or behind the day.
  private func rows(_ random: inout Seeded) -> [String] {
    (0..<60).map { _ in
      let number = Int.random(in: 0..<80, using: &random), day = Int.random(in: 1...28, using: &random)
      let month = Int.random(in: 2...3, using: &random), update = Int.random(in: 1...9, using: &random)
      return row(
        "t\(number)", "c\(number % 9)", at: "2024-0\(month)-\(day < 10 ? "0" : "")\(day)T10:00:00Z", "\(number).00",
        updated: "2024-06-0\(update)T00:00:00Z")
    }
  }

  @Test(arguments: 0..<8, [false, true]) func `go, with the rows that they had replaced, and count as filtered`(
    seed: UInt64, isMerged: Bool
  ) throws {
    var random = Seeded(seed)
    let stores = try Stores(zone: "Europe/Berlin")
    for dump in 0..<4 { try stores.load("\(dump).csv", rows(&random)) }
    if isMerged { _ = try stores.store.compact(try stores.store.compactions(), threads: 1) { _ in } }
    // What counts, one row an identity: those of before the day are gone, and nothing else.
    let border = Int64(first.number) * 86_400 - 3600
    let counted = try stores.events(deduplicated: true).filter { $0.time >= border }, before = try stores.events()
    let loads = try stores.store.loads()
    let planned = try stores.store.expiredRows(before: first, threads: 2)
    let gone = try stores.store.removeEvents(before: first, threads: 2)
    #expect(planned == gone.reduce(0) { $0 + $1.rows } && planned > 20)
    for again in [stores, try Stores(again: stores)] {
      #expect(try again.events(deduplicated: true) == counted)
      #expect(try again.events().count == before.count - Int(planned))
      #expect(try again.store.verify(threads: 1) == [])
      for (now, load) in zip(try again.store.loads(), loads) {
        #expect(now.rowsFiltered == load.rowsFiltered + (gone.first { $0.path == load.path }?.rows ?? 0))
        #expect(now.rowsLoaded + now.rowsFiltered + now.rowsRejected == now.rowsRead)
      }
    }
    #expect(try stores.store.removeEvents(before: first, threads: 2).isEmpty, "once is enough")
    #expect(
      try stores.load("late.csv", [row("late", at: "2024-02-29T22:59:59Z"), row("next", at: "2024-02-29T23:00:00Z")]).kind == .loaded)
    #expect(try stores.store.removeEvents(before: first, threads: 2).map(\.rows) == [1])
    #expect(try stores.events(deduplicated: true).filter { $0.dump == "late.csv" }.map(\.id) == ["next"])
  }
}
