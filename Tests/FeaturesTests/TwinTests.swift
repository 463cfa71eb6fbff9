import Columns
import Dumps
import Events
import Features
import Testing
import Twins

/// Every cell of the customer table against the slow twin.
struct TwinTests {
  @Test(arguments: ["2025-01-01", "2024-06-30", "2023-11-17", "2023-01-01"], [nil, 90])
  func `the customer table of the synthetic population is the twin's`(day: String, horizon: Int?) throws {
    let dumps = try fixture("synthetic"), folder = try StoreFolder()
    let twin = try Twin(rows: try dumps.flatMap { try twinRows(ofFile: $0) }, asOf: day, horizon: horizon)
    let features = try transform(try folder.store(dumps), options: TransformOptions(asOf: Day(day)!, threads: 2, churnHorizonDays: horizon))
    #expect(differences(features.customers, twin.customers()) == [])
    #expect(features.loads.reduce(0) { $0 + $1.rowsDuplicate } == Int64(twin.duplicates))
    #expect(features.conflicts.count == twin.conflicts)
    for load in features.loads {
      #expect(load.rowsLoaded + load.rowsRejected + load.rowsDuplicate + load.rowsFiltered == load.rowsRead)
    }
  }

  @Test(arguments: ["1998-06-30", "1997-09-30"])
  func `the customer table of CDNOW is the twin's`(day: String) throws {
    let dumps = try fixture("cdnow"), folder = try StoreFolder()
    let twin = try Twin(rows: try dumps.flatMap { try twinRows(ofFile: $0) }, asOf: day)
    let features = try transform(try folder.store(dumps, mapping: cdnowMapping), options: TransformOptions(asOf: Day(day)!, threads: 2))
    #expect(features.customers.rowCount == 23_570)
    #expect(differences(features.customers, twin.customers()) == [])
  }

  @Test func `frequency, recency and T of CDNOW's sample as of 1997-09-30 are those of the papers`() throws {
    let folder = try StoreFolder()
    let store = try folder.store(try fixture("cdnow"), mapping: cdnowMapping)
    let features = cells(of: try transform(store, options: TransformOptions(asOf: Day("1997-09-30")!, threads: 2)).customers)
    let sample = try lines(ofFile: packageRoot + "/fixtures/cdnow/sample_customers.csv")
    #expect(sample.count == 2357)
    for fields in sample {
      let row = features[fields[1]]
      #expect(row?["frequency"] == .integer(Int(fields[2]) ?? -1), "customer \(fields[1])")
      #expect(row?["recency_days"] == .integer(Int(fields[3]) ?? -1), "customer \(fields[1])")
      #expect(row?["tenure_days"] == .integer(Int(fields[4]) ?? -1), "customer \(fields[1])")
    }
  }

  @Test(arguments: 1...24)
  func `the customer table of a small nasty population is the twin's`(seed: UInt64) throws {
    let population = NastyPopulation(seed: seed), folder = try StoreFolder()
    let dumps = try population.write(to: folder, files: 1 + Int(seed % 3))
    let rows = try dumps.flatMap { try twinRows(ofFile: $0, zone: population.zone) }
    let store = try folder.store(dumps, mapping: population.mapping, buckets: seed % 2 == 0 ? 64 : 2, zone: population.zone)
    for day in population.days {
      for horizon in [nil, 5, 90] {
        let twin = try Twin(rows: rows, asOf: day, horizon: horizon, zone: population.zone)
        let features = try transform(store, options: TransformOptions(asOf: Day(day)!, threads: 2, churnHorizonDays: horizon))
        #expect(differences(features.customers, twin.customers()) == [], "as of \(day)")
        #expect(features.loads.reduce(0) { $0 + $1.rowsDuplicate } == Int64(twin.duplicates))
        #expect(features.conflicts.count == twin.conflicts)
      }
    }
  }
}
