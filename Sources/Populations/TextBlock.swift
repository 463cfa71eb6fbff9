import Buffers

/// ASCII gathered until there is enough of it to compress.
struct TextBlock {
  private var text: [UInt8]
  private var count = 0

  private static let bytes = 1 << 18
  /// More than any line takes.
  private static let lineBytesMax = 1024

  init() { text = [UInt8](repeating: 0, count: Self.bytes + Self.lineBytesMax) }

  /// Whether it is time to flush; until then there is room for one more line.
  var isFull: Bool { count >= Self.bytes }

  mutating func flush(to writer: GzipWriter) throws(SystemFault) {
    try writer.write(text.span.extracting(0..<count))
    count = 0
  }

  mutating func put(_ byte: Unicode.Scalar) { put(UInt8(ascii: byte)) }

  mutating func put(_ bytes: some Collection<UInt8>) {
    for byte in bytes { put(byte) }
  }

  /// A number ≥ 0 in at least `digits` digits.
  mutating func put(_ number: Int, digits: Int) {
    var width = digits
    var rest = number
    for _ in 0..<digits { rest /= 10 }
    while rest > 0 {
      rest /= 10
      width += 1
    }
    rest = number
    var place = count + width
    while place > count {
      place -= 1
      text[place] = UInt8(truncatingIfNeeded: 48 + rest % 10)
      rest /= 10
    }
    count += width
  }

  /// Minor units ≥ 0 as a decimal number with two digits behind the point.
  mutating func put(money minor: Int) {
    put(minor / 100, digits: 1)
    put(".")
    put(minor % 100, digits: 2)
  }

  /// `T15:04:05Z`.
  mutating func put(secondOfDay second: Int) {
    put("T")
    put(second / 3600, digits: 2)
    put(":")
    put(second / 60 % 60, digits: 2)
    put(":")
    put(second % 60, digits: 2)
    put("Z")
  }

  private mutating func put(_ byte: UInt8) {
    text[count] = byte
    count += 1
  }
}
