import Events

extension DumpChecks {
  init(_ written: WrittenChecks) {
    self.init()
    settleSeconds = written.settle ?? Settle.secondsDefault
    allowsEmpty = written.allowsEmpty ?? false
    rowsMin = written.rowsMin ?? 0
    freezesColumns = written.freezesColumns ?? false
  }
}

extension TransactionsFeed {
  /// Lines of the resolved pipeline file.
  var checksText: [String] {
    [
      "    settle: \(Settle.text(checks.settleSeconds))", "    allow_empty: \(checks.allowsEmpty)", "    rows_min: \(checks.rowsMin)",
      "    freshness:", "      warn: \(freshness.warn?.text ?? "null")", "      fail: \(freshness.fail?.text ?? "null")",
      "    on_schema_change: \(checks.freezesColumns ? "freeze" : "evolve")",
    ]
  }
}
