import Columns

/// One bucket's customers after the first pass.
struct BucketFeatures: Sendable {
  var ids: TextColumn
  var columns: CustomerColumns
  /// Empty once the second pass is done with them.
  var days: PurchaseDays
  var partials: MetricPartials
  var gaps: GapCounts
}

/// The customers of all buckets, one bucket behind the other, whichever is done first: a bucket's own columns go as soon as its turn has
/// come, so that the next bucket's find room where they were.
struct GatheredCustomers: Sendable {
  private(set) var ids = TextColumn()
  var columns = CustomerColumns()
  /// What else is left of the buckets gathered so far.
  var buckets: [Rest] = []
  private var waiting: [Int: BucketFeatures] = [:]
  private let bucketCount: Int

  struct Rest: Sendable {
    /// Of the columns.
    var rows: Range<Int>
    var days: PurchaseDays
    var partials: MetricPartials
    var gaps: GapCounts
  }

  init(bucketCount: Int) { self.bucketCount = bucketCount }

  /// - Parameter number: the bucket's place among all.
  /// - Throws: 65 where the ids do not fit.
  mutating func put(_ bucket: consuming BucketFeatures, number: Int) throws(PipelineError) {
    waiting[number] = bucket
    while let next = waiting.removeValue(forKey: buckets.count) { try append(next) }
  }

  private mutating func append(_ bucket: consuming BucketFeatures) throws(PipelineError) {
    let first = ids.count, base = ids.bytes.count
    guard base + bucket.ids.bytes.count < UInt32.max else {
      throw PipelineError(.badInput, "the customers' ids have more than 4 GiB together, which do not fit", fix: "use shorter ids")
    }
    if first == 0 {
      // Buckets are made by a hash: about as many customers in each. Pages that nobody writes to cost nothing.
      let expected = bucketCount * bucket.ids.count * 17 / 16
      ids.offsets.reserveCapacity(expected + 1)
      ids.bytes.reserveCapacity(bucketCount * bucket.ids.bytes.count * 17 / 16)
      columns = bucket.columns
      columns.reserve(expected)
    } else {
      columns.append(bucket.columns)
    }
    ids.bytes += bucket.ids.bytes
    for offset in bucket.ids.offsets.dropFirst() { ids.offsets.append(UInt32(base) + offset) }
    buckets.append(Rest(rows: first..<ids.count, days: bucket.days, partials: bucket.partials, gaps: bucket.gaps))
  }
}
