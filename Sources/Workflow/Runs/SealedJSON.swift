import Buffers

/// JSON of ours whose every byte is checked: its first line holds the XXH64 of all others.
enum SealedJSON {
  private static let opening = "{\n", key = "  \"checksum\" : \""

  static func encode(_ value: some Encodable) -> [UInt8] {
    let text = JSONText.encode(value)
    let rest = Array(text.utf8.dropFirst(opening.utf8.count))
    return Array(head(rest).utf8) + rest
  }

  /// nil where a byte was changed, or it does not hold such a value. What an older version wrote begins with the value's own first key.
  static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
    let isOlder = bytes.prefix(32).filter { $0 > 32 }.starts(with: "{\"as_of\"".utf8)
    if !isOlder {
      let count = head([]).utf8.count
      guard bytes.count > count, bytes.starts(with: head(Array(bytes[count...])).utf8) else { return nil }
    }
    return JSONText.decode(type, from: bytes)
  }

  private static func head(_ rest: [UInt8]) -> String {
    let digits = String(xxhash64(rest), radix: 16)
    return opening + key + String(repeating: "0", count: 16 - digits.count) + digits + "\",\n"
  }
}
