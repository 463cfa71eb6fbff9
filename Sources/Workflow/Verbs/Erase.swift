import Buffers
import Columns
import Events
import Warehouse

extension Invocation {
  /// Removes every record of a customer from store, artifacts, run records and results database, and keeps him out from then on. Prints
  /// what was removed, and which dumps still hold him. What was begun and interrupted is carried on by the same command.
  package func erase(customer: String, isConfirmed: Bool) -> Int32 {
    if isDryRun {
      return withStore { (store, pipeline) throws(PipelineError) in
        text(try ErasureWork(customer, pipeline, store, isDryRun: true).facts())
      }
    }
    guard isConfirmed else {
      return Verb.exitCode { () throws(PipelineError) in
        throw PipelineError(
          .usage, "erase can not be undone: expected --yes, or --dry-run", fix: "look first with --dry-run, then run with --yes")
      }
    }
    return Job.perform("erase", self) { job throws(PipelineError) in
      guard job.state.hasStore else { throw Self.noEvents(job.pipeline) }
      let work = try ErasureWork(customer, job.pipeline, try job.openStore(), isDryRun: false)
      let facts = try job.ledger.stage("erase", rows: { (facts: Erasure) in Int64(facts.events) }) { () throws(PipelineError) in
        try work.perform(runID: job.ledger.runID)
      }
      return text(facts)
    }
  }

  private func text(_ facts: Erasure) -> String { isJSON ? JSONText.encode(facts) : ErasureText.text(facts) }
}

/// One customer on his way out. The store comes last: as long as it holds his rows, the same command finds everything again.
private struct ErasureWork {
  let customer: String
  let pipeline: Pipeline
  let store: EventStore
  let isDryRun: Bool
  private let options: ExtractOptions
  /// As the store knows him.
  private let stored: [UInt8]
  private let traces: StateTraces

  init(_ customer: String, _ pipeline: Pipeline, _ store: EventStore, isDryRun: Bool) throws(PipelineError) {
    (self.customer, self.pipeline, self.store, self.isDryRun) = (customer, pipeline, store, isDryRun)
    options = pipeline.extractOptions(runID: "")
    let id = Array(customer.utf8)
    stored = try pipeline.storedCustomer(customer)
    traces = StateTraces(state: StateFolder(pipeline.state.path), ids: stored == id ? [id] : [id, stored])
  }

  private var storedText: String { String(decoding: stored, as: UTF8.self) }

  func facts() throws(PipelineError) -> Erasure { try facts(try store.traces(of: stored, threads: pipeline.threadCount)) }

  private func facts(_ found: CustomerTraces) throws(PipelineError) -> Erasure {
    var facts = Erasure(
      dryRun: isDryRun, erasedBefore: found.isErased, events: found.rows, rejects: found.rejects, database: pipeline.database.path)
    facts.tables = try results(found, isDryRun: true)
    facts.artifacts = traces.artifacts()
    facts.records = traces.records()
    facts.dumps = try dumps()
    return facts
  }

  func perform(runID: String) throws(PipelineError) -> Erasure {
    let found = try store.traces(of: stored, threads: pipeline.threadCount)
    var facts = try facts(found)
    guard facts.isKnown else {
      throw PipelineError(
        .noInput, "no record of this customer: neither store, results nor dumps hold him; nothing was changed",
        fix: "write the id as the dumps do, letter by letter; one that begins with - goes behind --")
    }
    _ = try results(found, isDryRun: false)
    try traces.removeArtifacts(facts.artifacts)
    try traces.cleanRecords(facts.records)
    try store.erase(stored, runID: runID, threads: pipeline.threadCount)
    facts.publishedAheadOfEvents = try publishedAheadOfEvents()
    return facts
  }

  private func publishedAheadOfEvents() throws(PipelineError) -> String? {
    let last = try LastPublished.read(StateFolder(pipeline.state.path))
    guard pipeline.asOf == .latest, let published = last.flatMap({ Day($0.asOf) }) else { return nil }
    let newest = try store.newestEventAt().flatMap { UTC.localDay($0, timeZone: pipeline.store.timeZone) }
    return newest.map { $0 < published } ?? true ? published.description : nil
  }

  private func results(_ found: CustomerTraces, isDryRun: Bool) throws(PipelineError) -> [Erasure.Table] {
    try eraseCustomer(storedText, places: found.lines, path: pipeline.database.path, isDryRun: isDryRun).map {
      Erasure.Table(table: $0.table, rows: $0.rows)
    }
  }

  /// Every dump that the pipeline names and every one that was ever loaded, where they are still there.
  private func dumps() throws(PipelineError) -> [Erasure.Dump] {
    var paths = Set(try store.loads().map(\.path).filter { PathKind(of: $0) == .file })
    // A pattern that matches nothing now holds nobody.
    for pattern in pipeline.transactions.dumps { paths.formUnion((try? Globs.expand([pattern.path])) ?? []) }
    if pipeline.hidesCustomersWithoutKey {
      return paths.sorted().map { Erasure.Dump(path: $0, problem: "its ids can be compared with a pseudonym only by the key") }
    }
    let sorted = paths.sorted(), id = Array(customer.utf8), (store, options) = (store, options)
    return parallelMap(sorted.count, threads: pipeline.threadCount) { i in
      do throws(PipelineError) {
        return Erasure.Dump(path: sorted[i], rows: try store.count(of: id, inDump: sorted[i], options: options))
      } catch {
        return Erasure.Dump(path: sorted[i], problem: error.message)
      }
    }
  }
}
