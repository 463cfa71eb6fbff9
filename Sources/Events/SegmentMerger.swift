import Buffers
import Columns

/// Writes rows of segments into a new one: those of one without some of them, or those of many small ones together, stripe by stripe.
/// Every row keeps its dump, its line, and its order among the rows of that dump.
struct SegmentMerger {
  private let sources: [MergeSource]
  private let threads: Int
  private let words: MergedWords
  /// For each source and part its number in the new segment.
  private let partNumbers: [[Int?]]
  private var meta: SegmentMeta
  private var parts: [SegmentPart]

  /// - Parameter sources: not none; with the same columns, and by their first event.
  init(_ sources: [MergeSource], threads: Int) {
    self.sources = sources
    self.threads = threads
    words = MergedWords(sources.map(\.segment))
    meta = sources[0].segment.meta
    (meta.rowCount, meta.stripeCount, meta.stripeFirstLines, meta.firstEventAt, meta.lastEventAt) = (0, 0, [], nil, nil)
    (meta.categories, meta.channels) = (words.categories, words.channels)
    var parts: [SegmentPart] = []
    partNumbers = sources.map { source in
      source.segment.parts.enumerated().map { number, part in
        if source.withoutParts.contains(number) { return nil }
        parts.append(SegmentPart(sha256: part.sha256, repairs: part.repairs, rowCount: 0, firstEventAt: nil, lastEventAt: nil))
        return parts.count - 1
      }
    }
    self.parts = parts
    if sources.count == 1 && !sources[0].segment.isMerged { return }
    meta.sha256 = Buffers.sha256(Array(parts.map(\.sha256).joined(separator: " ").utf8))
    (meta.repairs, meta.pieces) = (nil, [])
  }

  /// Writes beside `path`; the segment gets its name by `publish`.
  /// - Parameter progress: called with the rows written so far.
  mutating func write(to path: String, progress: (Int) -> Void = { _ in }) throws(PipelineError) -> SegmentWriter {
    let version = meta.pieces == nil ? SegmentFormat.version : SegmentFormat.mergedVersion
    let file: BlockFileWriter
    do { file = try BlockFileWriter(path: path, magic: SegmentFormat.magic, version: version) } catch { throw storeFault(error) }
    for stripe in stripes() {
      let blocks = try merged(stripe)
      do { try file.append(blocks) } catch { throw storeFault(error) }
      file.startWriteback()
      progress(meta.rowCount)
    }
    meta.firstEventAt = parts.compactMap(\.firstEventAt).min()
    meta.lastEventAt = parts.compactMap(\.lastEventAt).max()
    if meta.pieces != nil { meta.parts = parts }
    do { try file.finish(meta: meta.json) } catch { throw storeFault(error) }
    return SegmentWriter(rewritten: file, meta: meta)
  }

  /// What each new stripe is made of: of one segment its stripes as they are, of many as much as fits one.
  private func stripes() -> [[MergedStripe.Input]] {
    var stripes: [[MergedStripe.Input]] = [], rows = 0
    for (s, source) in sources.enumerated() {
      for stripe in 0..<source.segment.stripeCount {
        let input = MergedStripe.Input(source: source, stripe: stripe, words: words.translations[s], partNumbers: partNumbers[s])
        let count = source.segment.bucketStarts(stripe: stripe).last ?? 0
        if sources.count > 1, !stripes.isEmpty, rows + count <= SegmentFormat.stripeRows {
          stripes[stripes.count - 1].append(input)
          rows += count
        } else {
          stripes.append([input])
          rows = count
        }
      }
    }
    return stripes
  }

  private mutating func merged(_ inputs: [MergedStripe.Input]) throws(PipelineError) -> [PackedBlock] {
    let stripe = try MergedStripe(inputs, hasIdentity: meta.hasIdentity)
    let buckets = try parallelMap(meta.bucketCount, threads: threads) { b -> Result<MergedStripe.Bucket, PipelineError> in
      Result { () throws(PipelineError) in try stripe.bucket(b) }
    }.mapTyped { (result: Result<MergedStripe.Bucket, PipelineError>) throws(PipelineError) in try result.get() }
    for bucket in buckets {
      for (piece, facts) in zip(stripe.pieces, bucket.pieces) {
        meta.rowCount += facts.rows
        parts[piece.part].rowCount += facts.rows
        guard let (first, last) = facts.period else { continue }
        parts[piece.part].firstEventAt = min(parts[piece.part].firstEventAt ?? first, first)
        parts[piece.part].lastEventAt = max(parts[piece.part].lastEventAt ?? last, last)
      }
    }
    meta.stripeCount += 1
    var blocks = buckets.flatMap(\.blocks)
    blocks += try stripe.identities(buckets)
    if meta.pieces == nil {
      meta.stripeFirstLines.append(stripe.pieces[0].firstLine)
    } else {
      meta.pieces?.append(stripe.pieces)
      let rows = buckets.flatMap { $0.pieces.map { Int64($0.rows) } }
      blocks.append(PackedBlock(PackedIntegers(rows.span)))
    }
    return blocks
  }
}

/// The words of several segments, numbered in the order in which they come.
private struct MergedWords {
  private(set) var categories: [String]
  private(set) var channels: [String]
  /// For each segment, the new number of each of its own; nil where none changes.
  private(set) var translations: [(categories: [Int64], channels: [Int64])?] = []

  init(_ segments: [SegmentReader]) {
    (categories, channels) = (segments[0].categories, segments[0].channels)
    if segments.count == 1 {
      translations = [nil]
      return
    }
    var known = (Self.numbers(categories), Self.numbers(channels))
    for segment in segments {
      translations.append(
        (Self.add(segment.categories, to: &categories, &known.0), Self.add(segment.channels, to: &channels, &known.1)))
    }
  }

  /// Words differ by their bytes.
  private static func numbers(_ words: [String]) -> [[UInt8]: Int64] {
    Dictionary(zip(words.map { Array($0.utf8) }, 0...), uniquingKeysWith: { first, _ in first })
  }

  private static func add(_ words: [String], to all: inout [String], _ known: inout [[UInt8]: Int64]) -> [Int64] {
    words.map { word in
      if let number = known[Array(word.utf8)] { return number }
      known[Array(word.utf8)] = Int64(all.count)
      all.append(word)
      return Int64(all.count - 1)
    }
  }
}
