import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `A run killed at any moment` {
  @Test(arguments: [false, true]) func `leaves the old results or the new, and run again gives what an undisturbed run gives`(
    isOverOlder: Bool
  ) throws {
    let night = try Night(rows: 200_000)
    try FileManager.default.createDirectory(atPath: night.folder + "/base", withIntermediateDirectories: true)
    var older: [String: String]?
    if isOverOlder {
      try night.run("run", "base", ["--dumps", "dumps/tx-[01].csv.gz", "--as-of", "2024-01-01", "--quiet"])
      older = try night.tables("base", without: ["run_id"])
    }
    let (wanted, secondsAlone) = try undisturbed(night)
    var seconds = secondsAlone
    if let older { #expect(Results.differences(older, wanted).contains("customers")) }

    var random = Seeded(isOverOlder ? 8 : 7), killed = 0
    let moments = 12
    for i in 0..<moments {
      let moment = (Double(i) + Double.random(in: 0..<1, using: &random)) / Double(moments) * seconds
      let place = "kill-\(i)"
      try night.copy("base", to: place)
      // A machine that has become less busy than when the whole was timed is over sooner.
      if try kill(night, place, after: moment) { killed += 1 } else { seconds *= 0.75 }

      if night.exists(place + "/out.sqlite") {
        let found = try asReadersSee(night, place)
        #expect(found == older || found == wanted, "killed after \(moment) s: a mixture")
      } else {
        #expect(!isOverOlder)
      }
      try night.run("run", place, ["--quiet"])
      let differences = try Results.differences(night.tables(place, without: ["run_id"]), wanted)
      #expect(differences.isEmpty, "killed after \(moment) of \(seconds) s")
      try expectNoOrphans(night, place)
      try night.remove(place)
    }
    #expect(killed >= moments / 4, "the runs were over too early: \(killed) of \(moments) killed")
  }

  private func undisturbed(_ night: Night) throws -> (tables: [String: String], seconds: Double) {
    try night.copy("base", to: "whole")
    let began = ContinuousClock.now
    try night.run("run", "whole", ["--quiet"])
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    return (try night.tables("whole", without: ["run_id"]), seconds)
  }

  /// Whether it was still at work.
  private func kill(_ night: Night, _ place: String, after seconds: Double) throws -> Bool {
    let process = night.process("run", place, ["--quiet"])
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    Thread.sleep(forTimeInterval: seconds)
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal
  }

  /// From a copy: reading repairs a database, and the run that follows shall find it as the kill left it.
  private func asReadersSee(_ night: Night, _ place: String) throws -> [String: String] {
    let seen = place + "/seen"
    try FileManager.default.createDirectory(atPath: night.folder + "/" + seen, withIntermediateDirectories: true)
    for suffix in ["", "-wal"] where night.exists(place + "/out.sqlite" + suffix) {
      try night.copy(place + "/out.sqlite" + suffix, to: seen + "/out.sqlite" + suffix)
    }
    let check = try Holdfast.shell("sqlite3 '\(seen)/out.sqlite' 'PRAGMA quick_check'", in: night.folder)
    #expect(check.output == "ok\n")
    return try night.tables(seen, without: ["run_id"])
  }

  private func expectNoOrphans(_ night: Night, _ place: String) throws {
    let rows = try Holdfast.shell(
      "sqlite3 '\(place)/state/catalog.sqlite' 'SELECT segment FROM loads ORDER BY segment'", in: night.folder)
    #expect(night.files(place + "/state/events/transactions") == rows.output.split(separator: "\n").map(String.init))
    #expect(night.files(place).filter { $0.hasPrefix("out.sqlite.") }.isEmpty, "a half-made database is left")
    #expect(night.files(place + "/state").filter { $0.hasSuffix(".tmp") }.isEmpty)
  }
}
