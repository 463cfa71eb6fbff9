import Columns

/// Row numbers of a text column in ascending byte order.
///
/// A radix sort looks at 8 bytes behind what all ids have in common, as one number, and of these only at the bytes that differ somewhere.
struct IdentifierOrder {
  private struct Key {
    var head: UInt64
    var row: UInt32
  }

  static func sorted(_ ids: TextColumn) -> [UInt32] {
    var keys = Self.keys(ids), other = keys
    let first = keys.first?.head ?? 0, varying = keys.reduce(0) { $0 | ($1.head ^ first) }
    for shift in stride(from: UInt64(0), to: 64, by: 8) where varying &>> shift & 0xFF != 0 {
      scatter(keys.span, &other, shift)
      swap(&keys, &other)
    }
    // Ids that are equal so far.
    var low = 0
    while low < keys.count {
      var high = low + 1
      while high < keys.count, keys[high].head == keys[low].head { high += 1 }
      if high - low > 1 { keys[low..<high].sort { precedes(Int($0.row), Int($1.row), ids) } }
      low = high
    }
    return keys.map(\.row)
  }

  /// One pass, by one byte; keeps the order of those that have it in common.
  private static func scatter(_ keys: Span<Key>, _ out: inout [Key], _ shift: UInt64) {
    var next = InlineArray<256, Int>(repeating: 0)
    for i in keys.indices { next[Int(keys[i].head &>> shift & 0xFF)] &+= 1 }
    var sum = 0
    for byte in 0..<256 { (next[byte], sum) = (sum, sum &+ next[byte]) }
    var out = out.mutableSpan
    for i in keys.indices {
      let key = keys[i], byte = Int(key.head &>> shift & 0xFF)
      out[next[byte]] = key
      next[byte] &+= 1
    }
  }

  private static func keys(_ ids: TextColumn) -> [Key] {
    let common = commonPrefix(ids), offsets = ids.offsets.span, bytes = ids.bytes.span
    var keys: [Key] = []
    keys.reserveCapacity(ids.count)
    for i in 0..<ids.count {
      var head: UInt64 = 0
      let from = Int(offsets[i]) + common, to = min(from + 8, Int(offsets[i + 1]))
      for k in from..<max(from, to) { head |= UInt64(bytes[k]) &<< UInt64(56 &- 8 &* (k &- from)) }
      keys.append(Key(head: head, row: UInt32(i)))
    }
    return keys
  }

  /// Bytes that all ids begin with.
  private static func commonPrefix(_ ids: TextColumn) -> Int {
    guard ids.count > 0 else { return 0 }
    var common = Int(ids.offsets[1])
    for i in 1..<max(1, ids.count) {
      let from = Int(ids.offsets[i]), length = Int(ids.offsets[i + 1]) - from
      var k = 0
      while k < min(common, length), ids.bytes[k] == ids.bytes[from + k] { k += 1 }
      common = k
      if common == 0 { break }
    }
    return common
  }

  private static func precedes(_ a: Int, _ b: Int, _ ids: TextColumn) -> Bool {
    ids.bytes[Int(ids.offsets[a])..<Int(ids.offsets[a + 1])].lexicographicallyPrecedes(
      ids.bytes[Int(ids.offsets[b])..<Int(ids.offsets[b + 1])])
  }
}
