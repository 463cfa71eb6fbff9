import Columns

/// Rows of one segment: for each stripe and bucket their places among the bucket's rows, ascending.
struct RowSelection: Sendable {
  /// By stripe; buckets without a row are left out.
  var rows: [[Int: [Int]]]
  var count = 0

  var isEmpty: Bool { count == 0 }

  init(noneOf segment: SegmentReader) { rows = Array(repeating: [:], count: segment.stripeCount) }

  /// The rows of the customers that `isWanted` names; it is asked once for each customer of a bucket of a stripe.
  init(_ segment: SegmentReader, buckets: some Collection<Int>, where isWanted: (Span<UInt8>) -> Bool) throws(PipelineError) {
    rows = Array(repeating: [:], count: segment.stripeCount)
    for stripe in 0..<segment.stripeCount {
      for bucket in buckets {
        let column = try segment.customers(stripe: stripe, bucket: bucket)
        var start = 0, wanted = Set<UInt32>()
        for (code, length) in column.lengths.enumerated() {
          if isWanted(column.bytes.span.extracting(start..<start + Int(length))) { wanted.insert(UInt32(code)) }
          start += Int(length)
        }
        if wanted.isEmpty { continue }
        let found = column.codes.indices.filter { wanted.contains(column.codes[$0]) }
        rows[stripe][bucket] = found
        count += found.count
      }
    }
  }

  /// The lines of the rows, by SHA-256 of their dump.
  func lines(_ segment: SegmentReader) throws(PipelineError) -> [String: [Int64]] {
    var lines: [String: [Int64]] = [:]
    for (stripe, buckets) in rows.enumerated() {
      for (bucket, rows) in buckets {
        let all = try segment.lines(stripe: stripe, bucket: bucket), dumps = try segment.dumps(stripe: stripe, bucket: bucket)
        for row in rows { lines[dumps[row], default: []].append(all[row]) }
      }
    }
    return lines.mapValues { $0.sorted() }
  }

  /// The rows of some parts.
  init(_ segment: SegmentReader, parts: Set<Int>) throws(PipelineError) {
    rows = Array(repeating: [:], count: segment.stripeCount)
    for stripe in 0..<segment.stripeCount {
      let pieces = segment.pieces(stripe: stripe), counts = try segment.pieceRows(stripe: stripe)
      for bucket in 0..<segment.meta.bucketCount {
        var found: [Int] = [], first = 0
        for (k, piece) in pieces.enumerated() {
          let next = first + counts[bucket * pieces.count + k]
          if parts.contains(piece.part) { found.append(contentsOf: first..<next) }
          first = next
        }
        if found.isEmpty { continue }
        rows[stripe][bucket] = found
        count += found.count
      }
    }
  }
}
