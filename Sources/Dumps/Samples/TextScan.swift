/// A walk over all bytes of a dump's text, piece by piece: NUL bytes, what is no UTF-8, and the header once more.
struct TextScan {
  struct Finds {
    var count: Int64 = 0
    /// Of the first one.
    var line: Int64 = 0
    mutating func add(_ line: Int64) {
      if count == 0 { self.line = line }
      count += 1
    }
  }
  private(set) var nuls = Finds()
  private(set) var invalid = Finds()
  private(set) var headers = Finds()
  private(set) var wide: Int64 = 0
  private var line: Int64 = 1
  /// Bytes that the character begun still needs, and the range of the next one.
  private var needed = 0
  private var low: UInt8 = 0x80
  private var high: UInt8 = 0xBF
  /// The first line, and how far the line that is read now agrees with it; −1: no more.
  private var header: [UInt8] = []
  private var isHeaderDone = false
  private var agreeing = 0

  mutating func scan(_ bytes: [UInt8]) {
    for byte in bytes {
      if byte == 10 {
        endLine()
        continue
      }
      if byte == 0 { nuls.add(line) }
      if needed > 0 || byte >= 0x80 { decode(byte) }
      if !isHeaderDone {
        if header.count < 1 << 16 { header.append(byte) }
      } else if agreeing >= 0 {
        agreeing = agreeing < header.count && header[agreeing] == byte ? agreeing + 1 : -1
      }
    }
  }

  private mutating func endLine() {
    if needed > 0 { invalid.add(line) }
    needed = 0
    if !isHeaderDone {
      isHeaderDone = true
    } else if agreeing == header.count && !header.isEmpty {
      headers.add(line)
    }
    agreeing = 0
    line += 1
  }

  /// Source: The Unicode Standard, table 3-7, well-formed UTF-8 byte sequences.
  private mutating func decode(_ byte: UInt8) {
    if needed > 0 {
      if byte >= low && byte <= high {
        needed -= 1
        (low, high) = (0x80, 0xBF)
        if needed == 0 { wide += 1 }
        return
      }
      invalid.add(line)
      needed = 0
      if byte < 0x80 { return }
    }
    (low, high) = (0x80, 0xBF)
    switch byte {
    case 0xC2...0xDF: needed = 1
    case 0xE0...0xEF:
      needed = 2
      if byte == 0xE0 { low = 0xA0 } else if byte == 0xED { high = 0x9F }
    case 0xF0...0xF4:
      needed = 3
      if byte == 0xF0 { low = 0x90 } else if byte == 0xF4 { high = 0x8F }
    default: invalid.add(line)
    }
  }
}
