import Buffers

/// Where a block of a file lies, and how its values are packed. 48 bytes in the file's directory.
package struct BlockEntry: Sendable, Hashable {
  package var offset: UInt64
  package var byteCount: UInt64
  /// XXH64 of the bytes.
  package var checksum: UInt64
  package var base: Int64
  package var count: UInt32
  package var width: UInt8
  package var hasNulls: Bool

  init(offset: UInt64, byteCount: UInt64, checksum: UInt64, base: Int64, count: UInt32, width: UInt8, hasNulls: Bool) {
    self.offset = offset
    self.byteCount = byteCount
    self.checksum = checksum
    self.base = base
    self.count = count
    self.width = width
    self.hasNulls = hasNulls
  }

  init(words: ArraySlice<UInt64>) {
    let w = Array(words)
    (offset, byteCount, checksum, base) = (w[0], w[1], w[2], Int64(bitPattern: w[3]))
    (count, width, hasNulls) = (UInt32(truncatingIfNeeded: w[4]), UInt8(truncatingIfNeeded: w[4] >> 32), w[4] >> 40 & 1 == 1)
  }

  var words: [UInt64] {
    [offset, byteCount, checksum, UInt64(bitPattern: base), UInt64(count) | UInt64(width) << 32 | (hasNulls ? 1 << 40 : 0), 0]
  }
}

/// A block, packed and summed, before it has a place in a file.
package struct PackedBlock: Sendable {
  package var bytes: [UInt8]
  package var base: Int64
  package var count: Int
  package var width: Int
  package var hasNulls: Bool
  package var checksum: UInt64

  package init(_ integers: PackedIntegers) {
    (bytes, base, count, width, hasNulls) = (integers.bytes, integers.base, integers.count, integers.width, integers.hasNulls)
    checksum = xxhash64(bytes)
  }

  /// Plain bytes; `count` is the caller's own.
  package init(bytes: [UInt8], count: Int) {
    (self.bytes, base, self.count, width, hasNulls) = (bytes, 0, count, 0, false)
    checksum = xxhash64(bytes)
  }
}

/// Writes a file of blocks: magic and version · blocks, each at a multiple of 8 · directory · meta (the caller's own text) · trailer. The
/// trailer of 64 bytes holds the lengths of directory and meta, their checksum, and the magic again: a file cut short has none.
/// Everything is little-endian.
package final class BlockFileWriter {
  private let file: OutputFile
  private var entries: [BlockEntry] = []
  private let magic: UInt64
  private let version: UInt32
  private var buffer: [UInt8] = []
  private static let bufferBytes = 256 << 10

  package init(path: String, magic: UInt64, version: UInt32) throws(SystemFault) {
    file = try OutputFile(path: path)
    self.magic = magic
    self.version = version
    try file.write(rawBytes([magic, UInt64(version)]))
  }

  package var byteCount: Int64 { file.byteCount }
  package var temporaryPath: String { file.temporaryPath }

  /// Appends blocks in one write; returns the number of the first.
  @discardableResult
  package func append(_ blocks: [PackedBlock]) throws(SystemFault) -> Int {
    let first = entries.count
    for block in blocks {
      // Small blocks are written together, large ones from where they lie.
      if buffer.count + block.bytes.count > Self.bufferBytes { try flush() }
      entries.append(
        BlockEntry(
          offset: UInt64(file.byteCount) + UInt64(buffer.count), byteCount: UInt64(block.bytes.count), checksum: block.checksum,
          base: block.base, count: UInt32(block.count), width: UInt8(block.width), hasNulls: block.hasNulls))
      if block.bytes.count > Self.bufferBytes {
        try file.write(block.bytes)
        if block.bytes.count % 8 != 0 { try file.write([UInt8](repeating: 0, count: 8 - block.bytes.count % 8)) }
      } else {
        buffer.append(contentsOf: block.bytes)
        while buffer.count % 8 != 0 { buffer.append(0) }
      }
    }
    return first
  }

  private func flush() throws(SystemFault) {
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  package func startWriteback() { file.startWriteback() }

  /// Writes directory, meta and trailer. The file has its name only after `publish`.
  package func finish(meta: String) throws(SystemFault) {
    try flush()
    var tail = rawBytes(entries.flatMap(\.words))
    let directoryBytes = UInt64(tail.count)
    let metaBytes = Array(meta.utf8)
    tail.append(contentsOf: metaBytes)
    while tail.count % 8 != 0 { tail.append(0) }
    let padded = UInt64(tail.count)
    let head: [UInt64] = [
      UInt64(file.byteCount), directoryBytes, UInt64(metaBytes.count), padded, xxhash64(tail), UInt64(version), magic,
    ]
    tail.append(contentsOf: rawBytes(head))
    tail.append(contentsOf: rawBytes([xxhash64(rawBytes(head))]))
    try file.write(tail)
    file.startWriteback()
  }

  /// - Parameter path: the name that the file gets, in its own folder.
  package func publish(as path: String) throws(SystemFault) {
    file.path = path
    try file.publish()
  }
}

/// A file of blocks, mapped. Opening checks the trailer, directory and meta; each block's checksum is checked when it is read.
package final class BlockFile: Sendable {
  /// What to do about a damaged segment of the store; other files have makers of their own.
  package static let fix = "run `holdfast extract PIPELINE --rebuild`, which reads its dump again, or restore it from a backup"

  private let file: MappedFile
  package let entries: [BlockEntry]
  package let meta: String
  package let version: UInt32
  package var path: String { file.path }
  package var byteCount: Int { file.byteCount }

  package convenience init(path: String, magic: UInt64, version: UInt32) throws(PipelineError) {
    try self.init(path: path, magic: magic, versions: version...version)
  }

  package init(path: String, magic: UInt64, versions: ClosedRange<UInt32>) throws(PipelineError) {
    do { file = try MappedFile(path: path) } catch {
      throw PipelineError(.inputOutput, error.description, fix: "check the disk and the rights of the state folder, then run again")
    }
    func damaged(_ what: String) -> PipelineError {
      PipelineError(.badInput, "\(path): \(what)", fix: Self.fix)
    }
    let size = file.byteCount
    guard size >= 16 + 64, let trailer = file.withBytes(size - 64, 64, { values($0, count: 8, as: UInt64.self) }) ?? nil else {
      throw damaged("expected at least 80 bytes, found \(size): cut short")
    }
    guard trailer[7] == xxhash64(rawBytes(Array(trailer[0..<7]))), trailer[6] == magic else {
      throw damaged("the trailer is damaged or missing: cut short, or not a file of this kind")
    }
    guard let version = UInt32(exactly: trailer[5]), versions.contains(version) else {
      let known = versions.count == 1 ? "version \(versions.upperBound)" : "versions \(versions.lowerBound) to \(versions.upperBound)"
      throw PipelineError(
        .badInput, "\(path): written in format version \(trailer[5]), this holdfast reads \(known)",
        fix: "use the holdfast that wrote it; else " + Self.fix)
    }
    guard let head = file.withBytes(0, 16, { values($0, count: 2, as: UInt64.self) }) ?? nil, head == [magic, UInt64(version)],
      trailer[0] <= UInt64(size - 64), trailer[3] == UInt64(size - 64) - trailer[0], trailer[1] <= trailer[3], trailer[1] % 48 == 0,
      trailer[2] <= trailer[3] - trailer[1]
    else { throw damaged("header and trailer do not agree") }
    self.version = version
    let directory = file.withBytes(Int(trailer[0]), Int(trailer[3])) { bytes in
      (xxhash64(bytes), values(bytes.extracting(first: Int(trailer[1])), count: Int(trailer[1]) / 8, as: UInt64.self))
    }
    guard let (sum, words) = directory, sum == trailer[4], let words else { throw damaged("the directory's checksum is wrong") }
    entries = stride(from: 0, to: words.count, by: 6).map { BlockEntry(words: words[$0..<$0 + 6]) }
    guard entries.allSatisfy({ $0.offset <= UInt64(size) && $0.byteCount <= UInt64(size) - $0.offset }) else {
      throw damaged("the directory names blocks that lie outside")
    }
    let text = file.withBytes(Int(trailer[0] + trailer[1]), Int(trailer[2])) { values($0, count: Int(trailer[2]), as: UInt8.self) }
    meta = String(decoding: (text ?? nil) ?? [], as: UTF8.self)
  }

  private func damaged(_ block: Int) -> PipelineError {
    PipelineError(
      .badInput, "\(path): block \(block) at byte \(entries.indices.contains(block) ? entries[block].offset : 0): its checksum is wrong",
      fix: Self.fix)
  }

  /// The checked bytes of a block.
  package func withBlock<R>(_ block: Int, _ body: (RawSpan, BlockEntry) -> R?) throws(PipelineError) -> R {
    guard entries.indices.contains(block) else { throw damaged(block) }
    let entry = entries[block]
    guard entry.offset <= UInt64(byteCount), entry.byteCount <= UInt64(byteCount) else { throw damaged(block) }
    let result = file.withBytes(Int(entry.offset), Int(entry.byteCount)) { bytes in
      xxhash64(bytes) == entry.checksum ? body(bytes, entry) : nil
    }
    guard let result = result ?? nil else { throw damaged(block) }
    return result
  }

  package func integers<T: FixedWidthInteger & BitwiseCopyable>(_ block: Int, as type: T.Type) throws(PipelineError) -> [T] {
    try withBlock(block) { bytes, entry in
      unpackIntegers(bytes, base: entry.base, width: Int(entry.width), hasNulls: entry.hasNulls, count: Int(entry.count), as: T.self)
    }
  }

  package func plain<T: BitwiseCopyable>(_ block: Int, as type: T.Type) throws(PipelineError) -> [T] {
    try withBlock(block) { bytes, _ in values(bytes, count: bytes.byteCount / MemoryLayout<T>.stride, as: T.self) }
  }

  /// Values `from ..< to` of a plain block whose checksum the caller has checked before.
  package func slice<T: BitwiseCopyable>(_ block: Int, from: Int, to: Int, as type: T.Type) -> [T]? {
    guard entries.indices.contains(block), from >= 0, from <= to else { return nil }
    let entry = entries[block], size = MemoryLayout<T>.stride
    guard UInt64(to) <= entry.byteCount / UInt64(size), entry.offset <= UInt64(byteCount) else { return nil }
    return file.withBytes(Int(entry.offset) + from * size, (to - from) * size) { values($0, count: to - from, as: T.self) } ?? nil
  }

  /// One value of a packed block, without a look at its checksum; nil where the index lies outside.
  package func integer(_ block: Int, at index: Int) -> Int64? {
    guard entries.indices.contains(block) else { return nil }
    let entry = entries[block], width = Int(entry.width)
    guard index >= 0, index < Int(entry.count), entry.offset <= UInt64(byteCount), entry.byteCount >= UInt64((index + 1) * width) else {
      return nil
    }
    return file.withBytes(Int(entry.offset) + index * width, width) {
      unpackInteger($0, base: entry.base, width: width, hasNulls: entry.hasNulls)
    } ?? nil
  }

  /// Says of each damaged block where it is.
  package func problems() -> [String] {
    entries.indices.compactMap { block in
      do throws(PipelineError) {
        _ = try withBlock(block) { _, _ in true }
        return hasCleanPadding(block) ? nil : "\(path): behind block \(block): bytes that belong to nothing"
      } catch {
        return error.message
      }
    }
  }

  /// Up to 7 zeros stand behind a block, which no checksum covers.
  private func hasCleanPadding(_ block: Int) -> Bool {
    let end = entries[block].offset + entries[block].byteCount, count = Int((8 - end % 8) % 8)
    return file.withBytes(Int(end), count) { bytes in values(bytes, count: count, as: UInt8.self)?.allSatisfy { $0 == 0 } ?? false }
      ?? false
  }
}
