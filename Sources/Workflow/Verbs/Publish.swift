import Columns
import Events
import Features
import Metrics
import Scores
import Warehouse

extension Invocation {
  /// Publishes the features and scores of a day to the database. Prints the same summary as `run`.
  package func publish() -> Int32 {
    if isDryRun { return dryRun(of: .publish) }
    return Job.perform("publish", self) { job throws(PipelineError) in
      let (asOf, features) = try job.readFeatures()
      if job.pipeline.asOf == .latest {
        try job.pipeline.checkJump(to: asOf, "the newest features are", lastPublished: try job.lastPublishedDay())
      }
      let folder = job.state.scores + "/" + asOf.description
      guard StateFolder(folder).exists else { throw job.missing("scores as of \(asOf)", in: folder, verb: "score", asOf: asOf) }
      let scores = try ScoreSet(readFrom: folder)
      guard job.state.hasStore else { throw job.missing("events", in: job.state.path, verb: "extract") }
      let store = try job.openStore()
      try job.checkFreshness(store)
      let published = try job.publish(features, scores, store)
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
  var tenures: Tenures?
  var models: FittedModels?
  var use: FitUse?
  var outlook: Outlook?
  var atRisk: [CustomerAtRisk]
  /// Of `customers`, as published.
  var columns: [String]
}

extension Job {
  func scored(_ features: FeatureSet, _ scores: ScoreSet) -> Table {
    var customers = features.customers
    for column in scores.columns { customers.append(column) }
    return customers
  }

  func dated(_ features: FeatureSet, _ scores: ScoreSet) throws(PipelineError) -> DatedResults {
    let tenures = try tenures(features)
    return DatedResults(
      asOf: features.asOf, churnMonths: churnMetrics(features), cohorts: cohorts(features), segments: scores.segments,
      models: scores.models,
      use: scores.use, tenures: tenures)
  }

  /// nil: not asked for.
  private func tenures(_ features: FeatureSet) throws(PipelineError) -> Tenures? {
    if pipeline.tenure == .none { return nil }
    guard let beginnings = features.beginnings, case .text(let ids)? = features.customers["customer_id"]?.values else {
      throw missing(
        "features with how customers began (churn.tenure) as of \(features.asOf)", in: state.features, verb: "transform",
        asOf: features.asOf)
    }
    return try ledger.stage("tenure", rows: { _ in Int64(ids.count) }) { () throws(PipelineError) in
      let tenures = Tenures(beginnings, asOf: features.asOf, ids: ids, drivers: pipeline.tenure == .drivers, contract: features.contract)
      if let terms = features.contract {
        log.notice("tenures end with contracts: \(terms.words), and a payment may be late by \(terms.graceDays) days")
      }
      for note in tenures.notes { log.notice("\(note)") }
      return tenures
    }
  }

  func publish(_ features: FeatureSet, _ scores: ScoreSet, _ store: EventStore) throws(PipelineError) -> Published {
    let customers = scored(features, scores), dated = try dated(features, scores)
    for name in pipeline.publishColumns ?? scoreColumnNames
    where (scoreColumnNames + learnedColumnNames + reasonColumnNames).contains(name) && customers[name] == nil {
      throw missing("scores with the column \(name) as of \(features.asOf)", in: state.scores, verb: "score", asOf: features.asOf)
    }
    var publication = Publication(
      runID: ledger.runID, startedAt: ledger.startedAt, pipeline: pipeline.name, pipelineSHA256: pipeline.sha256,
      currency: pipeline.transactions.currency, fractionDigits: pipeline.transactions.mapping.fractionDigits,
      timeZone: pipeline.store.timeZone, loads: features.loads, rejects: try store.rejects(), conflicts: features.conflicts,
      customers: customers, customersByID: features.customersByID, dated: dated)
    publication.checks = ledger.current.checks ?? []
    let options = pipeline.publishOptions
    let report = try ledger.stage("publish", rows: { (report: PublishReport) in Int64(report.customers) }) { () throws(PipelineError) in
      try Warehouse.publish(publication, options: options, beforeCommit: store.waitUntilCommitted)
    }
    ledger.recordPublished(customers: report.customers, database: options.path)
    if report.isReaderInTheWay {
      log.notice("\(options.path): a reader keeps SQLite's log from being emptied; the results stand, and the next publish empties it")
    }
    let asOf = features.asOf.description
    if try (LastPublished.read(state)?.asOf ?? "") <= asOf {
      try LastPublished(asOf: asOf, runId: ledger.runID, database: options.path).write(state)
    }
    let names = customers.columns.map(\.name), mayDecide = scores.models?.mayDecide ?? true
    return Published(
      report: report, segments: scores.segments, churnMonths: dated.churnMonths, tenures: dated.tenures, models: scores.models,
      use: scores.use,
      outlook: scores.outlook,
      atRisk: mayDecide ? customersAtRisk(customers, byID: features.customersByID, most: RunFacts.atRiskMax) : [],
      columns: names.filter { $0 == "customer_id" || pipeline.publishColumns?.contains($0) ?? true })
  }
}
