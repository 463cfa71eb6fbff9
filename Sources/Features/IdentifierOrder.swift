import Columns

/// Row numbers of a text column in ascending byte order.
///
/// Most comparisons look at 8 bytes behind what all ids have in common, as one number.
struct IdentifierOrder {
  private struct Key {
    var head: UInt64
    var row: UInt32
  }

  static func sorted(_ ids: TextColumn) -> [UInt32] {
    var keys = Self.keys(ids)
    keys.sort { precedes($0, $1, ids) }
    return keys.map(\.row)
  }

  /// As `sorted`, where the column is a row of runs that are sorted each; `starts` holds where each begins.
  static func merged(_ ids: TextColumn, runStarts: [Int]) -> [UInt32] {
    var keys = Self.keys(ids), other = keys
    var bounds = runStarts + [ids.count]
    while bounds.count > 2 {
      var next = [0]
      for i in stride(from: 0, to: bounds.count - 1, by: 2) {
        let low = bounds[i], middle = bounds[i + 1], high = i + 2 < bounds.count ? bounds[i + 2] : middle
        merge(&other, keys, low, middle, high, ids)
        next.append(high)
      }
      swap(&keys, &other)
      bounds = next
    }
    return keys.map(\.row)
  }

  private static func merge(_ out: inout [Key], _ keys: [Key], _ low: Int, _ middle: Int, _ high: Int, _ ids: TextColumn) {
    var a = low, b = middle
    for i in low..<high {
      if b >= high || (a < middle && !precedes(keys[b], keys[a], ids)) {
        out[i] = keys[a]
        a += 1
      } else {
        out[i] = keys[b]
        b += 1
      }
    }
  }

  private static func keys(_ ids: TextColumn) -> [Key] {
    let common = commonPrefix(ids)
    var keys: [Key] = []
    keys.reserveCapacity(ids.count)
    for i in 0..<ids.count {
      var head: UInt64 = 0
      let from = Int(ids.offsets[i]) + common, to = min(from + 8, Int(ids.offsets[i + 1]))
      for k in from..<max(from, to) { head |= UInt64(ids.bytes[k]) << UInt64(56 - 8 * (k - from)) }
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

  @inline(__always)
  private static func precedes(_ a: Key, _ b: Key, _ ids: TextColumn) -> Bool {
    if a.head != b.head { return a.head < b.head }
    return precedesSlowly(Int(a.row), Int(b.row), ids)
  }

  private static func precedesSlowly(_ a: Int, _ b: Int, _ ids: TextColumn) -> Bool {
    ids.bytes[Int(ids.offsets[a])..<Int(ids.offsets[a + 1])].lexicographicallyPrecedes(
      ids.bytes[Int(ids.offsets[b])..<Int(ids.offsets[b + 1])])
  }
}
