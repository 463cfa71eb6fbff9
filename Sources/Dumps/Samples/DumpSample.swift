import Buffers
import Columns

/// The beginning of a dump's text, as UTF-8, and what its bytes tell of it.
package struct DumpSample: Sendable {
  package let path: String
  /// Without a byte order mark; broken off behind the last whole line where it is not the whole text.
  package private(set) var text: [UInt8]
  /// Bytes of the dump's text that were looked at.
  package let bytesRead: Int
  package let isWhole: Bool
  package let encoding: EncodingGuess
  package let lineEnds: LineEnding

  /// Text that is looked at where nobody asks for more.
  package static let bytesDefault = 8 << 20

  package enum LineEnding: String, Sendable {
    case lf = "LF"
    case crlf = "CRLF"
    case cr = "CR"
    case none = "no"
  }

  /// - Throws: 66 where there is no such file; 65 for what is no text, damaged, of 0 bytes, or no regular file.
  package init(path: String, bytesMax: Int) throws(PipelineError) {
    self.path = path
    let source = TextSource(file: try DumpFaults.open(path), rowBytesMax: 64 << 10, pipelined: false)
    if source.identity.byteCount == 0 {
      throw PipelineError(.badInput, "\(path): expected a header row, found a file of 0 bytes", fix: "deliver the dump again")
    }
    var text: [UInt8] = [], ended = false
    do throws(GzipFault) {
      var used = 0
      while text.count < bytesMax {
        guard let chunk = try source.next(usedUpTo: used) else { break }
        text += chunk.copy(from: chunk.textEnd - chunk.textCount, to: chunk.textEnd)
        used = chunk.textEnd
        ended = chunk.isLastPiece
      }
    } catch {
      throw DumpFaults.unreadable(path, error)
    }
    if text.starts(with: [0xFF, 0xFE]) || text.starts(with: [0xFE, 0xFF]) { throw DumpFaults.wideText(path) }
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
    (bytesRead, isWhole) = (text.count, ended)
    try Self.refuseBinary(path, text)
    encoding = EncodingGuess(text, isWhole: ended)
    if encoding.encoding != .utf8 { text = Array(encoding.encoding.text(text).utf8) }
    lineEnds = Self.unifyLineEnds(&text)
    if !ended, let end = text.lastIndex(of: UInt8(ascii: "\n")) { text.removeSubrange((end + 1)...) }
    self.text = text
  }

  /// More than one control character in a hundred is no table.
  private static func refuseBinary(_ path: String, _ text: [UInt8]) throws(PipelineError) {
    let head = text.prefix(64 << 10)
    let odd = head.count { $0 < 32 && ![9, 10, 13, 27].contains($0) || $0 == 127 }
    guard odd > 2 && odd * 100 > head.count else { return }
    throw PipelineError(
      .badInput, "\(path): expected text, found \(odd) control characters in the first \(head.count) bytes",
      fix: "name a dump of CSV or JSON Lines, gzip'd or plain")
  }

  /// Carriage returns alone become line feeds where the first line ends in one, as the reader has it, but for a break inside quotes in that
  /// line: what quotes is not known yet.
  private static func unifyLineEnds(_ text: inout [UInt8]) -> LineEnding {
    guard let first = text.firstIndex(where: { $0 == 10 || $0 == 13 }) else { return .none }
    if text[first] == 10 { return .lf }
    if first + 1 < text.count && text[first + 1] == 10 { return .crlf }
    for i in text.indices where text[i] == 13 && !(i + 1 < text.count && text[i + 1] == 10) { text[i] = 10 }
    return .cr
  }
}

/// Which encoding reads a text, and what speaks for it.
package struct EncodingGuess: Sendable, Hashable {
  package var encoding = TextEncoding.utf8
  /// Characters of more than one byte by UTF-8.
  package var wide = 0
  /// Bytes that are none of UTF-8.
  package var invalid = 0
  /// Of those, the ones that only windows-1252 has letters and signs for.
  package var c1 = 0

  /// - Parameter isWhole: false where the last character may be cut.
  package init(_ text: [UInt8], isWhole: Bool) {
    var i = 0
    while i < text.count {
      if text[i] < 0x80 {
        i += 1
        continue
      }
      let length = Self.characterLength(text, i)
      if length > 0 {
        wide += 1
        i += length
      } else {
        if isWhole || i < text.count - 4 { invalid += 1 }
        if text[i] < 0xA0 { c1 += 1 }
        i += 1
      }
    }
    // A few bad bytes in a text that is UTF-8 everywhere else are damage, not another encoding.
    if invalid > 0 && invalid * 10 > wide { encoding = c1 > 0 ? .windows1252 : .latin1 }
  }

  /// Bytes of the UTF-8 character of two to four bytes that begins at `i`; 0 where none does.
  package static func characterLength(_ text: [UInt8], _ i: Int) -> Int {
    let first = text[i]
    let length = first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xF0 && first < 0xF5 ? 4 : 0
    guard length > 0, i + length <= text.count else { return 0 }
    for j in 1..<length where text[i + j] & 0xC0 != 0x80 { return 0 }
    let second = text[i + 1]
    switch first {
    case 0xE0 where second < 0xA0, 0xED where second >= 0xA0, 0xF0 where second < 0x90, 0xF4 where second >= 0x90: return 0
    default: return length
    }
  }
}
