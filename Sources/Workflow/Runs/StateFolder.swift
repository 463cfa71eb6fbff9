import Buffers
import Columns
import Foundation

/// Where a pipeline keeps its event store, its artifacts and the ledger of its runs.
package struct StateFolder: Sendable, Hashable {
  package var path: String

  package init(_ path: String) { self.path = path }

  package var lock: String { path + "/lock" }
  package var runs: String { path + "/runs" }
  package var catalog: String { path + "/catalog.sqlite" }
  package var published: String { path + "/published.json" }
  package var features: String { path + "/features" }
  package var scores: String { path + "/scores" }
  package var models: String { path + "/models" }

  package var exists: Bool { PathKind(of: path) == .folder }
  package var hasStore: Bool { PathKind(of: catalog) == .file }

  /// Makes a folder that nobody but its owner may look into; those above it, where they are new, are open to the owner's group.
  package static func make(_ path: String) throws(PipelineError) {
    do {
      try makeFolder(Paths.parent(path), mode: 0o750)
      try makeFolder(path, mode: 0o700)
    } catch {
      throw PipelineError(
        .inputOutput, "\(error)", fix: "make it writable for this user, or name another folder with state: in the pipeline file or --state")
    }
  }

  /// The newest day that a stage left an artifact of in `folder`; nil where there is none.
  package func newestDay(in folder: String) -> Day? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { Day($0) }.max()
  }
}
