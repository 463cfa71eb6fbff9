extension TextChunk {
  /// Whether the first line ends in a carriage return alone, as classic Mac OS wrote them; breaks inside quotes end no line.
  package func firstLineEndsInReturn(quote: UInt8) -> Bool {
    var isQuoted = false
    // Safety: `i` and its neighbour lie before `end` or in the slack behind it.
    for i in start..<end {
      let byte = unsafe base[i]
      if byte == quote { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == UInt8(ascii: "\n") { return false }
      if byte == UInt8(ascii: "\r") { return unsafe i + 1 == end || base[i + 1] != UInt8(ascii: "\n") }
    }
    return false
  }

  /// Turns each carriage return of the piece's own text into a line feed, but for those before a line feed; those inside quotes, too.
  /// - Parameter isBehindReturn: the piece before ended in one; a line feed at the start of this one is then its second half, and goes.
  /// - Returns: whether this piece ends in one.
  package func turnReturnsIntoNewlines(isBehindReturn: Bool) -> Bool {
    var endsInReturn = false
    // Safety: as above.
    for i in dataStart..<max(end, dataStart) where unsafe base[i] == UInt8(ascii: "\r") {
      if i + 1 == end {
        endsInReturn = true
      } else if unsafe base[i + 1] == UInt8(ascii: "\n") {
        continue
      }
      unsafe base[i] = UInt8(ascii: "\n")
    }
    if isBehindReturn && start == dataStart && end > start, unsafe base[start] == UInt8(ascii: "\n") { start += 1 }
    return endsInReturn
  }
}
