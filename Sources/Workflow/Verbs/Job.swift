import Buffers
import Columns
import Events
import Features
import Logging

/// One command at work: it holds the lock of the state folder and writes the record of the run.
struct Job: Sendable {
  let invocation: Invocation
  let pipeline: Pipeline
  let state: StateFolder
  let ledger: RunLedger
  let log: Logger

  /// Runs a command from lock to exit code: reads the pipeline file, takes the lock, opens the record, does the work, closes the record,
  /// and prints what `body` gives back on standard output. Errors go to standard error.
  static func perform(
    _ command: String, _ invocation: Invocation, _ body: @Sendable (Job) throws(PipelineError) -> String
  ) -> Int32 {
    Verb.exitCode { () throws(PipelineError) in
      let pipeline = try invocation.pipeline()
      let state = StateFolder(pipeline.state.path)
      try StateFolder.make(state.path)
      let exactStart = UTC.exactNow()
      let (startedAt, runID) = (Int64(exactStart), RunLedger.newRunID(exactStart))
      let lock = try RunLock.take(state, holder: RunHolder(runID: runID, startedAt: startedAt))
      let ledger = try RunLedger(state, command: command, runID: runID, startedAt: startedAt, pipeline: pipeline)
      endWhenInterrupted(ledger)
      let job = Job(invocation: invocation, pipeline: pipeline, state: state, ledger: ledger, log: Verb.logger(invocation, runID: runID))
      defer { withExtendedLifetime(lock) {} }
      let output: String
      do throws(PipelineError) { output = try body(job) } catch {
        // What stopped the run is what has to be told, even where the record of it cannot be written either.
        try? ledger.finish(.failed, exitCode: error.exit.rawValue, error: error)
        throw error
      }
      try ledger.finish(.succeeded, exitCode: 0, error: nil)
      job.pruneRuns()
      try Streams.output(output)
    }
  }

  /// Every stage leaves its artifact whole or not at all, so an interrupted run needs no rolling back: the record is closed and the process
  /// ended, which frees the lock.
  private static func endWhenInterrupted(_ ledger: RunLedger) {
    Interrupts.whenInterrupted { signal in
      let status = 128 + signal
      try? ledger.finish(.interrupted, exitCode: status, error: nil)
      if Streams.isLively { Streams.redraw("") }
      Streams.message("interrupted: the last published results stand; the same command carries on")
      Interrupts.endProcess(status)
    }
  }

  func openStore() throws(PipelineError) -> EventStore {
    try EventStore.open(directory: state.path, parameters: pipeline.store)
  }

  /// Reads the dumps into the store. Good dumps stay loaded whatever becomes of the others.
  /// - Throws: 65 where a dump failed, 1 where one was refused, after the good ones are committed.
  func extract(into store: EventStore) throws(PipelineError) -> ExtractReport {
    let paths = try Globs.expand(pipeline.transactions.dumps.map(\.path))
    var options = pipeline.extractOptions(runID: ledger.runID)
    options.checks.now = UTC.now()
    options.replace = invocation.replace
    options.reload = invocation.reload
    options.rebuild = invocation.rebuild
    options.allowSameText = invocation.allowSameText
    options.showValues = invocation.showValues
    options.pseudonyms = try pipeline.pseudonyms()
    options.rates = try pipeline.exchangeRates()
    let line = ProgressLine(isQuiet: invocation.isQuiet)
    let report = try ledger.stage("extract", rows: { (report: ExtractReport) in report.rowsRead }) { () throws(PipelineError) in
      defer { line.clear() }
      return try store.extract(paths: paths, options: options) { line.show($0) }
    }
    ledger.record(report.outcomes)
    log(report)
    recordRowsMin(report)
    if let error = report.error(pipelineFile: pipeline.file) {
      try store.waitUntilCommitted()
      throw error
    }
    try requireSettled(report, store)
    return report
  }

  func log(_ report: ExtractReport) {
    for outcome in report.outcomes {
      for note in outcome.notes { log.notice("\(outcome.path): \(note)") }
      if !outcome.newColumns.isEmpty, outcome.load != nil, outcome.error == nil {
        let names = outcome.newColumns.prefix(20).map { String($0.prefix(40)).debugDescription }.joined(separator: ", ")
        log.notice("\(outcome.path): columns that no dump before had, and nothing maps: \(names)")
      }
      if case .sameBytes(let known) = outcome.kind {
        log.notice("\(outcome.path): the same bytes as \(known), which is loaded already: nothing to do")
      }
      if !outcome.unmappedKeys.isEmpty {
        let keys = outcome.unmappedKeys.map { "\($0.path.debugDescription) (\($0.rows))" }.joined(separator: ", ")
        log.notice("\(outcome.path): keys that no field asks for, and their rows: \(keys)")
      }
      if let load = outcome.load, load.rowsRejected > 0, outcome.kind == .loaded || outcome.kind == .replaced {
        let first = outcome.rejects.first.map { ", the first in line \($0.line): \($0.reason)" } ?? ""
        log.warning("\(outcome.path): \(load.rowsRejected) of \(load.rowsRead) rows rejected\(first)")
      }
    }
  }

  /// - Parameter columns: of the customer table, that are asked for; nil: all.
  func transform(_ store: EventStore, asOf: Day, columns: [String]?) throws(PipelineError) -> FeatureSet {
    ledger.record(asOf: asOf)
    var options = pipeline.transformOptions(asOf: asOf)
    options.columns = columns.map(Set.init)
    options.beginnings = pipeline.tenure != .none
    return try ledger.stage("transform", rows: { Int64($0.customers.rowCount) }) { () throws(PipelineError) in
      try Features.transform(store, options: options)
    }
  }

  func lastPublishedDay() throws(PipelineError) -> Day? { try LastPublished.read(state).flatMap { Day($0.asOf) } }

  /// The day to work on, where it hangs on the newest transaction of the store.
  func asOf(_ store: EventStore) throws(PipelineError) -> Day {
    let newest: Int64? = pipeline.asOf == .latest ? try store.newestEventAt() : nil
    return try pipeline.resolvedAsOf(newestEventAt: newest, lastPublished: try lastPublishedDay())
  }
}

extension ExtractReport {
  /// Rows of the dumps that were read; a dump that is known by its name or its bytes is not.
  var rowsRead: Int64 { outcomes.reduce(0) { $0 + ($1.wasRead ? $1.load?.rowsRead ?? 0 : 0) } }

  /// What keeps the run from publishing; nil where every dump is loaded. Unreadable dumps weigh more than those over their reject limit.
  func error(pipelineFile: String) -> PipelineError? {
    let bad = outcomes.filter { $0.kind == .failed || $0.kind == .refused }
    guard !bad.isEmpty else { return nil }
    let exit: PipelineError.Exit = bad.contains { $0.kind == .failed } ? .badInput : .checkFailed
    let details = bad.flatMap { outcome in
      guard let error = outcome.error else { return [outcome.path + ": " + outcome.kind.word] }
      return [error.message] + error.details.map { "  " + $0 } + (error.fix.isEmpty ? [] : ["  fix: " + error.fix])
    }
    return PipelineError(
      exit, "\(bad.count) of \(outcomes.count) dumps could not be loaded; the others are, and nothing was published", details: details,
      fix: "mend or remove what is named above and run again: what is loaded is not read again")
  }
}
