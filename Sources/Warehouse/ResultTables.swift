import Columns

/// The tables whose columns do not depend on the pipeline. Only `runs`, `loads`, `rejects`, `conflicts` and `checks` may carry a clock or a run's id.
enum ResultTables {
  static let publication = TableDefinition(
    name: "publication",
    fields: [
      date("as_of", "Day that customers and segments stand for: the newest published"),
      text("currency", "Currency of all money, ISO 4217"),
      integer("fraction_digits", "count", "Decimals of the currency: major units = minor units ÷ 10 to this power"),
      text("time_zone", "Where a calendar day begins and ends, IANA name"),
      integer("customers", "count", "Rows of customers"),
    ], key: ["as_of"])

  static let runs = TableDefinition(
    name: "runs",
    fields: [
      text("run_id", "The run"),
      text("started_at", "When it began, ISO 8601, UTC"),
      text("finished_at", "When its results were written, ISO 8601, UTC"),
      date("as_of", "Day that its results stand for"),
      text("pipeline", "Name of the pipeline"),
      text("pipeline_sha256", "SHA-256 of the pipeline as resolved"),
      text("status", "published"),
      integer("rows_read", "count", "Rows of all dumps behind the results"),
      integer("rows_loaded", "count", "Of them, those that count"),
      integer("rows_rejected", "count", "Of them, refused: see rejects"),
      integer("rows_duplicate", "count", "Of them, repeats of another row"),
      integer("rows_filtered", "count", "Of them, left out by a rule of the pipeline"),
      integer("customers", "count", "Customers published"),
    ], key: ["run_id"])

  static let loads = TableDefinition(
    name: "loads",
    fields: [
      text("feed", "Feed that the dump belongs to"),
      text("path", "The dump as it was named when first loaded"),
      text("sha256", "SHA-256 of the dump's bytes"),
      integer("file_bytes", "bytes", "Size of the dump"),
      integer("text_bytes", "bytes", "Size after decompression"),
      integer("rows_read", "count", "Rows of the dump: the sum of the four that follow"),
      integer("rows_loaded", "count", "Rows that count"),
      integer("rows_rejected", "count", "Rows refused: see rejects"),
      integer("rows_duplicate", "count", "Rows that lost against an equal identity in this or another dump"),
      integer("rows_filtered", "count", "Rows left out by a rule of the pipeline"),
      text("first_event_at", "Earliest event, ISO 8601, UTC", nullWhen: "no row was loaded"),
      text("last_event_at", "Newest event, ISO 8601, UTC", nullWhen: "no row was loaded"),
      text("run_id", "The run that loaded it"),
    ], key: ["feed", "path", "sha256"],
    constraints: ["CHECK (rows_loaded + rows_rejected + rows_duplicate + rows_filtered = rows_read)"])

  static let rejects = TableDefinition(
    name: "rejects",
    fields: [
      text("feed", "Feed that the dump belongs to"),
      text("path", "The dump"),
      text("sha256", "SHA-256 of the dump's bytes"),
      integer("line", "count", "Line of the row's beginning in the decompressed text, from 1"),
      integer("byte_offset", "bytes", "Offset of the row's first byte in the decompressed text"),
      text("column_name", "The dump's column at fault; empty: the row as a whole"),
      text("reason", "What was expected and what stood there"),
      .init(ColumnDefinition("raw", .text, "The row as it stood, cut after 4096 bytes"), type: "BLOB"),
    ], key: ["feed", "path", "sha256", "line", "byte_offset", "column_name"])

  static let conflicts = TableDefinition(
    name: "conflicts",
    fields: [
      text("feed", "Feed that the dump belongs to"),
      text("sha256", "SHA-256 of the dump with the row that lost"),
      integer("line", "count", "Its line, from 1"),
      text("kept_sha256", "SHA-256 of the dump with the row that stands"),
      integer("kept_line", "count", "Its line, from 1"),
      text("differs", "Fields that differ, comma separated"),
    ], key: ["feed", "sha256", "line"])

  static let segments = TableDefinition(
    name: "segments",
    fields: [
      date("as_of", "Day that the row stands for"),
      text("segment", "One of the 11 RFM segments"),
      text("meaning", "What is typical of it"),
      integer("customers", "count", "Customers in it"),
      real("customers_share", "share 0…1", "Of all customers", nullWhen: "there are no customers"),
      integer("purchases", "count", "Their purchases so far"),
      integer("gross_minor", "minor", "What they paid for purchases"),
      integer("net_minor", "minor", "The same less refunds"),
      real("days_since_last_mean", "days", "Mean of the days since their last purchase", nullWhen: "nobody is in it"),
    ], key: ["as_of", "segment"])

  static let churnMetrics = TableDefinition(
    name: "churn_metrics",
    fields: [
      date("as_of", "Day that the row was computed for; a day's rows are replaced when it is published again"),
      .init(ColumnDefinition("month", .month, "Calendar month")),
      integer("is_complete", "0 or 1", "0 where as_of lies before the month's last day"),
      integer("opening_customers", "count", "Customers at the month's beginning: the closing of the month before"),
      integer("new_customers", "count", "First purchase in the month"),
      integer("regained_customers", "count", "Lost before, and came back in the month"),
      integer("lost_customers", "count", "Lost in the month; opening + new + regained − lost = closing"),
      integer("closing_customers", "count", "Customers at the month's end"),
      integer("lost_of_opening_customers", "count", "Of the opening, lost in the month and not back at its end"),
      integer("active_customers", "count", "Customers with a purchase in the month"),
      integer("purchases", "count", "Purchases in the month"),
      integer("refunds", "count", "Refunds in the month"),
      integer("gross_minor", "minor", "Paid for purchases in the month"),
      integer("net_minor", "minor", "The same less refunds of the month"),
      real("logo_churn_rate", "share 0…1", "lost_of_opening_customers ÷ opening_customers", nullWhen: "the opening is 0"),
      real(
        "net_revenue_retention_rate", "share", "Of the customers with a purchase in the month before: net revenue in this month ÷ then",
        nullWhen: noFormerRevenue),
      real(
        "gross_revenue_retention_rate", "share …1",
        "The same with each customer's revenue capped at his own of the month before; below 0 where refunds exceed it",
        nullWhen: noFormerRevenue),
      real(
        "false_lost_rate", "share 0…1", "Of the customers lost in the month, those who came back by as_of",
        nullWhen: "nobody was lost, or an earlier holdfast wrote the row"),
    ], key: ["as_of", "month"], constraints: ["CHECK (is_complete IN (0, 1))"])

  private static let noFormerRevenue = "that net revenue is not above 0, or an earlier holdfast wrote the row"

  static let dataDictionary = TableDefinition(
    name: "data_dictionary",
    fields: [
      text("table_name", "A table or view of this database"),
      text("column_name", "One of its columns"),
      integer("position", "count", "Place of the column, from 1"),
      text("type", "INTEGER, REAL, TEXT or BLOB"),
      text("unit", "days, count, share, minor units of the currency; empty for text and dates"),
      text("meaning", "What the column says"),
      text("null_when", "When it is NULL; empty: never"),
    ], key: ["table_name", "column_name"])

  /// What they hold outlives a publish, or is asked before one: made by a migration, and a change of their columns needs one.
  static let kept = [
    publication, publishedDays, runs, churnMetrics, cohorts, segmentHistory, segmentChanges, models, drift, tenureCurves,
    tenureGroups, churnDrivers, checks, backtests,
  ]
  /// Wholly written by every publish, so they are made anew whenever their columns change.
  static let replaced = [loads, rejects, conflicts, segments, dataDictionary]

  static func text(_ name: String, _ meaning: String, nullWhen: String = "") -> TableDefinition.Field {
    .init(ColumnDefinition(name, .text, meaning, nullWhen: nullWhen))
  }

  static func date(_ name: String, _ meaning: String) -> TableDefinition.Field { .init(ColumnDefinition(name, .date, meaning)) }

  static func integer(_ name: String, _ unit: String, _ meaning: String, nullWhen: String = "") -> TableDefinition.Field {
    .init(ColumnDefinition(name, .integer, unit: unit, meaning, nullWhen: nullWhen))
  }

  static func real(_ name: String, _ unit: String, _ meaning: String, nullWhen: String) -> TableDefinition.Field {
    .init(ColumnDefinition(name, .real, unit: unit, meaning, nullWhen: nullWhen))
  }
}
