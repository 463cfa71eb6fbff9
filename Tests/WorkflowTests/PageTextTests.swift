import Testing
import Workflow

@Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567"), (Int64.min, "-9,223,372,036,854,775,808")])
func `thousands are set apart`(value: Int64, text: String) {
  #expect(PageText.grouped(value) == text)
}

@Test(arguments: [
  (123_456, 2, "1,234.56"), (5, 2, "0.05"), (-5, 2, "-0.05"), (1234, 0, "1,234"), (1234, 3, "1.234"), (0, 2, "0.00"),
  (Int64.min, 2, "-92,233,720,368,547,758.08"),
])
func `minor units read as amounts`(minor: Int64, digits: Int, text: String) {
  #expect(PageText.money(minor, fractionDigits: digits) == text)
}

@Test func `shares, times and sizes are short`() {
  #expect(PageText.percent(0.1234) == "12.3 %")
  #expect(PageText.percent(.nan) == "–")
  #expect([0.0042, 0.42, 4.2, 42].map { PageText.seconds($0) } == ["0.004", "0.42", "4.20", "42.0"])
  #expect([999, 1000, 5_100_000].map { PageText.bytes($0) } == ["999 B", "1.0 kB", "5.1 MB"])
}

@Test func `a bar is as wide as it was asked to be`() {
  #expect(PageText.bar(0.5, width: 4) == "██  ")
  #expect(PageText.bar(0.53125, width: 4) == "██▏ ")
  for share in [-1, 0, 0.01, 0.5, 1, 2, .nan] { #expect(PageText.bar(share, width: 7).count == 7) }
}

@Test(arguments: [("a/b-c.sqlite", "a/b-c.sqlite"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"), ("$(x)", "'$(x)'")])
func `text for a shell is quoted where it must be`(text: String, quoted: String) {
  #expect(ShellText.quoted(text) == quoted)
}

@Test func `the queries to try ask only for what is published`() {
  let all = Queries.all(database: "out x.sqlite", columns: ["customer_id", "rfm_segment", "net_minor"])
  #expect(all.count == 3)
  #expect(all.allSatisfy { $0.hasPrefix("sqlite3 -box 'out x.sqlite' '") })
  #expect(all[2].hasSuffix("'SELECT customer_id, rfm_segment, net FROM v_customers ORDER BY net DESC LIMIT 10'"))
  #expect(Queries.all(database: "o", columns: ["customer_id"])[2].hasSuffix("'SELECT customer_id FROM v_customers LIMIT 10'"))
}

@Test func `a summary fits on 80 columns, but for the queries`() throws {
  let rows = """
    {"dumps": 1000, "read": 12345678901, "kept": 12345678901, "rejected": 1234567890, "duplicate": 12345678, "filtered": 0}
    """
  let stages = ["extract", "transform", "score", "publish"].map { "{\"stage\": \"\($0)\", \"seconds\": 12.3, \"rows\": 1}" }
  let warning = "values are correlated with the frequency of purchases (r = 0.35, above 0.3): expected values are biased by that"
  let drifted = (0..<6).map { "{\"column\": \"purchases_prev_365d\", \"psi\": \(Double($0) + 0.25)}" }.joined(separator: ",")
  let json = """
    {"run_id": "20250101T000000Z-abcdef", "pipeline": "nightly", "as_of": "2025-01-01", "seconds": 123.4,
     "stages": [\(stages.joined(separator: ","))], "dumps": {"unchanged": 1234}, "rows_of_run": \(rows), "rows_of_store": \(rows),
     "customers": 123456789, "currency": "USD", "fraction_digits": 2,
     "segments": [{"segment": "Hibernating Customers", "customers": 123456789, "share": 1, "net_minor": -12345678901234}],
     "churn": [{"month": "2024-12", "opening": 12345678, "new": 1234567, "regained": 1234567, "lost": 1234567, "closing": 12345678,
                "logo_churn_rate": 0.5}],
     "models": [{"model": "bg_nbd", "fitted_as_of": "2024-12-30", "customers": 123456789, "warnings": ["\(warning)"],
                 "parameters": {"r": 0.24259, "alpha_days": 30895.2, "a": 1234567.8, "b": 0.000123456}},
                {"model": "gamma_gamma", "fitted_as_of": "2025-01-01", "warnings": ["\(warning)"]},
                {"model": "margin", "fitted_as_of": "2025-01-01", "parameters": {"share": 0.4}, "customers": 0, "warnings": []}],
     "fit_reason": "\(warning)",
     "drift": {"fitted_as_of": "2024-12-30", "columns": 70, "shifted": [\(drifted)], "moving": []},
     "tenure": {"customers": 123456789, "lost": 12345678, "restricted_mean_days": 301.2, "log_rank_p": {"first_channel": 0, "first_category": 0.5}},
     "outlook": {"days": 30, "purchases": 12345678901.5, "revenue_minor": 123456789012345.6}, "risk_horizon_days": 90,
     "at_risk": [{"customer_id": "\(warning)", "lifecycle_stage": "regained", "value_tier": "A", "churn_risk": 1, "clv_minor": 123456789012345.6}],
     "database": "output/nightly.sqlite", "database_bytes": 5100000, "queries": ["sqlite3 …"]}
    """
  let facts = try #require(JSONText.decode(RunFacts.self, from: Array(json.utf8)))
  let lines = SummaryText.text(facts).split(separator: "\n")
  for line in lines { #expect(line.count <= SummaryText.width, "\(line)") }
  #expect(lines.contains { $0.hasPrefix("2024-12") && $0.hasSuffix("50.0 %") })
  #expect(lines.contains("Purchases   BG/NBD r 0.2426, α 30,895 days, a 1,234,568, b 0.0001 (fitted as of"))
  #expect(
    lines.contains("Value       no model: customers' value is NULL") && lines.contains("Margin      40.0 % of revenue (fitted tonight)"))
  #expect(lines.contains("Next 30 d   12,345,678,902 purchase days expected, worth 1,234,567,890,123.46"))
  #expect(lines.contains("Drift       of 70 columns since 2024-12-30: 6 shifted (PSI: purchases_prev_365d"))
  #expect(lines.contains("Tenure      12,345,678 of 123,456,789 were lost at least once, fewer than half"))
  #expect(lines.contains("1,234 dumps were loaded before and not read again"))
}
