import Buffers
import Columns

extension EventStore {
  /// What is wrong with each segment that is damaged or gone, by SHA-256 of the dumps whose rows it holds; every block is read.
  func damagedSegments(threads: Int) -> [String: String] {
    let loads = loadsBySegment, names = loads.keys.sorted()
    let problems = parallelMap(names.count, threads: threads) { self.problems(ofSegment: names[$0], loads[names[$0]] ?? []).first }
    var damaged: [String: String] = [:]
    for (name, problem) in zip(names, problems) {
      for sha256 in loads[name] ?? [] { damaged[sha256] = problem }
    }
    return damaged
  }

  /// One line a problem of a segment, which must hold the rows of these dumps.
  func problems(ofSegment name: String, _ loads: Set<String>) -> [String] {
    do throws(PipelineError) {
      let reader = try SegmentReader(path: folder + "/" + name)
      return reader.holds(loads) ? reader.file.problems() : ["\(folder)/\(name): belongs to another dump"]
    } catch {
      return [error.message]
    }
  }

  /// Rebuilding begins only where the dump of each damaged segment is at hand: nothing that is still readable is given up by halves.
  func requireDumps(of damaged: [String: String], _ looks: [FirstLook]) throws(PipelineError) {
    let found = Set(looks.compactMap(\.replaces))
    let entries = contents.withLock { $0.entries }.filter { damaged[$0.load.sha256] != nil && !found.contains($0.load.sha256) }
    if entries.isEmpty { return }
    throw PipelineError(
      .badInput, "\(directory): damaged segments whose dumps are not among those to read",
      details: entries.map { entry in
        let dump = entry.repairs == nil ? "dump \(entry.load.path), SHA-256 \(entry.load.sha256)" : "repaired rejects of \(entry.load.path)"
        return "\(damaged[entry.load.sha256] ?? ""): \(dump)"
      }, fix: "bring these dumps back under any name that the feed reads, or restore the state folder from a backup")
  }
}
