import Buffers
import Columns
import Events
import Warehouse

/// What `validate --json` says.
private struct ValidationFacts: Encodable {
  var sound: [String] = []
  var problems: [String] = []
  var dumps: [DumpVerdict] = []
}

extension Invocation {
  /// Checks the pipeline file and its dumps, all problems at once, and where asked every block of the event store and the database. Reading
  /// dumps leaves nothing behind; checking the store takes its lock.
  /// - Returns: 0 where all is sound, 78 for a bad pipeline file, 65 for a damaged dump, store or database, 1 for rows beyond the limits.
  package func validate(store checksStore: Bool, database checksDatabase: Bool, dumps checksDumps: Bool = true) -> Int32 {
    Verb.exitCode { () throws(PipelineError) in
      var facts = ValidationFacts(), faults: [PipelineError] = []
      var pipeline: Pipeline?
      do throws(PipelineError) { pipeline = try self.pipeline() } catch {
        guard error.exit == .badPipeline else { throw error }
        faults.append(error)
      }
      if pipeline != nil { facts.sound.append(pipelineFile) }
      if checksDumps { facts.dumps = verdicts(pipeline, &faults) }
      facts.sound += facts.dumps.filter(\.isSound).map(\.dump)
      if let pipeline, faults.isEmpty, facts.dumps.allSatisfy(\.isSound) {
        if checksStore { facts.sound.append(try soundStore(pipeline)) }
        if checksDatabase { facts.sound.append(try soundDatabase(pipeline)) }
      }
      try Self.report(&facts, faults, isJSON: isJSON, isQuiet: isQuiet)
    }
  }

  /// Of a pipeline file that is not sound the dumps are checked by themselves.
  private func verdicts(_ pipeline: Pipeline?, _ faults: inout [PipelineError]) -> [DumpVerdict] {
    let patterns = pipeline?.transactions.dumps.map(\.path) ?? (dumps.isEmpty ? Pipeline.dumpPatterns(ofUnsound: pipelineFile) : dumps)
    var paths: [String] = []
    for pattern in patterns {
      do throws(PipelineError) { paths += try Globs.expand([pattern]).filter { !paths.contains($0) } } catch {
        // Dumps may be yet to come: a file can be sound before its first night.
        if error.exit == .noInput { Streams.message("note: \(error.message): no dump of it was checked") } else { faults.append(error) }
      }
    }
    let now = UTC.now(), list = paths
    return parallelMap(list.count, threads: pipeline?.threadCount ?? 1) { i in
      pipeline.map { DumpVerdict(list[i], by: $0, now: now) } ?? DumpVerdict(alone: list[i])
    }
  }

  /// - Throws: everything that is wrong as one error.
  fileprivate static func report(_ facts: inout ValidationFacts, _ faults: [PipelineError], isJSON: Bool, isQuiet: Bool)
    throws(PipelineError)
  {
    let unsound = facts.dumps.filter { !$0.isSound }
    facts.problems = faults.flatMap { $0.exit == .badPipeline ? $0.details : [$0.message] } + unsound.flatMap(\.problems)
    if isJSON { try Streams.output(JSONText.encode(facts)) }
    if !isQuiet { for verdict in facts.dumps { for note in verdict.notes { Streams.message("note: \(verdict.dump): \(note)") } } }
    if faults.isEmpty && unsound.isEmpty {
      let dumps = Dictionary(facts.dumps.map { ($0.dump, $0.line) }) { first, _ in first }
      if !isJSON { try Streams.output(facts.sound.map { "\(dumps[$0] ?? "\($0): sound")\n" }.joined()) }
      return
    }
    if unsound.isEmpty && faults.count == 1 { throw faults[0] }
    let codes = faults.map(\.exit) + unsound.compactMap { PipelineError.Exit(rawValue: $0.exit) }
    let order: [PipelineError.Exit] = [.badPipeline, .inputOutput, .badInput, .noInput, .checkFailed]
    let counts = [
      faults.first { $0.exit == .badPipeline }?.message, unsound.isEmpty ? nil : "\(unsound.count) of \(facts.dumps.count) dumps not sound",
    ]
    throw PipelineError(
      order.first { codes.contains($0) } ?? .checkFailed, counts.compactMap { $0 }.joined(separator: "; "), details: facts.problems,
      fix: "correct what is named; holdfast sniff DUMP proposes how to read a dump")
  }

  private func soundStore(_ pipeline: Pipeline) throws(PipelineError) -> String {
    let state = StateFolder(pipeline.state.path)
    guard state.hasStore else {
      throw PipelineError(
        .noInput, "\(state.path): there is no event store yet", fix: "run first: holdfast extract \(ShellText.quoted(pipeline.file))")
    }
    let lock = try RunLock.take(state, holder: nil)
    defer { withExtendedLifetime(lock) {} }
    let problems = try EventStore.open(directory: state.path, parameters: pipeline.store).verify(threads: pipeline.threadCount)
    guard problems.isEmpty else {
      throw PipelineError(
        .badInput, "\(state.path): the event store is damaged", details: problems,
        fix: "restore the folder from a backup, or load the dumps named again into a new one (--state)")
    }
    return state.path
  }

  private func soundDatabase(_ pipeline: Pipeline) throws(PipelineError) -> String {
    let path = pipeline.database.path
    let problems = try ResultsStatus.problems(path: path)
    guard problems.isEmpty else {
      throw PipelineError(
        .badInput, "\(path): the database is damaged", details: problems,
        fix: "move it away and publish again: holdfast publish \(ShellText.quoted(pipeline.file))")
    }
    return path
  }
}

/// Checks dumps by themselves, for what can be told without a mapping.
/// - Returns: 0 where all are sound, 65 for unreadable ones, 1 for rows that no reader takes.
package func validateDumps(_ patterns: [String], isJSON: Bool, isQuiet: Bool) -> Int32 {
  Verb.exitCode { () throws(PipelineError) in
    let verdicts = try Globs.expand(patterns).map { DumpVerdict(alone: $0) }
    var facts = ValidationFacts()
    facts.dumps = verdicts
    facts.sound = verdicts.filter(\.isSound).map(\.dump)
    try Invocation.report(&facts, [], isJSON: isJSON, isQuiet: isQuiet)
  }
}
