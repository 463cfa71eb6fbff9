import Columns

/// Proposes how to read dumps: the section of a pipeline file to paste, on standard output. Writes nothing.
/// - Parameter patterns: files or patterns of them, from the current folder.
/// - Returns: 0; 1 where no row of the sample would be loaded; 64, 65 or 66 as the errors say.
package func sniffDumps(_ patterns: [String], _ options: SniffOptions, isJSON: Bool) -> Int32 {
  Verb.exitCode { () throws(PipelineError) in
    let proposal = try Proposal(Globs.expand(patterns), patterns: patterns, options)
    try Streams.output(isJSON ? JSONText.encode(proposal) : proposal.feed.joined(separator: "\n") + "\n")
    proposal.report()
    try proposal.requireRows()
  }
}

extension Proposal {
  /// Says on standard error what a person should look at before a night runs on this.
  func report() {
    for finding in uncertain {
      Streams.message("look at \(finding.key): \(finding.evidence)" + (finding.otherwise.map { "; or \($0)" } ?? ""))
    }
    if let error = trial.error { Streams.message("trial: \(error)") }
    for refused in trial.refused.prefix(10) { Streams.message("trial: \(Trial.line(refused))") }
    if trial.refused.count > 10 { Streams.message("trial: … and \(trial.refused.count - 10) other reasons") }
    if !trial.fix.isEmpty { Streams.message("trial: to read these: \(trial.fix)") }
  }

  /// - Throws: 1 where there are rows, and none of them would be loaded.
  func requireRows() throws(PipelineError) {
    guard trial.rowsRead > 0 || trial.error != nil, trial.rowsLoaded == 0 else { return }
    throw PipelineError(
      .checkFailed, "the proposal reads no row of the sample", fix: "say which columns are which with --map, or write the keys by hand")
  }
}
