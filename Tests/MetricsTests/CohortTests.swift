import Columns
import Dumps
import Events
import Features
import Metrics
import Testing
import Twins

/// Cohorts against the slow twin, and against what must hold for any population.
struct CohortTests {
  private func check(_ features: FeatureSet, _ twin: Twin) {
    let found = cohorts(features)
    let rows = found.map { row in
      var cohort = TwinCohort(cohort: Int(row.cohort), age: Int(row.age), size: Int(row.size))
      (cohort.customers, cohort.gross, cohort.net) = (Int(row.customers), Int(row.grossMinor), Int(row.netMinor))
      return cohort
    }
    #expect(rows == twin.cohorts())
    let months = churnMetrics(features)
    for month in months {
      let born = found.filter { $0.cohort == month.month && $0.age == 0 }
      #expect(born.reduce(0) { $0 + $1.customers } == month.new && born.allSatisfy { $0.size == $0.customers })
      let active = found.filter { $0.cohort + $0.age == month.month }
      #expect(active.reduce(0) { $0 + $1.customers } == month.active)
      #expect(active.reduce(0) { $0 + $1.grossMinor } == month.grossMinor)
    }
    #expect(found.allSatisfy { (0...$0.size).contains($0.customers) })
  }

  @Test(arguments: ["2025-01-01", "2024-06-30"])
  func `the cohorts of the synthetic population are the twin's`(day: String) throws {
    let dumps = try fixture("synthetic"), folder = try StoreFolder()
    let twin = try Twin(rows: try dumps.flatMap { try twinRows(ofFile: $0) }, asOf: day)
    check(try transform(try folder.store(dumps), options: TransformOptions(asOf: Day(day)!, threads: 2)), twin)
  }

  @Test func `the cohorts of CDNOW are the twin's`() throws {
    let dumps = try fixture("cdnow"), folder = try StoreFolder()
    let twin = try Twin(rows: try dumps.flatMap { try twinRows(ofFile: $0) }, asOf: "1998-06-30")
    let store = try folder.store(dumps, mapping: cdnowMapping)
    check(try transform(store, options: TransformOptions(asOf: Day("1998-06-30")!, threads: 2)), twin)
  }

  @Test(arguments: 1...12)
  func `the cohorts of a small nasty population are the twin's, in 64 buckets as in 2`(seed: UInt64) throws {
    let population = NastyPopulation(seed: seed), folder = try StoreFolder()
    let dumps = try population.write(to: folder, files: 2)
    let rows = try dumps.flatMap { try twinRows(ofFile: $0, zone: population.zone) }
    let store = try folder.store(dumps, mapping: population.mapping, buckets: seed % 2 == 0 ? 64 : 2, zone: population.zone)
    for day in population.days {
      let twin = try Twin(rows: rows, asOf: day, zone: population.zone)
      check(try transform(store, options: TransformOptions(asOf: Day(day)!, threads: 2)), twin)
    }
  }

  private func features(_ rows: [String], asOf: String) throws -> FeatureSet {
    let folder = try StoreFolder(), header = "transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind"
    let dump = try folder.write("tx.csv", ([header] + rows).joined(separator: "\n") + "\n")
    return try transform(try folder.store([dump]), options: TransformOptions(asOf: Day(asOf)!, threads: 2))
  }

  @Test func `customers of the year 1 have their cohort beside today's, and no triangle between`() throws {
    let found = cohorts(
      try features(
        [
          "1,a,0001-01-05,1.00,,,,,purchase", "2,a,2024-03-01,2.00,,,,,purchase", "3,b,2004-03-31,4.00,,,,,purchase",
          "4,b,2004-04-01,8.00,,,,,purchase", "5,c,2024-03-09,16.00,,,,,purchase",
        ], asOf: "2024-03-31"))
    #expect(found.map { [$0.cohort, $0.age] } == [[12, 0], [12, 24_278], [24_050, 0], [24_050, 1], [24_290, 0]])
    #expect(found.map(\.netMinor) == [100, 200, 400, 800, 1600] && found.map(\.size) == [1, 1, 1, 1, 1])
  }

  @Test func `a refund before the first purchase's month is in no cohort, one of that month is`() throws {
    let found = cohorts(
      try features(
        [
          "1,a,2024-01-05,1.00,,,,,refund", "2,a,2024-02-01,2.00,,,,,refund", "3,a,2024-02-03,4.00,,,,,purchase",
          "4,b,2024-02-03,8.00,,,,,refund",
        ],
        asOf: "2024-03-31"))
    #expect(found.map(\.netMinor) == [200] && found.map(\.age) == [0])
  }
}
