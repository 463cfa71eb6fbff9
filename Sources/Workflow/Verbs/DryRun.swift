import Buffers
import Columns
import Events

/// What a dry run says of one dump.
struct PlannedDump: Encodable {
  var path: String
  var plan: String

  static let known = "loaded before: opened only if the file was touched since"
  var isKnown: Bool { plan == Self.known }
}

/// What a dry run says of a stage behind extract.
struct PlannedStage: Encodable {
  var asOf: String
  /// The artifact or the database that would be written.
  var path: String
  /// Whether something of that name is there.
  var isThere: Bool
}

extension Invocation {
  /// Says what a stage, or a run from it on, would write, where all that it reads is there. Makes and changes nothing.
  func dryRun(of stage: Stage, isRun: Bool = false) -> Int32 {
    withStore { (store, pipeline) throws(PipelineError) in
      let state = StateFolder(pipeline.state.path), published = try LastPublished.read(state).flatMap { Day($0.asOf) }
      var day = state.newestDay(in: state.features)
      if case .day(let asked) = pipeline.asOf { day = asked }
      if isRun || stage == .transform {
        day = try pipeline.resolvedAsOf(newestEventAt: try store.newestEventAt(), lastPublished: published)
      }
      let reads: [(Bool, String, String, String)] = [
        (stage != .transform, state.features, "features", "transform"), (stage == .publish, state.scores, "scores", "score"),
      ]
      for (isNeeded, folder, what, verb) in reads where isNeeded {
        guard let day, StateFolder(folder + "/\(day)").exists else {
          throw pipeline.missing(day.map { "\(what) as of \($0)" } ?? what, in: folder, verb: verb, asOf: day)
        }
      }
      let asOf = day?.description ?? ""
      let path = isRun || stage == .publish ? pipeline.database.path : (stage == .score ? state.scores : state.features) + "/" + asOf
      let plan = PlannedStage(asOf: asOf, path: path, isThere: PathKind(of: path) != .missing)
      if isJSON { return JSONText.encode(plan) }
      return "\(path)  as of \(asOf): would be written\(plan.isThere ? ", in place of what it holds of that day" : "")\n"
    }
  }

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
      if known.contains(path) { return PlannedDump(path: path, plan: PlannedDump.known) }
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
