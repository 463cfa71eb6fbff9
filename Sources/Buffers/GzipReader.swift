import Crypto

/// What is wrong with a dump's bytes, and where in the file it stands.
package struct GzipFault: Error, Sendable, Hashable {
  /// Bytes from the start of the file, compressed.
  package var offset: Int64
  package var reason: String
  package var isSystem: SystemFault?
  /// What to do about it.
  package var fix = "deliver the dump again, whole; the next run loads it"
}

/// The text of a dump: gzip (RFC 1952, any number of members) or plain. Each member's CRC and length are checked when its end is
/// reached, so nothing of a dump counts before `read` has answered 0. Also takes the SHA-256 of the file's bytes in the same pass.
// Safety: used by one thread at a time: the one that inflates, then, when that has ended, the one that asks for the facts.
@safe final class GzipReader: @unchecked Sendable {
  /// A dump whose text is larger than this many times its bytes, and larger than `bombBytesMin`, is refused.
  static let ratioMax: Int64 = 400
  static let bombBytesMin: Int64 = 256 << 20
  private static let inputCapacity = (256 << 10) + 64

  let file: InputFile
  private(set) var fileBytes: Int64 = 0
  private(set) var textBytes: Int64 = 0
  /// CRC-32 of all text so far.
  private(set) var textCRC: UInt32 = 0
  private(set) var isGzip = false
  private(set) var trailingZeros: Int64 = 0

  private let input = Memory<UInt8>(capacity: GzipReader.inputCapacity)
  private var inputStart = 0
  private var inputEnd = 0
  private var fileEnded = false
  private var hasher = SHA256()
  private let inflater = Inflater()
  private var phase = Phase.start
  private var memberCRC: UInt32 = 0
  private var memberBytes: Int64 = 0
  /// The text's first two bytes, where it was compressed.
  private var magic: [UInt8] = []

  private enum Phase { case start, plain, header, body, end }

  init(file: InputFile) { self.file = file }

  /// Lower-case hexadecimal SHA-256 of the file's bytes; after the end was reached.
  var sha256: String { hexadecimal(hasher.finalize()) }

  /// Fills `output` as far as one step goes; 0 only at the end of a sound file.
  func read(into output: UnsafeMutableRawBufferPointer) throws(GzipFault) -> Int {
    while true {
      switch phase {
      case .start: try begin()
      case .plain: return try unsafe readPlain(into: output)
      case .header: try readHeader()
      case .body:
        let made = try unsafe inflate(into: output)
        if made > 0 { return made }
      case .end: return 0
      }
    }
  }

  // MARK: bytes of the file

  private var offset: Int64 { fileBytes - Int64(inputEnd - inputStart) }
  private func fault(_ reason: String, fix: String? = nil) -> GzipFault {
    var fault = GzipFault(offset: offset, reason: reason)
    if let fix { fault.fix = fix }
    return fault
  }

  /// True when at least `count` bytes (≤ 64) stand ready.
  private func fill(_ count: Int) throws(GzipFault) -> Bool {
    if inputEnd - inputStart >= count { return true }
    // Safety: both ranges lie inside `input`; the bytes in between are moved, then new ones are read behind them.
    let left = inputEnd - inputStart
    unsafe input.base.update(from: input.base + inputStart, count: left)
    (inputStart, inputEnd) = (0, left)
    while inputEnd < count && !fileEnded {
      let room = unsafe UnsafeMutableRawBufferPointer(start: input.base + inputEnd, count: input.capacity - 64 - inputEnd)
      let got: Int
      do { got = try unsafe file.read(into: room) } catch {
        throw GzipFault(offset: offset, reason: error.description, isSystem: error)
      }
      if got < room.count { fileEnded = true }
      unsafe hasher.update(bufferPointer: UnsafeRawBufferPointer(start: room.baseAddress, count: got))
      inputEnd += got
      fileBytes += Int64(got)
    }
    return inputEnd >= count
  }

  private func byte(_ index: Int) -> UInt8 {
    // Safety: called for bytes that `fill` vouched for.
    unsafe input.base[inputStart + index]
  }

  private func take() throws(GzipFault) -> UInt8 {
    guard try fill(1) else { throw fault("the file ends inside a gzip header: truncated, or still being written") }
    defer { inputStart += 1 }
    return byte(0)
  }

  // MARK: framing

  private func begin() throws(GzipFault) {
    guard try fill(1) else { throw fault("the file is empty (0 bytes)") }
    let has4 = try fill(4)
    let magic = (0..<min(4, inputEnd - inputStart)).map { byte($0) }
    if magic.starts(with: [0x1F, 0x8B]) || magic == [0x1F] {
      isGzip = true
      phase = .header
      return
    }
    let others: [([UInt8], String)] = [
      ([0x50, 0x4B, 0x03, 0x04], "zip"), ([0x1F, 0x9D], "compress (.Z)"), ([0x42, 0x5A, 0x68], "bzip2"),
      ([0xFD, 0x37, 0x7A, 0x58], "xz"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), ([0x50, 0x41, 0x52, 0x31], "Parquet"),
    ]
    if has4, let other = others.first(where: { magic.starts(with: $0.0) }) {
      throw fault("the file is \(other.1), not gzip or plain text", fix: "unpack it, and deliver it plain or by gzip")
    }
    phase = .plain
  }

  private func readPlain(into output: UnsafeMutableRawBufferPointer) throws(GzipFault) -> Int {
    guard try fill(1) else {
      phase = .end
      return 0
    }
    // Safety: copies what both buffers hold.
    let count = min(output.count, inputEnd - inputStart)
    unsafe output.baseAddress!.copyMemory(from: input.base + inputStart, byteCount: count)
    inputStart += count
    try unsafe account(UnsafeRawBufferPointer(start: output.baseAddress, count: count))
    return count
  }

  /// RFC 1952, 2.3. Names, comments and extra fields are skipped in bounded memory and never used.
  private func readHeader() throws(GzipFault) {
    var crc: UInt32 = 0
    func next() throws(GzipFault) -> UInt8 {
      var value = try take()
      // Safety: one byte of ours.
      crc = unsafe withUnsafeBytes(of: &value) { unsafe Inflater.crc32(crc, $0) }
      return value
    }
    guard try next() == 0x1F, try next() == 0x8B else { throw fault("not a gzip header") }
    guard try next() == 8 else { throw fault("a compression method other than deflate") }
    let flags = try next()
    guard flags & 0xE0 == 0 else { throw fault("reserved flags are set in a gzip header") }
    for _ in 0..<6 { _ = try next() }
    if flags & 4 != 0 {
      let low = try next(), high = try next()
      for _ in 0..<(Int(low) | Int(high) << 8) { _ = try next() }
    }
    if flags & 8 != 0 { while try next() != 0 {} }
    if flags & 16 != 0 { while try next() != 0 {} }
    if flags & 2 != 0 {
      let wanted = UInt16(truncatingIfNeeded: crc)
      let low = try take(), high = try take()
      guard UInt16(low) | UInt16(high) << 8 == wanted else { throw fault("the checksum of a gzip header is wrong") }
    }
    inflater.reset()
    (memberCRC, memberBytes) = (0, 0)
    phase = .body
  }

  private func inflate(into output: UnsafeMutableRawBufferPointer) throws(GzipFault) -> Int {
    guard try fill(1) else { throw fault("the file ends inside a gzip member: truncated, or still being written") }
    // Safety: the decoder sees exactly the bytes that stand ready.
    let ready = unsafe UnsafeRawBufferPointer(start: input.base + inputStart, count: inputEnd - inputStart)
    let step: Inflater.Step
    do { step = try unsafe inflater.step(ready, into: output) } catch {
      switch error {
      case .corrupt(let reason): throw fault(reason)
      }
    }
    inputStart += step.consumed
    if step.consumed == 0 && step.produced == 0 && !step.isFinished {
      throw fault("the file ends inside a gzip member: truncated, or still being written")
    }
    if step.produced > 0 { try unsafe account(UnsafeRawBufferPointer(start: output.baseAddress, count: step.produced)) }
    if step.isFinished { try endMember() }
    return step.produced
  }

  private func account(_ made: UnsafeRawBufferPointer) throws(GzipFault) {
    if isGzip && textBytes < 2 { try unsafe refuseGzip(made) }
    unsafe memberCRC = Inflater.crc32(memberCRC, made)
    memberBytes += Int64(made.count)
    textBytes += Int64(made.count)
    if !isGzip { textCRC = memberCRC }
    if textBytes > Self.bombBytesMin && textBytes / Self.ratioMax > fileBytes {
      throw fault(
        "the text is more than \(Self.ratioMax) times the file's bytes: refused as a decompression bomb",
        fix: "look at who sent it; a true dump of so even rows can be delivered plain")
    }
  }

  /// - Parameter made: from the text's first or second byte on.
  private func refuseGzip(_ made: UnsafeRawBufferPointer) throws(GzipFault) {
    // Safety: within the buffer's count.
    for i in 0..<min(made.count, 2 - Int(textBytes)) { unsafe magic.append(made[i]) }
    guard magic == [0x1F, 0x8B] else { return }
    throw fault("the text is gzip again: compressed twice", fix: "unpack it once, and deliver it so")
  }

  private func endMember() throws(GzipFault) {
    // The decoder may hold the next bytes already: they come before what stands in the input.
    var ahead = inflater.readAhead[...]
    func next() throws(GzipFault) -> UInt8 {
      if let first = ahead.popFirst() { return first }
      guard try fill(1) else { throw fault("the file ends inside a gzip trailer: truncated, or still being written") }
      defer { inputStart += 1 }
      return byte(0)
    }
    var words: [UInt32] = []
    for _ in 0..<2 {
      var word: UInt32 = 0
      for shift in 0..<4 { word |= UInt32(try next()) << UInt32(8 * shift) }
      words.append(word)
    }
    guard words[0] == memberCRC else { throw fault("the checksum (CRC-32) of a gzip member is wrong: the file is damaged") }
    guard words[1] == UInt32(truncatingIfNeeded: memberBytes) else {
      throw fault("the length of a gzip member is wrong: the file is damaged")
    }
    textCRC = Inflater.combine(textCRC, memberCRC, secondCount: memberBytes)
    giveBack(ahead)
    try findNextMember()
  }

  /// Puts bytes back before the input; at most 8, taken from there earlier, so there is always room after a `fill`.
  private func giveBack(_ bytes: ArraySlice<UInt8>) {
    guard !bytes.isEmpty else { return }
    if inputStart < bytes.count {
      // Safety: moves the ready bytes to the right by at most 8, inside the capacity, which `fill` never uses up before its last byte.
      let shift = bytes.count
      precondition(inputEnd + shift <= input.capacity)
      var i = inputEnd - 1
      while i >= inputStart {
        unsafe input.base[i + shift] = input.base[i]
        i -= 1
      }
      inputStart += shift
      inputEnd += shift
    }
    inputStart -= bytes.count
    for (i, value) in bytes.enumerated() { unsafe input.base[inputStart + i] = value }
  }

  private func findNextMember() throws(GzipFault) {
    guard try fill(1) else {
      phase = .end
      return
    }
    if byte(0) == 0x1F {
      phase = .header
      return
    }
    // gzip(1) and CPython take zero padding at the end for padding; anything else is not ours.
    while try fill(1) {
      guard byte(0) == 0 else {
        throw fault("bytes behind the end of the gzip data: \(trailingZeros > 0 ? "not all zero" : "trailing garbage")")
      }
      inputStart += 1
      trailingZeros += 1
    }
    phase = .end
  }
}
