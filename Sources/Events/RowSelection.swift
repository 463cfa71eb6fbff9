import Columns

/// Rows of one segment: for each stripe and bucket their places among the bucket's rows, ascending.
struct RowSelection: Sendable {
  /// By stripe; buckets without a row are left out.
  var rows: [[Int: [Int]]]
  var count = 0

  var isEmpty: Bool { count == 0 }

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

  /// The lines of the rows in their dump.
  func lines(_ segment: SegmentReader) throws(PipelineError) -> [Int64] {
    var lines: [Int64] = []
    for (stripe, buckets) in rows.enumerated() {
      for (bucket, rows) in buckets {
        let all = try segment.lines(stripe: stripe, bucket: bucket)
        lines.append(contentsOf: rows.map { all[$0] })
      }
    }
    return lines.sorted()
  }
}
