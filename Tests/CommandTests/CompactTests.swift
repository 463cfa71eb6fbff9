import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `A compacted store` {
  private func merged(_ night: Night, _ place: String) throws { try night.run("compact", place, ["--quiet"]) }

  private func rows(_ night: Night, _ place: String) throws -> String {
    try Holdfast.shell(
      "sqlite3 \(place)/state/catalog.sqlite 'SELECT sha256, rows_stored, rows_filtered FROM loads ORDER BY 1'", in: night.folder
    )
    .output
  }

  @Test func `gives the same tables, and names dump and line as before`() throws {
    let night = try Night(rows: 24_000, files: 12)
    try night.run("run", "a", ["--quiet"])
    let wanted = try night.tables("a", without: ["run_id"])
    let customer = try Holdfast.shell("sqlite3 a/out.sqlite 'SELECT customer_id FROM customers LIMIT 1 OFFSET 77'", in: night.folder)
      .output.trimmingCharacters(in: .newlines)
    func explained() throws -> String { try night.run("explain", "a", [customer]).output }
    let before = try explained(), stored = try rows(night, "a")

    let planned = try night.run("compact", "a", ["--dry-run"])
    #expect(planned.output.hasPrefix("Would merge (nothing is changed): 14 segments → 1\n  14 segments → 1: 14 dumps, "))
    #expect(night.files("a/state/events/transactions").count == 14)
    let facts = try JSONSerialization.jsonObject(with: Data(try night.run("compact", "a", ["--json"]).output.utf8)) as? [String: Any]
    #expect(facts?["segments_after"] as? Int == 1 && facts?["dry_run"] as? Bool == false)
    #expect(night.files("a/state/events/transactions").count == 1)
    #expect(try explained() == before && rows(night, "a") == stored)
    #expect(try night.run("compact", "a").output == "Nothing to merge: 1 segment, at most one of them small\n")

    try night.run("run", "a", ["--quiet"])
    #expect(try Results.differences(night.tables("a", without: ["run_id"]), wanted).isEmpty)
  }

  @Test func `killed at any moment holds every row once, and the same command carries on`() throws {
    let night = try Night(rows: 60_000, files: 40)
    try night.run("extract", "whole", ["--quiet"])
    let stored = try rows(night, "whole")
    try night.run("run", "wanted", ["--quiet"])
    let wanted = try night.tables("wanted", without: ["run_id"])
    try night.copy("whole", to: "timed")
    let began = ContinuousClock.now
    try merged(night, "timed")
    var seconds = (ContinuousClock.now - began) / .seconds(1)
    var random = Seeded(5), killed = 0
    for i in 0..<16 {
      try night.copy("whole", to: "k")
      let process = night.process("compact", "k", ["--quiet"])
      try process.run()
      Thread.sleep(forTimeInterval: (Double(i) + Double.random(in: 0..<1, using: &random)) / 16 * seconds)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      // A machine that has become less busy than when the whole was timed is over sooner.
      if process.terminationReason == .uncaughtSignal { killed += 1 } else { seconds *= 0.75 }
      #expect(try rows(night, "k") == stored)
      #expect(try Holdfast.shell("holdfast validate night.yaml --store --state k/state", in: night.folder).status == 0)
      try merged(night, "k")
      #expect(night.files("k/state/events/transactions").count == 1, "what a kill left is swept")
      if i % 5 == 0 {
        try night.run("run", "k", ["--quiet"])
        #expect(try Results.differences(night.tables("k", without: ["run_id"]), wanted).isEmpty)
      }
      try night.remove("k")
    }
    #expect(killed >= 4, "compact was over too early: \(killed) of 16 killed")
  }

  @Test func `without a store, or with a mistyped command, says what to do`() throws {
    let night = try Night(rows: 1000, files: 1)
    let none = try Holdfast.finish(night.process("compact", "none"))
    #expect(none.status == 66 && none.errors.contains("fix: run first: holdfast extract night.yaml"))
    #expect(try Holdfast.run("compct", "night.yaml").errors.contains("did you mean 'compact'?"))
  }
}
