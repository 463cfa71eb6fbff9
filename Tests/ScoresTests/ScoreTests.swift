import Columns
import Events
import Features
import Foundation
import Scores
import Testing
import Twins

/// Scores and segments against the slow twin, and the segments against the published table.
struct ScoreTests {
  private func rfm(_ features: FeatureSet) throws(PipelineError) -> ScoreSet {
    try score(features, ScoreOptions(columns: ["customer_id"]), models: nil)
  }

  private func published() throws -> [String: [Int]] {
    let data = try Data(contentsOf: URL(fileURLWithPath: packageRoot + "/Tests/Vectors/rfm_11_segments_codes.json"))
    return try JSONDecoder().decode([String: [String]].self, from: data).mapValues { $0.compactMap { Int($0) } }
  }

  @Test func `the 11 segments are the published ones, and hold each of the 125 codes exactly once`() throws {
    let published = try published()
    #expect(rfmSegments.count == 11 && published.count == 11)
    for segment in rfmSegments { #expect(published[segment.name]?.sorted() == segment.codes.sorted(), "\(segment.name)") }
    let all = (1...5).flatMap { r in (1...5).flatMap { f in (1...5).map { m in r * 100 + f * 10 + m } } }
    #expect(rfmSegments.flatMap(\.codes).sorted() == all)
  }

  private func check(_ features: FeatureSet, _ twin: Twin) throws {
    let scores = try rfm(features), expected = twin.scores(), customers = twin.customers()
    var segments: [Int: String] = [:]
    for (name, codes) in try published() { for code in codes { segments[code] = name } }
    guard case .text(let ids)? = features.customers["customer_id"]?.values else { throw TwinFault(text: "no ids") }
    let columns = Dictionary(uniqueKeysWithValues: scores.columns.map { ($0.name, $0) })
    #expect(Set(columns.keys) == ["rfm_recency", "rfm_frequency", "rfm_monetary", "rfm_segment"])
    var sums: [String: SegmentSummary] = [:], wrong: [String] = []
    for row in 0..<features.customers.rowCount {
      let id = latin1(bytes(ids, row)), score = expected[id], name = score.flatMap { segments[$0.code] }
      let wanted: [(String, TwinCell)] = [
        ("rfm_recency", score.map { .integer($0.recency) } ?? .null), ("rfm_frequency", score.map { .integer($0.frequency) } ?? .null),
        ("rfm_monetary", score.map { .integer($0.monetary) } ?? .null), ("rfm_segment", name.map { .text($0) } ?? .null),
      ]
      for (column, cell) in wanted where columns[column].map({ Twins.cell($0, row) }) != cell { wrong.append("\(id) \(column)") }
      guard let name, let cells = customers[id] else { continue }
      func value(_ name: String) -> Int64 {
        if case .integer(let value)? = cells[name] { Int64(value) } else { 0 }
      }
      sums[name, default: SegmentSummary(segment: name, meaning: "")].customers += 1
      sums[name]?.purchases += value("purchases")
      sums[name]?.grossMinor += value("gross_minor")
      sums[name]?.netMinor += value("net_minor")
      sums[name]?.daysSinceLastSum += value("days_since_last")
    }
    #expect(wrong == [])
    #expect(scores.segments.map(\.segment) == rfmSegments.map(\.name))
    for var summary in scores.segments {
      summary.meaning = ""
      #expect(summary == sums[summary.segment] ?? SegmentSummary(segment: summary.segment, meaning: ""))
    }
  }

  @Test(arguments: ["2025-01-01", "2024-06-30"])
  func `scores and segments of the synthetic population are the twin's`(day: String) throws {
    let dumps = try fixture("synthetic"), folder = try StoreFolder()
    let features = try transform(try folder.store(dumps), options: TransformOptions(asOf: Day(day)!, threads: 2))
    try check(features, try Twin(rows: try dumps.flatMap { try twinRows(ofFile: $0) }, asOf: day))
  }

  @Test(arguments: ["1998-06-30", "1997-09-30"])
  func `scores and segments of CDNOW are the twin's`(day: String) throws {
    let dumps = try fixture("cdnow"), folder = try StoreFolder()
    let features = try transform(try folder.store(dumps, mapping: cdnowMapping), options: TransformOptions(asOf: Day(day)!, threads: 2))
    try check(features, try Twin(rows: try dumps.flatMap { try twinRows(ofFile: $0) }, asOf: day))
  }

  @Test(arguments: 1...12)
  func `scores and segments of a small nasty population are the twin's`(seed: UInt64) throws {
    let population = NastyPopulation(seed: seed), folder = try StoreFolder()
    let dumps = try population.write(to: folder, files: 2)
    let store = try folder.store(dumps, mapping: population.mapping, zone: population.zone)
    let rows = try dumps.flatMap { try twinRows(ofFile: $0, zone: population.zone) }
    for day in population.days {
      let features = try transform(store, options: TransformOptions(asOf: Day(day)!, threads: 2))
      try check(features, try Twin(rows: rows, asOf: day, zone: population.zone))
    }
  }

  @Test func `scores of nobody are empty, and all segments stand there with zeros`() throws {
    let folder = try StoreFolder()
    let scores = try rfm(try transform(try folder.store([]), options: TransformOptions(asOf: Day("2024-01-01")!, threads: 1)))
    #expect(scores.columns.count == 4 && scores.columns.allSatisfy { $0.count == 0 })
    #expect(scores.segments.count == 11 && scores.segments.allSatisfy { $0.customers == 0 })
  }

  @Test func `a segment whose amounts do not fit is an error, though each month's do`() throws {
    let folder = try StoreFolder(), huge = "92233720368547758.06"
    var rows = ["transaction_id,customer_id,occurred_at,amount", "a,a,2024-01-05,\(huge)", "b,b,2024-02-05,\(huge)"]
    for i in 10..<28 { rows.append("x\(i),x\(i),2024-03-\(i),1.00") }
    let store = try folder.store([try folder.write("tx.csv", rows.joined(separator: "\n") + "\n")], mapping: cdnowMapping)
    let features = try transform(store, options: TransformOptions(asOf: Day("2024-03-31")!, threads: 1))
    let error = #expect(throws: PipelineError.self) { try rfm(features) }
    #expect(error?.exit == .badInput)
  }

  @Test func `scores read back are those that were written, and a flipped bit is found`() throws {
    let population = NastyPopulation(seed: 4), folder = try StoreFolder()
    let store = try folder.store(try population.write(to: folder, files: 2), mapping: population.mapping, zone: population.zone)
    let features = try transform(store, options: TransformOptions(asOf: Day("2024-06-30")!, threads: 2))
    let scores = try score(features, ScoreOptions(), models: try fitModels(features, ScoreOptions()))
    #expect(scores.columns.count == 12 && scores.models?.models.count == 3 && scores.outlook != nil)
    let path = folder.path + "/scores"
    try scores.write(to: path)
    let read = try ScoreSet(readFrom: path)
    #expect(read.segments == scores.segments && read.models == scores.models && read.outlook == scores.outlook)
    #expect(read.columns.map(\.definition) == scores.columns.map(\.definition))
    for (a, b) in zip(read.columns, scores.columns) {
      #expect(a.isPresent == b.isPresent && a.count == b.count)
      #expect((0..<a.count).allSatisfy { Twins.cell(a, $0) == Twins.cell(b, $0) })
    }
    let file = URL(fileURLWithPath: path + "/scores.table")
    var damaged = try Data(contentsOf: file)
    damaged[damaged.count - 100] ^= 4
    try damaged.write(to: file)
    let error = #expect(throws: PipelineError.self) { try ScoreSet(readFrom: path) }
    #expect(error?.exit == .badInput)
  }
}
