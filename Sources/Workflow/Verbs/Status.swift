import Buffers
import Columns
import Events
import Foundation
import Warehouse

/// Where a pipeline stands.
package struct StatusFacts: Encodable, Sendable {
  package struct Run: Encodable, Sendable {
    package var runId: String
    package var command: String
    package var state: String
    package var exitCode: Int32?
    package var asOf: String?
    package var startedAt: String
    package var seconds: Double?
    package var error: String?
  }
  package struct Database: Encodable, Sendable {
    package var path: String
    package var bytes: Int64
    package var asOf: String?
    package var customers: Int64?
  }
  package var pipeline: String
  package var state: String
  /// Who works there at this moment; the store is then left alone.
  package var runningNow: String?
  package var store: RunFacts.Rows?
  package var newestEventAt: String?
  package var lastPublished: LastPublished?
  package var database: Database?
  /// The newest first.
  package var runs: [Run]
}

extension Invocation {
  /// Tells what is in the store, what was published and how the last runs ended. Changes nothing.
  /// - Parameter maxAge: as `26h`; older results end with 1, so that a monitor can ask.
  package func status(maxAge: String? = nil) -> Int32 {
    Verb.exitCode { () throws(PipelineError) in
      let age = try maxAge.map { text throws(PipelineError) in try MaxAge(text) }
      let facts = try statusFacts(try pipeline())
      try Streams.output(isJSON ? JSONText.encode(facts) : StatusText.text(facts))
      try age?.check(facts.lastPublished, now: UTC.now())
    }
  }

  private func statusFacts(_ pipeline: Pipeline) throws(PipelineError) -> StatusFacts {
    let state = StateFolder(pipeline.state.path)
    var facts = StatusFacts(pipeline: pipeline.name, state: state.path, lastPublished: try LastPublished.read(state), runs: [])
    if PathKind(of: pipeline.database.path) == .file {
      let results = try ResultsStatus.read(path: pipeline.database.path)
      facts.database = StatusFacts.Database(
        path: pipeline.database.path, bytes: results.databaseBytes, asOf: results.newest?.asOf.description,
        customers: results.newest?.customers)
    }
    guard state.exists else { return facts }
    do {
      // Opening the store sweeps what a crash left, which must not happen under another run's hands.
      let lock = try RunLock.take(state, holder: nil)
      defer { withExtendedLifetime(lock) {} }
      if state.hasStore {
        let store = try EventStore.open(directory: state.path, parameters: pipeline.store)
        facts.store = RunFacts.Rows(try store.loads())
        facts.newestEventAt = try store.newestEventAt().map(UTC.text)
      }
    } catch  where error.exit == .locked {
      facts.runningNow = RunHolder.current(state) ?? error.message
    }
    facts.runs = Self.runs(state, isRunning: facts.runningNow != nil)
    return facts
  }

  /// The last 5 runs. A run that never closed its record and holds no lock was killed.
  private static func runs(_ state: StateFolder, isRunning: Bool) -> [StatusFacts.Run] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: state.runs)) ?? []
    let newest = names.sorted(by: >).prefix(5).compactMap { name -> RunResults? in
      guard let bytes = try? SmallFile.read(state.runs + "/" + name + "/run_results.json", bytesMax: 64 << 20) else { return nil }
      return JSONText.decode(RunResults.self, from: bytes)
    }
    return newest.enumerated().map { index, run in
      let wasKilled = run.state == .running && !(isRunning && index == 0)
      return StatusFacts.Run(
        runId: run.runId, command: run.command, state: wasKilled ? "killed" : run.state.rawValue, exitCode: run.exitCode, asOf: run.asOf,
        startedAt: run.startedAt, seconds: run.seconds, error: run.error?.message)
    }
  }
}

enum StatusText {
  static func text(_ facts: StatusFacts) -> String {
    var lines = ["pipeline   \(facts.pipeline)", "state      \(facts.state)"]
    if let running = facts.runningNow { lines.append("running    \(running)") }
    if let rows = facts.store {
      lines.append(
        "store      \(PageText.grouped(Int64(rows.dumps))) dumps, \(PageText.grouped(rows.read)) rows read, "
          + "\(PageText.grouped(rows.kept)) kept, \(PageText.grouped(rows.rejected)) rejected")
      lines.append("newest     \(facts.newestEventAt ?? "no transaction")")
    } else if facts.runningNow == nil {
      lines.append("store      nothing loaded yet")
    }
    lines.append("published  \(facts.lastPublished.map { "as of \($0.asOf) by run \($0.runId)" } ?? "nothing yet")")
    if let database = facts.database {
      let customers = database.customers.map { ", \(PageText.grouped($0)) customers" } ?? ""
      lines.append(
        "database   \(database.path), \(PageText.bytes(database.bytes))\(database.asOf.map { ", as of \($0)" } ?? "")\(customers)")
    }
    for (index, run) in facts.runs.enumerated() {
      let end = run.exitCode.map { "exit \($0)" } ?? ""
      let seconds = run.seconds.map { PageText.seconds($0) + " s" } ?? ""
      let line = [run.runId, PageText.atLeft(run.command, 9), PageText.atLeft(run.state, 11), PageText.atRight(seconds, 8), end].joined(
        separator: "  ")
      lines.append(PageText.atLeft(index == 0 ? "runs" : "", 11) + line)
      if let error = run.error { lines.append(PageText.atLeft("", 11) + "  " + error) }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
