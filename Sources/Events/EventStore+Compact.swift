import Buffers
import Columns

/// Small segments that become one.
package struct Compaction: Sendable {
  let segments: [SegmentReader]
  package var dumps: Int { Set(segments.flatMap { $0.parts.map(\.dumpSHA256) }).count }
  package var segmentCount: Int { segments.count }
  package var rows: Int64 { segments.reduce(0) { $0 + Int64($1.rowCount) } }
  package var bytesBefore: Int64 { segments.reduce(0) { $0 + Int64($1.file.byteCount) } }
  /// nil: not merged yet.
  package fileprivate(set) var bytesAfter: Int64?
}

extension EventStore {
  /// A segment with so many rows is as good as any: opening it costs nothing beside reading it.
  static let smallRowsMax = SegmentFormat.stripeRows
  /// What is withdrawn or erased later has its whole segment written anew, so it does not grow beyond this.
  static let mergedRowsMax = 8 * SegmentFormat.stripeRows

  /// What there is to merge: segments below half a million rows with the same columns, in the order of their first event, up to four
  /// million rows together. Running it again finds what came since, until that has grown to a segment that is not small: so a row is moved
  /// a few times, not every night.
  package func compactions() throws(PipelineError) -> [Compaction] {
    let small = try segments().filter { $0.rowCount < Self.smallRowsMax }.sorted {
      ($0.firstEventAt ?? .min, $0.meta.sha256) < ($1.firstEventAt ?? .min, $1.meta.sha256)
    }
    return Dictionary(grouping: small, by: \.meta.columns).values.flatMap(Self.chunks).filter { $0.segmentCount > 1 }
      .sorted {
        ($0.segments[0].firstEventAt ?? .min, $0.segments[0].meta.sha256) < (
          $1.segments[0].firstEventAt ?? .min, $1.segments[0].meta.sha256
        )
      }
  }

  private static func chunks(_ segments: [SegmentReader]) -> [Compaction] {
    var chunks: [[SegmentReader]] = [], rows = 0, words: (Set<String>, Set<String>) = ([], [])
    for segment in segments {
      let all = (words.0.union(segment.categories), words.1.union(segment.channels))
      // Numbers of words have 16 bits.
      if chunks.isEmpty || rows + segment.rowCount > mergedRowsMax || max(all.0.count, all.1.count) > wordsMax {
        chunks.append([segment])
        (rows, words) = (segment.rowCount, (Set(segment.categories), Set(segment.channels)))
      } else {
        chunks[chunks.count - 1].append(segment)
        (rows, words) = (rows + segment.rowCount, all)
      }
    }
    return chunks.map { Compaction(segments: $0) }
  }

  /// With number 0, which is NULL. Words may be equal as strings and differ by their bytes: room for those.
  private static let wordsMax = 60_000

  /// Merges, one commit for each new segment: whenever it is killed, the store holds every row once, and the same call carries on.
  /// - Parameter progress: rows written so far of those to be written.
  package func compact(
    _ compactions: [Compaction], threads: Int, progress: @escaping (Int64) -> Void
  ) throws(PipelineError) -> [Compaction] {
    try waitUntilCommitted()
    var done: [Compaction] = [], rowsDone: Int64 = 0
    for var compaction in compactions {
      let sources = compaction.segments.map { MergeSource($0) }
      let merged = try rewrite(sources, threads: threads) { progress(rowsDone + Int64($0)) }
      rowsDone += compaction.rows
      let kept = merged.parts.reduce(0) { $0 + $1.rowCount }
      guard Int64(kept) == compaction.rows else {
        throw PipelineError(.internalError, "compact: \(compaction.rows) rows became \(kept); the store is as it was")
      }
      try catalog.replace(by: [merged])
      try takeUp()
      compaction.bytesAfter = (try? FileIdentity.of(folder + "/" + merged.name)?.identity.byteCount)
      done.append(compaction)
    }
    return done
  }
}

extension SegmentMeta {
  /// What must agree for segments to be merged, since a column that is not there is not one of NULLs.
  fileprivate var columns: [Bool] { [hasIdentity, hasDiscount, hasCost, hasCategory, hasChannel, hasUpdates] }
}
