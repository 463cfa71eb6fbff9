import Buffers
import TestSupport
import Testing

/// SipHash with c and d rounds and 128 bits of output over whole words, as Aumasson and Bernstein (2012) and their reference code state it.
func slowSip128(_ words: [UInt64], key: HashKey, c: Int, d: Int) -> (low: UInt64, high: UInt64) {
  var v: [UInt64] = [
    key.k0 ^ 0x736f_6d65_7073_6575, key.k1 ^ 0x646f_7261_6e64_6f6d ^ 0xEE, key.k0 ^ 0x6c79_6765_6e65_7261, key.k1 ^ 0x7465_6462_7974_6573,
  ]
  func rotated(_ x: UInt64, _ by: UInt64) -> UInt64 { x << by | x >> (64 - by) }
  func rounds(_ count: Int) {
    for _ in 0..<count {
      v[0] &+= v[1]
      v[2] &+= v[3]
      v[1] = rotated(v[1], 13) ^ v[0]
      v[3] = rotated(v[3], 16) ^ v[2]
      v[0] = rotated(v[0], 32)
      v[2] &+= v[1]
      v[0] &+= v[3]
      v[1] = rotated(v[1], 17) ^ v[2]
      v[3] = rotated(v[3], 21) ^ v[0]
      v[2] = rotated(v[2], 32)
    }
  }
  for word in words {
    v[3] ^= word
    rounds(c)
    v[0] ^= word
  }
  v[2] ^= 0xEE
  rounds(d)
  let low = v[0] ^ v[1] ^ v[2] ^ v[3]
  v[1] ^= 0xDD
  rounds(d)
  return (low, v[0] ^ v[1] ^ v[2] ^ v[3])
}

/// Bytes as little-endian words, the last padded with zeros; there is always one that is not full.
private func words(_ bytes: [UInt8]) -> [UInt64] {
  (0...bytes.count / 8).map { w in
    bytes.dropFirst(w * 8).prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
  }
}

@Suite struct HashTests {
  @Test(arguments: [
    ("", 0, 0xef46_db37_51d8_e999 as UInt64), ("a", 0, 0xd24e_c4f1_a98c_6e5b), ("abc", 0, 0x44bc_2cf5_ad77_0999),
  ]) func `XXH64 of short texts is the published value`(text: String, seed: UInt64, hash: UInt64) {
    #expect(xxhash64(Array(text.utf8), seed: seed) == hash)
  }

  /// The self-test of xxHash's command-line tool: bytes of its own generator.
  @Test(arguments: [
    (0, 0, 0xEF46_DB37_51D8_E999 as UInt64), (0, 2_654_435_761, 0xAC75_FDA2_929B_17EF), (1, 0, 0xE934_A84A_DB05_2768),
    (1, 2_654_435_761, 0x5014_6076_43A9_B4C3), (4, 0, 0x9136_A0DC_A574_57EE), (14, 0, 0x8282_DCC4_994E_35C8),
    (14, 2_654_435_761, 0xC3BD_6BF6_3DEB_6DF0), (222, 0, 0xB641_AE8C_B691_C174), (222, 2_654_435_761, 0x20CB_8AB7_AE10_C14A),
  ]) func `XXH64 gives what the reference's self-test states`(count: Int, seed: UInt64, hash: UInt64) {
    var state: UInt64 = 2_654_435_761
    let bytes = (0..<count).map { _ in
      defer { state = state &* 11_400_714_785_074_694_797 }
      return UInt8(state >> 56)
    }
    #expect(xxhash64(bytes, seed: seed) == hash)
  }

  /// Spark chains its hash through the columns, each with the hash before as its seed; whole numbers are 4 bytes.
  @Test func `Spark documents xxhash64('Spark', array(123), 2) as 5602566077635097486, and so it is here`() {
    var hash = xxhash64(Array("Spark".utf8), seed: 42)
    for number: [UInt8] in [[123, 0, 0, 0], [2, 0, 0, 0]] { hash = xxhash64(number, seed: hash) }
    #expect(hash == 5_602_566_077_635_097_486)
  }

  @Test func `a bucket is Spark's xxhash64 of the id modulo the number of buckets, for ids of any length`() throws {
    var random = Seeded(31)
    let ids = (1...300).map { random.bytes($0, from: Array("abcXYZ0189_-".utf8)) }, buckets = Memory<UInt16>(capacity: FieldBatch.capacity)
    for bucketCount in [1, 2, 64, 4096, 65_536] {
      try FieldTable(ids.map { [$0] }).eachBatch { batch, _, first in
        batch.buckets(0, bucketCount: bucketCount, into: buckets)
        for r in 0..<batch.rowCount { #expect(Int(buckets[r]) == Int(xxhash64(ids[first + r], seed: 42) % UInt64(bucketCount))) }
      }
    }
  }

  @Test func `the plain SipHash of this file gives the reference's first vector`() {
    let key = HashKey(k0: 0x0706_0504_0302_0100, k1: 0x0F0E_0D0C_0B0A_0908)
    let hash = slowSip128([0], key: key, c: 2, d: 4)
    // a3 81 7f 04 ba 25 a8 e6 · 6d f6 72 14 c7 55 02 93
    #expect(hash.low == 0xE6A8_25BA_047F_81A3 && hash.high == 0x9302_55C7_1472_F66D)
  }

  @Test func `identities are SipHash-1-3-128 of the bytes and the kind, for ids of any length`() throws {
    var random = Seeded(32)
    let key = HashKey(k0: random.next(), k1: random.next())
    let ids = (1...200).map { random.bytes($0, from: Array(97...122)) }
    let hashes = Memory<IdentityHash>(capacity: FieldBatch.capacity), kinds = Memory<UInt16>(capacity: FieldBatch.capacity)
    kinds.fill(0)
    for r in ids.indices { kinds[r] = UInt16(r % 3) }
    for hasSuffix in [false, true] {
      try FieldTable(ids.map { [$0] }).eachBatch { batch, _, _ in
        batch.identities(0, hasSuffix: hasSuffix, suffixes: kinds, key: key, into: hashes)
        for (r, id) in ids.enumerated() {
          let suffix = hasSuffix ? UInt64(r % 3) : 0
          let expected = slowSip128(words(id) + [suffix ^ UInt64(id.count) << 32], key: key, c: 1, d: 3)
          #expect(hashes[r].low == expected.low && hashes[r].high == expected.high)
        }
      }
    }
  }
}
