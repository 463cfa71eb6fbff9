import Dispatch

/// What is known of a dump once its last byte was read and checked.
package struct DumpFacts: Sendable, Hashable {
  package var sha256: String
  package var fileBytes: Int64
  package var textBytes: Int64
  /// CRC-32 of the text: with its length it tells the same content compressed anew.
  package var textCRC: UInt32
  /// Zero padding behind the gzip data: accepted, and said.
  package var trailingZeros: Int64
  package var isGzip: Bool

  /// Of a file of 0 bytes.
  package static let ofNothing = DumpFacts(
    sha256: Buffers.sha256([]), fileBytes: 0, textBytes: 0, textCRC: 0, trailingZeros: 0, isGzip: false)
}

/// The text of one dump, piece by piece. Inflating can go on on another core while the pieces are parsed.
@safe package final class TextSource: @unchecked Sendable {
  private let reader: GzipReader
  private let chunks: [TextChunk]
  private let isPipelined: Bool
  private let free: DispatchSemaphore
  private let filled = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  // Safety: `stop` is written before `free` is signalled and read after it was awaited.
  private var stop = false
  private var index = -1
  private var previous: TextChunk?
  private var isDone = false

  package let rowBytesMax: Int
  package var identity: FileIdentity { reader.file.identity }
  /// Compressed bytes read so far, for progress; read by the parsing thread only between pieces.
  package private(set) var fileBytesDone: Int64 = 0

  /// - Parameters:
  ///   - arenaFactor: room behind each piece for fields that are written anew, in times of the text.
  ///   - pieceBytes: text of one piece; what is read does not depend on it.
  package init(
    file: InputFile, rowBytesMax: Int, pipelined: Bool, arenaFactor: Int = 1, pieceBytes: Int = TextChunk.textCapacity
  ) {
    reader = GzipReader(file: file)
    self.rowBytesMax = rowBytesMax
    isPipelined = pipelined
    chunks = (0..<(pipelined ? 4 : 2)).map { _ in
      TextChunk(rowBytesMax: rowBytesMax, arenaFactor: arenaFactor, pieceBytes: pieceBytes)
    }
    // One piece is always with the parser, and the one before it lends its carry. Made with 0: a semaphore may not die below its start.
    free = DispatchSemaphore(value: 0)
    for _ in 0..<max(0, chunks.count - 2) { free.signal() }
    if pipelined { startInflating() }
  }

  deinit { finish() }

  private func startInflating() {
    let reader = self.reader, chunks = self.chunks, free = self.free, filled = self.filled, ended = self.ended
    let box = Unowned(self)
    DispatchQueue.global(qos: .userInitiated).async {
      var i = 0
      while true {
        // The first two pieces need no waiting: nobody holds them yet.
        if i >= 2 { free.wait() }
        if box.shouldStop { break }
        let chunk = chunks[i % chunks.count]
        chunk.fill(from: reader)
        let last = chunk.isLast || chunk.fault != nil
        filled.signal()
        if last { break }
        i += 1
      }
      ended.signal()
    }
  }

  /// The inflating thread must not keep the source alive, and the source waits for the thread before it goes.
  private struct Unowned: @unchecked Sendable {
    // Safety: `finish` awaits the thread before the source is freed.
    private unowned(unsafe) let source: TextSource
    init(_ source: TextSource) { unsafe self.source = source }
    var shouldStop: Bool { unsafe source.stop }
  }

  private func finish() {
    guard isPipelined, !isDone else { return }
    isDone = true
    stop = true
    free.signal()
    free.signal()
    ended.wait()
  }

  /// The next piece; the rows of the piece before were used up to `used`, and what is left is carried over. nil behind the last piece.
  package func next(usedUpTo used: Int) throws(GzipFault) -> TextChunk? {
    if let previous, previous.isLast { return nil }
    index += 1
    let chunk = chunks[index % chunks.count]
    if isPipelined {
      if index >= 2 { free.signal() }
      filled.wait()
    } else {
      chunk.fill(from: reader)
    }
    fileBytesDone = chunk.fileBytesDone
    if let fault = chunk.fault { throw fault }
    if let previous, !chunk.prepend(previous, from: used) {
      throw GzipFault(offset: chunk.fileBytesDone, reason: Self.rowTooLong(rowBytesMax))
    }
    previous = chunk
    return chunk
  }

  package static func rowTooLong(_ rowBytesMax: Int) -> String {
    "a row is longer than \(rowBytesMax) bytes: a quote that is never closed, or not a table"
  }

  /// Facts of the whole dump; call after `next` answered nil.
  package func facts() -> DumpFacts {
    finish()
    return DumpFacts(
      sha256: reader.sha256, fileBytes: reader.fileBytes, textBytes: reader.textBytes, textCRC: reader.textCRC,
      trailingZeros: reader.trailingZeros, isGzip: reader.isGzip)
  }
}
