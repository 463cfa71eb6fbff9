import Columns
import Features
import Models
import Scores

extension Explanation.Basis {
  /// What the columns of value were computed from, by column: the models with their parameters and what they know of the customer.
  static func values(_ features: FeatureSet, _ scores: ScoreSet, _ options: ScoreOptions, row: Int) -> [String: Explanation.Basis] {
    var rules: [String: String] = [:]
    let known = Known(features.customers, row)
    if let models = scores.models {
      let purchases = ContractBasis.words(models, features, row) ?? purchases(models, features.customers, row)
      if let purchases, let history = known.history {
        for column in ["p_alive", "churn_risk", "expected_purchases"] { rules[column] = "\(purchases); \(history)" }
      }
      let own = models.takesOwnMeans ? "the customer's own mean: Gamma-Gamma could not be fitted" : nil
      if let values = own ?? fitted(models, ["gamma_gamma"]), let mean = known.meanValue {
        rules["expected_value_minor"] = "\(values); \(mean)"
        let margin = models.models.first { $0.model == "margin" }?.parameters?["share"].map { "margin share \(ExplanationText.real($0))" }
        rules["clv_minor"] = "expected_value_minor × discounted purchases\(margin.map { " × \($0)" } ?? "")"
      }
    }
    if let models = scores.models, let reasons = try? PurchaseReasons(features, models, options) {
      rules["churn_risk"]? += "; ln of odds beside the mean customer's: " + moved(reasons, reasons.risk, row)
      rules["clv_minor"]? += "; ln beside the mean customer's: " + moved(reasons, reasons.value, row)
    }
    if let models = scores.models, let learned = learned(models, features, row) {
      rules["churn_risk_learned"] = learned
      if models.riskModel != nil { rules["churn_risk"] = learned }
    }
    if let record = scores.models?.riskRecord, let reason = scores.models?.riskReason, let rule = rules["churn_risk"] {
      rules["churn_risk"] = "\(record.model), since \(reason); \(rule)"
    }
    if let stage = known.stage { rules["lifecycle_stage"] = stage }
    return rules.mapValues { Explanation.Basis(rule: $0) }
  }

  private static func learned(_ models: FittedModels, _ features: FeatureSet, _ row: Int) -> String? {
    guard let learned = models.learned, let parts = try? learned.contributions(features, row: row, threads: 1), !parts.isEmpty else {
      return nil
    }
    let moved = parts.prefix(8).map { signed($0.logOdds, $0.words) }
    // Shapley's values over trees are counted from what they give on average.
    let beside = learned.method == .trees ? "beside the average" : "beside the mean customer's"
    return "learned from \(PageText.grouped(Int64(learned.customers))) customers of \(learned.trainedAsOf), "
      + "\(PageText.grouped(Int64(learned.leftCustomers))) of whom bought nothing in the \(learned.horizonDays) days after; "
      + "ln of odds \(beside): \(moved.joined(separator: ", "))"
  }

  /// The model of purchases, and with covariates what the customer's levels make of it.
  private static func purchases(_ models: FittedModels, _ table: Table, _ row: Int) -> String? {
    guard let covariates = models.covariateModel else { return fitted(models, PurchaseModelName.allCases.map(\.rawValue)) }
    guard let base = fitted(models, [ModelRecord.covariatesName]), let factors = try? covariates.factors(table, row: row),
      let scales = try? covariates.scales(table, row: row)
    else { return nil }
    let moved = factors.map { factor in
      let name = Streams.printable(factor.name)
      guard let effects = factor.effects else { return name + ": the reference" }
      let often = ExplanationText.real(effects.rate), leaving = ExplanationText.real(effects.leaving)
      return "\(name): buys \(often) times as often, and leaves at \(leaving) times the rate, as \(Streams.printable(factor.reference))"
    }
    let own = "so alpha_days \(ExplanationText.real(scales.alphaDays)), beta_days \(ExplanationText.real(scales.betaDays))"
    return "\(base); \(moved.joined(separator: "; ")); \(own)"
  }

  /// All contributions, the strongest first: `+0.41 last purchase long ago, −0.12 …`.
  private static func moved(_ reasons: PurchaseReasons, _ parts: [[Double]], _ row: Int) -> String {
    let order = parts.indices.sorted { (abs(parts[$0][row]), $1) > (abs(parts[$1][row]), $0) }
    return order.map { input in
      signed(parts[input][row], Streams.printable(reasons.words(input, row: row)))
    }.joined(separator: ", ")
  }

  private static func signed(_ part: Double, _ words: String) -> String {
    "\(part < 0 ? "−" : "+")\(PageText.significant(abs(part))) \(words)"
  }

  private static func fitted(_ models: FittedModels, _ names: [String]) -> String? {
    guard let record = models.models.first(where: { names.contains($0.model) && $0.parameters != nil }) else { return nil }
    let isCovariates = record.model == ModelRecord.covariatesName
    let known = record.orderedParameters.filter { !isCovariates || PurchaseModelName.paretoNBD.parameterNames.contains($0.name) }
    let parameters = known.map { "\($0.name) \(ExplanationText.real($0.value))" }
    return "\(record.model) fitted as of \(models.asOf): \(parameters.joined(separator: ", "))"
  }
}

/// Cells of one customer's features, in words.
private struct Known {
  private let table: Table
  private let row: Int

  init(_ table: Table, _ row: Int) {
    self.table = table
    self.row = row
  }

  private func number(_ name: String) -> Int64? {
    guard let column = table[name], case .integer(let value) = CellValue(column, row) else { return nil }
    return value
  }

  /// x, t_x and T.
  var history: String? {
    guard let x = number("frequency"), let recency = number("recency_days"), let tenure = number("tenure_days") else { return nil }
    return "x \(x), t_x \(recency) days, T \(tenure) days"
  }

  /// z̄
  var meanValue: String? {
    guard let x = number("frequency"), let repeated = number("repeat_gross_minor") else { return nil }
    if x == 0 { return "x 0: the mean of everybody" }
    return "x \(x), z̄ \(ExplanationText.real(Double(repeated) / Double(x))) minor"
  }

  var stage: String? {
    guard let since = number("days_since_last"), let rhythm = number("rhythm_days"), let limit = number("lost_after_days"),
      let tenure = number("tenure_days")
    else { return nil }
    return "T \(tenure) days, \(since) since the newest purchase; lapsing after \(rhythm) (H), lost after \(limit) (L)"
  }
}
