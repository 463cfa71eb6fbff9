import Columns
import Events
import Features
import Scores

/// A stage of a run, in order.
enum Stage: String, CaseIterable {
  case extract, transform, score, publish

  /// - Throws: 64 for what is none.
  init(flag text: String) throws(PipelineError) {
    let names = Self.allCases.map(\.rawValue)
    guard let stage = Stage(rawValue: text) else {
      let suggestion = Spelling.nearest(to: text, among: names).map { "did you mean '\($0)'?" } ?? "write it as in --from score"
      throw PipelineError(.usage, "--from: expected \(names.joined(separator: ", ")), found '\(text)'", fix: suggestion)
    }
    self = stage
  }
}

extension Invocation {
  /// extract → transform → score → publish, handed on in memory. Prints a summary.
  package func run() -> Int32 {
    if from != nil && from != Stage.extract.rawValue { return runLater() }
    if isDryRun { return dryRun() }
    return Job.perform("run", self) { job throws(PipelineError) in
      let store = try job.openStore()
      let report = try job.extract(into: store)
      let asOf = try job.asOf(store)
      try job.checkFreshness(store)
      let features = try job.transform(store, asOf: asOf, columns: job.pipeline.featureColumns)
      let scores = try job.score(features, store)
      let published = try job.publish(features, scores, store)
      let facts = RunFacts(job: job, outcomes: report.outcomes, features: features, published: published)
      return isJSON ? JSONText.encode(facts) : SummaryText.text(facts)
    }
  }

  /// The stages from `from` on, from the artifact that the stage before left.
  private func runLater() -> Int32 {
    let refused = Verb.exitCode { () throws(PipelineError) in try refuseFlagsOfExtract() }
    if refused != 0 { return refused }
    return Job.perform("run", self) { job throws(PipelineError) in
      let facts = try job.run(from: try Stage(flag: from ?? ""))
      return isJSON ? JSONText.encode(facts) : SummaryText.text(facts)
    }
  }

  private func refuseFlagsOfExtract() throws(PipelineError) {
    let stage = try Stage(flag: from ?? "")
    if stage == .publish && model != nil {
      throw PipelineError(.usage, "--model: --from publish takes the scores as they are", fix: "leave --model out, or run --from score")
    }
    let flags = [
      ("--dumps", !dumps.isEmpty), ("--replace", replace), ("--reload", reload), ("--allow-same-text", allowSameText),
      ("--settle", settle != nil), ("--dry-run", isDryRun),
    ]
    if let flag = flags.first(where: \.1)?.0 {
      throw PipelineError(
        .usage, "\(flag): --from \(stage.rawValue) reads no dumps", fix: "leave it out, or leave --from out to begin with extract")
    }
  }
}

extension Job {
  /// The stages from `stage` on, transform at the earliest.
  fileprivate func run(from stage: Stage) throws(PipelineError) -> RunFacts {
    guard state.hasStore else { throw missing("events", in: state.path, verb: "extract") }
    let store = try openStore()
    let asOf = try asOf(store)
    try checkFreshness(store)
    let features = stage == .transform ? try transform(store, asOf: asOf, columns: pipeline.featureColumns) : try kept(asOf, store)
    let scores = stage == .publish ? try keptScores(asOf) : try score(features, store)
    let published = try publish(features, scores, store)
    return RunFacts(job: self, outcomes: [], features: features, published: published)
  }

  /// The features that transform left, as of this very day and from the dumps that the store holds now.
  private func kept(_ asOf: Day, _ store: EventStore) throws(PipelineError) -> FeatureSet {
    let folder = state.features + "/" + asOf.description
    guard StateFolder(folder).exists else {
      var error = missing("features as of \(asOf)", in: state.features, verb: "transform", asOf: asOf)
      if let newest = state.newestDay(in: state.features) { error.details.append("the newest are as of \(newest)") }
      throw error
    }
    ledger.record(asOf: asOf)
    let features = try FeatureSet(readFrom: folder)
    let (had, holds) = (Set(features.loads.map(\.content)), Set(try store.loads().map(\.content)))
    guard had == holds else {
      throw PipelineError(
        .noInput, "\(folder): these features were made from other dumps than the event store holds now",
        details: ["\(holds.subtracting(had).count) dumps came or changed since, \(had.subtracting(holds).count) are gone or were changed"],
        fix: "run holdfast run --from transform, or first: holdfast transform \(ShellText.quoted(pipeline.file)) --as-of \(asOf)")
    }
    return features
  }

  private func keptScores(_ asOf: Day) throws(PipelineError) -> ScoreSet {
    let folder = state.scores + "/" + asOf.description
    guard StateFolder(folder).exists else { throw missing("scores as of \(asOf)", in: state.scores, verb: "score", asOf: asOf) }
    return try ScoreSet(readFrom: folder)
  }
}

extension LoadRecord {
  /// The dump, and how many of its rejects were repaired.
  fileprivate var content: String { "\(sha256) \(rowsRejected)" }
}
