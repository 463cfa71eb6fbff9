import Scores

extension SummaryText {
  /// The fitted models, their warnings, and what is expected next.
  static func models(_ facts: RunFacts) -> [String] {
    var lines: [String] = []
    for model in facts.models where model.isWinner != false {
      var text = parameters(model)
      if model.parameters != nil {
        let customers = model.customers.map { $0 > 0 ? ", \(PageText.grouped($0)) customers" : "" } ?? ""
        let candidates = facts.models.count { $0.isWinner != nil }
        text +=
          " (" + (model.isWinner == true ? "best of \(candidates), " : "")
          + (model.fittedAsOf == facts.asOf ? "fitted tonight" : "fitted as of \(model.fittedAsOf)") + customers + ")"
      }
      let name = ["gamma_gamma": "Value", "margin": "Margin", "churn_logistic": "Leaving"][model.model] ?? "Purchases"
      lines += PageText.block(name, text)
      for warning in model.warnings { lines += PageText.block("", "note: " + warning) }
    }
    if let outlook = facts.outlook {
      var text = PageText.grouped(Int64(outlook.purchases.rounded())) + " purchase days expected"
      if let revenue = outlook.revenueMinor, abs(revenue) < 9e18 {
        text += ", worth \(PageText.money(Int64(revenue.rounded()), fractionDigits: facts.fractionDigits)) \(facts.currency)"
      }
      lines += PageText.block("Next \(outlook.days) d", text)
    }
    return lines
  }

  private static func parameters(_ model: RunFacts.Model) -> String {
    let what = model.model == "churn_logistic" ? "churn_risk_learned" : "customers' value"
    guard let p = model.parameters else { return "no model: \(what) is NULL" }
    func shown(_ name: String) -> String { p[name].map { PageText.significant($0) } ?? "–" }
    return switch model.model {
    case "bg_nbd": "BG/NBD r \(shown("r")), α \(shown("alpha_days")) days, a \(shown("a")), b \(shown("b"))"
    case "mbg_nbd": "MBG/NBD r \(shown("r")), α \(shown("alpha_days")) days, a \(shown("a")), b \(shown("b"))"
    case "pareto_nbd":
      "Pareto/NBD r \(shown("r")), α \(shown("alpha_days")) days, s \(shown("s")), β \(shown("beta_days")) days"
    case "nbd": "NBD r \(shown("r")), α \(shown("alpha_days")) days"
    case "gamma_gamma": "Gamma-Gamma p \(shown("p")), q \(shown("q")), v \(shown("v"))"
    case "churn_logistic": "logistic regression on \(p.keys.count { $0.hasSuffix("_se") } - 1) inputs of the risk horizon before"
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
