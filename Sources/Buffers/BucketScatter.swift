/// The sound rows of a batch, ordered by bucket: `order[offsets[b] ..< offsets[b + 1]]` are the rows of bucket b, in the order of the text.
@safe package final class BucketOrder {
  package let bucketCount: Int
  let order = Memory<UInt16>(capacity: FieldBatch.capacity)
  private(set) var offsets: [Int]
  package private(set) var rowCount = 0

  package init(bucketCount: Int) {
    self.bucketCount = bucketCount
    offsets = [Int](repeating: 0, count: bucketCount + 1)
  }

  /// Leaves out rows with a fault, and those that `isKept` (when given) does not keep.
  package func sort(_ batch: FieldBatch, buckets: borrowing Memory<UInt16>) {
    var counts = [Int](repeating: 0, count: bucketCount + 1)
    let faults = unsafe batch.faults.base
    // Safety: buckets are below `bucketCount`; rows below the batch's count.
    for r in 0..<batch.rowCount where unsafe faults[r] == 0 { unsafe counts[Int(buckets.base[r]) + 1] += 1 }
    for b in 0..<bucketCount { counts[b + 1] += counts[b] }
    offsets = counts
    rowCount = counts[bucketCount]
    for r in 0..<batch.rowCount where unsafe faults[r] == 0 {
      let b = unsafe Int(buckets.base[r])
      unsafe order.base[counts[b]] = UInt16(truncatingIfNeeded: r)
      counts[b] += 1
    }
  }
}

/// A column of plain values, one growing run a bucket.
@safe package final class BucketedColumn<Element: BitwiseCopyable> {
  // Safety: each run is grown and written by `append` alone; freed in deinit.
  private var runs: [GrowingMemory<Element>]

  /// - Parameter expected: about how many elements a bucket will hold.
  package init(bucketCount: Int, expected: Int = 0) { runs = (0..<bucketCount).map { _ in GrowingMemory(expected: expected) } }

  deinit {
    for b in runs.indices { runs[b].free() }
  }

  @specialized(where Element == Int64)
  @specialized(where Element == UInt16)
  @specialized(where Element == IdentityHash)
  package func append(_ values: borrowing Memory<Element>, _ order: BucketOrder) {
    // Out of the class for the loop: there, every access would be checked for exclusivity.
    var runs: [GrowingMemory<Element>] = []
    swap(&runs, &self.runs)
    defer { swap(&runs, &self.runs) }
    let offsets = order.offsets
    for b in 0..<order.bucketCount {
      let from = offsets[b], count = offsets[b + 1] - from
      if count == 0 { continue }
      runs[b].reserve(count)
      // Safety: `count` elements were reserved; row numbers lie below the batch's capacity, as `values` does.
      let out = unsafe runs[b].base! + runs[b].count, rows = unsafe order.order.base + from
      for i in 0..<count { unsafe out[i] = values.base[Int(rows[i])] }
      runs[b].count += count
    }
  }

  package func count(_ bucket: Int) -> Int { runs[bucket].count }

  package func withBucket<R>(_ bucket: Int, _ body: (Span<Element>) -> R) -> R {
    // Safety: `count` elements were written.
    body(unsafe UnsafeBufferPointer(start: runs[bucket].base, count: runs[bucket].count).span)
  }

  package func removeAll() {
    for b in runs.indices { runs[b].count = 0 }
  }
}

/// A column of strings, back to back, one growing run a bucket.
@safe package final class BucketedText {
  // Safety: as in BucketedColumn.
  private var bytes: [GrowingMemory<UInt8>]
  private var lengths: [GrowingMemory<UInt32>]

  package init(bucketCount: Int, expected: Int = 0) {
    bytes = (0..<bucketCount).map { _ in GrowingMemory(expected: expected * 12) }
    lengths = (0..<bucketCount).map { _ in GrowingMemory(expected: expected) }
  }

  deinit {
    for b in bytes.indices {
      bytes[b].free()
      lengths[b].free()
    }
  }

  package func append(_ batch: FieldBatch, _ field: Int, _ order: BucketOrder) {
    guard let chunk = batch.chunk else { return }
    let text = unsafe chunk.base, starts = unsafe batch.starts[field], ends = unsafe batch.ends[field]
    var bytes: [GrowingMemory<UInt8>] = [], lengths: [GrowingMemory<UInt32>] = []
    swap(&bytes, &self.bytes)
    swap(&lengths, &self.lengths)
    defer {
      swap(&bytes, &self.bytes)
      swap(&lengths, &self.lengths)
    }
    let offsets = order.offsets
    for b in 0..<order.bucketCount {
      let from = offsets[b], count = offsets[b + 1] - from
      if count == 0 { continue }
      // Safety: located positions; 16 bytes behind any field's start are readable, and 16 more than needed are reserved.
      let rows = unsafe order.order.base + from
      var wanted = 16
      for i in 0..<count { wanted += unsafe Int(ends[Int(rows[i])] &- starts[Int(rows[i])]) }
      lengths[b].reserve(count)
      bytes[b].reserve(wanted)
      let out = unsafe lengths[b].base! + lengths[b].count
      var target = unsafe UnsafeMutableRawPointer(bytes[b].base! + bytes[b].count)
      for i in 0..<count {
        let r = unsafe Int(rows[i])
        let start = unsafe Int(starts[r]), length = unsafe Int(ends[r]) - start
        if length <= 16 {
          unsafe target.storeBytes(of: Hashing.load64(text, start).littleEndian, as: UInt64.self)
          unsafe (target + 8).storeBytes(of: Hashing.load64(text, start + 8).littleEndian, as: UInt64.self)
        } else {
          unsafe target.copyMemory(from: text + start, byteCount: length)
        }
        unsafe target += length
        unsafe out[i] = UInt32(truncatingIfNeeded: length)
      }
      lengths[b].count += count
      bytes[b].count += wanted - 16
    }
  }

  package func count(_ bucket: Int) -> Int { lengths[bucket].count }

  package func withBucket<R>(_ bucket: Int, _ body: (Span<UInt8>, Span<UInt32>) -> R) -> R {
    // Safety: as many were written.
    body(
      unsafe UnsafeBufferPointer(start: bytes[bucket].base, count: bytes[bucket].count).span,
      unsafe UnsafeBufferPointer(start: lengths[bucket].base, count: lengths[bucket].count).span)
  }

  package func removeAll() {
    for b in bytes.indices {
      bytes[b].count = 0
      lengths[b].count = 0
    }
  }
}
