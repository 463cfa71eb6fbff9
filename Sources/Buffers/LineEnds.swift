/// Makes line feeds of the carriage returns of a dump whose lines end in them alone, piece by piece.
package struct LineEnds: Sendable {
  /// nil as long as no piece told.
  private var areReturns: Bool?
  private var isBehindReturn = false

  package init() {}

  package mutating func unify(_ chunk: TextChunk, delimiter: UInt8, quote: UInt8) {
    let isFirst = areReturns == nil
    if isFirst { areReturns = chunk.firstLineEndsInReturn(delimiter: delimiter, quote: quote) }
    guard areReturns == true else { return }
    isBehindReturn = chunk.turnReturnsIntoNewlines(isFirst: isFirst, isBehindReturn: isBehindReturn)
  }
}

extension TextChunk {
  /// Whether the first line ends in a carriage return alone, as classic Mac OS wrote them; breaks inside quotes end no line. What is quoted
  /// is what `RowIndex` takes for it: a quote that does not begin a field stands for itself.
  /// nil where the piece does not say: it ends before the line does, or behind a return that a line feed may follow.
  fileprivate func firstLineEndsInReturn(delimiter: UInt8, quote: UInt8) -> Bool? {
    enum State { case fieldStart, outside, quoted, quoteSeen }
    var state = State.fieldStart
    // Safety: `i` and its neighbour lie before `end` or in the slack behind it.
    for i in start..<end {
      let byte = unsafe base[i]
      switch state {
      case .quoted:
        if byte == quote { state = .quoteSeen }
        continue
      case .fieldStart, .quoteSeen:
        if byte == quote {
          state = .quoted
          continue
        }
      case .outside: break
      }
      if byte == UInt8(ascii: "\n") { return false }
      if byte == UInt8(ascii: "\r") {
        if i + 1 == end { return isLast ? true : nil }
        return unsafe base[i + 1] != UInt8(ascii: "\n")
      }
      state = byte == delimiter ? .fieldStart : .outside
    }
    return isLast ? false : nil
  }

  /// Turns each carriage return of the piece's own text into a line feed, but for those before a line feed; those inside quotes, too.
  /// - Parameters:
  ///   - isFirst: what was carried over is turned as well, since it was not yet known how lines end.
  ///   - isBehindReturn: the piece before ended in one; a line feed at the start of this one is then its second half. It goes where the
  ///     return ended a row; inside quotes both stand as they stood.
  /// - Returns: whether this piece ends in one.
  fileprivate func turnReturnsIntoNewlines(isFirst: Bool, isBehindReturn: Bool) -> Bool {
    var endsInReturn = false
    if isBehindReturn && end > dataStart, unsafe base[dataStart] == UInt8(ascii: "\n") {
      if start == dataStart { start += 1 } else { unsafe base[dataStart - 1] = UInt8(ascii: "\r") }
    }
    // Safety: as above; what is carried over ends right before `dataStart`.
    for i in (isFirst ? start : dataStart)..<max(end, dataStart) where unsafe base[i] == UInt8(ascii: "\r") {
      if i + 1 == end {
        endsInReturn = true
      } else if unsafe base[i + 1] == UInt8(ascii: "\n") {
        continue
      }
      unsafe base[i] = UInt8(ascii: "\n")
    }
    return endsInReturn
  }
}
