import Buffers
import Columns

extension SegmentReader {
  var isMerged: Bool { meta.parts != nil }

  func pieces(stripe: Int) -> [SegmentPiece] {
    meta.pieces?[stripe] ?? [SegmentPiece(part: 0, firstLine: meta.stripeFirstLines[stripe])]
  }

  /// For every bucket in turn, how many rows each piece of a stripe has there.
  func pieceRows(stripe: Int) throws(PipelineError) -> [Int] {
    if !isMerged { return (0..<meta.bucketCount).map { rowCount(stripe: stripe, bucket: $0) } }
    let counts = try file.integers(identityBlock(stripe) + 3, as: Int.self), width = pieces(stripe: stripe).count
    let fit = counts.count == meta.bucketCount * width && counts.allSatisfy { $0 >= 0 }
    guard fit, (0..<meta.bucketCount).allSatisfy({ sum(counts[$0 * width..<($0 + 1) * width]) == rowCount(stripe: stripe, bucket: $0) })
    else {
      throw PipelineError(
        .badInput, "\(file.path): the dumps of stripe \(stripe) do not fit its rows", fix: BlockFile.fix)
    }
    return counts
  }

  private func sum(_ counts: ArraySlice<Int>) -> Int { counts.reduce(0, &+) }

  /// Lines in their dumps of one bucket's events.
  package func lines(stripe: Int, bucket: Int) throws(PipelineError) -> [Int64] {
    var lines = try file.integers(block(stripe, bucket, .lineSteps), as: Int64.self)
    guard lines.count == rowCount(stripe: stripe, bucket: bucket) else {
      throw PipelineError(
        .badInput, "\(file.path): the columns of bucket \(bucket) differ in length", fix: BlockFile.fix)
    }
    let pieces = pieces(stripe: stripe), rows = try pieceRows(stripe: stripe)[bucket * pieces.count..<(bucket + 1) * pieces.count]
    var row = 0
    for (piece, count) in zip(pieces, rows) {
      var line = piece.firstLine
      for _ in 0..<count {
        line &+= lines[row]
        lines[row] = line
        row += 1
      }
    }
    return lines
  }

  /// SHA-256 of the dumps of one bucket's events.
  package func dumps(stripe: Int, bucket: Int) throws(PipelineError) -> [String] {
    let pieces = pieces(stripe: stripe), rows = try pieceRows(stripe: stripe)[bucket * pieces.count..<(bucket + 1) * pieces.count]
    return zip(pieces, rows).flatMap { [String](repeating: parts[$0.part].dumpSHA256, count: $1) }
  }

  /// Where one row of this segment came from.
  func origin(of place: RowPlace) throws(PipelineError) -> (dump: String, line: Int64) {
    let places = try StripeParts(self, stripe: place.stripe)
    let (bucket, index) = places.bucket(ofRow: place.row)
    return (parts[places.part(ofRow: place.row)].dumpSHA256, try lines(stripe: place.stripe, bucket: bucket)[index])
  }
}

/// Which part of its segment each row of a stripe belongs to.
struct StripeParts: Sendable {
  /// The first row of each bucket, rows counted through the stripe; one more than there are buckets.
  let bucketStarts: [Int]
  private let pieces: [SegmentPiece]
  private let rows: [Int]

  init(_ segment: SegmentReader, stripe: Int) throws(PipelineError) {
    bucketStarts = segment.bucketStarts(stripe: stripe)
    pieces = segment.pieces(stripe: stripe)
    rows = try segment.pieceRows(stripe: stripe)
  }

  func bucket(ofRow row: UInt32) -> (bucket: Int, index: Int) {
    let bucket = (bucketStarts.firstIndex { $0 > Int(row) } ?? 1) - 1
    return (bucket, Int(row) - bucketStarts[bucket])
  }

  func part(ofRow row: UInt32) -> Int {
    if pieces.count == 1 { return pieces[0].part }
    var (bucket, index) = bucket(ofRow: row)
    for (k, piece) in pieces.enumerated() {
      index -= rows[bucket * pieces.count + k]
      if index < 0 { return piece.part }
    }
    return pieces.last?.part ?? 0
  }
}
