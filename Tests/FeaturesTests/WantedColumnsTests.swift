import Columns
import Features
import Testing
import Twins

/// A part of the columns, asked for alone.
struct WantedColumnsTests {
  /// What `score` reads.
  private static let always: Set<String> = [
    "customer_id", "last_purchase", "frequency", "net_minor", "gross_minor", "purchases", "days_since_last",
  ]

  @Test(arguments: [nil, 90])
  func `each column asked for alone, and random sets of them, hold what they hold in the whole table`(horizon: Int?) throws {
    let population = NastyPopulation(seed: 2), folder = try StoreFolder()
    let store = try folder.store(try population.write(to: folder, files: 2), mapping: population.mapping, zone: population.zone)
    var options = TransformOptions(asOf: Day("2024-06-30")!, threads: 2, churnHorizonDays: horizon)
    let all = try transform(store, options: options), names = all.customers.columns.map(\.name)
    let whole = cells(of: all.customers)
    var numbers = SeededNumbers(seed: 11)
    let sets = [[]] + names.map { [$0] } + (0..<20).map { _ in names.filter { _ in numbers.next() % 4 == 0 } }
    for wanted in sets {
      options.columns = Set(wanted)
      let some = try transform(store, options: options)
      let found = Set(some.customers.columns.map(\.name))
      #expect(found.isSuperset(of: Self.always.union(wanted)), "asked for \(wanted)")
      let expected = whole.mapValues { row in row.filter { found.contains($0.key) } }
      #expect((cells(of: some.customers) == expected) as Bool, "asked for \(wanted)")
      #expect(some.partials == all.partials, "asked for \(wanted)")
      #expect(some.customersByID == all.customersByID)
    }
  }
}
