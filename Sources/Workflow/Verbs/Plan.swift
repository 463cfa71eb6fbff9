import Columns

/// What `plan` says.
private struct PlanFacts: Encodable {
  var dumps: [PlannedDump]
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
      let facts = PlanFacts(dumps: dumps, resolved: pipeline.resolvedText, resolvedSha256: pipeline.sha256)
      try Streams.output(isJSON ? JSONText.encode(facts) : Self.text(facts, pipeline))
    }
  }

  private static func text(_ facts: PlanFacts, _ pipeline: Pipeline) -> String {
    var lines = ["# \(pipeline.file), resolved; holdfast run would"]
    lines += facts.dumps.map { "#   extract  \($0.path): \($0.plan)" }
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
