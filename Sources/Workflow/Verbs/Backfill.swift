import Columns
import Features
import Metrics
import Scores
import Warehouse

/// The days that `backfill` is asked for, as written on the command line.
package struct BackfillDays: Sendable {
  package var from: String
  package var to: String?
  package var every: String
  package var missingOnly: Bool

  package init(from: String, to: String?, every: String, missingOnly: Bool) {
    self.from = from
    self.to = to
    self.every = every
    self.missingOnly = missingOnly
  }

  /// The days, ascending; all lie before the newest published one.
  /// - Throws: 64 for what is no day, no step, or not before the newest published day.
  func days(_ published: PublishedDays, database: String) throws(PipelineError) -> [Day] {
    guard let newest = published.newest else {
      throw PipelineError(
        .noInput, "results database \(database): nothing is published yet", fix: "publish a day first: holdfast run PIPELINE")
    }
    let first = try day(from, "--from"), last = try to.map { text throws(PipelineError) in try day(text, "--to") } ?? newest + -1
    guard first <= last, last < newest else {
      throw PipelineError(
        .usage, "expected days from --from to --to, before the newest published day \(newest); found \(first) to \(last)",
        fix: "name earlier days; \(newest) itself is written anew by: holdfast run PIPELINE --as-of \(newest)")
    }
    let held = missingOnly ? Set(published.dated) : []
    return try walk(first, last).filter { !held.contains($0) }
  }

  private func day(_ text: String, _ flag: String) throws(PipelineError) -> Day {
    if let day = Day(text) { return day }
    throw PipelineError(
      .usage, "\(flag): expected a day as YYYY-MM-DD, found '\(text)'", fix: "write it as in \(flag) 2025-01-01")
  }

  private func walk(_ first: Day, _ last: Day) throws(PipelineError) -> [Day] {
    if every == "month" { return (first.number...last.number).map { Day($0) }.filter { ($0 + 1).month != $0.month } }
    guard every.last == "d", let step = Int32(every.dropLast()), step > 0 else {
      throw PipelineError(.usage, "--every: expected days such as 7d, or month, found '\(every)'", fix: "write --every 1d, 7d or month")
    }
    return stride(from: first.number, through: last.number, by: Int(step)).map { Day($0) }
  }
}

/// What a backfill did, for machines.
private struct BackfillFacts: Encodable {
  struct Written: Encodable {
    var asOf: String
    var customers: Int
  }
  var runId: String
  var database: String
  var days: [Written] = []
}

extension Invocation {
  /// Computes older days from the event store and writes them into the dated tables, one transaction a day. Prints the days.
  package func backfill(_ asked: BackfillDays) -> Int32 {
    if isDryRun { return listDays(asked) }
    return Job.perform("backfill", self) { job throws(PipelineError) in
      guard job.state.hasStore else { throw job.missing("events", in: job.state.path, verb: "extract") }
      let store = try job.openStore(), path = job.pipeline.database.path
      var facts = BackfillFacts(runId: job.ledger.runID, database: path)
      let days = try asked.days(try PublishedDays.read(path: path), database: path)
      for day in days {
        let features = try job.transform(store, asOf: day, columns: job.backfillColumns)
        try job.backfill(features, try job.score(features, store, learns: false))
        facts.days.append(.init(asOf: day.description, customers: features.customers.rowCount))
        job.log.notice("as of \(day): written to the dated tables, \(facts.days.count) of \(days.count) days")
      }
      if isJSON { return JSONText.encode(facts) }
      return facts.days.map { "\($0.asOf)  \(PageText.grouped(Int64($0.customers))) customers\n" }.joined()
    }
  }

  private func listDays(_ asked: BackfillDays) -> Int32 {
    Verb.exitCode { () throws(PipelineError) in
      let path = try pipeline().database.path
      let days = try asked.days(try PublishedDays.read(path: path), database: path).map(\.description)
      try Streams.output(isJSON ? JSONText.encode(days) : days.map { $0 + "\n" }.joined())
    }
  }
}

extension Job {
  /// What a backfilled day asks transform for: the tracked columns, and what scoring reads.
  fileprivate var backfillColumns: [String] {
    trackedColumnNames + pipeline.scoreOptions.withoutLearning.wanted.features.sorted()
  }

  /// One older day into the dated tables, in one transaction.
  fileprivate func backfill(_ features: FeatureSet, _ scores: ScoreSet) throws(PipelineError) {
    let results = try dated(features, scores), customers = scored(features, scores)
    _ = try ledger.stage("backfill", rows: { (rows: Int) in Int64(rows) }) { () throws(PipelineError) in
      try Warehouse.backfill(results, customers: customers, customersByID: features.customersByID, options: pipeline.publishOptions)
      return customers.rowCount
    }
  }
}
