import Buffers
import Columns

/// `STATE/published.json`: the newest day whose results were published, against which a jump of `as_of: latest` is judged.
package struct LastPublished: Codable, Sendable {
  package var asOf: String
  package var runId: String
  package var database: String

  /// nil where nothing was published yet.
  /// - Throws: 65 where the file is damaged.
  package static func read(_ state: StateFolder) throws(PipelineError) -> LastPublished? {
    guard PathKind(of: state.published) == .file else { return nil }
    let bytes: [UInt8]?
    do { bytes = try SmallFile.read(state.published, bytesMax: 64 << 10) } catch {
      throw PipelineError(.inputOutput, "\(error)", fix: "check the disk and the rights of the state folder, then run again")
    }
    if let bytes, let found = SealedJSON.decode(LastPublished.self, from: bytes) { return found }
    throw PipelineError(
      .badInput, "\(state.published): it is damaged: the day that was published last can not be told",
      fix: "look it up in the database's table publication, remove this file, and run with that --as-of or a later one")
  }

  package func write(_ state: StateFolder) throws(PipelineError) {
    do {
      try SmallFile.replace(state.published, with: SealedJSON.encode(self))
    } catch {
      throw PipelineError(
        .inputOutput, "\(error)", details: ["the results are published; only the note of it is missing"],
        fix: "make room and write permission in the state folder, then run again")
    }
  }
}
