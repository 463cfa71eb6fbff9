import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(15))) struct `The same dumps` {
  @Test func `a second time change nothing, and the run says so`() throws {
    let night = try Night(rows: 40_000)
    try night.run("run", "a", ["--quiet"])
    let first = try night.tables("a")
    let again = try night.run("run", "a")
    #expect(again.output.contains("6 dumps were loaded before and not read again"))
    #expect(try Results.differences(night.tables("a"), first).isEmpty)
    var record = try night.record("a")
    #expect((record["dumps"] as? [[String: Any]])?.map { $0["outcome"] as? String } == Array(repeating: "unchanged", count: 6))
    let extract = try #require((record["stages"] as? [[String: Any]])?.first)
    #expect(extract["rows"] as? Int == 0, "no dump was opened, so no row was read")

    try night.copy("dumps/tx-0.csv.gz", to: "dumps/other-name.csv.gz")
    let renamed = try night.run("run", "a")
    #expect(renamed.errors.contains("other-name.csv.gz: the same bytes as dumps/tx-0.csv.gz, which is loaded already: nothing to do"))
    #expect(try Results.differences(night.tables("a"), first).isEmpty)
    record = try night.record("a")
    #expect((record["dumps"] as? [[String: Any]])?.first?["outcome"] as? String == "same_bytes")
  }

  @Test func `give the same tables with any number of threads and buckets`() throws {
    let night = try Night(rows: 40_000)
    var wanted: [String: String]?
    for buckets in [64, 1] {
      try night.write("buckets.yaml", Night.pipeline(buckets: buckets))
      for threads in [1, 2, 7] {
        let place = "\(buckets)-\(threads)"
        try night.run("run", place, ["--threads", String(threads), "--quiet"], pipeline: "buckets.yaml")
        let tables = try night.tables(place, without: ["run_id"])
        #expect(Results.differences(tables, wanted ?? tables).isEmpty, "\(buckets) buckets, \(threads) threads")
        wanted = wanted ?? tables
      }
    }
  }

  @Test func `give the same tables under shuffled names`() throws {
    let night = try Night(rows: 20_000, files: 6)
    try night.run("run", "a", ["--quiet"])
    let wanted = try night.tables("a", without: ["run_id", "path"])
    let names = night.files("dumps").filter { $0.contains(".csv") }
    var random = Seeded(3)
    for order in 0..<20 {
      let folder = "dumps-\(order)"
      try FileManager.default.createDirectory(atPath: night.folder + "/" + folder, withIntermediateDirectories: true)
      for (i, name) in names.shuffled(using: &random).enumerated() {
        try night.copy("dumps/" + name, to: "\(folder)/\(i).csv" + (name.hasSuffix(".gz") ? ".gz" : ""))
      }
      try night.write("shuffled.yaml", Night.pipeline(buckets: 64, dumps: folder))
      let place = "order-\(order)"
      try night.run("run", place, ["--quiet"], pipeline: "shuffled.yaml")
      #expect(try Results.differences(night.tables(place, without: ["run_id", "path"]), wanted).isEmpty, "order \(order)")
      try night.remove(place)
    }
  }

  @Test func `night by night give what they give at once`() throws {
    let night = try Night(rows: 40_000)
    try night.run("run", "a", ["--quiet"])
    for dumps in ["dumps/tx-[23]*", "dumps/x-2*", "dumps/tx-0*", "dumps/*.csv*"] {
      try night.run("run", "b", ["--dumps", dumps, "--quiet"])
    }
    #expect(try Results.differences(night.tables("a", without: ["run_id"]), night.tables("b", without: ["run_id"])).isEmpty)
  }

  @Test func `stage by stage give what run gives`() throws {
    let night = try Night(rows: 40_000)
    for stage in ["extract", "transform", "score", "publish"] { try night.run(stage, "a", ["--quiet"]) }
    try night.run("run", "b", ["--quiet"])
    let (stages, whole) = (try night.tables("a", without: ["run_id"]), try night.tables("b", without: ["run_id"]))
    #expect(Results.differences(stages, whole).isEmpty)
    let conflicts = try Holdfast.shell("sqlite3 a/out.sqlite 'SELECT count(*), min(differs) FROM conflicts'", in: night.folder)
    #expect(conflicts.output == "50|amount\n")
    for stage in ["transform", "score", "publish"] { try night.run(stage, "a", ["--quiet"]) }
    #expect(try Results.differences(night.tables("a", without: ["run_id"]), whole).isEmpty, "repeated stages")
  }
}
