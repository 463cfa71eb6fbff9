import Columns
import Events
import Warehouse

/// Checks that a run must pass before it publishes. They may ask the clock: a check may stop a night, but no result depends on it.
extension Job {
  /// Keeps in the record whether every dump that was read held rows enough; a dump that did not stops the run by itself.
  func recordRowsMin(_ report: ExtractReport) {
    let rowsMin = pipeline.transactions.checks.rowsMin
    if rowsMin == 0 { return }
    let rows = report.outcomes.filter(\.wasRead).compactMap { $0.load?.rowsRead }.filter { $0 > 0 }
    let found = rows.min().map { "\($0) rows in the smallest of \(rows.count) dumps" } ?? "no new dump with rows"
    ledger.record([
      CheckRecord(
        name: "rows_min", severity: "fail", expected: "at least \(rowsMin) rows in every dump", found: found,
        passed: rows.allSatisfy { $0 >= rowsMin })
    ])
  }

  /// - Throws: 66 where nothing was ever loaded since all dumps are too young.
  func requireSettled(_ report: ExtractReport, _ store: EventStore) throws(PipelineError) {
    let young = report.outcomes.filter { $0.kind == .unsettled }.count
    guard young > 0, try store.loads().isEmpty else { return }
    let settle = Settle.text(pipeline.transactions.checks.settleSeconds)
    throw PipelineError(
      .noInput, "nothing to load yet: \(young == 1 ? "1 dump was" : "\(young) dumps were") modified within the last \(settle)",
      fix: "run again in a while; where dumps arrive whole, set feeds.transactions.settle: 0 in \(pipeline.file), or run with --settle 0")
  }

  /// Holds the age of the newest transaction against `freshness`: by the clock or, where the pipeline names a day that is over, at its end.
  /// - Throws: 1 where it is older than `fail` allows.
  func checkFreshness(_ store: EventStore) throws(PipelineError) {
    let limits = pipeline.transactions.freshness
    guard limits.warn != nil || limits.fail != nil, let newest = try store.newestEventAt() else { return }
    var (now, clock) = (UTC.now(), "now")
    if case .day(let day) = pipeline.asOf {
      let end = store.zone.utc(fromLocal: (Int64(day.number) + 1) * 86_400)
      if end < now { (now, clock) = (end, "the end of \(day)") }
    }
    let age = max(0, now - newest)
    let found = "\(TimeSpan.spoken(age)): the newest is of \(UTC.text(newest))"
    for (severity, limit) in [("warn", limits.warn), ("fail", limits.fail)] {
      guard let limit else { continue }
      let passed = age <= limit.seconds
      ledger.record([
        CheckRecord(
          name: "freshness", severity: severity, expected: "a transaction within \(limit.text) before \(clock)", found: found,
          passed: passed)
      ])
      if passed { continue }
      let message = "freshness: expected a transaction within \(limit.text) before \(clock), found \(found)"
      if severity == "warn" {
        log.warning("\(message)")
      } else {
        throw PipelineError(
          .checkFailed, message, details: ["nothing was published"],
          fix: "look for dumps that did not come; if the shop was closed, raise feeds.transactions.freshness.fail in \(pipeline.file)")
      }
    }
  }
}
