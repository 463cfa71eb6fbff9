import Buffers
import Columns
import Events
import Features
import Scores

extension Invocation {
  /// Prints what is known of one customer and how it came about. It is computed from the event store, for everybody, since scores compare
  /// customers; nothing is written, neither results nor a record of the run.
  package func explain(customer: String) -> Int32 {
    Verb.exitCode { () throws(PipelineError) in
      let explanation = try explanation(of: customer, try pipeline())
      try Streams.output(isJSON ? JSONText.encode(explanation) : ExplanationText.text(explanation))
    }
  }

  private func explanation(of customer: String, _ pipeline: Pipeline) throws(PipelineError) -> Explanation {
    let (store, asOf) = try openedStore(pipeline)
    let id = try pipeline.storedCustomer(customer), threads = pipeline.threadCount
    let history = try store.history(of: id, threads: threads)
    guard let first = history.first else {
      throw PipelineError(
        .noInput, "customer '\(customer)': the event store holds no row of him",
        fix: "write the id as the dumps do, letter by letter; one that begins with - goes behind --")
    }
    let features = try Features.transform(store, options: pipeline.transformOptions(asOf: asOf))
    guard let row = features.row(of: id) else {
      throw PipelineError(
        .noInput, "customer '\(customer)': no row of his counts as of \(asOf); the event store holds \(history.count)",
        details: ["the first is of \(UTC.text(first.time)); one that lost against another row of the same transaction does not count"],
        fix: "ask for a later day with --as-of")
    }
    var options = pipeline.scoreOptions
    // What the night does not ask of the learned model is not asked of it here.
    options.value.riskSource = options.wanted.risk
    options.columns = nil
    let scores = try Scores.score(features, options, models: try models(pipeline, features, options, store))
    var paths: [String: String] = [:]
    for load in try store.loads() { paths[load.sha256] = load.path }
    return Explanation(pipeline, history, paths, features, scores, row: row)
  }

  /// The newest fit that the day's published scores can have been computed with; without one, a fit for this page alone.
  private func models(
    _ pipeline: Pipeline, _ features: FeatureSet, _ options: ScoreOptions, _ store: EventStore
  ) throws(PipelineError) -> FittedModels {
    let asOf = features.asOf, days = pipeline.fit.servesDays
    let files = ModelFiles(StateFolder(pipeline.state.path))
    let kept = try files.newest(options.wanted, currency: options.currency) { $0 <= asOf && asOf - $0 < days }
    if let kept { return kept }
    return try pipeline.fitted(features, options, store)
  }

  /// The store with its segments mapped, and the day. The lock is held no longer than that takes, so that no night fails for a glance.
  func openedStore(_ pipeline: Pipeline) throws(PipelineError) -> (EventStore, Day) {
    let state = StateFolder(pipeline.state.path)
    guard state.exists, state.hasStore else { throw Invocation.noEvents(pipeline) }
    // Opening the store sweeps what a crash left, which must not happen under another run's hands.
    let lock = try RunLock.take(state, holder: nil)
    defer { withExtendedLifetime(lock) {} }
    let store = try EventStore.open(directory: state.path, parameters: pipeline.store)
    _ = try store.segments()
    let published = try LastPublished.read(state).flatMap { Day($0.asOf) }
    return (store, try pipeline.resolvedAsOf(newestEventAt: try store.newestEventAt(), lastPublished: published))
  }
}

extension FeatureSet {
  /// The row of a customer; nil where none of his events counts.
  fileprivate func row(of customer: [UInt8]) -> Int? {
    guard case .text(let ids)? = customers.columns.first?.values else { return nil }
    return (0..<ids.count).first { row in
      let bytes = Int(ids.offsets[row])..<Int(ids.offsets[row + 1])
      return bytes.count == customer.count && ids.bytes[bytes].elementsEqual(customer)
    }
  }
}
