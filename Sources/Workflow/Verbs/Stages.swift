import Columns
import Events
import Features
import Scores

extension Invocation {
  /// Reads new dumps into the event store. Prints what became of each.
  package func extract() -> Int32 {
    if isDryRun && rejects == nil { return dryRun() }
    return Job.perform("extract", self) { job throws(PipelineError) in
      let store = try job.openStore()
      if let rejects { try job.repair(rejects, in: store) } else { _ = try job.extract(into: store) }
      try store.waitUntilCommitted()
      return isJSON ? JSONText.encode(job.ledger.current) : SummaryText.dumps(job.ledger.current.dumps)
    }
  }

  /// Computes the customers' features as of a day into `STATE/features/<day>`.
  package func transform() -> Int32 {
    if isDryRun { return dryRun(of: .transform) }
    return Job.perform("transform", self) { job throws(PipelineError) in
      guard job.state.hasStore else { throw job.missing("events", in: job.state.path, verb: "extract") }
      let store = try job.openStore()
      let asOf = try job.asOf(store)
      try job.retain(store, asOf: asOf)
      let features = try job.transform(store, asOf: asOf, columns: nil)
      let folder = job.state.features + "/" + asOf.description
      try StateFolder.make(job.state.features)
      try features.write(to: folder)
      return job.artifact(folder, customers: features.customers.rowCount, asOf: asOf)
    }
  }

  /// Scores the features of a day into `STATE/scores/<day>`.
  package func score() -> Int32 {
    if isDryRun { return dryRun(of: .score) }
    return Job.perform("score", self) { job throws(PipelineError) in
      let (asOf, features) = try job.readFeatures()
      let scores = try job.score(features, try job.storeToLearnFrom())
      let folder = job.state.scores + "/" + asOf.description
      try StateFolder.make(job.state.scores)
      try scores.write(to: folder)
      return job.artifact(folder, customers: features.customers.rowCount, asOf: asOf)
    }
  }
}

extension Job {
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

  /// The store, where an earlier day of it is needed beside the features: for the learned churn model, and to choose a model by a backtest.
  func storeToLearnFrom() throws(PipelineError) -> EventStore? {
    let options = pipeline.scoreOptions
    return (options.wanted.learned || options.value.choosesModel) && state.hasStore ? try openStore() : nil
  }

  func missing(_ what: String, in place: String, verb: String, asOf: Day? = nil) -> PipelineError {
    pipeline.missing(what, in: place, verb: verb, asOf: asOf)
  }

  /// What a stage that ran alone says.
  func artifact(_ folder: String, customers: Int, asOf: Day) -> String {
    if invocation.isJSON { return JSONText.encode(ledger.current) }
    return "\(PageText.grouped(Int64(customers))) customers as of \(asOf) in \(folder)\n"
  }
}

extension Pipeline {
  func missing(_ what: String, in place: String, verb: String, asOf: Day? = nil) -> PipelineError {
    let day = asOf.map { " --as-of \($0)" } ?? ""
    return PipelineError(
      .noInput, "\(place): there are no \(what) yet", fix: "run first: holdfast \(verb) \(ShellText.quoted(file))\(day)")
  }
}
