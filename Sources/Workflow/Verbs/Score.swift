import Columns
import Events
import Features
import Scores

extension Job {
  /// Scores, with the models that the pipeline file or `--model` asks for, fitted where they have to be. Fits are kept, with how the customers
  /// were spread over the columns, and the day is compared with the fit in use or, where it was made today, with the one before it.
  /// - Parameters:
  ///   - store: that the features are of, for what looks back; nil: nothing can be learned, and no model chosen by a backtest.
  ///   - learns: whether the learned churn model is wanted where a column asks for it.
  func score(_ features: FeatureSet, _ store: EventStore?, learns: Bool = true) throws(PipelineError) -> ScoreSet {
    try ledger.stage("score", rows: { _ in Int64(features.customers.rowCount) }) { () throws(PipelineError) in
      var options = pipeline.scoreOptions
      if !learns { options = options.withoutLearning }
      guard options.wanted.models else {
        try refuseUselessModel()
        return try Scores.score(features, options, models: nil)
      }
      let day = try DayPopulation(features.customers, asOf: features.asOf, columns: pipeline.featureColumns, options)
      var fits = try fits(of: day, features, options, store)
      log(fits)
      var scores = try Scores.score(features, options, models: fits.models)
      let isKept = fits.isNew && fits.models.isWorthKeeping
      let (population, drift) = day.counted(scores.columns, keeps: isKept, since: fits.compared, fits.drift)
      if isKept {
        fits.models.population = population
        try ModelFiles(state).write(fits.models, runID: ledger.runID)
        scores.models = fits.models
      }
      scores.use = FitUse(reason: fits.reason, drift: drift)
      return scores
    }
  }

  private func refuseUselessModel() throws(PipelineError) {
    if invocation.model == nil { return }
    throw PipelineError(
      .usage, "--model: publish.columns of \(pipeline.file) names no column that a model computes",
      fix: "leave --model out, or add a column such as clv_minor to publish.columns")
  }

  private func log(_ fits: DayFits) {
    let models = fits.models.models
    if let chosen = models.first(where: { $0.trial?.isWinner == true }), let reason = chosen.trial?.reason {
      log.notice("\(chosen.model) is used: \(reason)")
    }
    if let risk = fits.models.riskRecord, let reason = fits.models.riskReason {
      log.notice("churn_risk is by \(risk.model): \(reason)")
    }
    for model in models where model.trial?.isWinner != false {
      for warning in model.warnings { log.warning("\(model.model): \(warning)") }
    }
    if pipeline.fit == .onDrift && invocation.model == nil { return log.notice("models: \(fits.reason)") }
    let reasons = fits.drift?.reasons(limit: pipeline.driftLimit) ?? []
    if !fits.isNew && !reasons.isEmpty {
      log.warning("models: the fit of \(fits.models.asOf) does not suit the customers any more: \(reasons.joined(separator: "; "))")
    }
  }
}
