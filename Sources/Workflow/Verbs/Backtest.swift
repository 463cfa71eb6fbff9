import Backtests
import Columns
import Events
import Features
import Warehouse

/// Which origins a backtest is asked for.
package struct BacktestOrigins: Sendable {
  package var count: Int
  /// nil: the pipeline's risk horizon.
  package var horizon: String?

  package init(count: Int, horizon: String?) { (self.count, self.horizon) = (count, horizon) }

  /// - Throws: 64 for what makes no sense.
  func horizonDays(_ pipeline: Pipeline) throws(PipelineError) -> Int {
    guard (1...100).contains(count) else {
      throw PipelineError(.usage, "--origins: expected a whole number from 1 to 100, found \(count)", fix: "write it as in --origins 4")
    }
    guard let horizon else { return pipeline.value.riskHorizonDays }
    guard let days = NodeReader.days(horizon), (1...3650).contains(days) else {
      throw PipelineError(
        .usage, "--horizon: expected days from 1d to 3650d, found '\(horizon)'", fix: "write it as in --horizon 90d")
    }
    return days
  }
}

/// The days of a backtest, the oldest origin first.
struct BacktestDays: Sendable, Encodable {
  /// What came is known up to this day.
  var asOf: String
  var horizonDays: Int
  var origins: [String]
}

extension Invocation {
  /// Fits the models at origins of the past and measures what they foretold. Prints a page, or JSON.
  package func backtest(_ asked: BacktestOrigins) -> Int32 {
    if isDryRun { return listOrigins(asked) }
    return Job.perform("backtest", self) { job throws(PipelineError) in
      let horizon = try asked.horizonDays(job.pipeline)
      guard job.state.hasStore else { throw job.missing("events", in: job.state.path, verb: "extract") }
      let store = try job.openStore()
      let days = try job.pipeline.backtestDays(store, try job.asOf(store), asked.count, horizon)
      let result = try job.backtest(store, days, horizon)
      let rows = try job.ledger.stage("publish", rows: { (rows: Int) in Int64(rows) }) { () throws(PipelineError) in
        try Warehouse.writeBacktest(result, options: job.pipeline.publishOptions)
      }
      let facts = BacktestFacts(job, result, rows: rows)
      return isJSON ? JSONText.encode(facts) : BacktestText.text(facts)
    }
  }

  private func listOrigins(_ asked: BacktestOrigins) -> Int32 {
    Verb.exitCode { () throws(PipelineError) in
      let pipeline = try pipeline(), horizon = try asked.horizonDays(pipeline)
      let (store, asOf) = try openedStore(pipeline)
      let days = try pipeline.backtestDays(store, asOf, asked.count, horizon)
      let facts = BacktestDays(asOf: days.last?.description ?? "", horizonDays: horizon, origins: days.dropLast().map(\.description))
      let lines = zip(days, days.dropFirst()).map { "\($0)  foretold up to \($1)\n" }
      try Streams.output(isJSON ? JSONText.encode(facts) : lines.joined())
    }
  }
}

extension Pipeline {
  /// The origins, ascending, and behind them the day up to which it is known what came: the as-of day, or the newest event's before it.
  /// - Throws: 66 where there is less than half a horizon of history before the first origin.
  func backtestDays(_ store: EventStore, _ asOf: Day, _ count: Int, _ horizon: Int) throws(PipelineError) -> [Day] {
    var last = asOf
    if let newest = try store.newestEventAt(), let day = UTC.localDay(newest, timeZone: self.store.timeZone) { last = min(last, day) }
    let history = try historyDays(store, before: last)
    // What is left for origins: each takes a horizon, and half of one must lie before the first.
    let most = max(0, (2 * history - horizon) / (2 * horizon))
    guard count <= most else {
      throw PipelineError(
        .noInput,
        "the event store holds \(max(0, history)) days up to \(last), which is too little for \(count) origin\(count == 1 ? "" : "s") "
          + "of \(horizon) days",
        details: ["each origin takes its horizon, and half a horizon must lie before the first"],
        fix: most > 0 ? "ask for --origins \(most), or for a shorter --horizon" : "ask for a shorter --horizon, or load older dumps")
    }
    return (0...count).map { last + (($0 - count) * horizon) }
  }
}

extension Job {
  /// One transform a day: what came after one origin is what the next one knows more.
  fileprivate func backtest(_ store: EventStore, _ days: [Day], _ horizon: Int) throws(PipelineError) -> Backtest {
    var options = BacktestOptions(minorUnits: pipeline.scoreOptions.minorUnits, threads: pipeline.threadCount)
    (options.covariates, options.learnedMethod) = (pipeline.value.covariates, pipeline.value.learnedMethod)
    (options.contract, options.requiresContracts) = (pipeline.value.contract, pipeline.value.hasContracts)
    // All customers of the last day, where nothing but what came is looked at, say how many of them are to be looked at before.
    let newest = try features(store, asOf: days[days.count - 1], learns: false, oneIn: 1)
    let oneIn = BacktestSample.oneIn(customers: newest.customers.rowCount)
    // An origin's predecessor is what the learned model is trained on.
    var origins: [OriginBacktest] = [], earlier = try features(store, asOf: days[0] + -horizon, learns: true, oneIn: oneIn)
    var known = try features(store, asOf: days[0], learns: true, oneIn: oneIn)
    for (origin, end) in zip(days, days.dropFirst()) {
      let later = end == newest.asOf ? newest : try features(store, asOf: end, learns: true, oneIn: oneIn)
      let tested = try ledger.stage("backtest", rows: { (_: OriginBacktest) in Int64(known.customers.rowCount) }) {
        () throws(PipelineError) in try Backtests.backtest(known, later, earlier: earlier, options)
      }
      origins.append(tested)
      log.notice("origin \(origin): \(origins.count) of \(days.count - 1) measured")
      (earlier, known) = (known, later)
    }
    return Backtest(asOf: days[days.count - 1], horizonDays: horizon, sampledOneIn: oneIn, origins: origins)
  }

  private func features(_ store: EventStore, asOf: Day, learns: Bool, oneIn: Int) throws(PipelineError) -> FeatureSet {
    try ledger.stage("transform", rows: { Int64($0.customers.rowCount) }) { () throws(PipelineError) in
      try pipeline.backtestFeatures(store, asOf: asOf, learns: learns, oneIn: oneIn)
    }
  }
}
