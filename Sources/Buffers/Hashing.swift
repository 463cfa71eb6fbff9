import Glibc

/// Hashes over plain bytes.
enum Hashing {
  /// Of the hash that tells customers apart into buckets and samples: Spark's.
  static let customerSeed: UInt64 = 42

  // xxHash, XXH64: Yann Collet, BSD; constants of the specification.
  static let p1: UInt64 = 0x9E37_79B1_85EB_CA87, p2: UInt64 = 0xC2B2_AE3D_27D4_EB4F, p3: UInt64 = 0x1656_67B1_9E37_79F9
  static let p4: UInt64 = 0x85EB_CA77_C2B2_AE63, p5: UInt64 = 0x27D4_EB2F_1656_67C5

  @inline(__always) static func rotate(_ x: UInt64, _ r: UInt64) -> UInt64 { (x &<< r) | (x &>> (64 &- r)) }
  @inline(__always) static func round(_ acc: UInt64, _ lane: UInt64) -> UInt64 { rotate(acc &+ lane &* p2, 31) &* p1 }
  @inline(__always) static func load64(_ p: UnsafePointer<UInt8>, _ at: Int) -> UInt64 {
    // Safety: the caller vouches for 8 readable bytes at `at`.
    unsafe UInt64(littleEndian: UnsafeRawPointer(p + at).loadUnaligned(as: UInt64.self))
  }
  @inline(__always) static func load32(_ p: UnsafePointer<UInt8>, _ at: Int) -> UInt64 {
    // Safety: the caller vouches for 4 readable bytes at `at`.
    unsafe UInt64(UInt32(littleEndian: UnsafeRawPointer(p + at).loadUnaligned(as: UInt32.self)))
  }

  /// XXH64 of `count` bytes; with seed 42 the same as Spark's `xxhash64` of a string.
  @inline(__always)
  static func xxh64(_ p: UnsafePointer<UInt8>, _ count: Int, seed: UInt64) -> UInt64 {
    // Safety: reads exactly the `count` bytes that the caller vouches for.
    var at = 0
    var h: UInt64
    if count >= 32 {
      var a = seed &+ p1 &+ p2, b = seed &+ p2, c = seed, d = seed &- p1
      repeat {
        a = unsafe round(a, load64(p, at))
        b = unsafe round(b, load64(p, at + 8))
        c = unsafe round(c, load64(p, at + 16))
        d = unsafe round(d, load64(p, at + 24))
        at += 32
      } while at + 32 <= count
      h = rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
      for lane in [a, b, c, d] { h = (h ^ round(0, lane)) &* p1 &+ p4 }
    } else {
      h = seed &+ p5
    }
    h = h &+ UInt64(count)
    while at + 8 <= count {
      h = unsafe rotate(h ^ round(0, load64(p, at)), 27) &* p1 &+ p4
      at += 8
    }
    if at + 4 <= count {
      h = unsafe rotate(h ^ (load32(p, at) &* p1), 23) &* p2 &+ p3
      at += 4
    }
    while at < count {
      h = unsafe rotate(h ^ (UInt64(p[at]) &* p5), 11) &* p1
      at += 1
    }
    h = (h ^ (h &>> 33)) &* p2
    h = (h ^ (h &>> 29)) &* p3
    return h ^ (h &>> 32)
  }

  @inline(__always)
  static func tail(_ p: UnsafePointer<UInt8>, _ from: Int, _ count: Int) -> UInt64 {
    // Safety: reads only bytes from ..< count.
    var word: UInt64 = 0
    var shift: UInt64 = 0
    for i in from..<count {
      word |= unsafe UInt64(p[i]) &<< shift
      shift &+= 8
    }
    return word
  }
}

/// XXH64 of bytes, for checksums.
package func xxhash64(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
  unsafe bytes.withUnsafeBytes { raw in
    // Safety: the span keeps the bytes alive; an empty span has no address and nothing is read.
    guard let base = raw.baseAddress else { return unsafe Hashing.xxh64(UnsafePointer(bitPattern: 64)!, 0, seed: seed) }
    return unsafe Hashing.xxh64(base.assumingMemoryBound(to: UInt8.self), raw.count, seed: seed)
  }
}

package func xxhash64(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
  // Safety: bytes have no padding.
  unsafe xxhash64(bytes.span.bytes, seed: seed)
}

/// Of some of them.
package func xxhash64(_ bytes: [UInt8], in range: Range<Int>, seed: UInt64 = 0) -> UInt64 {
  // Safety: bytes have no padding; the range is checked.
  unsafe xxhash64(bytes.span.bytes.extracting(range), seed: seed)
}

/// The hash whose last bits say which bucket a customer is in, and which samples.
package func customerHash(_ bytes: [UInt8], in range: Range<Int>) -> UInt64 {
  xxhash64(bytes, in: range, seed: Hashing.customerSeed)
}

/// - Parameter bucketCount: a power of two.
package func customerBucket(_ id: [UInt8], of bucketCount: Int) -> Int {
  Int(customerHash(id, in: id.indices) & UInt64(bucketCount - 1))
}

/// A 128-bit hash of a row's identity. Two rows are the same row when both halves are equal.
package struct IdentityHash: Sendable, Hashable, BitwiseCopyable {
  package var low: UInt64
  package var high: UInt64
}

/// The secret of a store: who does not know it can not make identities collide.
package struct HashKey: Sendable, Hashable {
  package var k0: UInt64
  package var k1: UInt64

  package init(k0: UInt64, k1: UInt64) {
    self.k0 = k0
    self.k1 = k1
  }

  package static func random() -> HashKey {
    var generator = SystemRandomNumberGenerator()
    return HashKey(k0: generator.next(), k1: generator.next())
  }

  /// SipHash-1-3 with 128 bits of output over the bytes and then one more word. Source: Aumasson and Bernstein (2012), and the
  /// reference implementation's 128-bit variant; the rounds are those that hash tables of Rust and Swift use.
  @inline(__always)
  func sip128(_ p: UnsafePointer<UInt8>, _ count: Int, suffix: UInt64) -> IdentityHash {
    // Safety: reads exactly the `count` bytes that the caller vouches for.
    var v0 = k0 ^ 0x736f_6d65_7073_6575, v1 = k1 ^ 0x646f_7261_6e64_6f6d ^ 0xee
    var v2 = k0 ^ 0x6c79_6765_6e65_7261, v3 = k1 ^ 0x7465_6462_7974_6573
    @inline(__always) func round() {
      v0 = v0 &+ v1
      v1 = Hashing.rotate(v1, 13) ^ v0
      v0 = Hashing.rotate(v0, 32)
      v2 = v2 &+ v3
      v3 = Hashing.rotate(v3, 16) ^ v2
      v0 = v0 &+ v3
      v3 = Hashing.rotate(v3, 21) ^ v0
      v2 = v2 &+ v1
      v1 = Hashing.rotate(v1, 17) ^ v2
      v2 = Hashing.rotate(v2, 32)
    }
    @inline(__always) func absorb(_ word: UInt64) {
      v3 ^= word
      round()
      v0 ^= word
    }
    var at = 0
    while at + 8 <= count {
      absorb(unsafe Hashing.load64(p, at))
      at += 8
    }
    // The bytes' end is marked by their number, so that no two pairs of bytes and suffix read alike.
    absorb(unsafe Hashing.tail(p, at, count))
    absorb(suffix ^ (UInt64(count) &<< 32))
    v2 ^= 0xee
    round()
    round()
    round()
    let low = v0 ^ v1 ^ v2 ^ v3
    v1 ^= 0xdd
    round()
    round()
    round()
    return IdentityHash(low: low, high: v0 ^ v1 ^ v2 ^ v3)
  }
}
