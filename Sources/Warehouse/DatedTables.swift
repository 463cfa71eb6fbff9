import Columns

/// Tables with the day in their key: they hold every day that was published or backfilled.
extension ResultTables {
  static let cohorts = TableDefinition(
    name: "cohorts",
    fields: [
      date("as_of", "Day that the row was computed for; a day's rows are replaced when it is computed again"),
      .init(ColumnDefinition("cohort_month", .month, "Month of the customers' first purchase")),
      integer("age_months", "count", "Months from then to the month of the row; a month without a row saw neither purchase nor refund"),
      integer("cohort_customers", "count", "Customers of the cohort"),
      integer("customers", "count", "Of them, those with a purchase in the month"),
      integer("gross_minor", "minor", "What the cohort paid for purchases in the month"),
      integer("net_minor", "minor", "The same less refunds of the month; refunds before the first purchase's month are in no cohort"),
    ], key: ["as_of", "cohort_month", "age_months"])

  static let segmentHistory = TableDefinition(
    name: "segment_history", fields: segments.fields, key: segments.key)

  static let segmentChanges = TableDefinition(
    name: "segment_changes",
    fields: [
      date("as_of", "Day on which the change showed: the customer had from_value on the published day before"),
      text("kind", "Column of customers that changed"),
      text("customer_id", "The customer"),
      text("from_value", "Its value on the published day before", nullWhen: "the customer was not there, or had none"),
      text("to_value", "Its value on this day", nullWhen: "the customer is gone, or has none"),
    ], key: ["as_of", "kind", "customer_id"])

  static let publishedDays = TableDefinition(
    name: "published_days",
    fields: [
      date("as_of", "A day that the dated tables hold"),
      text("tracked", "Columns of customers that segment_changes leads to and from on this day, comma separated"),
    ], key: ["as_of"])

  static let models = TableDefinition(
    name: "models",
    fields: [
      date("as_of", "Day whose customers were valued with the model; a day's rows are replaced when it is computed again"),
      text(
        "model",
        "bg_nbd, mbg_nbd, pareto_nbd or nbd: purchases; pareto_nbd_covariates: pareto_nbd with value.covariates; sbg: contracts; "
          + "survival: of contracts, as it was observed; gamma_gamma: value of "
          + "a purchase; margin: share of revenue that is earned; churn_logistic, churn_trees: churn_risk_learned"),
      date("fitted_as_of", "Day that it was fitted as of"),
      text(
        "parameters",
        "JSON: r, alpha_days, a, b; r, alpha_days; p, q, v (major units of the currency); share; coefficients by input, with _se their "
          + "standard errors; how trees were grown; of sbg alpha, beta, the days of a period and of its grace, and the share of gaps that are of a "
          + "period; of survival up to which period; of pareto_nbd_covariates ln of how many times as often customers of a level buy as those of the reference level, "
          + "and at how many times the rate they leave: rate:first_channel=web, leaving:first_channel=web, with _se before the colon their "
          + "standard errors",
        nullWhen: "the fit failed: see warnings"),
      real("log_likelihood", "nats", "Log-likelihood at the parameters", nullWhen: "the fit failed, or there is none to it"),
      real("gradient_norm", "nats", "Length of its gradient there: 0 at the very maximum", nullWhen: "as log_likelihood"),
      integer("iterations", "count", "Steps of the fit", nullWhen: "as log_likelihood"),
      integer("customers", "count", "Customers that it was fitted to", nullWhen: "the fit failed"),
      integer("histories", "count", "Distinct histories among them", nullWhen: "not a model of purchases, or the fit failed"),
      integer(
        "left_out_customers", "count", "Repeat customers left out since their mean value is not above 0",
        nullWhen: "not a model of values, or the fit failed"),
      real(
        "correlation", "−1…1", "Of value per purchase with frequency: the model of values takes it for 0",
        nullWhen: "not a model of values, the fit failed, or one of them does not vary"),
      text("warnings", "What to know before trusting it, separated by semicolons; empty: nothing"),
      text(
        "status",
        "named: the pipeline names it, or there is no other; winner: a backtest chose it, or customers held out (value.learned), or "
          + "value.covariates asks for it; loser: a candidate that is not used"),
      text(
        "trial",
        "JSON: how it did as a candidate: origin, horizon_days and beats_baselines of the backtest, auc, brier, log_loss, mae, rmse, bias, "
          + "revenue_bias; aic of the fit; likelihood_ratio beside the model without covariates, _df its degrees of freedom, _p its chance "
          + "if they told nothing; reason of the choice", nullWhen: "there was no choice"),
      integer(
        "beats_baselines", "0 or 1", "0: some simple rule did better on the backtest, so that nobody is picked by this model",
        nullWhen: "there was no choice, or too little history to tell"),
      text("fit_reason", "Why it was fitted anew, or an earlier fit kept", nullWhen: "an earlier holdfast wrote the row"),
      text(
        "risk_status",
        "Whether churn_risk is by it: named: value.risk names it, or there is no other; winner: a backtest chose it (value.risk: auto); loser: "
          + "a candidate that churn_risk is not by", nullWhen: "it is no candidate for that, or an earlier holdfast wrote the row"),
      text("risk_trial", "JSON: how it did as that candidate, as in trial", nullWhen: "there was no choice"),
    ], key: ["as_of", "model"])
}
