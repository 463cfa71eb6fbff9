import Columns
import Events

/// What `compact` did or would do.
private struct CompactFacts: Encodable {
  struct Merged: Encodable {
    var segments: Int
    var dumps: Int
    var rows: Int64
    var bytesBefore: Int64
    /// nil: a dry run.
    var bytesAfter: Int64?

    init(_ compaction: Compaction) {
      (segments, dumps, rows) = (compaction.segmentCount, compaction.dumps, compaction.rows)
      (bytesBefore, bytesAfter) = (compaction.bytesBefore, compaction.bytesAfter)
    }
  }
  var dryRun: Bool
  var segmentsBefore: Int
  var segmentsAfter: Int
  var merged: [Merged]

  init(_ compactions: [Compaction], segmentsBefore: Int, dryRun: Bool) {
    (self.dryRun, self.segmentsBefore) = (dryRun, segmentsBefore)
    merged = compactions.map(Merged.init)
    segmentsAfter = merged.reduce(segmentsBefore) { $0 - $1.segments + 1 }
  }

  var text: String {
    if merged.isEmpty { return "Nothing to merge: \(PageText.count(Int64(segmentsBefore), "segment")), at most one of them small\n" }
    let lines = merged.map { one in
      let size = one.bytesAfter.map { "\(PageText.bytes(one.bytesBefore)) → \(PageText.bytes($0))" } ?? PageText.bytes(one.bytesBefore)
      return "  \(one.segments) segments → 1: \(PageText.count(Int64(one.dumps), "dump")), \(PageText.count(one.rows, "row")), \(size)\n"
    }
    let head = dryRun ? "Would merge (nothing is changed)" : "Merged"
    return "\(head): \(PageText.count(Int64(segmentsBefore), "segment")) → \(segmentsAfter)\n" + lines.joined()
  }
}

extension Invocation {
  /// Merges the small segments of the event store. No result changes, and every row keeps its dump and line.
  package func compact() -> Int32 {
    if isDryRun {
      return withStore { (store, _) throws(PipelineError) in
        text(CompactFacts(try store.compactions(), segmentsBefore: try store.segments().count, dryRun: true))
      }
    }
    return Job.perform("compact", self) { job throws(PipelineError) in
      guard job.state.hasStore else { throw Self.noEvents(job.pipeline) }
      let store = try job.openStore(), before = try store.segments().count
      let line = ProgressLine(isQuiet: isQuiet), wanted = try store.compactions()
      let rows = wanted.reduce(0) { $0 + $1.rows }
      let done = try job.ledger.stage("compact", rows: { (done: [Compaction]) in done.reduce(0) { $0 + $1.rows } }) {
        () throws(PipelineError) in
        defer { line.clear() }
        return try store.compact(wanted, threads: job.pipeline.threadCount) { line.show("compact", rows: $0, of: rows) }
      }
      return text(CompactFacts(done, segmentsBefore: before, dryRun: false))
    }
  }

  private func text(_ facts: CompactFacts) -> String { isJSON ? JSONText.encode(facts) : facts.text }
}
