import Buffers
import Columns

/// Which rows lose against an equal identity. A transaction counts once, whatever dumps it stands in and in whatever order they came.
package struct Deduplication: Sendable {
  /// For each segment and stripe the rows that do not count, ascending, counted through the stripe bucket by bucket.
  package var dropped: [[[UInt32]]]
  /// By SHA-256 of the dump whose rows they are.
  package var duplicates: [String: Int64]
  /// By dump and line.
  package var conflicts: [ConflictRecord]
}

/// Finds repeated identities. Partitions of the identities' hashes are independent; inside one, a table finds the repeats, and only those
/// are compared as rows: the newest `updated_at` stands, then the smallest row.
package func deduplicate(_ segments: [SegmentReader], feed: String, threads: Int) throws(PipelineError) -> Deduplication {
  let sources = try IdentitySources(segments, threads: threads)
  let results = parallelMap(SegmentFormat.partitionCount, threads: threads) { partition -> Result<[RowLoss], PipelineError> in
    Result { () throws(PipelineError) in try sources.losses(partition) }
  }
  var result = Deduplication(
    dropped: segments.map { $0.stripeCount == 0 ? [] : [[UInt32]](repeating: [], count: $0.stripeCount) },
    duplicates: [:], conflicts: [])
  for losses in results {
    for loss in try losses.get() {
      result.dropped[loss.loser.segment][loss.loser.stripe].append(loss.loser.row)
      result.duplicates[segments[loss.loser.segment].parts[loss.loserPart].dumpSHA256, default: 0] += 1
      if !loss.differs.isEmpty { result.conflicts.append(try sources.conflict(loss, feed: feed)) }
    }
  }
  for s in result.dropped.indices {
    for t in result.dropped[s].indices { result.dropped[s][t].sort() }
  }
  result.conflicts.sort { ($0.sha256, $0.line, $0.keptLine) < ($1.sha256, $1.line, $1.keptLine) }
  return result
}

/// The rows that lose and are asked for, whatever row they lose against.
func losses(
  _ segments: [SegmentReader], threads: Int, where isWanted: @Sendable (RowPlace) -> Bool
) throws(PipelineError) -> [RowLoss] {
  let sources = try IdentitySources(segments, threads: threads)
  let results = parallelMap(SegmentFormat.partitionCount, threads: threads) { partition -> Result<[RowLoss], PipelineError> in
    Result { () throws(PipelineError) in try sources.losses(partition).filter { isWanted($0.loser) } }
  }
  return try results.mapTyped { (result: Result<[RowLoss], PipelineError>) throws(PipelineError) in try result.get() }.flatMap { $0 }
}

struct RowLoss: Sendable {
  var loser: RowPlace
  /// Of the loser's segment.
  var loserPart: Int
  var winner: RowPlace
  /// Names of the fields that differ; empty for an identical repeat.
  var differs: [String]
}

/// The identities of all segments, partition by partition.
private struct IdentitySources: Sendable {
  struct Source: Sendable {
    var segment: Int
    var stripe: Int
    var offsets: [UInt32]
    var parts: StripeParts
  }
  let segments: [SegmentReader]
  let sources: [Source]
  /// For each part of each segment its place among all loads by SHA-256.
  private let ranks: [[Int]]

  /// Checks the sums of all identity blocks, so that `slice` need not.
  init(_ segments: [SegmentReader], threads: Int) throws(PipelineError) {
    self.segments = segments
    ranks = Self.ranks(segments)
    let places = segments.indices.flatMap { s in (0..<segments[s].stripeCount).map { (s, $0) } }.filter { segments[$0.0].meta.hasIdentity }
    let checked = parallelMap(places.count, threads: threads) { i -> Result<Source, PipelineError> in
      Result { () throws(PipelineError) in
        let (s, t) = places[i], segment = segments[s], block = segment.identityBlock(t)
        let parts = try StripeParts(segment, stripe: t), offsets = try segment.partitionOffsets(stripe: t)
        let hashBytes = try segment.file.withBlock(block + 1) { bytes, _ in bytes.byteCount }
        let rowBytes = try segment.file.withBlock(block + 2) { bytes, _ in bytes.byteCount }
        guard let rows = parts.bucketStarts.last, Int(offsets.last ?? 0) == rows, hashBytes == rows * 16, rowBytes == rows * 4 else {
          throw PipelineError(
            .badInput, "\(segment.file.path): its identities do not fit its rows", fix: BlockFile.fix)
        }
        return Source(segment: s, stripe: t, offsets: offsets, parts: parts)
      }
    }
    sources = try checked.mapTyped { (result: Result<Source, PipelineError>) throws(PipelineError) in try result.get() }
  }

  private static func ranks(_ segments: [SegmentReader]) -> [[Int]] {
    let sorted = Set(segments.flatMap { $0.parts.map(\.sha256) }).sorted()
    let ranks = Dictionary(uniqueKeysWithValues: zip(sorted, sorted.indices))
    return segments.map { $0.parts.map { ranks[$0.sha256] ?? 0 } }
  }

  func losses(_ partition: Int) throws(PipelineError) -> [RowLoss] {
    var hashes: [IdentityHash] = [], ends: [Int] = []
    hashes.reserveCapacity(sources.reduce(0) { $0 + Int($1.offsets[partition + 1]) - Int($1.offsets[partition]) })
    for source in sources {
      let from = Int(source.offsets[partition]), to = Int(source.offsets[partition + 1])
      let block = segments[source.segment].identityBlock(source.stripe) + 1
      hashes.append(contentsOf: segments[source.segment].file.slice(block, from: from, to: to, as: IdentityHash.self) ?? [])
      ends.append(hashes.count)
    }
    let repeats = findRepeats(hashes)
    if repeats.isEmpty { return [] }
    var groups: [Int: [Int]] = [:]
    for (first, again) in repeats { groups[first, default: [first]].append(again) }
    var losses: [RowLoss] = []
    for first in groups.keys.sorted() {
      var rows: [TypedRow] = []
      for i in groups[first] ?? [] { rows.append(try row(i, partition, ends)) }
      guard let winner = rows.min(by: TypedRow.stands) else { continue }
      for row in rows where row.place != winner.place {
        losses.append(RowLoss(loser: row.place, loserPart: row.part, winner: winner.place, differs: row.differences(from: winner)))
      }
    }
    return losses
  }

  /// Identity `i` of the partition as a row with its values.
  private func row(_ i: Int, _ partition: Int, _ ends: [Int]) throws(PipelineError) -> TypedRow {
    let at = ends.firstIndex { i < $0 } ?? 0
    let source = sources[at], segment = segments[source.segment]
    let place = Int(source.offsets[partition]) + i - (at == 0 ? 0 : ends[at - 1])
    let row = segment.file.slice(segment.identityBlock(source.stripe) + 2, from: place, to: place + 1, as: UInt32.self)?.first ?? 0
    let (bucket, index) = source.parts.bucket(ofRow: row), part = source.parts.part(ofRow: row)
    let found = RowPlace(segment: source.segment, stripe: source.stripe, row: row)
    guard let typed = try TypedRow(found, segment, part: part, load: ranks[source.segment][part], bucket: bucket, index: index) else {
      throw PipelineError(
        .badInput, "\(segment.file.path): row \(row) of stripe \(source.stripe) is not there", fix: BlockFile.fix)
    }
    return typed
  }

  func conflict(_ loss: RowLoss, feed: String) throws(PipelineError) -> ConflictRecord {
    let lost = try segments[loss.loser.segment].origin(of: loss.loser), kept = try segments[loss.winner.segment].origin(of: loss.winner)
    return ConflictRecord(
      feed: feed, sha256: lost.dump, line: lost.line, keptSHA256: kept.dump, keptLine: kept.line,
      differs: loss.differs.joined(separator: ","))
  }
}

/// Pairs of indices with equal hashes: the first that was met, and one that came again.
private func findRepeats(_ hashes: [IdentityHash]) -> [(Int, Int)] {
  var size = 64
  while size < hashes.count * 2 { size *= 2 }
  // An entry: the upper half of the low word, and the index + 1. The low bits of the low word choose the slot.
  var slots = [UInt64](repeating: 0, count: size)
  var repeats: [(Int, Int)] = []
  let mask = size - 1
  for i in hashes.indices {
    let hash = hashes[i], tag = hash.low & 0xFFFF_FFFF_0000_0000
    var slot = Int(truncatingIfNeeded: hash.low) & mask
    while true {
      let entry = slots[slot]
      if entry == 0 {
        slots[slot] = tag | UInt64(i + 1)
        break
      }
      if entry & 0xFFFF_FFFF_0000_0000 == tag {
        let other = Int(entry & 0xFFFF_FFFF) - 1
        if hashes[other] == hash {
          repeats.append((other, i))
          break
        }
      }
      slot = (slot + 1) & mask
    }
  }
  return repeats
}
