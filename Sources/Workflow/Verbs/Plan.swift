import Columns
import Events

/// What `plan` says.
private struct PlanFacts: Encodable {
  var dumps: [PlannedDump]
  /// Absent where the pipeline keeps all events, or none are loaded.
  var retention: PlannedRetention?
  /// The pipeline file as resolved: a pipeline file again.
  var resolved: String
  var resolvedSha256: String
}

extension Invocation {
  /// Says what `run` would do: the dumps it would read, and the pipeline with every default filled in and the flags applied, which is a
  /// pipeline file itself. Makes and changes nothing.
  package func plan() -> Int32 {
    Verb.exitCode { () throws(PipelineError) in
      let pipeline = try pipeline()
      let dumps = try plannedDumps(pipeline)
      let facts = PlanFacts(
        dumps: dumps, retention: try plannedRetention(pipeline), resolved: pipeline.resolvedText, resolvedSha256: pipeline.sha256)
      try Streams.output(isJSON ? JSONText.encode(facts) : Self.text(facts, pipeline))
    }
  }

  private static func text(_ facts: PlanFacts, _ pipeline: Pipeline) -> String {
    var lines = ["# \(pipeline.file), resolved; holdfast run would"]
    // Hundreds of old dumps are one line, the few others a line or two each.
    let known = facts.dumps.filter(\.isKnown)
    if known.count > 3 {
      lines.append("#   extract  \(PageText.grouped(Int64(known.count))) dumps loaded before: opened only if touched since")
    }
    for dump in facts.dumps where !dump.isKnown || known.count <= 3 {
      let line = "\(dump.path): \(dump.plan)"
      let parts = line.count <= 67 ? [line] : [dump.path + ":"] + PageText.wrapped(dump.plan, 63).map { "  " + $0 }
      lines += parts.enumerated().map { "#   \($0 == 0 ? "extract" : "       ")  \($1)" }
    }
    if let retention = facts.retention {
      lines.append("#   retain   events from \(retention.firstDay) on: of those loaded, \(PageText.count(retention.rows, "row")) would go")
    }
    let day =
      switch pipeline.asOf {
      case .latest: "the day of the newest transaction"
      case .day(let day): "\(day)"
      }
    lines.append("#   publish  \(pipeline.database.path) as of \(day)")
    lines.append("# \(facts.resolvedSha256) names the lines below in every run's record.")
    return lines.joined(separator: "\n") + "\n" + facts.resolved
  }
}

/// What `retention` takes out of the events that are loaded by now.
private struct PlannedRetention: Encodable {
  var firstDay: String
  var rows: Int64
}

extension Invocation {
  private func plannedRetention(_ pipeline: Pipeline) throws(PipelineError) -> PlannedRetention? {
    let state = StateFolder(pipeline.state.path)
    guard let retention = pipeline.retention, state.hasStore else { return nil }
    let lock = try RunLock.take(state, holder: nil)
    defer { withExtendedLifetime(lock) {} }
    let store = try EventStore.open(directory: state.path, parameters: pipeline.store)
    guard let newest = try store.newestEventAt() else { return nil }
    let first = retention.firstDay(asOf: try pipeline.resolvedAsOf(newestEventAt: newest, lastPublished: nil))
    return PlannedRetention(
      firstDay: first.description, rows: try store.expiredRows(before: first, threads: pipeline.threadCount))
  }
}
