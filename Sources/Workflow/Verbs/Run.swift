import Columns
import Events
import Features
import Metrics
import Scores
import Warehouse

extension Invocation {
  /// extract → transform → score → publish, handed on in memory. Prints a summary.
  package func run() -> Int32 {
    if isDryRun { return dryRun() }
    return Job.perform("run", self) { job throws(PipelineError) in
      let store = try job.openStore()
      let report = try job.extract(into: store)
      let asOf = try job.asOf(store)
      let features = try job.transform(store, asOf: asOf)
      let scores = try job.score(features)
      let published = try job.publish(features, scores, store)
      let facts = RunFacts(job: job, outcomes: report.outcomes, features: features, published: published)
      return isJSON ? JSONText.encode(facts) : SummaryText.text(facts)
    }
  }

  /// Reads new dumps into the event store. Prints what became of each.
  package func extract() -> Int32 {
    if isDryRun { return dryRun() }
    return Job.perform("extract", self) { job throws(PipelineError) in
      let store = try job.openStore()
      _ = try job.extract(into: store)
      try store.waitUntilCommitted()
      return isJSON ? JSONText.encode(job.ledger.current) : SummaryText.dumps(job.ledger.current.dumps)
    }
  }

  /// Computes the customers' features as of a day into `STATE/features/<day>`.
  package func transform() -> Int32 {
    Job.perform("transform", self) { job throws(PipelineError) in
      guard job.state.hasStore else { throw job.missing("events", in: job.state.path, verb: "extract") }
      let store = try job.openStore()
      let asOf = try job.asOf(store)
      let features = try job.transform(store, asOf: asOf)
      let folder = job.state.features + "/" + asOf.description
      try StateFolder.make(job.state.features)
      try features.write(to: folder)
      return job.artifact(folder, customers: features.customers.rowCount, asOf: asOf)
    }
  }

  /// Scores the features of a day into `STATE/scores/<day>`.
  package func score() -> Int32 {
    Job.perform("score", self) { job throws(PipelineError) in
      let (asOf, features) = try job.readFeatures()
      let scores = try job.score(features)
      let folder = job.state.scores + "/" + asOf.description
      try StateFolder.make(job.state.scores)
      try scores.write(to: folder)
      return job.artifact(folder, customers: features.customers.rowCount, asOf: asOf)
    }
  }

  /// Publishes the features and scores of a day to the database. Prints the same summary as `run`.
  package func publish() -> Int32 {
    Job.perform("publish", self) { job throws(PipelineError) in
      let (asOf, features) = try job.readFeatures()
      let folder = job.state.scores + "/" + asOf.description
      guard StateFolder(folder).exists else { throw job.missing("scores as of \(asOf)", in: folder, verb: "score", asOf: asOf) }
      let scores = try ScoreSet(readFrom: folder)
      guard job.state.hasStore else { throw job.missing("events", in: job.state.path, verb: "extract") }
      let published = try job.publish(features, scores, try job.openStore())
      let facts = RunFacts(job: job, outcomes: [], features: features, published: published)
      return isJSON ? JSONText.encode(facts) : SummaryText.text(facts)
    }
  }
}

/// What one publish wrote, and the tables behind it.
struct Published {
  var report: PublishReport
  var segments: [SegmentSummary]
  var churnMonths: [ChurnMonth]
  /// Of `customers`, as published.
  var columns: [String]
}

extension Job {
  func publish(_ features: FeatureSet, _ scores: ScoreSet, _ store: EventStore) throws(PipelineError) -> Published {
    let months = churnMetrics(features)
    var customers = features.customers
    for column in scores.columns { customers.append(column) }
    let publication = Publication(
      runID: ledger.runID, startedAt: ledger.startedAt, pipeline: pipeline.name, pipelineSHA256: pipeline.sha256, asOf: features.asOf,
      currency: pipeline.transactions.currency, fractionDigits: pipeline.transactions.mapping.fractionDigits,
      timeZone: pipeline.store.timeZone, loads: features.loads, rejects: try store.rejects(), conflicts: features.conflicts,
      customers: customers, customersByID: features.customersByID, segments: scores.segments, churnMonths: months)
    let options = pipeline.publishOptions
    let report = try ledger.stage("publish", rows: { (report: PublishReport) in Int64(report.customers) }) { () throws(PipelineError) in
      try Warehouse.publish(publication, options: options, beforeCommit: store.waitUntilCommitted)
    }
    ledger.recordPublished(customers: report.customers, database: options.path)
    if report.isReaderInTheWay {
      log.notice("\(options.path): a reader keeps SQLite's log from being emptied; the results stand, and the next publish empties it")
    }
    let asOf = features.asOf.description
    if (LastPublished.read(state)?.asOf ?? "") <= asOf {
      try LastPublished(asOf: asOf, runId: ledger.runID, database: options.path).write(state)
    }
    let names = customers.columns.map(\.name)
    return Published(
      report: report, segments: scores.segments, churnMonths: months,
      columns: names.filter { $0 == "customer_id" || pipeline.publishColumns?.contains($0) ?? true })
  }

  /// The features to go on with: of the day asked for, or the newest that transform left.
  func readFeatures() throws(PipelineError) -> (Day, FeatureSet) {
    var day = state.newestDay(in: state.features)
    if case .day(let asked) = pipeline.asOf { day = asked }
    guard let day, StateFolder(state.features + "/" + day.description).exists else {
      throw missing(day.map { "features as of \($0)" } ?? "features", in: state.features, verb: "transform", asOf: day)
    }
    ledger.record(asOf: day)
    return (day, try FeatureSet(readFrom: state.features + "/" + day.description))
  }

  func missing(_ what: String, in place: String, verb: String, asOf: Day? = nil) -> PipelineError {
    let day = asOf.map { " --as-of \($0)" } ?? ""
    return PipelineError(.noInput, "\(place): there are no \(what) yet", fix: "run first: holdfast \(verb) \(ShellText.quoted(pipeline.file))\(day)")
  }

  /// What a stage that ran alone says.
  func artifact(_ folder: String, customers: Int, asOf: Day) -> String {
    if invocation.isJSON { return JSONText.encode(ledger.current) }
    return "\(PageText.grouped(Int64(customers))) customers as of \(asOf) in \(folder)\n"
  }
}
