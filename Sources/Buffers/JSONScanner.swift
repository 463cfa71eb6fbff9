/// A walk through one JSON text by RFC 8259, strictly: it checks everything and gives the places of the values that are asked for.
///
/// Recursive descent; the depth is bounded, so is the stack.
@safe struct JSONScanner {
  static let depthMax = 128
  // Safety: start ..< end are readable, and the slack behind; the arena behind the text holds each string once more.
  let text: UnsafeMutablePointer<UInt8>
  private let start: Int
  let end: Int
  var at: Int
  private(set) var problem: JSONProblem?

  init(_ text: UnsafeMutablePointer<UInt8>, from: Int, to: Int) {
    unsafe self.text = text
    start = from
    end = to
    at = from
  }

  /// A string's place without its quotes, and whether it holds escapes.
  struct Piece {
    var from: Int
    var to: Int
    var isEscaped: Bool
  }

  mutating func fail(_ expected: StaticString) -> Bool {
    if problem == nil { problem = JSONProblem(offset: at - start, expected: "\(expected)") }
    return false
  }

  private mutating func skipSpaces() {
    while at < end, unsafe text[at] == 32 || text[at] == 10 || text[at] == 13 || text[at] == 9 { at += 1 }
  }

  var next: UInt8 { at < end ? unsafe text[at] : 0 }

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
      let arenaEnd = key.isEscaped ? chunk.arenaEnd : 0
      if key.isEscaped, let (from, to) = unescape(key, chunk) {
        unsafe bytes = UnsafeBufferPointer(start: text + from, count: to - from)
      }
      let child = paths.step(node, bytes)
      // The key is not needed any more.
      if key.isEscaped { chunk.arenaEnd = arenaEnd }
      if child < 0 {
        guard skipValue(depth: depth) else { return false }
      } else {
        let field = paths.nodes[child].field
        if paths.isRepeated(child) { batch.fail(row, .repeatedKey, field) }
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
}
