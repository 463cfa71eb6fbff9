import Columns
import Events
import Warehouse

extension Invocation {
  /// Checks the pipeline file and, where asked, every block of the event store and the database.
  /// - Returns: 0 where all is sound, 78 for a bad pipeline file, 65 for a damaged store or database.
  package func validate(store checksStore: Bool, database checksDatabase: Bool) -> Int32 {
    Verb.exitCode { () throws(PipelineError) in
      let pipeline = try pipeline()
      var sound = [pipeline.file]
      if checksStore { sound.append(try soundStore(pipeline)) }
      if checksDatabase { sound.append(try soundDatabase(pipeline)) }
      try Streams.output(isJSON ? JSONText.encode(["sound": sound]) : sound.map { "\($0): sound\n" }.joined())
    }
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
