/// A walk through an object that is known to be sound JSON: every value with its path.
struct JSONWalk {
  enum Kind { case plain, escaped, null, list }
  struct Value {
    var kind: Kind
    /// Of a string without its quotes.
    var from: Int
    var to: Int
  }
  private let text: [UInt8]
  private var at: Int

  init(_ text: [UInt8], from: Int) {
    self.text = text
    at = from
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }
  private mutating func skipSpaces() { while Self.isSpace(text[at]) { at += 1 } }

  /// From `{` to behind `}`. Sound JSON nests at most 128 levels deep.
  mutating func object(_ prefix: String, _ body: (String, Value) -> Void) {
    at += 1
    while true {
      skipSpaces()
      if text[at] == UInt8(ascii: "}") || text[at] == UInt8(ascii: ",") {
        at += 1
        if text[at - 1] == UInt8(ascii: "}") { return }
        continue
      }
      let key = string()
      let name = String(
        decoding: key.kind == .escaped ? Self.unescaped(text[key.from..<key.to])[...] : text[key.from..<key.to], as: UTF8.self)
      skipSpaces()
      at += 1
      skipSpaces()
      let path = prefix + Self.escapedKey(name)
      if text[at] == UInt8(ascii: "{") {
        object(path + ".", body)
      } else {
        body(path, value())
      }
    }
  }

  private static func escapedKey(_ key: String) -> String {
    guard key.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "\\") }) else { return key }
    return key.replacing("\\", with: "\\\\").replacing(".", with: "\\.")
  }

  /// From the opening quote to behind the closing one.
  private mutating func string() -> Value {
    at += 1
    let from = at
    var kind = Kind.plain
    while text[at] != UInt8(ascii: "\"") {
      if text[at] == UInt8(ascii: "\\") {
        kind = .escaped
        at += 1
      }
      at += 1
    }
    at += 1
    return Value(kind: kind, from: from, to: at - 1)
  }

  private mutating func value() -> Value {
    let from = at
    switch text[at] {
    case UInt8(ascii: "\""): return string()
    case UInt8(ascii: "["):
      skipList()
      return Value(kind: .list, from: from, to: at)
    default:
      while text[at] != UInt8(ascii: ",") && text[at] != UInt8(ascii: "}") && !Self.isSpace(text[at]) { at += 1 }
      return Value(kind: text[from] == UInt8(ascii: "n") ? .null : .plain, from: from, to: at)
    }
  }

  private mutating func skipList() {
    var depth = 0
    repeat {
      switch text[at] {
      case UInt8(ascii: "\""):
        _ = string()
        continue
      case UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "]"): depth -= 1
      default: break
      }
      at += 1
    } while depth > 0
  }

  static func unescaped(_ string: ArraySlice<UInt8>) -> [UInt8] {
    var units: [UInt16] = []
    var rest = String(decoding: string, as: UTF8.self).utf16.makeIterator()
    while let unit = rest.next() {
      guard unit == 92, let escape = rest.next() else {
        units.append(unit)
        continue
      }
      switch UInt8(truncatingIfNeeded: escape) {
      case UInt8(ascii: "n"): units.append(10)
      case UInt8(ascii: "t"): units.append(9)
      case UInt8(ascii: "r"): units.append(13)
      case UInt8(ascii: "b"): units.append(8)
      case UInt8(ascii: "f"): units.append(12)
      case UInt8(ascii: "u"):
        var code: UInt16 = 0
        for _ in 0..<4 {
          code = code &* 16 &+ UInt16(rest.next().flatMap { Unicode.Scalar($0) }.flatMap { Character($0).hexDigitValue } ?? 0)
        }
        units.append(code)
      default: units.append(escape)
      }
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }
}
