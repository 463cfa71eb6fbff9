/// Hashes of all buckets, sorted into partitions by their top bits.
/// - Returns: `offsets` (one more than there are partitions), the hashes' bytes in that order, and for each the row that it belongs to,
///   counted through the buckets.
package func partition(
  _ hashes: BucketedColumn<IdentityHash>, bucketCount: Int, partitionCount: Int
) -> (offsets: [UInt32], hashes: [UInt8], rows: [UInt32]) {
  precondition(partitionCount.nonzeroBitCount == 1 && partitionCount > 1)
  let shift = UInt64(64 - partitionCount.trailingZeroBitCount)
  var offsets = [UInt32](repeating: 0, count: partitionCount + 1)
  var total = 0
  for b in 0..<bucketCount {
    total += hashes.count(b)
    hashes.withBucket(b) { values in
      for i in values.indices { offsets[Int(truncatingIfNeeded: values[i].high &>> shift) + 1] += 1 }
    }
  }
  for p in 0..<partitionCount { offsets[p + 1] += offsets[p] }
  var next = offsets, rows = [UInt32](repeating: 0, count: total)
  let size = MemoryLayout<IdentityHash>.stride
  // Safety: each of the `total` places is written once, since the offsets count exactly the hashes.
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(1, total * size)) { buffer, initialized in
    initialized = total * size
    let out = unsafe UnsafeMutableRawPointer(buffer.baseAddress!).bindMemory(to: IdentityHash.self, capacity: total)
    unsafe rows.withUnsafeMutableBufferPointer { rows in
      unsafe next.withUnsafeMutableBufferPointer { next in
        var row: UInt32 = 0
        for b in 0..<bucketCount {
          hashes.withBucket(b) { values in
            for i in values.indices {
              let hash = values[i], p = Int(truncatingIfNeeded: hash.high &>> shift)
              let place = unsafe Int(next[p])
              unsafe next[p] &+= 1
              unsafe out[place] = hash
              unsafe rows[place] = row
              row &+= 1
            }
          }
        }
      }
    }
  }
  return (offsets, bytes, rows)
}

/// Texts that are all one prefix and then the same number of digits (at most 18), as numbers: `T000000123`. nil where they are not.
package func numberedTexts(_ bytes: Span<UInt8>, lengths: Span<UInt32>) -> (prefix: [UInt8], digits: Int, numbers: [Int64])? {
  guard lengths.count > 0 else { return nil }
  let length = Int(lengths[0])
  guard length > 0, length * lengths.count == bytes.count else { return nil }
  var digits = 0
  while digits < min(length, 18), bytes[length - 1 - digits] &- 48 < 10 { digits += 1 }
  guard digits > 0 else { return nil }
  let prefixLength = length - digits
  let prefix = (0..<prefixLength).map { bytes[$0] }
  var numbers = [Int64](repeating: 0, count: lengths.count)
  // Safety: `length` times the number of texts is the number of bytes, which the guard checked together with every length below.
  let isNumbered = unsafe bytes.withUnsafeBufferPointer { text in
    unsafe numbers.withUnsafeMutableBufferPointer { numbers in
      for i in 0..<lengths.count {
        guard Int(lengths[i]) == length else { return false }
        let start = i * length
        for k in 0..<prefixLength where unsafe text[start + k] != prefix[k] { return false }
        var value: Int64 = 0
        for k in prefixLength..<length {
          let digit = unsafe text[start + k] &- 48
          if digit > 9 { return false }
          value = value &* 10 &+ Int64(digit)
        }
        unsafe numbers[i] = value
      }
      return true
    }
  }
  return isNumbered ? (prefix, digits, numbers) : nil
}

package func copyBytes(_ bytes: Span<UInt8>) -> [UInt8] {
  // Safety: the span's own bytes.
  unsafe bytes.withUnsafeBufferPointer { unsafe [UInt8]($0) }
}
