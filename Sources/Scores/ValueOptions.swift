import Features
import Models

/// How customers are valued.
package struct ValueOptions: Sendable, Hashable {
  /// Of how often and when they buy.
  package var purchaseModel = PurchaseModelName.bgNBD
  /// In place of that, the model that a backtest chooses.
  package var choosesModel = false
  /// In place of both, sBG.
  package var hasContracts = false
  package var contract = ContractWish()
  /// As pipeline files write it.
  package var purchaseModelName: String {
    choosesModel ? "auto" : hasContracts ? ModelRecord.contractsName : purchaseModel.rawValue
  }
  /// Static columns that scale the rates of Pareto/NBD; empty: none.
  package var covariates: [Covariate] = []
  /// The model that was asked for, with its covariates.
  package var purchaseModelAsked: String {
    purchaseModelName + (covariates.isEmpty ? "" : " by " + covariates.map(\.rawValue).joined(separator: ", "))
      + (contract == ContractWish() ? "" : ", contract: {\(contract.text)}")
  }
  /// What asks transform how often customers pay; nil: nothing.
  package var contractWish: ContractWish? { hasContracts || choosesModel ? contract : nil }
  /// How `churn_risk_learned` is learned.
  package var learnedMethod = LearnedMethod.logistic
  /// Which model `churn_risk` is by.
  package var riskSource = RiskSource.model
  /// `churn_risk` and `expected_purchases` look so far ahead.
  package var riskHorizonDays = 90
  package var clvHorizonDays = 365
  package var clvStepDays = 30
  /// 0.1: a payment in a year is worth 1/1.1 of the same today.
  package var discountPerYear = 0.1
  /// Margin ÷ revenue, 0…1; nil: estimated from the rows that tell their cost.
  package var marginShare: Double?
  /// Shares of all value at which a tier ends, rising, each between 0 and 1, 9 at most.
  package var tierShares = [0.5, 0.8, 0.95]

  package init() {}
}

/// What score needs beside the features.
package struct ScoreOptions: Sendable {
  package var value: ValueOptions
  /// Columns of the customer table that are asked for; nil: all.
  package var columns: [String]?
  /// ISO 4217, and the decimals of its minor unit.
  package var currency: String
  package var fractionDigits: Int
  package var threads: Int
  /// Whether the learned churn model's columns are computed; `columns` has no say in it.
  package var learns = false

  package init(
    value: ValueOptions = ValueOptions(), columns: [String]? = nil, currency: String = "USD", fractionDigits: Int = 2, threads: Int = 1
  ) {
    self.value = value
    self.columns = columns
    self.currency = currency
    self.fractionDigits = fractionDigits
    self.threads = threads
  }

  package var wanted: WantedValues { WantedValues(columns, value, learns: learns) }

  /// The same without what looks back: neither the columns of the learned churn model nor, where it may be by that, `churn_risk`.
  package var withoutLearning: ScoreOptions {
    var options = self
    options.learns = false
    guard value.riskSource.learns else { return options }
    let risk = ["churn_risk"] + riskReasonNames
    options.columns = (columns ?? scoreColumnNames).filter { !risk.contains($0) }
    options.value.riskSource = .model
    return options
  }

  /// Minor units in a major one.
  package var minorUnits: Double { (0..<fractionDigits).reduce(1.0) { unit, _ in unit * 10 } }
}

/// Names of the columns that tell why the models of purchases give a customer his risk and his value. They are computed where
/// `publish.columns` names one of them.
package let reasonColumnNames = riskReasonNames + (1...3).map { "value_reason_\($0)" }

private let riskReasonNames = (1...3).map { "risk_reason_\($0)" }

/// Which columns of value are asked for, and what has to be known for them. What nobody asks for is neither fitted nor computed.
package struct WantedValues: Sendable, Hashable {
  private let names: Set<String>
  private let estimatesMargin: Bool
  let covariates: [Covariate]
  let purchaseModel: String
  let learnedMethod: LearnedMethod
  /// Whether those of the learned churn model are asked for.
  let hasLearnedColumns: Bool
  /// Which model `churn_risk` is by; that of purchases where nothing asks for it.
  package let risk: RiskSource
  let riskHorizonDays: Int

  init(_ columns: [String]?, _ options: ValueOptions, learns: Bool) {
    hasLearnedColumns = learns
    let all = Set(valueColumnNames)
    names = columns.map { all.union(reasonColumnNames).intersection($0) } ?? all
    risk = names.isDisjoint(with: ["churn_risk"] + riskReasonNames) ? .model : options.riskSource
    riskHorizonDays = options.riskHorizonDays
    estimatesMargin = options.marginShare == nil
    covariates = options.covariates
    purchaseModel = options.purchaseModelAsked
    learnedMethod = options.learnedMethod
  }

  func callAsFunction(_ name: String) -> Bool { names.contains(name) }
  private func any(_ wanted: String...) -> Bool { !names.isDisjoint(with: wanted) }

  /// The learned churn model.
  package var learned: Bool { hasLearnedColumns || risk.learns }
  var tiers: Bool { any("value_tier") }
  var stages: Bool { any("lifecycle_stage") }
  private var clv: Bool { any("clv_minor", "clv_infinite_minor", "value_tier") }
  /// The model of purchases.
  package var purchases: Bool { clv || reasons || any("p_alive", "churn_risk", "expected_purchases") }
  /// The model of the value of a purchase.
  var values: Bool { clv || any("expected_value_minor", "value_reason_1", "value_reason_2", "value_reason_3") }
  var reasons: Bool { !names.isDisjoint(with: reasonColumnNames) }
  var riskReasons: Bool { !names.isDisjoint(with: riskReasonNames) }
  var margin: Bool { clv && estimatesMargin }
  /// Whether anything has to be fitted.
  package var models: Bool { purchases || values || learned }

  /// Columns of the features that are read for them.
  package var features: Set<String> {
    var features: Set<String> = []
    if purchases { features.formUnion(["frequency", "recency_days", "tenure_days"] + covariates.map(\.feature)) }
    if values { features.formUnion(["frequency", "repeat_gross_minor"]) }
    if margin { features.formUnion(["margin_minor", "cost_minor"]) }
    if stages { features.formUnion(["tenure_days", "days_since_last", "rhythm_days", "lost_after_days", "regained_on"]) }
    if learned { features.formUnion(ChurnInput.featureColumns) }
    return features
  }
}
