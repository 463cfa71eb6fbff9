/// How the bytes of a dump's text stand for characters.
package enum TextEncoding: String, Sendable, Hashable, CaseIterable {
  case utf8 = "utf-8"
  case latin1 = "latin-1"
  case windows1252 = "windows-1252"
}

/// What becomes of located fields before values are read from them. Nothing, by default.
package struct FieldPreparation: Sendable, Hashable {
  package var encoding = TextEncoding.utf8
  /// Spaces and tabs at both ends go.
  package var isTrimmed = false
  /// Texts that stand for nothing.
  package var nulls: [[UInt8]] = []
  /// By field, what stands there in every row.
  package var constants: [Int: [UInt8]] = [:]
  /// By field, what stands there where a row has nothing.
  package var defaults: [Int: [UInt8]] = [:]

  package init() {}

  /// Bytes that a text of the pipeline file may bring, and with all of which the arena reckons.
  package static let bytesMax = 256
}

/// A preparation as a batch carries it out.
struct PreparedTexts {
  let preparation: FieldPreparation
  /// Constants and defaults, each followed by the slack that kernels read beyond a field.
  var bytes: [UInt8] = []
  var constants: [Int: Range<Int>] = [:]
  var defaults: [Int: Range<Int>] = [:]

  init?(_ preparation: FieldPreparation) {
    if preparation == FieldPreparation() { return nil }
    self.preparation = preparation
    for (field, text) in preparation.constants.sorted(by: { $0.key < $1.key }) { constants[field] = append(text) }
    for (field, text) in preparation.defaults.sorted(by: { $0.key < $1.key }) { defaults[field] = append(text) }
    precondition(bytes.count <= TextChunk.constantsCapacity)
  }

  private mutating func append(_ text: [UInt8]) -> Range<Int> {
    let start = bytes.count
    bytes += text
    defer { bytes += [UInt8](repeating: 0, count: 32) }
    return start..<bytes.count
  }
}

extension FieldBatch {
  /// Carries the preparation out on the rows just located.
  func prepare(_ texts: PreparedTexts) {
    guard let chunk else { return }
    let base = chunk.place(texts.bytes), preparation = texts.preparation
    if preparation.encoding != .utf8 { decode(preparation.encoding, chunk) }
    for f in 0..<fieldCount {
      if let constant = texts.constants[f] {
        for r in 0..<rowCount {
          // Safety: rows below the capacity; the text was placed in the arena.
          unsafe starts[f][r] = UInt32(truncatingIfNeeded: base + constant.lowerBound)
          unsafe ends[f][r] = UInt32(truncatingIfNeeded: base + constant.upperBound)
        }
        continue
      }
      if preparation.isTrimmed { trim(f, chunk) }
      if !preparation.nulls.isEmpty { clear(f, preparation.nulls, chunk) }
      guard let text = texts.defaults[f] else { continue }
      // Safety: as above.
      for r in 0..<rowCount where unsafe starts[f][r] == ends[f][r] {
        unsafe starts[f][r] = UInt32(truncatingIfNeeded: base + text.lowerBound)
        unsafe ends[f][r] = UInt32(truncatingIfNeeded: base + text.upperBound)
      }
    }
  }

  /// A field that stands where another one does.
  func copyPlaces(_ field: Int, from original: Int) {
    // Safety: rows below the capacity.
    for r in 0..<rowCount {
      unsafe starts[field][r] = starts[original][r]
      unsafe ends[field][r] = ends[original][r]
    }
  }

  private func trim(_ f: Int, _ chunk: TextChunk) {
    let text = unsafe chunk.base
    // Safety: located positions.
    for r in 0..<rowCount {
      var start = unsafe Int(starts[f][r]), end = unsafe Int(ends[f][r])
      while start < end, unsafe text[start] == 32 || text[start] == 9 { start += 1 }
      while start < end, unsafe text[end - 1] == 32 || text[end - 1] == 9 { end -= 1 }
      unsafe starts[f][r] = UInt32(truncatingIfNeeded: start)
      unsafe ends[f][r] = UInt32(truncatingIfNeeded: end)
    }
  }

  private func clear(_ f: Int, _ nulls: [[UInt8]], _ chunk: TextChunk) {
    let text = unsafe chunk.base
    // Safety: located positions.
    for r in 0..<rowCount {
      let start = unsafe Int(starts[f][r]), count = unsafe Int(ends[f][r]) - start
      if count == 0 || count > FieldPreparation.bytesMax { continue }
      let bytes = unsafe UnsafeBufferPointer(start: text + start, count: count)
      if nulls.contains(where: { unsafe $0.count == count && Self.stands($0, bytes, 0, count) }) {
        unsafe ends[f][r] = starts[f][r]
      }
    }
  }

  private func decode(_ encoding: TextEncoding, _ chunk: TextChunk) {
    for f in 0..<fieldCount where columns[f] >= 0 {
      // A column is decoded once, whatever number of fields it has: the arena has room for no more.
      if let first = columns.firstIndex(of: columns[f]), first < f {
        copyPlaces(f, from: first)
      } else {
        decode(f, encoding, chunk)
      }
    }
  }

  /// Fields with a byte from 0x80 on are written anew as UTF-8 in the arena, where each byte takes at most three.
  private func decode(_ f: Int, _ encoding: TextEncoding, _ chunk: TextChunk) {
    let text = unsafe chunk.base
    // Safety: located positions; the arena was made for three times the text and what unescaping took.
    for r in 0..<rowCount {
      let start = unsafe Int(starts[f][r]), end = unsafe Int(ends[f][r])
      guard unsafe UnsafeBufferPointer(start: text + start, count: end - start).contains(where: { $0 >= 0x80 }) else { continue }
      let begin = chunk.arenaEnd
      var out = begin
      for i in start..<end {
        let byte = unsafe text[i]
        var scalar = encoding == .windows1252 && byte >= 0x80 && byte < 0xA0 ? Self.windows1252[Int(byte) - 0x80] : UInt16(byte)
        if scalar == 0 && byte != 0 {
          fail(r, .invalidText, f)
          scalar = 0xFFFD
        }
        if scalar < 0x80 {
          unsafe text[out] = UInt8(truncatingIfNeeded: scalar)
          out += 1
        } else if scalar < 0x800 {
          unsafe text[out] = 0xC0 | UInt8(truncatingIfNeeded: scalar &>> 6)
          unsafe text[out + 1] = 0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F)
          out += 2
        } else {
          unsafe text[out] = 0xE0 | UInt8(truncatingIfNeeded: scalar &>> 12)
          unsafe text[out + 1] = 0x80 | UInt8(truncatingIfNeeded: (scalar &>> 6) & 0x3F)
          unsafe text[out + 2] = 0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F)
          out += 3
        }
      }
      chunk.arenaEnd = out
      unsafe starts[f][r] = UInt32(truncatingIfNeeded: begin)
      unsafe ends[f][r] = UInt32(truncatingIfNeeded: out)
    }
  }

  /// Bytes 0x80…0x9F; 0 where the code has none. Source: the Encoding Standard's index-windows-1252, without its control characters.
  private static let windows1252: [UInt16] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
  ]
}

extension TextEncoding {
  /// A header's name or another short text as it reads; bytes that stand for nothing become U+FFFD.
  package func text(_ bytes: [UInt8]) -> String {
    switch self {
    case .utf8: return String(decoding: bytes, as: UTF8.self)
    case .latin1: return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    case .windows1252: return String(String.UnicodeScalarView(bytes.map { FieldBatch.scalar1252($0) }))
    }
  }
}

extension FieldBatch {
  fileprivate static func scalar1252(_ byte: UInt8) -> Unicode.Scalar {
    guard byte >= 0x80 && byte < 0xA0 else { return Unicode.Scalar(byte) }
    let scalar = windows1252[Int(byte) - 0x80]
    return scalar == 0 ? "\u{FFFD}" : Unicode.Scalar(scalar) ?? "\u{FFFD}"
  }
}
