import Columns
import Events
import Warehouse

extension Job {
  /// Removes events that are older than `retention` allows from the store, all in one commit, before anything is computed from it.
  /// - Throws: 1 where the as-of day lies ahead of the clock: a row dated 2099 must not empty the store.
  func retain(_ store: EventStore, asOf: Day) throws(PipelineError) {
    guard let retention = pipeline.retention else { return }
    let first = retention.firstDay(asOf: asOf)
    if let today = UTC.localDay(UTC.now(), timeZone: pipeline.store.timeZone), asOf > today + 1 {
      throw PipelineError(
        .checkFailed, "retention: \(retention.text) before \(asOf), the as-of day, is asked for, and today is \(today)",
        details: ["nothing was removed, and nothing was published"],
        fix: "look for wrong dates in the newest dumps, or run with --as-of \(today)")
    }
    let gone = try ledger.stage("retain", rows: { (gone: [ExpiredEvents]) in gone.reduce(0) { $0 + $1.rows } }) {
      () throws(PipelineError) in
      try store.removeEvents(before: first, threads: pipeline.threadCount)
    }
    let found =
      gone.isEmpty
      ? "none"
      : PageText.count(gone.reduce(0) { $0 + $1.rows }, "row")
        + " of \(PageText.count(Int64(gone.count), "dump")), removed: they count as filtered"
    ledger.record([
      CheckRecord(name: "retention", severity: "warn", expected: "no event before \(first) (\(retention.text))", found: found, passed: true)
    ])
    for dump in gone {
      ledger.note(
        "filtered, since older than retention: \(retention.text): \(PageText.count(dump.rows, "row")) before \(first)", of: dump.path)
    }
    if !gone.isEmpty { log.notice("retention \(retention.text): events before \(first): \(found)") }
  }
}
