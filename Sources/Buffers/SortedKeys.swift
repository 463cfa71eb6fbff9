/// Distinct keys in ascending order, and how often each stood among the keys given.
package struct KeyCounts: Sendable {
  package var keys: [UInt64] = []
  package var counts: [UInt32] = []
}

/// Sorts keys of `bitCount` bits and counts equal ones: one scatter by the highest bits, then a radix sort of each part in the cache.
///
/// The parts follow each other in ascending order; the result depends neither on how the keys are shared out among `chunks` nor on threads.
/// - Precondition: no key has a bit set at or above `bitCount`; fewer than 2³² keys.
package func countKeys(_ chunks: [[UInt64]], bitCount: Int, threads: Int) -> [KeyCounts] {
  precondition((0...64).contains(bitCount))
  let total = chunks.reduce(0) { $0 + $1.count }
  if total == 0 { return [] }
  let highBits = min(bitCount, 10), lowBits = bitCount - highBits
  let partCount = 1 << highBits
  let histograms = parallelMap(chunks.count, threads: threads) { c in
    var counts = [UInt32](repeating: 0, count: partCount)
    for key in chunks[c] { counts[part(key, lowBits)] += 1 }
    return counts
  }
  // Where each chunk's keys of each part begin.
  var offsets = histograms, next: UInt32 = 0
  var ends = [Int](repeating: 0, count: partCount)
  for p in 0..<partCount {
    for c in chunks.indices {
      offsets[c][p] = next
      next += histograms[c][p]
    }
    ends[p] = Int(next)
  }
  let places = offsets, bounds = [0] + ends
  var sorted = unsafe [UInt64](unsafeUninitializedCapacity: total) { _, count in count = total }
  return unsafe sorted.withUnsafeMutableBufferPointer { buffer in
    // Safety: every place of the buffer belongs to one key of one chunk, and is written by it alone; then each part is read and written by
    // the one thread that sorts it.
    nonisolated(unsafe) let base = buffer.baseAddress!
    inParallel(chunks.count, threads: threads) { c in
      var next = places[c]
      for key in chunks[c] {
        let p = part(key, lowBits)
        unsafe base[Int(next[p])] = key
        next[p] += 1
      }
    }
    return parallelMap(partCount, threads: threads, space: { [UInt64]() }) { p, space in
      let keys = unsafe UnsafeMutableBufferPointer(start: base + bounds[p], count: bounds[p + 1] - bounds[p])
      return unsafe sortAndCount(keys, bitCount: lowBits, &space)
    }
  }
}

@inline(__always)
private func part(_ key: UInt64, _ lowBits: Int) -> Int { lowBits == 64 ? 0 : Int(truncatingIfNeeded: key >> UInt64(lowBits)) }

/// Keys that differ in their lowest `bitCount` bits only.
private func sortAndCount(_ keys: UnsafeMutableBufferPointer<UInt64>, bitCount: Int, _ space: inout [UInt64]) -> KeyCounts {
  if keys.isEmpty { return KeyCounts() }
  if keys.count <= 24 {
    unsafe insertionSort(keys)
  } else {
    if space.count < keys.count { space = [UInt64](repeating: 0, count: keys.count) }
    let passes = (bitCount + 7) / 8, digit = passes == 0 ? 0 : (bitCount + passes - 1) / passes
    for pass in 0..<passes {
      // Safety: `space` holds at least as many keys; a digit's count says how many places it needs.
      unsafe space.withUnsafeMutableBufferPointer { other in
        let from = unsafe pass % 2 == 0 ? keys : UnsafeMutableBufferPointer(rebasing: other[..<keys.count])
        let to = unsafe pass % 2 == 0 ? UnsafeMutableBufferPointer(rebasing: other[..<keys.count]) : keys
        unsafe scatter(from, to, shift: pass * digit, bits: digit)
      }
    }
    if passes % 2 == 1 {
      // Safety: as above.
      for i in 0..<keys.count { unsafe keys[i] = space[i] }
    }
  }
  var result = KeyCounts()
  result.keys.reserveCapacity(keys.count)
  result.counts.reserveCapacity(keys.count)
  // Safety: below the count, which is not 0.
  var current = unsafe keys[0], count: UInt32 = 0
  for i in 0..<keys.count {
    let key = unsafe keys[i]
    if key != current {
      result.keys.append(current)
      result.counts.append(count)
      (current, count) = (key, 0)
    }
    count += 1
  }
  result.keys.append(current)
  result.counts.append(count)
  return result
}

private func insertionSort(_ keys: UnsafeMutableBufferPointer<UInt64>) {
  // Safety: indices from 0 to below the count.
  for i in 0..<keys.count {
    let key = unsafe keys[i]
    var j = i
    while j > 0, unsafe keys[j - 1] > key {
      unsafe keys[j] = keys[j - 1]
      j -= 1
    }
    unsafe keys[j] = key
  }
}

/// One pass of a radix sort by `bits` bits from `shift` on.
private func scatter(_ from: UnsafeMutableBufferPointer<UInt64>, _ to: UnsafeMutableBufferPointer<UInt64>, shift: Int, bits: Int) {
  let mask = (UInt64(1) << UInt64(bits)) - 1, shift = UInt64(shift)
  // Safety: at most 8 bits; the counts add up to the length of both buffers.
  unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { places in
    unsafe places.initialize(repeating: 0)
    for i in 0..<from.count { unsafe places[Int(truncatingIfNeeded: (from[i] >> shift) & mask)] += 1 }
    var next: UInt32 = 0
    for d in 0..<256 {
      let count = unsafe places[d]
      unsafe places[d] = next
      next += count
    }
    for i in 0..<from.count {
      let key = unsafe from[i], d = Int(truncatingIfNeeded: (key >> shift) & mask)
      unsafe to[Int(places[d])] = key
      unsafe places[d] += 1
    }
  }
}
