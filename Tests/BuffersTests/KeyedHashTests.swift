import Buffers
import Foundation
import Testing

/// RFC 4231, test cases 1 and 2: the first 128 of 256 bits.
@Test(arguments: [
  ([UInt8](repeating: 0x0B, count: 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b"),
  (Array("Jefe".utf8), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c7"),
])
func `a keyed hash is HMAC-SHA-256`(key: [UInt8], text: String, wanted: String) {
  let hash = KeyedHash(key: key)
  #expect(String(decoding: hash.hexadecimal(Array(text.utf8)), as: UTF8.self) == wanted)
  #expect(hash.digest(Array(text.utf8)).map { String(format: "%02x", $0) }.joined() == wanted)
}

@Test func `quick hashes follow the key, and tell texts and their lengths apart`() {
  let (one, other) = (KeyedHash(key: [1]), KeyedHash(key: [2]))
  let texts = (0...40).map { [UInt8](repeating: 0, count: $0) } + [Array("c7".utf8), Array("c8".utf8)]
  #expect(Set(texts.map { one.quickHash($0.span) }).count == texts.count)
  for text in texts { #expect(one.quickHash(text.span) != other.quickHash(text.span)) }
}
