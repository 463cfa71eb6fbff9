import Buffers
import Columns

/// The customers of all buckets, one bucket behind the other.
struct GatheredCustomers: Sendable {
  private(set) var ids = TextColumn()
  var columns = CustomerColumns()
  /// What else is left of the buckets gathered so far.
  var buckets: [Rest] = []
  private let bucketCount: Int

  struct Rest: Sendable {
    /// Of the columns.
    var rows: Range<Int>
    var days: PurchaseDays
    var partials: MetricPartials
    var gaps: GapCounts
  }

  init(bucketCount: Int) { self.bucketCount = bucketCount }

  /// - Throws: 65 where the ids do not fit.
  mutating func append(_ bucket: BucketFeatures) throws(PipelineError) {
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

/// Puts buckets behind each other as soon as their turn has come, whichever is done first: its own columns go then, and the next bucket's find
/// room where they were.
final class GatheringInTurn: @unchecked Sendable {
  private let turns = InTurn<BucketFeatures>()
  // Touched by the one thread whose turn it is, and by `finish` after all.
  private var gathered: GatheredCustomers
  private var fault: PipelineError?

  init(bucketCount: Int) { gathered = GatheredCustomers(bucketCount: bucketCount) }

  func put(_ bucket: BucketFeatures, at place: Int) {
    turns.put(bucket, at: place) { bucket in
      if fault != nil { return }
      do throws(PipelineError) { try gathered.append(bucket) } catch { fault = error }
    }
  }

  /// Leaves nothing behind.
  func finish() throws(PipelineError) -> GatheredCustomers {
    if let fault { throw fault }
    defer { gathered = GatheredCustomers(bucketCount: 0) }
    return gathered
  }
}
