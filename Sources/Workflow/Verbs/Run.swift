import Columns

extension Invocation {
  /// extract → transform → score → publish, handed on in memory. Prints a summary.
  package func run() -> Int32 {
    if isDryRun { return dryRun() }
    return Job.perform("run", self) { job throws(PipelineError) in
      let store = try job.openStore()
      let report = try job.extract(into: store)
      let asOf = try job.asOf(store)
      let features = try job.transform(store, asOf: asOf, columns: job.pipeline.featureColumns)
      let scores = try job.score(features)
      let published = try job.publish(features, scores, store)
      let facts = RunFacts(job: job, outcomes: report.outcomes, features: features, published: published)
      return isJSON ? JSONText.encode(facts) : SummaryText.text(facts)
    }
  }
}
