/// Every key that a pipeline file may hold, by section. The one list: the parser, its suggestions and the tests read it.
package enum PipelineKeys {
  package static let sections: [String: [String]] = [
    "": [
      "name", "as_of", "as_of_jump_days_max", "time_zone", "state", "runs_keep", "retention", "threads", "store", "feeds", "rhythm",
      "churn", "value",
      "output",
      "publish",
    ],
    "store": ["buckets"],
    "feeds": ["transactions", "rates"],
    "feeds.rates": ["dumps", "columns", "age_max"],
    "feeds.rates.columns": ["date", "currency", "rate"],
    "feeds.transactions": [
      "dumps", "format", "encoding", "columns", "kinds", "refunds", "empty_customer", "identity", "delimiter", "quote", "trim", "nulls",
      "numbers", "times", "field_bytes_max", "currency", "pseudonymize", "rejects", "settle", "allow_empty", "rows_min", "freshness",
      "on_schema_change",
    ],
    "feeds.transactions.columns": [
      "transaction_id", "customer_id", "occurred_at", "amount", "quantity", "unit_price", "discount", "cost", "category", "channel",
      "kind", "updated_at", "line",
    ],
    "feeds.transactions.kinds": ["purchase", "refund"],
    "feeds.transactions.pseudonymize": ["columns", "key_file"],
    "feeds.transactions.refunds": ["by", "id_prefixes"],
    "feeds.transactions.numbers": ["decimal_separator", "thousands_separator", "symbols", "negative_marks"],
    "feeds.transactions.times": ["format", "zone"],
    "feeds.transactions.rejects": ["rows_max", "share_max"],
    "feeds.transactions.freshness": ["warn", "fail"],
    "rhythm": ["days_default"],
    "churn": ["horizon", "tenure"],
    "value": [
      "model", "contract", "covariates", "learned", "risk", "fit", "drift_limit", "risk_horizon", "clv_horizon", "clv_step",
      "discount_per_year", "margin", "tiers",
    ],
    "value.contract": ["period", "grace"],
    "output": ["database", "mode", "group"],
    "publish": ["columns"],
  ]

  /// What a column may say beside its name, in the long form; for money the keys of `numbers` too, for times those of `times`.
  package static let column = ["column", "constant", "default"]

  /// What `feeds.transactions.currency` may say where it is no code.
  package static let currency = ["column", "to", "default"]

  /// Full names of all keys, sections included: `feeds.transactions.rejects.rows_max`.
  package static var all: [String] {
    sections.flatMap { section, keys in keys.map { section.isEmpty ? $0 : section + "." + $0 } }.sorted()
  }
}
