import Buffers
import Columns
import Events
import Synchronization
import Warehouse

/// The record of one run, kept on disk from its first moment: `STATE/runs/<run-id>/run_results.json` and `holdfast.prom`.
package final class RunLedger: Sendable {
  package let runID: String
  package let startedAt: Int64
  package let folder: String
  private let started = ContinuousClock.now
  private let results: Mutex<RunResults>

  /// Writes the record of a run that has begun.
  package init(_ state: StateFolder, command: String, runID: String, startedAt: Int64, pipeline: Pipeline) throws(PipelineError) {
    self.runID = runID
    self.startedAt = startedAt
    folder = state.runs + "/" + runID
    results = Mutex(RunResults(runID: runID, command: command, startedAt: startedAt, pipeline: pipeline))
    try StateFolder.make(state.runs)
    try StateFolder.make(folder)
    try results.withLock { results throws(PipelineError) in try write(results) }
  }

  /// `20261121T220402Z-3f9a1c07`: in the order of time, also within a second: the first three digits behind the dash are its 4096ths, the
  /// others are drawn.
  package static func newRunID(_ startedAt: Double) -> String {
    let seconds = startedAt.rounded(.down)
    let suffix = String(UInt32((startedAt - seconds) * 4096) << 20 | UInt32.random(in: 0..<1 << 20), radix: 16)
    return UTC.compact(Int64(seconds)) + "-" + String(repeating: "0", count: 8 - suffix.count) + suffix
  }

  /// Runs a stage and keeps how long it took and how many rows it handled.
  package func stage<Value>(
    _ name: String, rows: (Value) -> Int64, _ body: () throws(PipelineError) -> Value
  ) throws(PipelineError) -> Value {
    let began = ContinuousClock.now
    do throws(PipelineError) {
      let value = try body()
      add(RunResults.Stage(stage: name, seconds: Self.seconds(since: began), rows: rows(value)))
      return value
    } catch {
      add(RunResults.Stage(stage: name, seconds: Self.seconds(since: began), rows: 0))
      throw error
    }
  }

  private func add(_ stage: RunResults.Stage) { results.withLock { $0.stages.append(stage) } }

  package func record(_ outcomes: [DumpOutcome]) { results.withLock { $0.dumps = outcomes.map { RunResults.Dump($0) } } }

  /// Adds what somebody should know of a dump; one that was loaded in another run is not listed in this one.
  package func note(_ text: String, of path: String) {
    results.withLock { results in
      if let i = results.dumps.firstIndex(where: { $0.path == path }) { results.dumps[i].notes = (results.dumps[i].notes ?? []) + [text] }
    }
  }

  package func record(asOf: Day) { results.withLock { $0.asOf = asOf.description } }

  package func recordPublished(customers: Int, database: String) {
    results.withLock { ($0.published, $0.customers, $0.database) = (true, customers, database) }
  }

  package func record(_ checks: [CheckRecord]) { results.withLock { $0.checks = ($0.checks ?? []) + checks } }

  package var current: RunResults { results.withLock { $0 } }

  /// Closes the record. Only the first call counts: a signal may arrive while the run is ending by itself.
  package func finish(_ state: RunResults.State, exitCode: Int32, error: PipelineError?) throws(PipelineError) {
    try results.withLock { results throws(PipelineError) in
      guard results.state == .running else { return }
      results.state = state
      results.exitCode = exitCode
      results.error = error.map { RunResults.Failure($0) }
      results.finishedAt = UTC.text(UTC.now())
      results.seconds = Self.seconds(since: started)
      try write(results)
    }
  }

  private func write(_ results: RunResults) throws(PipelineError) {
    do {
      try SmallFile.replace(folder + "/run_results.json", with: Array(JSONText.encode(results).utf8))
      if results.state != .running {
        try SmallFile.replace(folder + "/holdfast.prom", with: Array(PrometheusText.text(results, finishedAt: UTC.now()).utf8))
      }
    } catch {
      throw PipelineError(
        .inputOutput, "\(error)", details: results.published ? ["the results are published; only the record of this run is missing"] : [],
        fix: "make room and write permission in the state folder")
    }
  }

  private static func seconds(since began: ContinuousClock.Instant) -> Double {
    let (seconds, attoseconds) = (ContinuousClock.now - began).components
    return Double(seconds) + (Double(attoseconds) / 1e15).rounded() / 1e3
  }
}
