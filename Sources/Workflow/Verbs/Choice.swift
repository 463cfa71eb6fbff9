import Backtests
import Columns
import Events
import Features
import Models
import Scores

extension Pipeline {
  /// Chooses among fitted candidates by what the models, fitted to what was known a risk horizon before, foretold of it: nothing after the
  /// models' day is looked at. Where the history is too short, the least AIC decides. The winner comes first.
  func choose(_ fitted: inout FittedModels, _ features: FeatureSet, _ store: EventStore) throws(PipelineError) {
    let names = PurchaseModelName.allCases.map(\.rawValue)
    var candidates = fitted.models.filter { names.contains($0.model) }
    let others = fitted.models.filter { !names.contains($0.model) }
    var aic: [String: Double] = [:]
    for record in candidates { aic[record.model] = record.aic }
    guard !aic.isEmpty else { return }
    let horizon = value.riskHorizonDays, origin = fitted.asOf + -horizon
    var tested: OriginBacktest?
    if try historyDays(store, before: origin) * 2 >= horizon {
      let options = BacktestOptions(minorUnits: scoreOptions.minorUnits, threads: threadCount, measuresSegments: false)
      tested = try backtest(try backtestFeatures(store, asOf: origin), features, options)
    }
    let choice = tested.flatMap { Choice($0, aic: aic) }
    let winner = choice?.model ?? aic.min { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    for i in candidates.indices {
      let name = candidates[i].model, trial = choice == nil ? nil : tested?.models.first { $0.model == name }
      var measures = trial.map { $0.all.named } ?? [:]
      measures["aic"] = aic[name]
      candidates[i].trial = ModelTrial(
        isWinner: name == winner, origin: trial == nil ? nil : origin, horizonDays: trial == nil ? nil : horizon, measures: measures,
        beatsBaselines: trial?.verdict?.beatsBaselines)
      guard name == winner else { continue }
      candidates[i].trial?.reason = choice?.reason ?? "it has the least AIC"
      if choice == nil {
        candidates[i].warnings.append("chosen by the least AIC: too few customers or days before \(origin) for a backtest")
      } else if let verdict = trial?.verdict, !verdict.beatsBaselines {
        candidates[i].warnings.append(
          "it does not beat the baselines (\(verdict.reasons.joined(separator: ", "))): nobody is picked by it")
      }
    }
    fitted.models = candidates.filter { $0.trial?.isWinner == true } + candidates.filter { $0.trial?.isWinner != true } + others
  }

  /// What a backtest needs of a day.
  /// - Parameter learns: whether the learned churn model takes part.
  func backtestFeatures(_ store: EventStore, asOf: Day, learns: Bool = false) throws(PipelineError) -> FeatureSet {
    var options = transformOptions(asOf: asOf)
    options.columns = Set(Backtests.backtestFeatures).union(learns ? LearnedChurn.featureColumns : [])
    return try transform(store, options: options)
  }

  /// Days from the first event to a day; below 0 where it came later.
  func historyDays(_ store: EventStore, before day: Day) throws(PipelineError) -> Int {
    let first = try store.loads().compactMap(\.firstEventAt).min()
    guard let first, let begin = UTC.localDay(first, timeZone: self.store.timeZone) else { return -1 }
    return day - begin
  }
}

extension ModelRecord {
  /// Akaike's information criterion; nil: the fit failed.
  fileprivate var aic: Double? {
    guard let logLikelihood, let parameters else { return nil }
    return 2 * Double(parameters.count) - 2 * logLikelihood
  }
}

extension Measures {
  /// What `models` keeps of a trial.
  fileprivate var named: [String: Double] {
    let all = [
      "auc": auc?.value, "brier": brier?.value, "log_loss": logLoss?.value, "mae": mae?.value, "rmse": rmse?.value, "bias": bias?.value,
      "revenue_bias": revenueBias?.value,
    ]
    return all.compactMapValues { $0 }
  }
}
