/// Strings of JSON: where they end, and what they stand for.
extension JSONScanner {
  mutating func string() -> Piece? {
    at += 1
    var piece = Piece(from: at, to: at, isEscaped: false), isPlain = true
    while at < end {
      let byte = unsafe text[at]
      if byte == UInt8(ascii: "\"") {
        piece.to = at
        if !isPlain, let wrong = unsafe UTF8Check.firstInvalid(text, piece.from, piece.to) {
          at = wrong
          _ = fail("UTF-8")
          return nil
        }
        at += 1
        return piece
      }
      if byte == UInt8(ascii: "\\") {
        piece.isEscaped = true
        at += 1
        guard escape() else { return nil }
        continue
      }
      guard byte >= 32 else {
        _ = fail("no control character in a string, but an escape")
        return nil
      }
      if byte >= 0x80 { isPlain = false }
      at += 1
    }
    _ = fail("a closing quote")
    return nil
  }

  private mutating func escape() -> Bool {
    switch next {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      at += 1
      return true
    case UInt8(ascii: "u"):
      at += 1
      for _ in 0..<4 {
        guard Self.hexadecimal(next) != nil, at < end else { return fail("four hexadecimal digits") }
        at += 1
      }
      return true
    default: return fail("an escape that JSON knows")
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 48...57: UInt32(byte - 48)
    case 65...70: UInt32(byte - 55)
    case 97...102: UInt32(byte - 87)
    default: nil
    }
  }

  /// Writes a string that was checked into the arena without its escapes; nil for half a surrogate pair, which no UTF-8 can hold.
  func unescape(_ piece: Piece, _ chunk: TextChunk) -> (Int, Int)? {
    let begin = chunk.arenaEnd
    var out = begin, i = piece.from
    // Safety: no escape is shorter than what it stands for, and the arena holds each string once.
    while i < piece.to {
      let byte = unsafe text[i]
      guard byte == UInt8(ascii: "\\") else {
        unsafe text[out] = byte
        out += 1
        i += 1
        continue
      }
      let code = unsafe text[i + 1]
      if code != UInt8(ascii: "u") {
        unsafe text[out] = Self.plain(code)
        out += 1
        i += 2
        continue
      }
      guard var scalar = unit(i + 2) else { return nil }
      i += 6
      if scalar >= 0xD800 && scalar < 0xE000 {
        guard scalar < 0xDC00, unsafe i + 6 <= piece.to && text[i] == UInt8(ascii: "\\") && text[i + 1] == UInt8(ascii: "u"),
          let low = unit(i + 2), low >= 0xDC00 && low < 0xE000
        else { return nil }
        scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00)
        i += 6
      }
      guard let character = Unicode.Scalar(scalar) else { return nil }
      for unit in UTF8.encode(character) ?? UTF8.encodedReplacementCharacter {
        unsafe text[out] = unit
        out += 1
      }
    }
    chunk.arenaEnd = out
    return (begin, out)
  }

  private func unit(_ from: Int) -> UInt32? {
    var value: UInt32 = 0
    for i in from..<from + 4 {
      // Safety: the string was checked: four digits stand there.
      guard let digit = unsafe Self.hexadecimal(text[i]) else { return nil }
      value = value << 4 | digit
    }
    return value
  }

  private static func plain(_ code: UInt8) -> UInt8 {
    switch code {
    case UInt8(ascii: "b"): 8
    case UInt8(ascii: "f"): 12
    case UInt8(ascii: "n"): 10
    case UInt8(ascii: "r"): 13
    case UInt8(ascii: "t"): 9
    default: code
    }
  }
}

enum UTF8Check {
  /// The first byte of from ..< to that is not part of well-formed UTF-8. Source: Unicode 16, table 3-7.
  static func firstInvalid(_ text: UnsafePointer<UInt8>, _ from: Int, _ to: Int) -> Int? {
    var i = from
    // Safety: each index is compared with `to` first.
    while i < to {
      let byte = unsafe text[i]
      if byte < 0x80 {
        i += 1
        continue
      }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
      guard byte >= 0xC2 && byte <= 0xF4, i + length <= to else { return i }
      let low: UInt8 = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80
      let high: UInt8 = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF
      guard unsafe text[i + 1] >= low && text[i + 1] <= high else { return i }
      for k in 2..<max(2, length) where unsafe text[i + k] & 0xC0 != 0x80 { return i }
      i += length
    }
    return nil
  }
}
