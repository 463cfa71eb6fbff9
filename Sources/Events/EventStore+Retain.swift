import Buffers
import Columns

/// Rows of one dump that are older than what is kept.
package struct ExpiredEvents: Sendable {
  package var path: String
  package var rows: Int64
}

extension EventStore {
  /// Rows of the store that `removeEvents` would take out.
  package func expiredRows(before day: Day, threads: Int) throws(PipelineError) -> Int64 {
    try expired(before: day, threads: threads, try segments()).reduce(0) { $0 + Int64($1.rows.count) }
  }

  /// Takes every event of before a local day out of the store: from one commit of the catalog on, all of them are gone, and count as
  /// filtered. A row that an older one had replaced goes with it, since it would stand again.
  /// - Returns: the dumps that lost rows, by path.
  package func removeEvents(before day: Day, threads: Int) throws(PipelineError) -> [ExpiredEvents] {
    let segments = try segments()
    var changes: [Catalog.NewSegment] = [], gone: [String: Int64] = [:]
    for (s, rows) in try expired(before: day, threads: threads, segments) {
      let change = try rewrite([MergeSource(segments[s], without: rows)], threads: threads)
      for (old, new) in zip(segments[s].parts, change.parts) where old.rowCount > new.rowCount {
        gone[old.dumpSHA256, default: 0] += Int64(old.rowCount - new.rowCount)
      }
      changes.append(change)
    }
    if changes.isEmpty { return [] }
    try waitUntilCommitted()
    try catalog.replace(by: changes)
    try takeUp()
    return try loads().compactMap { load in gone[load.sha256].map { ExpiredEvents(path: load.path, rows: $0) } }
  }

  private func expired(
    before day: Day, threads: Int, _ segments: [SegmentReader]
  ) throws(PipelineError) -> [(segment: Int, rows: RowSelection)] {
    let end = zone.utc(fromLocal: Int64(day.number) * 86_400)
    guard segments.contains(where: { $0.firstEventAt ?? end < end }) else { return [] }
    // Losers whose winner goes.
    var orphans: Set<RowPlace> = []
    for loss in try losses(segments, threads: threads, where: { _ in true }) {
      if try segments[loss.winner.segment].time(of: loss.winner) ?? end < end { orphans.insert(loss.loser) }
    }
    var found: [(Int, RowSelection)] = []
    for (s, segment) in segments.enumerated() {
      let rows = try RowSelection(segment, before: end, and: orphans.filter { $0.segment == s })
      if !rows.isEmpty { found.append((s, rows)) }
    }
    return found
  }
}

extension RowSelection {
  /// The rows of before an instant, and some others.
  fileprivate init(_ segment: SegmentReader, before end: Int64, and others: Set<RowPlace>) throws(PipelineError) {
    self.init(noneOf: segment)
    let places = Dictionary(grouping: others, by: \.stripe).mapValues { Set($0.map(\.row)) }
    if segment.firstEventAt ?? end >= end && others.isEmpty { return }
    for stripe in 0..<segment.stripeCount {
      let starts = segment.bucketStarts(stripe: stripe), more = places[stripe] ?? []
      for bucket in 0..<segment.meta.bucketCount {
        let times = try segment.times(stripe: stripe, bucket: bucket)
        let rows = times.indices.filter { times[$0] < end || !more.isEmpty && more.contains(UInt32(starts[bucket] + $0)) }
        if rows.isEmpty { continue }
        self.rows[stripe][bucket] = rows
        count += rows.count
      }
    }
  }
}

extension SegmentReader {
  fileprivate func time(of place: RowPlace) throws(PipelineError) -> Int64? {
    let (bucket, index) = try StripeParts(self, stripe: place.stripe).bucket(ofRow: place.row)
    return time(stripe: place.stripe, bucket: bucket, index: index)
  }
}
