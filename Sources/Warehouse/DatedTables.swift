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
}
