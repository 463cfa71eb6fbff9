import Buffers
import Foundation

/// One gzip member of a text, by zlib.
package func gzip(_ text: [UInt8], level: Int32 = 6) throws -> [UInt8] {
  let folder = try TemporaryFolder()
  let writer = try GzipWriter(path: folder.path + "/a.gz", level: level)
  try writer.write(text.span)
  _ = try writer.finish()
  return try folder.read("a.gz")
}

package func gzip(_ text: String, level: Int32 = 6) throws -> [UInt8] { try gzip(Array(text.utf8), level: level) }

/// A gzip member whose text stands in stored blocks, made by hand: framing without a compressor.
package func storedGzip(_ text: [UInt8]) -> [UInt8] {
  var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
  var start = 0
  repeat {
    let count = min(65_535, text.count - start)
    bytes.append(start + count == text.count ? 1 : 0)
    for word in [UInt16(count), ~UInt16(count)] { bytes += [UInt8(word & 255), UInt8(word >> 8)] }
    bytes += text[start..<start + count]
    start += count
  } while start < text.count
  for word in [slowCRC32(text), UInt32(truncatingIfNeeded: text.count)] {
    for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: word >> (8 * UInt32(shift)))) }
  }
  return bytes
}

/// CRC-32 of RFC 1952, 8, bit by bit.
package func slowCRC32(_ bytes: some Sequence<UInt8>) -> UInt32 {
  var crc = ~UInt32(0)
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
  }
  return ~crc
}
