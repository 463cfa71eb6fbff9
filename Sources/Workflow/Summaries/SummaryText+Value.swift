import Scores

extension SummaryText {
  /// The fitted models, their warnings, and what is expected next.
  static func models(_ facts: RunFacts) -> [String] {
    var lines: [String] = []
    let takesOwnMeans = facts.models.contains {
      $0.model == ModelRecord.contractsName && $0.parameters != nil && $0.isWinner != false
    }
    for model in facts.models where model.isWinner != false {
      var text = parameters(model, learnedColumns: facts.risk == nil, takesOwnMeans: takesOwnMeans)
      if model.parameters != nil {
        let customers = model.customers.map { $0 > 0 ? ", \(PageText.grouped($0)) customers" : "" } ?? ""
        let candidates = facts.models.count { $0.isWinner != nil && $0.isLearned == model.isLearned }
        // With and without covariates, where the pipeline asks for them, are no choice.
        let isChosen = model.isWinner == true && (!model.hasCovariates || candidates > 2)
        text +=
          " (" + (isChosen ? "best of \(candidates), " : "")
          + (model.fittedAsOf == facts.asOf ? "fitted tonight" : "fitted as of \(model.fittedAsOf)") + customers + ")"
      }
      let names = ["gamma_gamma": "Value", "margin": "Margin", ModelRecord.survivalName: "Survival"]
      let name = model.isLearned ? "Leaving" : names[model.model] ?? "Purchases"
      lines += PageText.block(name, text)
      for warning in model.warnings { lines += PageText.block("", "note: " + warning) }
    }
    if let risk = facts.risk { lines += PageText.block("Risk", "churn_risk is by \(risk.model): \(risk.reason)") }
    if let reason = facts.fitReason, !lines.isEmpty { lines += PageText.block("Fit", reason) }
    if let drift = facts.drift { lines += PageText.block("Drift", text(drift)) }
    if let outlook = facts.outlook {
      var text = PageText.grouped(Int64(outlook.purchases.rounded())) + " purchase days expected"
      if let revenue = outlook.revenueMinor, abs(revenue) < 9e18 {
        text += ", worth \(PageText.money(Int64(revenue.rounded()), fractionDigits: facts.fractionDigits)) \(facts.currency)"
      }
      lines += PageText.block("Next \(outlook.days) d", text)
    }
    return lines
  }

  /// Columns that are not what they were, at most four of a level by name.
  private static func text(_ drift: RunFacts.Drift) -> String {
    func names(_ columns: [RunFacts.Drift.Column], _ level: String) -> String {
      let most = columns.prefix(4).map { "\($0.column) \(PageText.significant($0.psi))" }.joined(separator: ", ")
      return "\(columns.count) \(level)" + (columns.isEmpty ? "" : " (PSI: \(most)\(columns.count > 4 ? ", …" : ""))")
    }
    return "of \(drift.columns) columns since \(drift.fittedAsOf): \(names(drift.shifted, "shifted")), \(names(drift.moving, "moving"))"
  }

  /// - Parameters:
  ///   - learnedColumns: whether it is columns of its own that the learned model is for.
  ///   - takesOwnMeans: whether customers have contracts, whose own mean stands in for a model of values.
  private static func parameters(_ model: RunFacts.Model, learnedColumns: Bool, takesOwnMeans: Bool) -> String {
    guard let p = model.parameters else {
      if model.isLearned { return learnedColumns ? "no model: churn_risk_learned is NULL" : "no model" }
      if model.model == ModelRecord.contractsName { return "no model of contracts" }
      if model.model == ModelRecord.survivalName { return "no survival of contracts" }
      if model.model == "gamma_gamma", takesOwnMeans { return "no model: each customer's own mean" }
      return model.hasCovariates ? "no model with covariates" : "no model: customers' value is NULL"
    }
    func shown(_ name: String) -> String { p[name].map { PageText.significant($0) } ?? "–" }
    func whole(_ name: String) -> Int { Int(p[name] ?? 0) }
    return switch model.model {
    case "bg_nbd": "BG/NBD r \(shown("r")), α \(shown("alpha_days")) days, a \(shown("a")), b \(shown("b"))"
    case "mbg_nbd": "MBG/NBD r \(shown("r")), α \(shown("alpha_days")) days, a \(shown("a")), b \(shown("b"))"
    case "pareto_nbd":
      "Pareto/NBD r \(shown("r")), α \(shown("alpha_days")) days, s \(shown("s")), β \(shown("beta_days")) days"
    case ModelRecord.covariatesName:
      "Pareto/NBD by \(p.keys.count { $0.hasPrefix("rate:") }) levels: r \(shown("r")), α \(shown("alpha_days")) days, s \(shown("s")), "
        + "β \(shown("beta_days")) days"
    case ModelRecord.contractsName:
      "sBG α \(shown("alpha")), β \(shown("beta")), a payment every \(shown("period_days")) days, \(whole("grace_days")) of grace"
    case ModelRecord.survivalName: "survival of contracts, observed up to period \(whole("periods"))"
    case "nbd": "NBD r \(shown("r")), α \(shown("alpha_days")) days"
    case "gamma_gamma": "Gamma-Gamma p \(shown("p")), q \(shown("q")), v \(shown("v"))"
    case ModelRecord.treesName:
      "boosted trees, \(whole("rounds")) of depth \(whole("depth_max")), on \(whole("inputs")) inputs of the risk horizon before"
    case ModelRecord.learnedName: "logistic regression on \(p.keys.count { $0.hasSuffix("_se") } - 1) inputs of the risk horizon before"
    default: PageText.percent(p["share"] ?? 1) + " of revenue"
    }
  }

  /// The customers most worth a call.
  static func atRisk(_ facts: RunFacts) -> [String] {
    guard !facts.atRisk.isEmpty else { return [] }
    let rule = "of tiers A and B, not lost, lapsing or likelier than not to buy nothing in \(facts.riskHorizonDays) days; "
    var lines = PageText.block("Call first", rule + "most value in doubt first, CLV × risk")
    lines.append(
      PageText.atLeft("customer", 32) + PageText.atLeft("stage", 10) + PageText.atLeft("tier", 6) + PageText.atRight("risk", 9)
        + PageText.atRight("CLV \(facts.currency)", 23))
    for customer in facts.atRisk {
      let id = customer.customerId.count > 30 ? customer.customerId.prefix(29) + "…" : customer.customerId
      let clv = Int64(min(customer.clvMinor, 9e18).rounded())
      lines.append(
        PageText.atLeft(id, 32) + PageText.atLeft(customer.lifecycleStage, 10) + PageText.atLeft(customer.valueTier, 6)
          + PageText.atRight(PageText.percent(customer.churnRisk), 9)
          + PageText.atRight(PageText.money(clv, fractionDigits: facts.fractionDigits), 23))
    }
    return lines
  }
}

extension RunFacts.Model {
  fileprivate var isLearned: Bool { model == ModelRecord.learnedName || model == ModelRecord.treesName }
  fileprivate var hasCovariates: Bool { model == ModelRecord.covariatesName }
}
