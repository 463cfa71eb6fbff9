import Columns
import Events
import Features
import Scores

extension Job {
  /// Scores, with the models that the pipeline file or `--model` asks for, fitted where they have to be.
  /// - Parameters:
  ///   - store: that the features are of, for what looks back; nil: nothing is learned, and no model can be chosen by a backtest.
  ///   - learns: whether the learned churn model is wanted where a column asks for it.
  func score(_ features: FeatureSet, _ store: EventStore?, learns: Bool = true) throws(PipelineError) -> ScoreSet {
    try ledger.stage("score", rows: { _ in Int64(features.customers.rowCount) }) { () throws(PipelineError) in
      var options = pipeline.scoreOptions
      if store == nil || !learns { options.learns = false }
      let models = try models(features, options, store)
      for chosen in models?.models ?? [] where chosen.trial?.isWinner == true {
        if let reason = chosen.trial?.reason { log.notice("\(chosen.model) is used: \(reason)") }
      }
      for model in models?.models ?? [] where model.trial?.isWinner != false {
        for warning in model.warnings { log.warning("\(model.model): \(warning)") }
      }
      return try Scores.score(features, options, models: models)
    }
  }

  /// nil: no column asks for a model.
  private func models(_ features: FeatureSet, _ options: ScoreOptions, _ store: EventStore?) throws(PipelineError) -> FittedModels? {
    guard options.wanted.models else {
      if invocation.model == nil { return nil }
      throw PipelineError(
        .usage, "--model: publish.columns of \(pipeline.file) names no column that a model computes",
        fix: "leave --model out, or add a column such as clv_minor to publish.columns")
    }
    let files = ModelFiles(state)
    if let run = invocation.model { return try models(ofRun: run, files, features.asOf, options) }
    if let kept = try keptModels(files, features.asOf, options) { return kept }
    var fitted = try fitModels(features, options) { () throws(PipelineError) in
      guard let store else { throw missing("events", in: state.path, verb: "extract") }
      return try pipeline.featuresToLearnFrom(store, asOf: features.asOf)
    }
    if options.value.choosesModel && options.wanted.purchases {
      guard let store else { throw missing("events", in: state.path, verb: "extract") }
      try pipeline.choose(&fitted, features, store)
    }
    if fitted.isWorthKeeping { try files.write(fitted, runID: ledger.runID) }
    return fitted
  }

  /// Fits of an earlier day where the pipeline file wants them; nil: fit anew. Fits of the day itself do not keep it from being fitted anew, so
  /// that a day run again does what it did the first time.
  private func keptModels(_ files: ModelFiles, _ asOf: Day, _ options: ScoreOptions) throws(PipelineError) -> FittedModels? {
    switch pipeline.fit {
    case .nightly: return nil
    case .weekly:
      return try files.newest(options.wanted, currency: options.currency) { $0 < asOf && asOf - $0 < FitCadence.weekly.servesDays }
    case .never:
      if let kept = try files.newest(options.wanted, currency: options.currency, where: { $0 <= asOf }) { return kept }
      throw PipelineError(
        .noInput, "\(state.models): there is no fit of the models at or before \(asOf), and value.fit is never",
        fix: "fit once with value.fit: nightly in \(pipeline.file), then set it to never again")
    }
  }

  private func models(ofRun run: String, _ files: ModelFiles, _ asOf: Day, _ options: ScoreOptions) throws(PipelineError) -> FittedModels {
    let names = try files.names()
    guard let name = names.first(where: { $0.runID == run }) else {
      let known = names.prefix(5).map { "\($0.runID) as of \($0.asOf)" }
      throw PipelineError(
        .noInput, "--model: no run of that name fitted models in \(state.models)",
        details: known.isEmpty ? ["there are none yet"] : ["the newest are:"] + known.map { "  " + $0 }, fix: "name one of those runs")
    }
    guard name.asOf <= asOf else {
      throw PipelineError(
        .usage, "--model: run \(run) fitted its models as of \(name.asOf), which knows what came after \(asOf)",
        fix: "name a run that fitted at or before \(asOf)")
    }
    let models = try files.read(name)
    guard models.covers(options.wanted), models.currency == options.currency else {
      throw PipelineError(
        .badInput, "--model: run \(run) did not fit all that publish.columns asks for, or fitted another currency than \(options.currency)",
        fix: "name another run, or leave --model out")
    }
    return models
  }
}
