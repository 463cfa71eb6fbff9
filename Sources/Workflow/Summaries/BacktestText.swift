import Backtests
import Models

/// A backtest as a page of 80 columns.
enum BacktestText {
  private static let width = PageText.width

  static func text(_ facts: BacktestFacts) -> String {
    let blocks = [title(facts)] + facts.origins.map { origin($0, facts) } + [tenths(facts), segments(facts), verdict(facts)]
    return blocks.filter { !$0.isEmpty }.map { $0.map(trimmed).joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }

  /// Without the spaces at its end.
  private static func trimmed(_ line: String) -> String { String(line.reversed().drop { $0 == " " }.reversed()) }

  private static func title(_ facts: BacktestFacts) -> [String] {
    let left = PageText.clipped("holdfast · \(facts.pipeline) · backtest to \(facts.asOf)", 50)
    return [left + PageText.atRight("run " + facts.runId, width - left.count), String(repeating: "─", count: width)]
      + PageText.wrapped(
        "Each model was fitted to what was known at an origin, and met the \(facts.horizonDays) days after it. AUC: how well it ranks who will "
          + "buy (0.5: not at all), with its 95 % interval; MAE, RMSE: errors of the purchase days a customer; bias: foretold against what "
          + "came, of purchase days and of revenue."
          + (facts.sampledOneIn > 1 ? " Looked at: one in \(facts.sampledOneIn) customers, by a hash of the id." : ""), width)
  }

  private static func origin(_ origin: BacktestFacts.Origin, _ facts: BacktestFacts) -> [String] {
    let share = origin.customers > 0 ? PageText.percent(Double(origin.buyers) / Double(origin.customers)) : "–"
    let names = ["MAE", "RMSE", "bias", "revenue", "logloss"]
    return [
      "Origin \(origin.origin): \(PageText.grouped(Int64(origin.buyers))) of \(PageText.grouped(Int64(origin.customers))) customers bought "
        + "within \(facts.horizonDays) days (\(share))",
      PageText.atLeft("  model", 20) + PageText.atRight("AUC", 6) + "  " + PageText.atLeft("95 %", 12)
        + names.map { PageText.atRight($0, 8) }.joined(),
    ] + origin.models.map(line)
  }

  private static func line(_ model: BacktestFacts.Model) -> String {
    let m = model.all
    let interval = m.auc.map { "\(decimals($0.low, 3))–\(decimals($0.high, 3))" } ?? ""
    let cells = [
      decimals(m.mae?.value, 4), decimals(m.rmse?.value, 4), signed(m.bias?.value), signed(m.revenueBias?.value),
      decimals(m.logLoss?.value, 4),
    ]
    let mark = model.beatsBaselines.map { $0 ? "✓ " : "✗ " } ?? "  "
    return PageText.atLeft(mark + name(model.model), 20) + PageText.atRight(decimals(m.auc?.value, 4), 6) + "  "
      + PageText.atLeft(interval, 12) + cells.map { PageText.atRight($0, 8) }.joined()
  }

  /// Of the best model at the newest origin.
  private static func tenths(_ facts: BacktestFacts) -> [String] {
    guard let origin = facts.origins.last, let best = facts.best, let deciles = origin.model(best)?.all.deciles else { return [] }
    var lines = [
      "\(name(best)) at \(origin.origin), by tenth of the customers, the riskiest first",
      PageText.atLeft("  tenth", 9)
        + ["customers", "P(none)", "came", "days", "came"].map { PageText.atRight($0, 10) }.joined() + "   bought",
    ]
    for (i, decile) in deciles.enumerated() {
      let cells = [
        PageText.grouped(Int64(decile.customers)), PageText.percent(decile.noPurchase), PageText.percent(decile.noPurchaseObserved),
        decimals(decile.purchases, 3), decimals(decile.purchasesObserved, 3),
      ]
      lines.append(
        PageText.atRight("\(i + 1)", 7) + "  " + cells.map { PageText.atRight($0, 10) }.joined() + "   "
          + PageText.bar(1 - decile.noPurchaseObserved, width: 17))
    }
    return lines
  }

  private static func segments(_ facts: BacktestFacts) -> [String] {
    guard let origin = facts.origins.last, let best = facts.best, let model = origin.model(best) else { return [] }
    var lines = [
      PageText.atLeft("  segment", 22)
        + ["customers", "bought", "days", "foretold", "bias", "AUC"].map { PageText.atRight($0, $0 == "bias" || $0 == "AUC" ? 9 : 10) }
        .joined()
    ]
    for segment in model.segments where segment.measures.customers > 0 {
      let m = segment.measures
      let cells = [
        PageText.atRight(PageText.grouped(Int64(m.customers)), 10), PageText.atRight(PageText.grouped(Int64(m.buyers)), 10),
        PageText.atRight(PageText.grouped(m.purchases), 10),
        PageText.atRight(m.purchasesExpected.map { PageText.grouped(Int64(min($0, 9e18).rounded())) } ?? "–", 10),
        PageText.atRight(signed(m.bias?.value), 9), PageText.atRight(decimals(m.auc?.value, 4), 9),
      ]
      lines.append(PageText.atLeft("  " + segment.segment, 22) + cells.joined())
    }
    return lines
  }

  private static func verdict(_ facts: BacktestFacts) -> [String] {
    var lines: [String] = []
    if let best = facts.best {
      let tried = facts.origins.compactMap { $0.model(best) }, beaten = tried.count { $0.beatsBaselines == true }
      lines += PageText.block(
        "Best", "\(name(best)) ranks customers best on the mean over origins, and beats every baseline at \(beaten) of \(tried.count).")
    } else {
      lines += PageText.block("Best", "too few customers, buyers or others to tell: measures need 50 customers, and 10 of each kind.")
    }
    for origin in facts.origins {
      for model in origin.models where !model.reasons.isEmpty {
        lines += PageText.block("✗", "\(name(model.model)) at \(origin.origin): \(model.reasons.joined(separator: ", ")).")
      }
    }
    var said: Set<String> = []
    for model in facts.origins.flatMap(\.models) {
      for warning in model.warnings where said.insert(warning).inserted {
        lines += PageText.block("note", "\(name(model.model)): \(warning)")
      }
    }
    return lines + PageText.block("Database", "\(facts.database): \(PageText.grouped(Int64(facts.rows))) rows of backtests")
  }

  private static func name(_ model: String) -> String {
    let titles = [
      "pareto_nbd_covariates": "with covariates", "churn_logistic": "learned", "churn_trees": "learned by trees", "past_rate": "past rate",
      "alike": "everyone alike", "sbg": "sBG",
    ]
    return PurchaseModelName(rawValue: model)?.title ?? titles[model] ?? model
  }

  /// `0.7725`; `–` for nothing.
  private static func decimals(_ value: Double?, _ digits: Int) -> String {
    guard let value, abs(value) < 1e12 else { return "–" }
    return PageText.money(Int64((value * [1.0, 10, 100, 1000, 10_000][digits]).rounded()), fractionDigits: digits)
  }

  /// `−12 %`
  private static func signed(_ share: Double?) -> String {
    guard let share, abs(share) < 1e9 else { return "–" }
    let percent = Int64((share * 100).rounded())
    return (percent < 0 ? "−" : percent > 0 ? "+" : "") + "\(percent.magnitude) %"
  }
}
