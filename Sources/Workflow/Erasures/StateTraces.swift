import Buffers
import Columns
import Events
import Foundation

/// What a state folder holds of a customer beside the event store: artifacts of the stages, and records of runs that quote him.
struct StateTraces {
  let state: StateFolder
  /// As the dumps write it, and as the store knows it.
  let ids: [[UInt8]]

  /// Folders of score and transform that hold him. Scores bear no ids: those of a day belong to the rows of its features, and come first,
  /// so that they are found again where the removal was interrupted.
  func artifacts() -> [String] {
    let days = names(state.features).filter { holds(folder: state.features + "/" + $0) }
    let scores = days.map { state.scores + "/" + $0 }.filter { PathKind(of: $0) == .folder }
    let others = names(state.scores).map { state.scores + "/" + $0 }.filter { !scores.contains($0) && holds(folder: $0) }
    return scores + others + days.map { state.features + "/" + $0 }
  }

  func removeArtifacts(_ paths: [String]) throws(PipelineError) {
    for path in paths {
      do { try FileManager.default.removeItem(atPath: path) } catch {
        throw PipelineError(.inputOutput, "can not remove \(path): \(error.localizedDescription)", fix: "check its rights, then run again")
      }
    }
  }

  /// Files of run records that quote him.
  func records() -> [String] {
    names(state.runs).flatMap { run in names(state.runs + "/" + run).map { state.runs + "/\(run)/\($0)" } }.filter { holds(file: $0) }
  }

  /// Takes what quotes him out of each record: a text of an error that holds his id goes as a whole, since it may be his row.
  func cleanRecords(_ paths: [String]) throws(PipelineError) {
    for path in paths {
      do throws(SystemFault) {
        guard let bytes = try SmallFile.read(path, bytesMax: 64 << 20) else { continue }
        try SmallFile.replace(path, with: cleaned(bytes))
      } catch { throw PipelineError(.inputOutput, "\(error)", fix: "make room and write permission in the state folder, then run again") }
    }
  }

  private func cleaned(_ bytes: [UInt8]) -> [UInt8] {
    if var results = JSONText.decode(RunResults.self, from: bytes) {
      results.error = results.error.map(cleaned)
      for i in results.dumps.indices { results.dumps[i].error = results.dumps[i].error.map(cleaned) }
      return withoutIDs(Array(JSONText.encode(results).utf8))
    }
    return withoutIDs(bytes)
  }

  private func cleaned(_ failure: RunResults.Failure) -> RunResults.Failure {
    var failure = failure
    func clean(_ text: String) -> String { ids.contains { Events.names($0, in: Array(text.utf8)) } ? "(erased)" : text }
    (failure.message, failure.fix, failure.details) = (clean(failure.message), clean(failure.fix), failure.details.map(clean))
    return failure
  }

  /// Where no text of an error holds the id, as in a path.
  private func withoutIDs(_ bytes: [UInt8]) -> [UInt8] {
    var text = bytes
    for id in ids where id.count >= 4 { text.replace(id, with: Array("(erased)".utf8)) }
    return text
  }

  private func holds(folder: String) -> Bool {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.contains { PathKind(of: folder + "/" + $0) == .file && holdsBytes(folder + "/" + $0) }
  }

  /// Ids stand back to back in tables: any place where the bytes are is taken for one, since nothing is lost with an artifact.
  private func holdsBytes(_ path: String) -> Bool {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else { return true }
    return ids.contains { data.range(of: Data($0)) != nil }
  }

  private func holds(file path: String) -> Bool {
    guard let bytes = try? SmallFile.read(path, bytesMax: 64 << 20) else { return false }
    return ids.contains { Events.names($0, in: bytes) }
  }

  private func names(_ folder: String) -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }
}
