/// A piece of a dump's text in memory, with room in front for the unfinished row of the piece before, and room behind for
/// fields that had to be unescaped.
///
///     | headroom …carry | text …        | 64 | unescaped fields |
///                       ^ dataStart      ^ end
// Safety: handed from the inflating thread to the parsing one and back through semaphores; never used by both.
@safe package final class TextChunk: @unchecked Sendable {
  package static let textCapacity = 256 << 10
  /// Readable bytes before any field and behind any field: kernels load whole words.
  static let slack = 64
  /// Room in the arena for constants and defaults.
  static let constantsCapacity = 16 << 10

  let memory: Memory<UInt8>
  /// Text that is read at once.
  private let pieceBytes: Int
  let dataStart: Int
  let arenaStart: Int
  /// Where fields stand that were replaced by pseudonyms, behind all text.
  let pseudonymStart: Int
  /// The text is `start ..< end` of the memory.
  var start: Int
  var end: Int
  var arenaEnd: Int
  /// Where constants and defaults stand in the arena; nil until a batch asks for them.
  private var constantsStart: Int?
  /// True for the piece with which the text ends.
  var isLast = false
  var fault: GzipFault?
  /// Compressed bytes that were read when the piece was full.
  var fileBytesDone: Int64 = 0

  /// - Parameters:
  ///   - rowBytesMax: the longest row that can be carried from one piece to the next.
  ///   - arenaFactor: how many times the text may stand in the arena: 1 for unescaping, 4 where it is also decoded to UTF-8.
  ///   - pieceBytes: text that is read at once, up to `textCapacity`.
  init(rowBytesMax: Int, arenaFactor: Int = 1, pieceBytes: Int = TextChunk.textCapacity) {
    precondition(1...Self.textCapacity ~= pieceBytes)
    self.pieceBytes = pieceBytes
    dataStart = rowBytesMax + Self.slack
    arenaStart = dataStart + pieceBytes + 2 * Self.slack
    // Unescaping never makes a field longer, and a field is unescaped once.
    pseudonymStart = arenaStart + arenaFactor * (rowBytesMax + pieceBytes) + Self.constantsCapacity + 2 * Self.slack
    memory = Memory(capacity: pseudonymStart + FieldBatch.pseudonymRoom)
    start = dataStart
    end = dataStart
    arenaEnd = arenaStart
  }

  var base: UnsafeMutablePointer<UInt8> { unsafe memory.base }

  /// Reads text until the piece is full or the text ends.
  func fill(from reader: GzipReader) {
    start = dataStart
    end = dataStart
    arenaEnd = arenaStart
    constantsStart = nil
    isLast = false
    fault = nil
    let limit = dataStart + pieceBytes
    do throws(GzipFault) {
      while end < limit {
        // Safety: end ..< limit lies inside the memory.
        let made = try unsafe reader.read(into: UnsafeMutableRawBufferPointer(start: base + end, count: limit - end))
        if made == 0 {
          isLast = true
          break
        }
        end += made
      }
    } catch {
      fault = error
    }
    fileBytesDone = reader.fileBytes
  }

  /// Puts the unfinished row of the piece before in front of this one's text; false where it is longer than a row may be.
  func prepend(_ previous: TextChunk, from carryStart: Int) -> Bool {
    let count = previous.end - carryStart
    guard count <= dataStart - Self.slack else { return false }
    // Safety: `count` bytes stand before `end` there and fit before `dataStart` here; the two memories are different.
    start = dataStart - count
    unsafe (base + start).update(from: previous.base + carryStart, count: count)
    return true
  }

  /// Puts texts into the arena, once a piece; where they begin.
  func place(_ texts: [UInt8]) -> Int {
    if let constantsStart { return constantsStart }
    let begin = arenaEnd
    precondition(texts.count <= Self.constantsCapacity)
    // Safety: the arena has that much room for them.
    for (i, byte) in texts.enumerated() { unsafe base[begin + i] = byte }
    arenaEnd += texts.count
    constantsStart = begin
    return begin
  }

  /// The bytes from … to of the text, copied.
  package func copy(from: Int, to: Int) -> [UInt8] {
    precondition(from >= 0 && from <= to && to <= memory.capacity)
    // Safety: the range was checked.
    return unsafe Array(UnsafeBufferPointer(start: base + from, count: to - from))
  }
}
