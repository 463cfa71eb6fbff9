import Buffers
import Columns
import Warehouse

extension Invocation {
  /// Writes a table or view of the results database to standard output or, whole or not at all, to a file with the database's permissions.
  package func export(_ name: String, format: String, output: String?) -> Int32 {
    Verb.exitCode { () throws(PipelineError) in
      guard let format = ExportFormat(rawValue: format) else {
        throw PipelineError(.usage, "--format: expected csv or jsonl, found '\(format)'", fix: "write --format csv or --format jsonl")
      }
      let pipeline = try pipeline()
      if let output {
        try exportFile(name, format, output, pipeline)
      } else {
        _ = try exportRows(
          path: pipeline.database.path, format: format, choose: { (names) throws(PipelineError) in try chosen(name, names) },
          write: { (bytes) throws(PipelineError) in try Streams.data(bytes) })
      }
    }
  }

  private func chosen(_ name: String, _ names: [String]) throws(PipelineError) -> String {
    if let exact = names.first(where: { $0 == name }) ?? names.first(where: { $0.lowercased() == name.lowercased() }) { return exact }
    let nearest = Spelling.suggestion(for: name, among: names)
    throw PipelineError(
      .usage, "the results database has no table or view '\(name)'\(nearest)",
      details: names.isEmpty ? [] : ["there are: " + names.joined(separator: ", ")],
      fix: names.isEmpty ? "publish first: holdfast run \(ShellText.quoted(pipelineFile))" : "name one of these")
  }

  private func exportFile(_ name: String, _ format: ExportFormat, _ path: String, _ pipeline: Pipeline) throws(PipelineError) {
    try refuseDatabase(path, pipeline.database.path)
    let file: OutputFile
    do { file = try OutputFile(path: path, mode: pipeline.databaseMode) } catch { throw Self.unwritable(error) }
    let temporary = file.temporaryPath
    Interrupts.whenInterrupted { signal in
      try? removeFile(temporary)
      Interrupts.endProcess(128 + signal)
    }
    _ = try exportRows(
      path: pipeline.database.path, format: format, choose: { (names) throws(PipelineError) in try chosen(name, names) },
      write: { (bytes) throws(PipelineError) in
        do throws(SystemFault) { try file.write(bytes) } catch { throw Self.unwritable(error) }
        return true
      })
    do { try file.publish() } catch { throw Self.unwritable(error) }
  }

  private static func unwritable(_ fault: SystemFault) -> PipelineError {
    PipelineError(.inputOutput, "--output: \(fault)", fix: "make room and write permission in its folder, or name another file")
  }

  /// An export that takes the database's place would be the end of it.
  private func refuseDatabase(_ path: String, _ database: String) throws(PipelineError) {
    let there = [database, database + "-wal", database + "-shm"].compactMap { try? FileIdentity.of($0)?.identity }
    guard let own = try? FileIdentity.of(path)?.identity, there.contains(where: { ($0.device, $0.inode) == (own.device, own.inode) }) else {
      return
    }
    throw PipelineError(.usage, "--output: \(path) is the results database itself", fix: "name another file")
  }
}
