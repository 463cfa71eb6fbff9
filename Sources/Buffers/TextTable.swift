/// Distinct strings, numbered in the order in which they first came. The table hashes with a secret of its own, since the hash that
/// chooses buckets is public: nobody can choose ids that all meet in one slot.
@safe package struct TextTable: ~Copyable {
  package private(set) var offsets: [UInt32] = [0]
  package private(set) var bytes: [UInt8] = []
  private var slots: [UInt64]
  private let secret0: UInt64
  private let secret1: UInt64

  /// - Parameter expected: about how many distinct strings will come.
  package init(expected: Int, secret: HashKey) {
    var size = 64
    while size < expected * 2 { size *= 2 }
    slots = [UInt64](repeating: 0, count: size)
    secret0 = secret.k0
    secret1 = secret.k1 | 1
    offsets.reserveCapacity(expected + 1)
    bytes.reserveCapacity(expected * 10)
  }

  package var count: Int { offsets.count - 1 }

  /// Numbers of the strings that stand back to back in `text`; new ones are added.
  /// - Parameters:
  ///   - lengths: bytes of each string; their sum is the text's.
  ///   - codes: receives one number a string.
  package mutating func encode(_ text: Span<UInt8>, lengths: Span<UInt32>, into codes: inout [UInt32]) {
    codes.removeAll(keepingCapacity: true)
    codes.reserveCapacity(lengths.count)
    var at = 0
    unsafe text.withUnsafeBufferPointer { buffer in
      for i in lengths.indices {
        let length = Int(lengths[i])
        precondition(length <= buffer.count - at)
        // Safety: the range was just checked.
        codes.append(unsafe number(buffer.baseAddress.map { unsafe $0 + at }, length))
        at += length
      }
    }
  }

  /// One folded multiplication a word, with secret factors: what hash tables use where the input is foreign.
  @inline(__always)
  private func hash(_ p: UnsafePointer<UInt8>?, _ length: Int) -> UInt64 {
    var h = secret0 ^ UInt64(length)
    guard let p = unsafe p else { return h }
    // Safety: reads exactly `length` bytes.
    var at = 0
    while at + 8 <= length {
      h = unsafe Self.fold(h ^ Hashing.load64(p, at), secret1)
      at += 8
    }
    if at < length { h = unsafe Self.fold(h ^ Hashing.tail(p, at, length), secret1) }
    return Self.fold(h, secret0 | 1)
  }

  @inline(__always) private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  @inline(__always)
  private mutating func number(_ p: UnsafePointer<UInt8>?, _ length: Int) -> UInt32 {
    let h = unsafe hash(p, length)
    let tag = h & 0xFFFF_FFFF_0000_0000
    var slot = Int(truncatingIfNeeded: h) & (slots.count - 1)
    while true {
      let entry = slots[slot]
      if entry == 0 { break }
      if entry & 0xFFFF_FFFF_0000_0000 == tag {
        let code = Int(entry & 0xFFFF_FFFF) - 1
        if unsafe equals(code, p, length) { return UInt32(truncatingIfNeeded: code) }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    let code = count
    // Safety: reads exactly `length` bytes.
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: p, count: length))
    offsets.append(UInt32(truncatingIfNeeded: bytes.count))
    slots[slot] = tag | UInt64(code + 1)
    if count * 2 > slots.count { grow() }
    return UInt32(truncatingIfNeeded: code)
  }

  @inline(__always)
  private func equals(_ code: Int, _ p: UnsafePointer<UInt8>?, _ length: Int) -> Bool {
    let from = Int(offsets[code])
    guard Int(offsets[code + 1]) - from == length else { return false }
    guard let p = unsafe p else { return true }
    // Safety: `length` bytes on both sides.
    return unsafe bytes.withUnsafeBufferPointer { mine in
      if length == 8 { return unsafe Hashing.load64(mine.baseAddress! + from, 0) == Hashing.load64(p, 0) }
      for i in 0..<length where unsafe mine[from + i] != p[i] { return false }
      return true
    }
  }

  private mutating func grow() {
    slots = [UInt64](repeating: 0, count: slots.count * 4)
    for code in 0..<count {
      let from = Int(offsets[code]), length = Int(offsets[code + 1]) - from
      // Safety: the range is one of the table's own strings.
      let h = unsafe bytes.withUnsafeBufferPointer { mine in unsafe hash(mine.baseAddress.map { unsafe $0 + from }, length) }
      var slot = Int(truncatingIfNeeded: h) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = (h & 0xFFFF_FFFF_0000_0000) | UInt64(code + 1)
    }
  }
}
