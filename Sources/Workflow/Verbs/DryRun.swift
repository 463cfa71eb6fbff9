import Buffers
import Columns
import Events

/// What a dry run says of one dump.
struct PlannedDump: Encodable {
  var path: String
  var plan: String
}

extension Invocation {
  /// Says which dumps `run` and `extract` would read. Makes and changes nothing.
  func dryRun() -> Int32 {
    Verb.exitCode { () throws(PipelineError) in
      let dumps = try plannedDumps(try pipeline())
      let text = dumps.map { "\($0.path)  \($0.plan)\n" }.joined()
      try Streams.output(isJSON ? JSONText.encode(dumps) : text)
    }
  }

  /// Prints what `body` finds out about the store that is there, under the lock. Makes and changes nothing.
  func withStore(_ body: (EventStore, Pipeline) throws(PipelineError) -> String) -> Int32 {
    Verb.exitCode { () throws(PipelineError) in
      let pipeline = try pipeline(), state = StateFolder(pipeline.state.path)
      guard state.exists, state.hasStore else { throw Self.noEvents(pipeline) }
      let lock = try RunLock.take(state, holder: nil)
      defer { withExtendedLifetime(lock) {} }
      try Streams.output(try body(try EventStore.open(directory: state.path, parameters: pipeline.store), pipeline))
    }
  }

  static func noEvents(_ pipeline: Pipeline) -> PipelineError {
    PipelineError(
      .noInput, "\(pipeline.state.path): there are no events yet", fix: "run first: holdfast extract \(ShellText.quoted(pipeline.file))")
  }

  func plannedDumps(_ pipeline: Pipeline) throws(PipelineError) -> [PlannedDump] {
    let paths = try Globs.expand(pipeline.transactions.dumps.map(\.path))
    let known = try knownPaths(pipeline)
    return paths.map { path in
      if known.contains(path) { return PlannedDump(path: path, plan: "loaded before: opened only if the file was touched since") }
      return PlannedDump(path: path, plan: unsettled(path, pipeline) ?? "new: would be read")
    }
  }

  private func unsettled(_ path: String, _ pipeline: Pipeline) -> String? {
    var checks = pipeline.transactions.checks, notes: [String] = []
    checks.now = UTC.now()
    guard let identity = try? FileIdentity.of(path)?.identity else { return nil }
    return checks.unsettled(identity, notes: &notes)
  }

  private func knownPaths(_ pipeline: Pipeline) throws(PipelineError) -> Set<String> {
    let state = StateFolder(pipeline.state.path)
    guard state.hasStore else { return [] }
    // Opening the store sweeps what a crash left, which must not happen under another run's hands.
    let lock = try RunLock.take(state, holder: nil)
    defer { withExtendedLifetime(lock) {} }
    return Set(try EventStore.open(directory: state.path, parameters: pipeline.store).loads().map(\.path))
  }
}
