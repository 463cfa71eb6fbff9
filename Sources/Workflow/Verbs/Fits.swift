import Columns
import Events
import Features
import Scores

/// The models that a day is scored with, and how they came.
struct DayFits {
  var models: FittedModels
  /// Fitted today.
  var isNew: Bool
  var reason: String
  /// The fit that the day is compared with: the one in use or, where that was made today, the one before it; nil: none.
  var compared: FittedModels?
  /// nil where nothing was kept of that fit's customers.
  var drift: InputDrift?
}

extension Job {
  /// Fits of the day itself do not keep it from being fitted anew, so that a day run again does what it did the first time.
  func fits(
    of day: DayPopulation, _ features: FeatureSet, _ options: ScoreOptions, _ store: EventStore?
  ) throws(PipelineError) -> DayFits {
    let files = ModelFiles(state), asOf = features.asOf
    func reused(_ fitted: FittedModels, _ reason: String, _ drift: InputDrift?) -> DayFits {
      DayFits(models: fitted, isNew: false, reason: reason, compared: fitted, drift: drift)
    }
    if let run = invocation.model {
      let named = try models(ofRun: run, files, asOf, options)
      return reused(named, "named by --model", day.inputDrift(since: named))
    }
    let isNever = pipeline.fit == .never
    let earlier = try files.newest(options.wanted, currency: options.currency) { isNever ? $0 <= asOf : $0 < asOf }
    let drift = earlier.flatMap { day.inputDrift(since: $0) }
    if isNever && earlier == nil { throw noFit(asOf) }
    let (serves, reason) = pipeline.reuse(earlier, drift, asOf: asOf)
    if let earlier, serves { return reused(earlier, reason, drift) }
    return DayFits(models: try fit(features, options, store), isNew: true, reason: reason, compared: earlier, drift: drift)
  }

  private func fit(_ features: FeatureSet, _ options: ScoreOptions, _ store: EventStore?) throws(PipelineError) -> FittedModels {
    guard let store else {
      if options.wanted.learned || options.value.choosesModel && options.wanted.purchases {
        throw missing("events", in: state.path, verb: "extract")
      }
      return try fitModels(features, options)
    }
    return try pipeline.fitted(features, options, store)
  }

  private func noFit(_ asOf: Day) -> PipelineError {
    PipelineError(
      .noInput, "\(state.models): there is no fit of the models at or before \(asOf), and value.fit is never",
      fix: "fit once with value.fit: nightly in \(pipeline.file), then set it to never again")
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
        .badInput,
        "--model: run \(run) did not fit all that publish.columns and value.risk ask for, or in another currency than \(options.currency)",
        fix: "name another run, or leave --model out")
    }
    return models
  }
}

extension Pipeline {
  /// All that is wanted of a day, chosen where it is to be chosen.
  func fitted(_ features: FeatureSet, _ options: ScoreOptions, _ store: EventStore) throws(PipelineError) -> FittedModels {
    // What the learned model is trained on: the customers as they were the risk horizon before, by the events known then.
    let before =
      options.wanted.learned ? try backtestFeatures(store, asOf: features.asOf + -value.riskHorizonDays, learns: true) : nil
    var fitted = try fitModels(features, options, earlier: before)
    try choose(&fitted, features, known: before, options, store)
    if options.value.choosesModel { fitted.settleContracts() }
    return fitted
  }

  /// Whether an earlier fit serves, and why or why not.
  fileprivate func reuse(_ earlier: FittedModels?, _ drift: InputDrift?, asOf: Day) -> (serves: Bool, reason: String) {
    switch fit {
    case .nightly: return (false, "fitted anew: value.fit is nightly")
    case .never: return (true, "kept: value.fit is never")
    case .weekly:
      guard let earlier else { return (false, "fitted anew: there is no earlier fit that serves") }
      let age = asOf - earlier.asOf, serves = age < FitCadence.weekly.servesDays
      let days = "the newest fit is \(age) \(age == 1 ? "day" : "days") old, and value.fit is weekly"
      return (serves, (serves ? "kept: " : "fitted anew: ") + days)
    case .onDrift:
      guard let earlier else { return (false, "fitted anew: there is no earlier fit that serves") }
      guard let drift else { return (false, "fitted anew: nothing was kept of the customers of \(earlier.asOf), when it was fitted last") }
      let reasons = drift.reasons(limit: driftLimit)
      if reasons.isEmpty { return (true, "the fit of \(earlier.asOf) holds: \(drift.words)") }
      return (false, "fitted anew: since \(earlier.asOf) \(reasons.joined(separator: "; "))")
    }
  }
}
