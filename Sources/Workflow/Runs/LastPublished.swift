import Buffers
import Columns

/// `STATE/published.json`: the newest day whose results were published, against which a jump of `as_of: latest` is judged.
package struct LastPublished: Codable, Sendable {
  package var asOf: String
  package var runId: String
  package var database: String

  package static func read(_ state: StateFolder) -> LastPublished? {
    guard let bytes = try? SmallFile.read(state.published, bytesMax: 64 << 10) else { return nil }
    return JSONText.decode(LastPublished.self, from: bytes)
  }

  package func write(_ state: StateFolder) throws(PipelineError) {
    do {
      try SmallFile.replace(state.published, with: Array(JSONText.encode(self).utf8))
    } catch {
      throw PipelineError(
        .inputOutput, "\(error)", details: ["the results are published; only the note of it is missing"],
        fix: "make room and write permission in the state folder, then run again")
    }
  }
}
