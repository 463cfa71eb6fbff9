/// A walk through one JSON text by RFC 8259, strictly: it checks everything and gives the places of the values that are asked for.
///
/// Recursive descent; the depth is bounded, so is the stack.
@safe struct JSONScanner {
  static let depthMax = 128
  // Safety: start ..< end are readable, and the slack behind; the arena behind the text holds each string once more.
  private let text: UnsafeMutablePointer<UInt8>
  private let start: Int
  private let end: Int
  private var at: Int
  private(set) var problem: JSONProblem?

  init(_ text: UnsafeMutablePointer<UInt8>, from: Int, to: Int) {
    unsafe self.text = text
    start = from
    end = to
    at = from
  }

  /// A string's place without its quotes, and whether it holds escapes.
  private struct Piece {
    var from: Int
    var to: Int
    var isEscaped: Bool
  }

  private mutating func fail(_ expected: StaticString) -> Bool {
    if problem == nil { problem = JSONProblem(offset: at - start, expected: "\(expected)") }
    return false
  }

  private mutating func skipSpaces() {
    while at < end, unsafe text[at] == 32 || text[at] == 10 || text[at] == 13 || text[at] == 9 { at += 1 }
  }

  private var next: UInt8 { at < end ? unsafe text[at] : 0 }

  /// The whole text as one value.
  mutating func document() -> Bool {
    skipSpaces()
    guard skipValue(depth: 0) else { return false }
    return documentEnd()
  }

  /// The whole text as one object, the places of its mapped values into row `row` of the batch.
  mutating func row(_ row: Int, _ batch: FieldBatch, _ paths: JSONPaths, _ chunk: TextChunk) -> Bool {
    skipSpaces()
    guard next == UInt8(ascii: "{") else { return fail("an object, {…}") }
    guard object(row, batch, paths, chunk, node: 0, depth: 1) else { return false }
    return documentEnd()
  }

  private mutating func documentEnd() -> Bool {
    skipSpaces()
    return at == end || fail("nothing behind the value")
  }

  // MARK: objects with mapped values

  private mutating func object(
    _ row: Int, _ batch: FieldBatch, _ paths: JSONPaths, _ chunk: TextChunk, node: Int, depth: Int
  ) -> Bool {
    at += 1
    skipSpaces()
    if next == UInt8(ascii: "}") {
      at += 1
      return true
    }
    while true {
      guard let key = key() else { return false }
      var bytes = unsafe UnsafeBufferPointer(start: text + key.from, count: key.to - key.from)
      let arenaEnd = chunk.arenaEnd
      if key.isEscaped, let (from, to) = unescape(key, chunk) {
        unsafe bytes = UnsafeBufferPointer(start: text + from, count: to - from)
      }
      let child = paths.step(node, bytes)
      chunk.arenaEnd = arenaEnd
      if child < 0 {
        guard skipValue(depth: depth) else { return false }
      } else {
        let field = paths.nodes[child].field
        if paths.lastRow[child] == paths.row { batch.fail(row, .repeatedKey, field) }
        paths.lastRow[child] = paths.row
        guard mapped(row, batch, paths, chunk, node: child, field: field, depth: depth) else { return false }
      }
      skipSpaces()
      if next == UInt8(ascii: ",") {
        at += 1
        skipSpaces()
        continue
      }
      guard next == UInt8(ascii: "}") else { return fail("a comma or } behind a value") }
      at += 1
      return true
    }
  }

  /// A key and its colon.
  private mutating func key() -> Piece? {
    guard next == UInt8(ascii: "\"") else {
      _ = fail("a key in double quotes")
      return nil
    }
    guard let key = string() else { return nil }
    skipSpaces()
    guard next == UInt8(ascii: ":") else {
      _ = fail("a colon behind a key")
      return nil
    }
    at += 1
    skipSpaces()
    return key
  }

  /// A value that a field asks for, or that holds such values.
  private mutating func mapped(
    _ row: Int, _ batch: FieldBatch, _ paths: JSONPaths, _ chunk: TextChunk, node: Int, field: Int, depth: Int
  ) -> Bool {
    switch next {
    case UInt8(ascii: "{") where field < 0:
      guard depth < Self.depthMax else { return fail("at most 128 levels") }
      return object(row, batch, paths, chunk, node: node, depth: depth + 1)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      if field >= 0 { batch.fail(row, .notScalar, field) }
      return skipValue(depth: depth)
    case UInt8(ascii: "\""):
      guard let piece = string() else { return false }
      if field < 0 { return true }
      guard piece.isEscaped else {
        batch.place(row, field, piece.from, piece.to)
        return true
      }
      if let (from, to) = unescape(piece, chunk) {
        batch.place(row, field, from, to)
      } else {
        batch.fail(row, .invalidText, field)
      }
      return true
    default:
      let from = at, isNull = next == UInt8(ascii: "n")
      guard skipValue(depth: depth) else { return false }
      if field >= 0 && !isNull { batch.place(row, field, from, at) }
      return true
    }
  }

  // MARK: any value

  private mutating func skipValue(depth: Int) -> Bool {
    switch next {
    case UInt8(ascii: "{"): return skipMembers(depth: depth + 1, isObject: true)
    case UInt8(ascii: "["): return skipMembers(depth: depth + 1, isObject: false)
    case UInt8(ascii: "\""): return string() != nil
    case UInt8(ascii: "t"): return word("true")
    case UInt8(ascii: "f"): return word("false")
    case UInt8(ascii: "n"): return word("null")
    default: return number()
    }
  }

  private mutating func skipMembers(depth: Int, isObject: Bool) -> Bool {
    guard depth <= Self.depthMax else { return fail("at most 128 levels") }
    let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
    at += 1
    skipSpaces()
    if next == close {
      at += 1
      return true
    }
    while true {
      if isObject && key() == nil { return false }
      guard skipValue(depth: depth) else { return false }
      skipSpaces()
      if next == UInt8(ascii: ",") {
        at += 1
        skipSpaces()
        continue
      }
      guard next == close else { return isObject ? fail("a comma or } behind a value") : fail("a comma or ] behind a value") }
      at += 1
      return true
    }
  }

  private mutating func word(_ word: StaticString) -> Bool {
    for i in 0..<word.utf8CodeUnitCount {
      guard at + i < end, unsafe text[at + i] == word.utf8Start[i] else { return fail("a value") }
    }
    at += word.utf8CodeUnitCount
    return true
  }

  private mutating func digits() -> Bool {
    guard next >= 48 && next <= 57 else { return fail("a digit") }
    while next >= 48 && next <= 57 { at += 1 }
    return true
  }

  private mutating func number() -> Bool {
    guard next == UInt8(ascii: "-") || (next >= 48 && next <= 57) else { return fail("a value") }
    if next == UInt8(ascii: "-") { at += 1 }
    if next == 48 {
      at += 1
      if next >= 48 && next <= 57 { return fail("no digit behind a leading 0") }
    } else {
      guard digits() else { return false }
    }
    if next == UInt8(ascii: ".") {
      at += 1
      guard digits() else { return false }
    }
    if next | 0x20 == UInt8(ascii: "e") {
      at += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
      guard digits() else { return false }
    }
    return true
  }

  // MARK: strings

  private mutating func string() -> Piece? {
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
  private func unescape(_ piece: Piece, _ chunk: TextChunk) -> (Int, Int)? {
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

extension FieldBatch {
  /// One line of JSON.
  func locate(_ r: Int, _ from: Int, _ to: Int, _ chunk: TextChunk, _ paths: JSONPaths) {
    paths.row += 1
    var scanner = unsafe JSONScanner(chunk.base, from: from, to: to)
    if scanner.row(r, self, paths, chunk) { return }
    // A text that is no JSON is nothing else before that.
    unsafe faults.base[r] = 0
    fail(r, .notJSON, -1)
    jsonProblems[r] = scanner.problem
    clear(r)
  }

  /// Field `field` of row `row` stands at from ..< to.
  func place(_ row: Int, _ field: Int, _ from: Int, _ to: Int) {
    // Safety: the scanner's own positions; rows below the capacity.
    unsafe starts[field][row] = UInt32(truncatingIfNeeded: from)
    unsafe ends[field][row] = UInt32(truncatingIfNeeded: to)
    if to - from > fieldBytesMax { fail(row, .tooLong, field) }
  }
}

/// What is wrong with a text as JSON by RFC 8259; nil for sound JSON.
package func jsonProblem(_ bytes: [UInt8]) -> JSONProblem? {
  var padded = bytes
  padded.append(contentsOf: repeatElement(0, count: TextChunk.slack))
  return unsafe padded.withUnsafeMutableBufferPointer { buffer in
    // Safety: the array is not empty; the scanner reads its first `count` bytes.
    guard let base = buffer.baseAddress else { return nil }
    var scanner = unsafe JSONScanner(base, from: 0, to: bytes.count)
    return scanner.document() ? nil : scanner.problem
  }
}
