import Crypto
import Glibc

/// HMAC-SHA-256 under one key (RFC 2104, FIPS 180-4). The key can not be had back from it.
package struct KeyedHash: Sendable {
  /// The state after the key: hashing a text starts from a copy.
  private let keyed: HMAC<SHA256>
  /// Of the quick hash that tells most texts apart before the slow one is asked.
  private var quick = HashKey(k0: 0, k1: 0)

  package init(key: [UInt8]) {
    keyed = HMAC<SHA256>(key: SymmetricKey(data: key))
    let bytes = digest("holdfast: the key of quick hashes".utf8)
    func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    quick = HashKey(k0: word(bytes[0..<8]), k1: word(bytes[8..<16]))
  }

  /// SipHash under a key that is derived from this one: 50 times as fast as `digest`, and tells as little to whoever lacks the key.
  package func quickHash(_ text: Span<UInt8>) -> Int64 {
    // Safety: the span keeps the bytes alive; an empty one has no address, and nothing is read.
    let hash = unsafe text.withUnsafeBufferPointer { bytes in
      unsafe quick.sip128(bytes.baseAddress ?? UnsafePointer(bitPattern: 64)!, bytes.count, suffix: 0)
    }
    return Int64(truncatingIfNeeded: hash.low)
  }

  /// The first 16 of the 32 bytes.
  package func digest(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var hash = keyed
    hash.update(data: Array(bytes))
    return Array(hash.finalize().prefix(16))
  }

  /// `digest` as 32 lower-case hexadecimal digits, for the bytes between two places of a text.
  @inline(__always)
  func writeHexadecimal(_ text: UnsafePointer<UInt8>, _ count: Int, to out: UnsafeMutablePointer<UInt8>) {
    var hash = keyed
    // Safety: the caller vouches for `count` readable bytes, and for 32 writable ones.
    unsafe hash.update(data: UnsafeRawBufferPointer(start: text, count: count))
    unsafe hash.finalize().withUnsafeBytes { digest in
      for i in 0..<16 {
        unsafe out[2 * i] = Self.digit(digest[i] >> 4)
        unsafe out[2 * i + 1] = Self.digit(digest[i] & 15)
      }
    }
  }

  /// The same of a whole text.
  package func hexadecimal(_ bytes: [UInt8]) -> [UInt8] { digest(bytes).flatMap { [Self.digit($0 >> 4), Self.digit($0 & 15)] } }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 &+ value : 87 &+ value }
}

/// A file that holds a key: who may read it, and what stands in it.
package struct KeyFile: Sendable {
  package var bytes: [UInt8]
  /// Whether anyone but its owner may read or write it.
  package var isOpenToOthers: Bool

  package static let bytesMax = 64 << 10

  /// - Returns: nil where it is longer than any key.
  package static func read(_ path: String) throws(SystemFault) -> KeyFile? {
    var status = stat()
    // Safety: `status` is ours and outlives the call.
    if unsafe stat(path, &status) != 0 { throw SystemFault(operation: "look at", path: path) }
    guard let bytes = try SmallFile.read(path, bytesMax: bytesMax) else { return nil }
    return KeyFile(bytes: bytes, isOpenToOthers: status.st_mode & 0o077 != 0)
  }

  /// 32 bytes that nobody can guess.
  package static func random() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }
}
