import Columns

/// Row numbers of a text column in ascending byte order.
///
/// A radix sort looks at 8 bytes behind what all ids have in common, and of these only at bits that differ somewhere, at most 32: of nine
/// digits, that is all there is. Ids that are the same so far are sorted in the same way among themselves.
package struct IdentifierOrder {
  /// Fewer are compared one by one.
  private static let radixCountMin = 64
  private static let digitBits = 11
  /// Ids made to have long beginnings in common are compared from there on.
  private static let depthMax = 16

  package static func sorted(_ ids: TextColumn) -> [UInt32] {
    var order = (0..<ids.count).map { UInt32($0) }
    sort(&order, 0..<ids.count, ids, depth: 0)
    return order
  }

  private static func sort(_ order: inout [UInt32], _ places: Range<Int>, _ ids: TextColumn, depth: Int) {
    if places.count < radixCountMin || depth > depthMax { return compare(&order, places, ids) }
    var keys = heads(order.span.extracting(places), ids)
    let first = keys[0], varying = keys.reduce(0) { $0 | ($1 ^ first) }
    // A byte of 0 and no byte look the same.
    if varying == 0 { return compare(&order, places, ids) }
    let runs = BitRuns(varying)
    for i in keys.indices { keys[i] = runs.packed(keys[i]) &<< 32 | UInt64(order[places.lowerBound + i]) }
    var other = [UInt64](repeating: 0, count: keys.count)
    for shift in stride(from: 32, to: 32 + runs.bitCount, by: digitBits) {
      scatter(keys.span, &other, UInt64(shift))
      swap(&keys, &other)
    }
    for i in keys.indices { order[places.lowerBound + i] = UInt32(truncatingIfNeeded: keys[i]) }
    var low = 0
    while low < keys.count {
      var high = low + 1
      while high < keys.count, keys[high] &>> 32 == keys[low] &>> 32 { high += 1 }
      if high - low > 1 { sort(&order, places.lowerBound + low..<places.lowerBound + high, ids, depth: depth + 1) }
      low = high
    }
  }

  /// One pass, by one digit; keeps the order of those that have it in common.
  private static func scatter(_ keys: Span<UInt64>, _ out: inout [UInt64], _ shift: UInt64) {
    var next = [Int](repeating: 0, count: 1 << digitBits)
    let mask = UInt64(next.count - 1)
    var places = next.mutableSpan, out = out.mutableSpan
    for i in keys.indices { places[Int(keys[i] &>> shift & mask)] &+= 1 }
    var sum = 0
    for digit in places.indices { (places[digit], sum) = (sum, sum &+ places[digit]) }
    for i in keys.indices {
      let digit = Int(keys[i] &>> shift & mask)
      out[places[digit]] = keys[i]
      places[digit] &+= 1
    }
  }

  /// The 8 bytes of each id behind what all of these begin with, the first one on top; what is not there is 0.
  private static func heads(_ rows: Span<UInt32>, _ ids: TextColumn) -> [UInt64] {
    let common = commonPrefix(rows, ids), offsets = ids.offsets.span, bytes = ids.bytes.span
    var heads: [UInt64] = []
    heads.reserveCapacity(rows.count)
    for i in rows.indices {
      let row = Int(rows[i]), from = Int(offsets[row]) + common, to = min(from + 8, Int(offsets[row + 1]))
      var head: UInt64 = 0
      for k in from..<max(from, to) { head |= UInt64(bytes[k]) &<< UInt64(56 &- 8 &* (k &- from)) }
      heads.append(head)
    }
    return heads
  }

  /// Bytes that all of these ids begin with.
  private static func commonPrefix(_ rows: Span<UInt32>, _ ids: TextColumn) -> Int {
    let offsets = ids.offsets.span, bytes = ids.bytes.span
    let start = Int(offsets[Int(rows[0])])
    var common = Int(offsets[Int(rows[0]) + 1]) - start
    for i in rows.indices {
      let from = Int(offsets[Int(rows[i])]), length = Int(offsets[Int(rows[i]) + 1]) - from
      var k = 0
      while k < min(common, length), bytes[start + k] == bytes[from + k] { k += 1 }
      common = k
      if common == 0 { break }
    }
    return common
  }

  private static func compare(_ order: inout [UInt32], _ places: Range<Int>, _ ids: TextColumn) {
    order[places].sort { ids.bytes(Int($0)).lexicographicallyPrecedes(ids.bytes(Int($1))) }
  }
}

/// The bits of numbers that differ somewhere, without the ones between them: that keeps their order.
private struct BitRuns {
  private var shifts: [UInt64] = []
  private var widths: [UInt64] = []
  private(set) var bitCount = 0

  /// - Parameter varying: the bits; beyond 32, the lowest are left out.
  init(_ varying: UInt64) {
    var rest = varying
    while rest != 0, bitCount < 32 {
      let top = UInt64(64 - rest.leadingZeroBitCount), ones = (~(rest &<< (64 - top))).leadingZeroBitCount
      let width = min(ones, 32 - bitCount)
      widths.append(UInt64(width))
      shifts.append(top - UInt64(width))
      bitCount += width
      rest = width == 64 || top == UInt64(width) ? 0 : rest & ((1 &<< (top - UInt64(width))) &- 1)
    }
  }

  @inline(__always)
  func packed(_ value: UInt64) -> UInt64 {
    var result: UInt64 = 0
    for r in shifts.indices { result = result &<< widths[r] | (value &>> shifts[r]) & ((1 &<< widths[r]) &- 1) }
    return result
  }
}
