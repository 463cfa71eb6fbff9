import Columns
import Events
import Foundation
import Testing
import Workflow

private func pipeline(_ folder: TemporaryFolder) throws -> Pipeline {
  try Pipeline(file: folder.path + "/shop.yaml", bytes: Array("feeds: {transactions: {dumps: [a]}}".utf8))
}

@Suite struct `The lock of a state folder` {
  @Test func `is had by one at a time, and names its holder`() throws {
    let folder = try TemporaryFolder()
    let state = StateFolder(folder.path)
    let holder = RunHolder(runID: "20250101T000000Z-abcdef", startedAt: 1_735_689_600)
    var first: RunLock? = try RunLock.take(state, holder: holder)
    let error = #expect(throws: PipelineError.self) { try RunLock.take(state, holder: nil) }
    #expect(error?.exit == .locked)
    let pid = ProcessInfo.processInfo.processIdentifier
    #expect(error?.message.hasPrefix("another run works in \(folder.path): pid \(pid) on ") == true)
    #expect(error?.message.hasSuffix(", run 20250101T000000Z-abcdef, since 2025-01-01T00:00:00Z") == true)
    withExtendedLifetime(first) {}
    first = nil
    _ = try RunLock.take(state, holder: nil)
  }

  @Test func `is seen by another process, and freed when its holder is killed`() throws {
    let folder = try TemporaryFolder()
    let state = StateFolder(folder.path)
    let holder = Process()
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
    holder.arguments = ["--no-fork", state.lock, "sh", "-c", "echo 'pid 1 on elsewhere' > '\(state.lock)'; exec sleep 60"]
    try holder.run()
    var found: PipelineError?
    for _ in 0..<500 where found?.message.contains("pid 1") != true {
      do { _ = try RunLock.take(state, holder: nil) } catch { found = error }
      Thread.sleep(forTimeInterval: 0.01)
    }
    #expect(found?.exit == .locked)
    #expect(found?.message == "another run works in \(folder.path): pid 1 on elsewhere")
    kill(holder.processIdentifier, SIGKILL)
    holder.waitUntilExit()
    _ = try RunLock.take(state, holder: nil)
  }
}

@Suite struct `The record of a run` {
  @Test func `stands on disk from the first moment and is closed once`() throws {
    let folder = try TemporaryFolder()
    let state = StateFolder(folder.path)
    let ledger = try RunLedger(state, command: "run", runID: "r1", startedAt: 0, pipeline: try pipeline(folder))
    #expect(try read(ledger)["state"] as? String == "running")
    let value = try ledger.stage("extract", rows: { (_: Int) in 7 }) { () throws(PipelineError) in 3 }
    #expect(value == 3)
    #expect(throws: PipelineError.self) {
      try ledger.stage("transform", rows: { (_: Int) in 0 }) { () throws(PipelineError) in throw PipelineError(.badInput, "x") }
    }
    try ledger.finish(.failed, exitCode: 65, error: PipelineError(.badInput, "broken", details: ["a"], fix: "mend"))
    try ledger.finish(.succeeded, exitCode: 0, error: nil)
    let results = try read(ledger)
    #expect(results["schema_version"] as? Int == 1)
    #expect(results["state"] as? String == "failed")
    #expect(results["exit_code"] as? Int == 65)
    #expect((results["stages"] as? [[String: Any]])?.compactMap { $0["stage"] as? String } == ["extract", "transform"])
    #expect((results["error"] as? [String: Any])?["fix"] as? String == "mend")
    #expect(results["published"] as? Bool == false)
    #expect(try FileManager.default.contentsOfDirectory(atPath: ledger.folder).sorted() == ["holdfast.prom", "run_results.json"])
  }

  @Test func `is for its owner only`() throws {
    let folder = try TemporaryFolder()
    let state = StateFolder(folder.path + "/state")
    try StateFolder.make(state.path)
    let ledger = try RunLedger(state, command: "run", runID: "r1", startedAt: 0, pipeline: try pipeline(folder))
    func mode(_ path: String) throws -> Int? { try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int }
    #expect(try mode(state.path) == 0o700)
    #expect(try mode(ledger.folder) == 0o700)
    #expect(try mode(ledger.folder + "/run_results.json") == 0o600)
  }

  @Test func `tells Prometheus how it ended, with labels escaped`() throws {
    let folder = try TemporaryFolder()
    var pipeline = try pipeline(folder)
    pipeline.name = "a\"b\\c"
    let ledger = try RunLedger(StateFolder(folder.path), command: "run", runID: "r1", startedAt: 0, pipeline: pipeline)
    try ledger.finish(.succeeded, exitCode: 0, error: nil)
    let lines = try String(contentsOfFile: ledger.folder + "/holdfast.prom", encoding: .utf8).split(separator: "\n")
    #expect(lines.contains("holdfast_run_success{pipeline=\"a\\\"b\\\\c\",command=\"run\"} 1"))
    #expect(lines.contains("# TYPE holdfast_run_success gauge"))
  }

  @Test func `has a name in the order of time that does not come twice`() {
    let names = (0..<100).map { _ in RunLedger.newRunID(1_735_689_600) }
    #expect(names.allSatisfy { $0.hasPrefix("20250101T000000Z-000") && $0.count == 25 })
    #expect(Set(names).count > 95)
    let later = [0, 0.001, 0.5, 0.9999, 1].map { RunLedger.newRunID(1_735_689_600 + $0) }
    #expect(later == later.sorted())
  }

  private func read(_ ledger: RunLedger) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: ledger.folder + "/run_results.json"))
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}

@Suite struct `The day a run stands for` {
  @Test func `is the local day of the newest transaction`() throws {
    let folder = try TemporaryFolder()
    var pipeline = try pipeline(folder)
    let newYear: Int64 = 1_735_689_600
    #expect(try pipeline.resolvedAsOf(newestEventAt: newYear, lastPublished: nil).description == "2025-01-01")
    #expect(try pipeline.resolvedAsOf(newestEventAt: newYear - 1, lastPublished: nil).description == "2024-12-31")
    #expect(try pipeline.resolvedAsOf(newestEventAt: -1, lastPublished: nil).description == "1969-12-31")
    pipeline.store.timeZone = "Europe/Berlin"
    #expect(try pipeline.resolvedAsOf(newestEventAt: newYear - 1, lastPublished: nil).description == "2025-01-01")
    pipeline.store.timeZone = "America/New_York"
    #expect(try pipeline.resolvedAsOf(newestEventAt: newYear, lastPublished: nil).description == "2024-12-31")
  }

  @Test func `may lie 45 days after the last published one, and no more`() throws {
    let folder = try TemporaryFolder()
    var pipeline = try pipeline(folder)
    let last = Day(20_000)
    #expect(try pipeline.resolvedAsOf(newestEventAt: 20_045 * 86_400, lastPublished: last) == Day(20_045))
    let error = #expect(throws: PipelineError.self) { try pipeline.resolvedAsOf(newestEventAt: 20_046 * 86_400, lastPublished: last) }
    #expect(error?.exit == .checkFailed)
    #expect(error?.message == "the newest transaction is of 2024-11-19, 46 days after the last published day 2024-10-04; the limit is 45")
    #expect(error?.fix.contains("set as_of_jump_days_max in \(pipeline.file) to 46") == true)
    pipeline.asOf = .day(Day(30_000))
    #expect(try pipeline.resolvedAsOf(newestEventAt: nil, lastPublished: last) == Day(30_000))
  }

  @Test func `cannot be the latest of nothing`() throws {
    let folder = try TemporaryFolder()
    let pipeline = try pipeline(folder)
    let error = #expect(throws: PipelineError.self) { try pipeline.resolvedAsOf(newestEventAt: nil, lastPublished: nil) }
    #expect(error?.exit == .noInput)
  }
}
