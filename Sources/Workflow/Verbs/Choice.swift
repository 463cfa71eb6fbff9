import Backtests
import Columns
import Events
import Features
import Models
import Scores

extension Pipeline {
  /// Chooses among fitted candidates by what the models, fitted to what was known a risk horizon before, foretold of it: nothing after the
  /// models' day is looked at.
  /// - Parameter known: features as of the risk horizon before, where they are there already.
  func choose(
    _ fitted: inout FittedModels, _ features: FeatureSet, known: FeatureSet?, _ options: ScoreOptions, _ store: EventStore
  ) throws(PipelineError) {
    let choosesModel = options.value.choosesModel && options.wanted.purchases, choosesRisk = options.wanted.risk == .auto
    guard choosesModel || choosesRisk else { return }
    var asked = BacktestOptions(minorUnits: scoreOptions.minorUnits, threads: threadCount, measuresSegments: false)
    asked.covariates = fitted.covariateModel == nil ? [] : value.covariates
    let hasContracts = fitted.contractModel != nil
    asked.models = choosesModel ? PurchaseModelName.allCases : asked.covariates.isEmpty && !hasContracts ? [value.purchaseModel] : []
    if hasContracts { (asked.contract, asked.requiresContracts) = (value.contract, value.hasContracts) }
    asked.learnedMethod = fitted.learned?.method ?? .logistic
    let horizon = value.riskHorizonDays, origin = fitted.asOf + -horizon
    var tested: OriginBacktest?
    if try historyDays(store, before: origin) * 2 >= horizon {
      let oneIn = BacktestSample.oneIn(customers: features.customers.rowCount)
      let learns = choosesRisk && fitted.learned?.isFitted == true
      let earlier = learns ? try backtestFeatures(store, asOf: origin + -horizon, learns: true, oneIn: oneIn) : nil
      var known = oneIn == 1 ? known : nil
      if known == nil { known = try backtestFeatures(store, asOf: origin, learns: learns, oneIn: oneIn) }
      if let known { tested = try backtest(known, features, earlier: earlier, asked) }
    }
    if choosesModel { chooseModel(&fitted, tested) }
    if choosesRisk { chooseRisk(&fitted, tested) }
  }

  /// Among models of purchases. Where the history is too short, the least AIC decides. The winner comes first.
  private func chooseModel(_ fitted: inout FittedModels, _ tested: OriginBacktest?) {
    var candidates = fitted.models.filter(\.isOfPurchases)
    let others = fitted.models.filter { !$0.isOfPurchases }
    var aic: [String: Double] = [:]
    for record in candidates { aic[record.model] = record.aic }
    guard !aic.isEmpty else { return }
    let choice = tested.flatMap { Choice($0, aic: aic) }
    let contracts = candidates.first { $0.contractModel != nil }
    let winner = choice?.model ?? contracts?.model ?? aic.min { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    for i in candidates.indices {
      let name = candidates[i].model, trial = choice == nil ? nil : tested?.model(name)
      // Pareto/NBD with covariates has been compared with the one without.
      var measures = candidates[i].trial?.measures ?? [:]
      measures.merge(trial?.all.named ?? [:]) { $1 }
      measures["aic"] = aic[name]
      candidates[i].trial = ModelTrial(
        isWinner: name == winner, origin: trial == nil ? nil : tested?.origin, horizonDays: trial == nil ? nil : value.riskHorizonDays,
        measures: measures, beatsBaselines: trial?.verdict?.beatsBaselines)
      guard name == winner else { continue }
      let terms = candidates[i].contract?.terms
      candidates[i].trial?.reason = choice?.reason ?? terms?.words ?? "it has the least AIC"
      if choice == nil {
        candidates[i].warnings.append(
          "chosen \(terms == nil ? "by the least AIC" : "by the period of the payments"): too few customers or days before \(fitted.asOf + -value.riskHorizonDays) for a backtest"
        )
      } else if let verdict = trial?.verdict, !verdict.beatsBaselines {
        candidates[i].warnings.append(verdict.warning)
      }
    }
    fitted.models = candidates.filter { $0.trial?.isWinner == true } + candidates.filter { $0.trial?.isWinner != true } + others
  }

  /// Between the model of purchases in use and the survival of contracts, where customers have some, and then the learned one.
  private func chooseRisk(_ fitted: inout FittedModels, _ tested: OriginBacktest?) {
    let used = fitted.models.indices.filter { fitted.models[$0].trial?.isWinner != false && fitted.models[$0].parameters != nil }
    let purchases = used.first { fitted.models[$0].isOfPurchases }, learned = used.first { fitted.models[$0].isLearned }
    let survival = fitted.contractModel == nil ? nil : used.first { fitted.models[$0].model == ModelRecord.survivalName }
    func trial(_ place: Int?) -> TestedModel? { place.flatMap { tested?.model(fitted.models[$0].model) } }
    // What fell back to NBD at the origin, or did so today, stands for the model of purchases all the same.
    let first = tested?.models.first { $0.isOfPurchases }
    let ofPurchases = trial(purchases) ?? (value.choosesModel ? nil : first)
    let observed = survival.map { _ in RiskChoice(ofPurchases, trial(survival), other: "the survival of contracts") }
    let takesSurvival = observed?.takesOther ?? false
    var choice = RiskChoice(takesSurvival ? trial(survival) : ofPurchases, trial(learned))
    if learned == nil { choice.reason = "nothing could be learned" }
    if let observed, !choice.takesOther { choice.reason = "\(observed.reason); \(choice.reason)" }
    let winner = choice.takesOther ? learned : takesSurvival ? survival : purchases
    for (place, tried) in [(purchases, ofPurchases), (survival, trial(survival)), (learned, trial(learned))] {
      guard let place else { continue }
      let isWinner = place == winner, verdict = tried?.verdict
      var record = ModelTrial(
        isWinner: isWinner, origin: tested?.origin, horizonDays: tested == nil ? nil : value.riskHorizonDays,
        measures: tried.map { $0.all.named } ?? [:], beatsBaselines: verdict?.beatsBaselines)
      if isWinner { record.reason = choice.reason }
      fitted.models[place].riskTrial = record
      if isWinner, let verdict, !verdict.beatsBaselines, !fitted.models[place].warnings.contains(verdict.warning) {
        fitted.models[place].warnings.append(verdict.warning)
      }
    }
  }

  /// What a backtest needs of a day.
  /// - Parameters:
  ///   - learns: whether the learned churn model takes part.
  ///   - oneIn: of the customers that take part.
  func backtestFeatures(_ store: EventStore, asOf: Day, learns: Bool = false, oneIn: Int = 1) throws(PipelineError) -> FeatureSet {
    var options = transformOptions(asOf: asOf)
    options.sampledOneIn = oneIn
    options.contract = value.contract
    options.columns = Set(Backtests.backtestFeatures + value.covariates.map(\.feature)).union(learns ? LearnedChurn.featureColumns : [])
    return try transform(store, options: options)
  }

  /// Days from the first event to a day; below 0 where it came later.
  func historyDays(_ store: EventStore, before day: Day) throws(PipelineError) -> Int {
    let first = try store.loads().compactMap(\.firstEventAt).min()
    guard let first, let begin = UTC.localDay(first, timeZone: self.store.timeZone) else { return -1 }
    return day - begin
  }
}

extension Verdict {
  fileprivate var warning: String { "it does not beat the baselines (\(reasons.joined(separator: ", "))): nobody is picked by it" }
}

extension TestedModel {
  fileprivate var isOfPurchases: Bool { ModelRecord(model, nil).isOfPurchases }
}

extension ModelRecord {
  /// Akaike's information criterion; nil: the fit failed.
  fileprivate var aic: Double? {
    if model == Self.covariatesName { return trial?.measures["aic"] }
    // Its likelihood is of renewals, not of days.
    if model == Self.contractsName { return nil }
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
