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

  /// sBG, likewise.
  package var contractModel: ContractModel? {
    models.lazy.filter { $0.trial?.isWinner != false }.compactMap(\.contractModel).first
  }

  /// Whether, in place of a model of values, E[Z] is what the customer has paid on average: what is paid for a contract may never vary.
  package var takesOwnMeans: Bool { contractModel != nil && valueModel == nil && models.contains { $0.model == "gamma_gamma" } }

  /// Once the model is chosen: without contracts there is no survival of them, and with them it is said where own means stand in.
  package mutating func settleContracts() {
    if contractModel == nil { models.removeAll { $0.model == ModelRecord.survivalName } }
    guard takesOwnMeans, let place = models.firstIndex(where: { $0.model == "gamma_gamma" }) else { return }
    models[place].warnings.append("the customer's own mean stands in, since contracts may cost the same every time")
  }

  /// Whether the columns that covariates are read from are there.
  private func hasColumns(for wanted: WantedValues) -> Bool {
    covariateModel?.levels.allSatisfy { wanted.covariates.contains($0.covariate) } ?? true
  }

  private var hasPurchases: Bool { purchaseModel != nil || covariateModel != nil || contractModel != nil }

  var valueModel: GammaGamma? {
    guard let parameters = parameters("gamma_gamma"), let p = parameters["p"], let q = parameters["q"], let v = parameters["v"] else {
      return nil
    }
    return GammaGamma(p: p, q: q, v: v)
  }

  var marginShare: Double? { parameters("margin")?["share"] }

  /// Whether all that is wanted was fitted.
  package func covers(_ wanted: WantedValues) -> Bool {
    (!wanted.purchases || hasPurchases && hasColumns(for: wanted)) && (!wanted.values || valueModel != nil || takesOwnMeans)
      && (!wanted.margin || marginShare != nil)
      && (!wanted.hasLearnedColumns || learned?.isFitted == true) && covers(risk: wanted)
  }

  /// Whether `churn_risk` is of the model that is asked for, over the same days.
  private func covers(risk wanted: WantedValues) -> Bool {
    (risk ?? .model) == wanted.risk && (!wanted.risk.learns || learned?.horizonDays == wanted.riskHorizonDays)
  }

  /// Whether all that is wanted was fitted, and the model of purchases that is asked for was asked for then too.
  package func isFit(for wanted: WantedValues) -> Bool {
    let ofPurchases = models.filter(\.isOfPurchases), bgNBD = PurchaseModelName.bgNBD.rawValue
    let asked = ofPurchases.isEmpty ? nil : ofPurchases.lazy.compactMap(\.askedFor).first ?? bgNBD
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
    case .model, .survival: return nil
    case .learned: return learned
    case .auto: return models.contains { $0.isLearned && $0.riskTrial?.isWinner == true } ? learned : nil
    }
  }

  /// The record of the survival of contracts, where `churn_risk` is by it.
  private var survivalRecord: ModelRecord? {
    guard contractModel != nil, let record = models.first(where: { $0.model == ModelRecord.survivalName && $0.parameters != nil }) else {
      return nil
    }
    switch risk ?? .model {
    case .model, .learned: return nil
    case .survival: return record
    case .auto: return record.riskTrial?.isWinner == true ? record : nil
    }
  }

  /// sBG, with churn risk by the survival that was observed where that is asked for or chosen.
  package var contractModelOfRisk: ContractModel? {
    guard survivalRecord != nil, let contract = models.first(where: { $0.contractModel != nil })?.contract else { return contractModel }
    return contractModel?.observing(contract)
  }

  /// The record of the model that `churn_risk` is by; nil: there is none.
  package var riskRecord: ModelRecord? {
    if let survivalRecord { return survivalRecord }
    if riskModel != nil { return models.first { $0.isLearned && $0.trial?.isWinner != false } }
    return models.first { $0.isOfPurchases && $0.trial?.isWinner != false && $0.parameters != nil }
  }

  /// Why `churn_risk` is by that model, in words; nil: the pipeline leaves it to the model of purchases.
  package var riskReason: String? {
    switch risk ?? .model {
    case .model: nil
    case .learned: riskModel == nil ? "nothing could be learned" : "value.risk names it"
    case .survival: survivalRecord == nil ? "customers have no contracts whose survival is known" : "value.risk names it"
    case .auto: riskRecord?.riskTrial?.reason
    }
  }

  /// Whether anything was fitted that may be of use another day.
  package var isWorthKeeping: Bool { hasPurchases || valueModel != nil || learned?.isFitted == true }
}
