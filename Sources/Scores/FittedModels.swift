import Columns
import Models

/// What was fitted as of a day.
package struct FittedModels: Sendable, Hashable, Codable {
  package var asOf: Day
  /// ISO 4217: values are in its major units.
  package var currency: String
  package var models: [ModelRecord]
  /// nil: not asked for.
  package var learned: LearnedChurn?
  /// Which model `churn_risk` was asked of; nil: that of purchases.
  package var risk: RiskSource?
  /// nil: not counted yet, or kept by an earlier holdfast.
  package var population: FitPopulation?

  package init(asOf: Day, currency: String, models: [ModelRecord], learned: LearnedChurn? = nil) {
    self.asOf = asOf
    self.currency = currency
    self.models = models
    self.learned = learned
  }

  package var isSound: Bool { models.allSatisfy(\.isSound) && learned?.isSound ?? true && population?.isSound ?? true }

  private func parameters(_ model: String) -> [String: Double]? { models.first { $0.model == model }?.parameters }

  /// nil: none was fitted, or it failed; here and below.
  var purchaseModel: PurchaseModel? {
    models.lazy.filter { $0.trial?.isWinner != false }.compactMap(\.purchaseModel).first
  }

  /// Pareto/NBD with covariates, where they are asked for, could be fitted and, among other candidates, were chosen.
  package var covariateModel: CovariateModel? {
    models.lazy.filter { $0.trial?.isWinner != false }.compactMap { CovariateModel($0) }.first
  }

  /// Whether the columns that covariates are read from are there.
  private func hasColumns(for wanted: WantedValues) -> Bool {
    covariateModel?.levels.allSatisfy { wanted.covariates.contains($0.covariate) } ?? true
  }

  private var hasPurchases: Bool { purchaseModel != nil || covariateModel != nil }

  var valueModel: GammaGamma? {
    guard let parameters = parameters("gamma_gamma"), let p = parameters["p"], let q = parameters["q"], let v = parameters["v"] else {
      return nil
    }
    return GammaGamma(p: p, q: q, v: v)
  }

  var marginShare: Double? { parameters("margin")?["share"] }

  /// Whether all that is wanted was fitted.
  package func covers(_ wanted: WantedValues) -> Bool {
    (!wanted.purchases || hasPurchases && hasColumns(for: wanted)) && (!wanted.values || valueModel != nil)
      && (!wanted.margin || marginShare != nil)
      && (!wanted.hasLearnedColumns || learned?.isFitted == true) && covers(risk: wanted)
  }

  /// Whether `churn_risk` is of the model that is asked for, over the same days.
  private func covers(risk wanted: WantedValues) -> Bool {
    (risk ?? .model) == wanted.risk && (wanted.risk == .model || learned?.horizonDays == wanted.riskHorizonDays)
  }

  /// Whether all that is wanted was fitted, and the model of purchases that is asked for was asked for then too.
  package func isFit(for wanted: WantedValues) -> Bool {
    let asked = models.first { PurchaseModelName(rawValue: $0.model) != nil }.map { $0.askedFor ?? PurchaseModelName.bgNBD.rawValue }
    return covers(wanted) && (!wanted.purchases || asked == wanted.purchaseModel)
      && (!wanted.learned || learned?.askedFor ?? .logistic == wanted.learnedMethod)
  }

  /// Whether customers may be picked by value and risk: a backtest that the model in use lost against a simple rule says no.
  package var mayDecide: Bool {
    !models.contains { model in
      [model.trial, model.riskTrial].contains { $0?.isWinner == true && $0?.beatsBaselines == false }
    }
  }

  /// The learned model, where `churn_risk` is by it; nil: by the model of purchases.
  package var riskModel: LearnedChurn? {
    guard let learned, learned.isFitted else { return nil }
    switch risk ?? .model {
    case .model: return nil
    case .learned: return learned
    case .auto: return models.contains { $0.isLearned && $0.riskTrial?.isWinner == true } ? learned : nil
    }
  }

  /// The record of the model that `churn_risk` is by; nil: there is none.
  package var riskRecord: ModelRecord? {
    if riskModel != nil { return models.first { $0.isLearned && $0.trial?.isWinner != false } }
    return models.first { $0.isOfPurchases && $0.trial?.isWinner != false && $0.parameters != nil }
  }

  /// Why `churn_risk` is by that model, in words; nil: the pipeline leaves it to the model of purchases.
  package var riskReason: String? {
    switch risk ?? .model {
    case .model: nil
    case .learned: riskModel == nil ? "nothing could be learned" : "value.risk names it"
    case .auto: riskRecord?.riskTrial?.reason
    }
  }

  /// Whether anything was fitted that may be of use another day.
  package var isWorthKeeping: Bool { hasPurchases || valueModel != nil || learned?.isFitted == true }
}
