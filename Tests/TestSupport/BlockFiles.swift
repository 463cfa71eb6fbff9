import Buffers

/// A file of blocks as another version of the format would have written it: the version in its trailer, under a right checksum.
package func blockFile(_ bytes: [UInt8], ofVersion version: UInt64) -> [UInt8] {
  var bytes = bytes
  let trailer = bytes.count - 64
  bytes.replaceSubrange(trailer + 40..<trailer + 48, with: rawBytes([version]))
  bytes.replaceSubrange(trailer + 56..<trailer + 64, with: rawBytes([xxhash64(Array(bytes[trailer..<trailer + 56]))]))
  return bytes
}
