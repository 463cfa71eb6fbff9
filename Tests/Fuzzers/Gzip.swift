import Buffers
import CZlib

/// What holdfast accepts, zlib reads as the same text: the input as it is, then as the deflate data of a member with a right frame.
func fuzzGzip(_ bytes: [UInt8]) {
  check(bytes)
  if let text = inflated(bytes, windowBits: -15) {
    var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    member += bytes[..<text.consumed]
    let crc = UInt32(truncatingIfNeeded: crc32(0, text.bytes, UInt32(text.bytes.count)))
    for word in [crc, UInt32(truncatingIfNeeded: text.bytes.count)] {
      for shift in 0..<4 { member.append(UInt8(word >> (8 * shift) & 255)) }
    }
    // A text that is gzip again is refused.
    require(check(member) == text.bytes || text.bytes.starts(with: [0x1F, 0x8B]), "a sound member is refused")
    require(
      check(member + member)?.count == 2 * text.bytes.count || text.bytes.starts(with: [0x1F, 0x8B]), "two sound members are refused")
  }
}

/// The text, where it is accepted.
@discardableResult
private func check(_ bytes: [UInt8]) -> [UInt8]? {
  let path = write(bytes, "dump.gz")
  let whole = read(path, pieceBytes: TextChunk.textCapacity, pipelined: false)
  let cut = read(path, pieceBytes: 1 + bytes.count % 97, pipelined: bytes.count % 16 == 0)
  require(whole?.text == cut?.text && whole?.facts == cut?.facts, "in pieces another text or verdict")
  guard let whole else { return nil }
  require(whole.facts.textBytes == Int64(whole.text.count) && whole.facts.fileBytes == Int64(bytes.count), "lengths")
  require(UInt32(truncatingIfNeeded: crc32(0, whole.text, UInt32(whole.text.count))) == whole.facts.textCRC, "CRC of the text")
  if !whole.facts.isGzip {
    require(whole.text == bytes, "plain text is changed")
    return whole.text
  }
  var rest = bytes[...], text: [UInt8] = []
  while let first = rest.first, first == 0x1F {
    // 16: with gzip's frame.
    guard let member = inflated(Array(rest), windowBits: 15 + 16) else { fatalError("zlib refuses what holdfast accepts") }
    text += member.bytes
    rest = rest.dropFirst(member.consumed)
  }
  require(rest.allSatisfy { $0 == 0 } && Int64(rest.count) == whole.facts.trailingZeros, "bytes behind the last member")
  require(text == whole.text, "another text than zlib's")
  return text
}

private func read(_ path: String, pieceBytes: Int, pipelined: Bool) -> (text: [UInt8], facts: DumpFacts)? {
  do {
    let file = try InputFile(path: path)
    let source = TextSource(file: file, rowBytesMax: 4096, pipelined: pipelined, pieceBytes: pieceBytes)
    var text: [UInt8] = [], used = 0
    while let chunk = try source.next(usedUpTo: used) {
      text += chunk.copy(from: chunk.textEnd - chunk.textCount, to: chunk.textEnd)
      used = chunk.textEnd
    }
    return (text, source.facts())
  } catch let fault as GzipFault {
    require(!fault.reason.isEmpty && fault.offset >= 0 && fault.offset <= file(path), "a fault at byte \(fault.offset)")
    return nil
  } catch {
    fatalError("\(error)")
  }
}

private func file(_ path: String) -> Int64 { (try? FileIdentity.of(path)?.identity.byteCount) ?? 0 }

/// zlib's answer; nil where it refuses the data or they do not end.
private func inflated(_ bytes: [UInt8], windowBits: Int32) -> (bytes: [UInt8], consumed: Int)? {
  var stream = z_stream(), input = bytes, text: [UInt8] = []
  guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
  defer { inflateEnd(&stream) }
  return input.withUnsafeMutableBufferPointer { input in
    stream.next_in = input.baseAddress
    stream.avail_in = UInt32(input.count)
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let code = piece.withUnsafeMutableBufferPointer { piece in
        stream.next_out = piece.baseAddress
        stream.avail_out = UInt32(piece.count)
        return inflate(&stream, Z_NO_FLUSH)
      }
      text += piece[..<(piece.count - Int(stream.avail_out))]
      if code == Z_STREAM_END { return (text, input.count - Int(stream.avail_in)) }
      if code != Z_OK { return nil }
    }
  }
}
