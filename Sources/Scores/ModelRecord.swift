import Columns
import Models

/// One fitted model as it is kept in a file, published in the table `models` and used again: parameters and how good they are.
package struct ModelRecord: Sendable, Hashable, Codable {
  /// The name of a model of purchases, `pareto_nbd_covariates`, `sbg`, `survival`, `gamma_gamma`, `margin`, `churn_logistic` or `churn_trees`.
  package var model: String
  /// Of a model of purchases, the name of the one that was asked for; nil in files older than that: `bg_nbd`.
  package var askedFor: String?
  /// By name, with the unit in it; nil where the fit failed.
  package var parameters: [String: Double]?
  package var logLikelihood: Double?
  package var gradientNorm: Double?
  package var iterations: Int?
  /// Customers behind the fit, and their distinct histories.
  package var customers: Int64?
  package var histories: Int?
  package var customersLeftOut: Int64?
  /// Of a customer's value per purchase with his frequency.
  package var correlation: Double?
  /// Of Pareto/NBD with covariates: their levels.
  package var covariates: [CovariateLevels]?
  /// Of sBG: how often customers pay, and how many renewed at each age.
  package var contract: ContractRecord?
  /// Of models of purchases among which a backtest chose, or a test compared.
  package var trial: ModelTrial?
  /// Of a model that `churn_risk` may be by: how it did in the backtest that chose.
  package var riskTrial: ModelTrial?
  /// Also why a fit failed.
  package var warnings: [String]

  package init(_ model: String, _ parameters: [String: Double]?, warnings: [String] = []) {
    self.model = model
    self.parameters = parameters
    self.warnings = warnings
  }

  init(_ fit: PurchaseFit, askedFor: String) {
    let model = fit.model, parameters = Dictionary(uniqueKeysWithValues: zip(model.name.parameterNames, model.parameters))
    self.init(model.name.rawValue, parameters, warnings: fit.warnings)
    self.askedFor = askedFor
    (logLikelihood, gradientNorm) = (finite(fit.logLikelihood), finite(fit.gradientNorm))
    (iterations, customers, histories) = (fit.iterations, fit.customers, fit.histories)
  }

  /// Name of the learned churn model by logistic regression.
  package static let learnedName = "churn_logistic"

  /// Name of the learned churn model by boosted trees.
  package static let treesName = "churn_trees"

  /// Whether it is a learned churn model.
  package var isLearned: Bool { model == Self.learnedName || model == Self.treesName }

  /// Whether it is a model of how often and when customers buy.
  package var isOfPurchases: Bool {
    model == Self.covariatesName || model == Self.contractsName || PurchaseModelName(rawValue: model) != nil
  }

  /// Name of Pareto/NBD with covariates.
  package static let covariatesName = "pareto_nbd_covariates"

  /// Names of sBG, a model of contracts, and of the survival of contracts as it was observed.
  package static let contractsName = "sbg", survivalName = "survival"

  private static let contractNames = ["alpha", "alpha_se", "beta", "beta_se", "period_days", "grace_days", "regular_share"]

  /// Names of a model's parameters, in the order of its papers; days where the name says so, v in major units of the currency.
  private var names: [String]? {
    if let purchases = PurchaseModelName(rawValue: model) { return purchases.parameterNames }
    if model == Self.covariatesName { return covariateNames }
    if model == Self.contractsName { return Self.contractNames.filter { !$0.hasSuffix("_se") || parameters?[$0] != nil } }
    return ["gamma_gamma": ["p", "q", "v"], "margin": ["share"], Self.survivalName: ["periods"]][model]
  }

  /// Each with its standard error behind it; effects by level.
  private var covariateNames: [String] {
    let effects = (covariates ?? []).flatMap(\.dummies).flatMap { dummy in
      ["rate:", "rate_se:", "leaving:", "leaving_se:"].map { $0 + dummy }
    }
    return PurchaseModelName.paretoNBD.parameterNames.flatMap { [$0, $0 + "_se"] } + effects
  }

  /// Names and values in that order.
  package var orderedParameters: [(name: String, value: Double)] {
    if isLearned { return (parameters ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    return (names ?? []).compactMap { name in parameters?[name].map { (name, $0) } }
  }

  /// nil: it is no model of purchases, or its fit failed.
  var purchaseModel: PurchaseModel? {
    PurchaseModelName(rawValue: model).flatMap { PurchaseModel($0, orderedParameters.map(\.value)) }
  }

  /// Whether it is a model of ours with all its parameters, each one a number it can have.
  var isSound: Bool {
    if isLearned { return parameters?.values.allSatisfy(\.isFinite) ?? true }
    guard let names else { return false }
    guard let parameters else { return true }
    if model == Self.contractsName, contract?.isSound != true { return false }
    let mayBeNegative = ["margin", Self.covariatesName, Self.contractsName, Self.survivalName].contains(model)
    return Set(parameters.keys) == Set(names) && parameters.values.allSatisfy { $0.isFinite && ($0 > 0 || mayBeNegative) }
  }
}

/// How a candidate did in the backtest that chose among the models of purchases, or which one `churn_risk` is by.
package struct ModelTrial: Sendable, Hashable, Codable {
  package var isWinner: Bool
  /// Day of the backtest's origin, and the days after it that were foretold; nil: the history is too short for one.
  package var origin: Day?
  package var horizonDays: Int?
  /// By name: `auc`, `brier`, `log_loss`, `mae`, `rmse`, `bias`, and `aic` of the fit.
  package var measures: [String: Double]
  /// Of the winner: by what it was chosen, in words.
  package var reason: String?
  /// Whether it did better than every baseline; nil: not tried, or too few customers to tell.
  package var beatsBaselines: Bool?

  package init(isWinner: Bool, origin: Day?, horizonDays: Int?, measures: [String: Double], beatsBaselines: Bool?) {
    (self.isWinner, self.origin, self.horizonDays) = (isWinner, origin, horizonDays)
    (self.measures, self.beatsBaselines) = (measures, beatsBaselines)
  }
}

/// nil for what no database and no JSON can hold.
func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
