import CShims

/// Where fields and rows end in a piece of CSV text (RFC 4180).
///
/// Blocks of 64 bytes without a quote are found by vector compares; a block that holds a quote, or lies inside a quoted field, is
/// walked byte by byte. The two agree: the tests compare them with a plain state machine on random text.
@safe package final class RowIndex {
  /// Flags in `fieldEnds`: the field is quoted; its quoting is malformed.
  static let quotedFlag: UInt32 = 1 << 31, malformedFlag: UInt32 = 1 << 30, positionMask: UInt32 = (1 << 30) - 1
  /// Flag in `rowEnds`: some field of the row is quoted.
  static let rowFlag: UInt32 = 1 << 31

  private let delimiter: UInt8
  private let quote: UInt8
  /// All ones, or 0 where quotes mean nothing.
  private let quoteMask: UInt64
  /// `fieldEnds[0]` is the start of the text; `fieldEnds[i]` is the position behind the separator of field i.
  private(set) var fieldEnds: Memory<UInt32>
  /// Row r owns fields `rowEnds[r] ..< rowEnds[r + 1]`, counted from 0.
  private(set) var rowEnds: Memory<UInt32>
  /// Line breaks between the start of the text and the start of row r, those inside quotes included.
  private(set) var rowLines: Memory<UInt32>
  package private(set) var rowCount = 0
  /// Behind the last complete row.
  package private(set) var usedUpTo = 0
  /// Line breaks before `usedUpTo`.
  package private(set) var lineCount = 0

  package init(delimiter: UInt8, quote: UInt8, rowBytesMax: Int) {
    self.delimiter = delimiter
    self.quote = quote
    quoteMask = .max
    let bytesMax = rowBytesMax + TextChunk.textCapacity + 4 * TextChunk.slack
    fieldEnds = Memory(capacity: bytesMax + 64)
    rowEnds = Memory(capacity: bytesMax + 64)
    rowLines = Memory(capacity: bytesMax + 64)
  }

  /// Each line is a row of one field.
  package init(linesOf rowBytesMax: Int) {
    delimiter = UInt8(ascii: "\n")
    quote = delimiter
    quoteMask = 0
    let bytesMax = rowBytesMax + TextChunk.textCapacity + 4 * TextChunk.slack
    fieldEnds = Memory(capacity: bytesMax + 64)
    rowEnds = Memory(capacity: bytesMax + 64)
    rowLines = Memory(capacity: bytesMax + 64)
  }

  /// Indexes the chunk's complete rows. In the last chunk a missing final line break is supplied; an unclosed quote there leaves the
  /// row unfinished: `usedUpTo < end`.
  package func index(_ chunk: TextChunk) {
    let base = unsafe chunk.base
    if chunk.isLast && chunk.end > chunk.start {
      // Safety: `end` and the slack behind it are ours.
      unsafe base[chunk.end] = UInt8(ascii: "\n")
      if unsafe base[chunk.end - 1] != UInt8(ascii: "\n") { chunk.end += 1 }
    }
    // A local value: the loop touches no property of a class.
    var scan = unsafe RowScan(
      delimiter: delimiter, quote: quote, fieldEnds: fieldEnds.base, rowEnds: rowEnds.base, rowLines: rowLines.base, start: chunk.start)
    var at = chunk.start
    let end = chunk.end, delimiter = delimiter, quote = quote, quoteMask = quoteMask
    while at < end {
      let count = min(64, end - at)
      // Safety: 64 bytes from `at` are readable: the slack lies behind the text.
      var masks = unsafe holdfast_masks64(base + at, delimiter, UInt8(ascii: "\n"), quote)
      masks.quote &= quoteMask
      if count < 64 {
        let valid = (UInt64(1) << UInt64(count)) - 1
        masks.delimiter &= valid
        masks.newline &= valid
        masks.quote &= valid
      }
      if masks.quote == 0 && scan.state == .outside {
        scan.emit(masks.delimiter | masks.newline, newlines: masks.newline, at: UInt32(truncatingIfNeeded: at))
      } else {
        unsafe scan.walk(base, from: at, to: at + count)
      }
      at += 64
    }
    rowCount = scan.rowCount
    usedUpTo = scan.usedUpTo
    lineCount = Int(scan.linesUsed)
  }
}

/// The state of one pass over a chunk.
@safe private struct RowScan {
  enum State { case outside, quoted, quoteSeen, returnSeen }
  let delimiter: UInt8
  let quote: UInt8
  // Safety: the index's memories: at most one entry a byte, plus 8 written ahead, which their capacities hold.
  let fieldEnds: UnsafeMutablePointer<UInt32>
  let rowEnds: UnsafeMutablePointer<UInt32>
  let rowLines: UnsafeMutablePointer<UInt32>
  var state = State.outside
  var fieldFlag: UInt32 = 0
  var rowQuoted: UInt32 = 0
  var fields = 0
  var lines: UInt32 = 0
  var rowCount = 0
  var usedUpTo: Int
  var linesUsed: UInt32 = 0

  init(
    delimiter: UInt8, quote: UInt8, fieldEnds: UnsafeMutablePointer<UInt32>, rowEnds: UnsafeMutablePointer<UInt32>,
    rowLines: UnsafeMutablePointer<UInt32>, start: Int
  ) {
    self.delimiter = delimiter
    self.quote = quote
    unsafe self.fieldEnds = fieldEnds
    unsafe self.rowEnds = rowEnds
    unsafe self.rowLines = rowLines
    usedUpTo = start
    unsafe fieldEnds[0] = UInt32(start)
    unsafe rowEnds[0] = 0
    unsafe rowLines[0] = 0
  }

  @inline(__always)
  mutating func emit(_ separators: UInt64, newlines: UInt64, at: UInt32) {
    var rest = separators
    let count = rest.nonzeroBitCount
    if count == 0 { return }
    let first = unsafe fieldEnds + fields + 1
    var out = unsafe first
    var left = count
    // Eight at a time, whether so many are left or not: what is written too much is overwritten by the next block.
    repeat {
      for i in 0..<8 {
        unsafe out[i] = at &+ UInt32(truncatingIfNeeded: rest.trailingZeroBitCount) &+ 1
        rest &= rest &- 1
      }
      unsafe out += 8
      left -= 8
    } while left > 0
    // A field that began in a walked block carries its flag to its end.
    if fieldFlag != 0 {
      unsafe first[0] |= fieldFlag
      fieldFlag = 0
    }
    var breaks = newlines
    while breaks != 0 {
      let bit = UInt64(breaks.trailingZeroBitCount)
      let upTo = separators & ((2 &<< bit) &- 1)
      endRow(fields: fields + upTo.nonzeroBitCount, position: Int(at) + Int(bit) + 1)
      breaks &= breaks &- 1
    }
    fields += count
  }

  @inline(__always)
  private mutating func endRow(fields: Int, position: Int) {
    lines &+= 1
    if rowQuoted != 0 {
      unsafe rowEnds[rowCount] |= rowQuoted
      rowQuoted = 0
    }
    rowCount += 1
    unsafe rowEnds[rowCount] = UInt32(truncatingIfNeeded: fields)
    unsafe rowLines[rowCount] = lines
    usedUpTo = position
    linesUsed = lines
  }

  private mutating func endField(_ position: Int) {
    fields += 1
    unsafe fieldEnds[fields] = UInt32(truncatingIfNeeded: position + 1) | fieldFlag
    fieldFlag = 0
  }

  /// The plain state machine, for blocks with quotes.
  mutating func walk(_ base: UnsafeMutablePointer<UInt8>, from: Int, to: Int) {
    let newline = UInt8(ascii: "\n")
    for i in from..<to {
      let byte = unsafe base[i]
      if byte == delimiter || byte == newline {
        if state == .quoted {
          if byte == newline { lines &+= 1 }
          continue
        }
        // Behind a closing quote a carriage return belongs to the row's end, or to nothing.
        if state == .returnSeen && byte == delimiter { fieldFlag = RowIndex.malformedFlag }
        state = .outside
        endField(i)
        if byte == newline { endRow(fields: fields, position: i + 1) }
        continue
      }
      switch state {
      case .outside:
        guard byte == quote else { continue }
        // Safety: entry `fields` was written; it is where this field starts.
        // Elsewhere a quote stands for itself, as in 37°36'37.8"N.
        guard unsafe Int(fieldEnds[fields] & RowIndex.positionMask) == i else { continue }
        rowQuoted = RowIndex.rowFlag
        state = .quoted
        fieldFlag = RowIndex.quotedFlag
      case .quoted:
        if byte == quote { state = .quoteSeen }
      case .quoteSeen:
        if byte == quote {
          state = .quoted
        } else if byte == UInt8(ascii: "\r") {
          state = .returnSeen
        } else {
          fieldFlag = RowIndex.malformedFlag
          state = .outside
        }
      case .returnSeen:
        fieldFlag = RowIndex.malformedFlag
        state = .outside
      }
    }
  }
}

extension RowIndex {
  /// All fields of one row, unquoted; for headers. nil where the quoting is malformed.
  package func fields(ofRow row: Int, in chunk: TextChunk) -> [[UInt8]]? {
    precondition(row >= 0 && row < rowCount)
    // Safety: entries up to `rowCount` and their fields were written by `index`.
    let first = unsafe Int(rowEnds.base[row] & ~Self.rowFlag), last = unsafe Int(rowEnds.base[row + 1] & ~Self.rowFlag)
    var result: [[UInt8]] = []
    for f in first..<last {
      let start = unsafe Int(fieldEnds.base[f] & Self.positionMask), entry = unsafe fieldEnds.base[f + 1]
      if entry & Self.malformedFlag != 0 { return nil }
      var bytes = chunk.copy(from: start, to: Int(entry & Self.positionMask) - 1)
      if f == last - 1 && bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
      if entry & Self.quotedFlag != 0 { bytes = Self.unquote(bytes) }
      result.append(bytes)
    }
    return result
  }

  private static func unquote(_ field: [UInt8]) -> [UInt8] {
    let inner = field.dropFirst().dropLast()
    var result: [UInt8] = [], skip = false
    for byte in inner {
      if byte == field[0] && !skip {
        skip = true
        result.append(byte)
      } else {
        if byte != field[0] { result.append(byte) }
        skip = false
      }
    }
    return result
  }
}

extension TextChunk {
  /// Takes a UTF-8 byte order mark off the front; false where the text is UTF-16 or UTF-32.
  package func skipByteOrderMark() -> Bool {
    // Safety: the slack makes 4 bytes readable.
    let head = (0..<4).map { unsafe base[start + $0] }
    if end - start >= 3 && head[0] == 0xEF && head[1] == 0xBB && head[2] == 0xBF { start += 3 }
    return !(end - start >= 2 && ((head[0] == 0xFF && head[1] == 0xFE) || (head[0] == 0xFE && head[1] == 0xFF)))
  }

  package var isLastPiece: Bool { isLast }
  package var textEnd: Int { end }
  /// Bytes of the piece's own text, without what was carried over.
  package var textCount: Int { end - dataStart }
}
