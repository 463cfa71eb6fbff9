import Columns

/// The table `backtests`.
extension ResultTables {
  static let backtests = TableDefinition(
    name: "backtests",
    fields: [
      date("as_of", "Day up to which it is known what came; a day's rows of one horizon are replaced when they are computed again"),
      integer("horizon_days", "days", "From the origin to the end of what was foretold"),
      date("origin", "Day as of which the models were fitted, knowing nothing that came later"),
      text("model", "A model as in models; or a baseline: recency, past_rate (x/T), alike (everyone the same)"),
      text("segment", "all, or one of the 11 RFM segments as of the origin"),
      integer(
        "customers", "count",
        "Customers with a purchase up to the origin; of more than 262,144 one in two, four and so on is looked at, by a hash of the id"),
      integer("buyers", "count", "Of them, those with a purchase within the horizon"),
      integer("purchases", "count", "Their purchase days within the horizon"),
      integer("revenue_minor", "minor", "What they paid within it"),
      real("purchases_expected", "count", "Purchase days foretold", nullWhen: "the model foretells none, or could not be fitted"),
      real("revenue_expected_minor", "minor", "Revenue foretold", nullWhen: "the model foretells none, or could not be fitted"),
    ] + ranks + chances + errors + [
      integer(
        "beats_baselines", "0 or 1", "Of all customers: no baseline ranks better beyond chance, or is closer by Brier or RMSE",
        nullWhen: "a baseline, a segment, or too few customers"),
      text("parameters", "JSON: as in models", nullWhen: "a baseline, a segment, or the fit failed"),
      text("warnings", "What to know before trusting it, separated by semicolons; empty: nothing"),
    ], key: ["as_of", "horizon_days", "origin", "model", "segment"])

  private static let few = "fewer than 50 customers, 10 buyers or 10 others"

  private static func estimate(_ name: String, _ unit: String, _ meaning: String, nullWhen: String) -> [TableDefinition.Field] {
    let interval = "95 % of the bootstrap's replicates over customers are "
    return [
      real(name, unit, meaning, nullWhen: nullWhen), real(name + "_low", unit, interval + "above", nullWhen: nullWhen),
      real(name + "_high", unit, "…and below", nullWhen: nullWhen),
    ]
  }

  private static var ranks: [TableDefinition.Field] {
    let campaign = "Maximum profit of a campaign: CLV 200, offer 10, contact 1, a share of 0.3 saved"
    return estimate("auc", "share 0…1", "That one who bought nothing ranks as riskier than one who bought, ties half", nullWhen: few)
      + estimate("average_precision", "share 0…1", "Of the ranking by risk, the event being no purchase", nullWhen: few)
      + estimate("lift_5pct", "ratio", "Share without a purchase among the riskiest 5 % ÷ among all", nullWhen: few)
      + estimate("lift_10pct", "ratio", "The same of 10 %", nullWhen: few)
      + estimate("lift_20pct", "ratio", "The same of 20 %", nullWhen: few)
      + estimate("mp", "per customer", campaign, nullWhen: few)
      + [real("mp_share", "share 0…1", "To what share of the customers it goes", nullWhen: few)]
      + estimate("emp", "per customer", "Expected maximum profit, the saved share being Beta(6, 14)", nullWhen: few)
      + [real("emp_share", "share 0…1", "To what share of the customers it goes", nullWhen: few)]
  }

  private static var chances: [TableDefinition.Field] {
    let none = "the model gives no chances, or fewer than 50 customers", fewer = "the model gives no chances, or " + few
    return estimate("brier", "0…1", "Mean squared error of P(no purchase)", nullWhen: none) + [
      real("brier_reliability", "0…1", "Part of it: deciles' foretold against observed shares; 0 is best", nullWhen: fewer),
      real("brier_resolution", "0…1", "Part taken off: how far the deciles' shares lie apart", nullWhen: fewer),
      real("brier_uncertainty", "0…1", "Part that no model can help", nullWhen: fewer),
    ] + estimate("log_loss", "nats", "Mean −ln of the chance given to what came, at least 10⁻¹⁵", nullWhen: none) + [
      text(
        "calibration",
        "JSON: by tenth of the ranking, the riskiest first: customers, mean P(no purchase) and what came, mean purchase days and what came",
        nullWhen: fewer)
    ]
  }

  private static var errors: [TableDefinition.Field] {
    let none = "the model foretells none, or fewer than 50 customers"
    return estimate("mae", "count", "Mean absolute error of purchase days", nullWhen: none)
      + estimate("rmse", "count", "Root of their mean squared error", nullWhen: none)
      + estimate("bias_share", "share", "Σ foretold ÷ Σ that came − 1", nullWhen: none + ", or nothing came")
      + estimate("revenue_mae_minor", "minor", "Mean absolute error of revenue", nullWhen: none)
      + estimate("revenue_rmse_minor", "minor", "Root of its mean squared error", nullWhen: none)
      + estimate("revenue_bias_share", "share", "Σ foretold ÷ Σ that came − 1", nullWhen: none + ", or nothing came")
  }
}
