import Buffers
import Foundation
import TestSupport
import Testing

/// A row of CSV text: what stands in it, and where.
struct CSVRow: Equatable {
  /// nil: its quoting is malformed.
  var fields: [[UInt8]]?
  var fieldCount: Int
  var raw: [UInt8]
  /// Of its first byte, from the start of the text.
  var offset: Int
  /// Line breaks before it.
  var line: Int
}

/// Rows, and the offset from which a quote is never closed.
struct CSVText: Equatable {
  var rows: [CSVRow] = []
  var unfinishedFrom: Int?
}

/// RFC 4180 byte by byte: the oracle of `RowIndex`. A quote in a field that does not start with one stands for itself; behind
/// the closing quote only a separator or the row's end may stand.
func slowCSV(_ text: [UInt8]) -> CSVText {
  enum State { case start, plain, quoted, closed, closedByReturn, malformed }
  var result = CSVText(), state = State.start, fields: [[UInt8]] = [], field: [UInt8] = []
  var isSound = true, rowStart = 0, line = 0, rowLine = 0
  var bytes = text
  if let last = text.last, last != 10 { bytes.append(10) }
  for (i, byte) in bytes.enumerated() {
    if byte == 10 { line += 1 }
    if state == .quoted {
      if byte == 34 { state = .closed } else { field.append(byte) }
      continue
    }
    if byte == 44 || byte == 10 {
      if byte == 10 && (state == .plain || state == .start) && field.last == 13 { field.removeLast() }
      if state == .malformed || (state == .closedByReturn && byte == 44) { isSound = false }
      fields.append(field)
      (field, state) = ([], .start)
      if byte == 10 {
        var raw = Array(bytes[rowStart..<i])
        if raw.last == 13 { raw.removeLast() }
        result.rows.append(
          CSVRow(fields: isSound ? fields : nil, fieldCount: fields.count, raw: raw, offset: rowStart, line: rowLine))
        (fields, isSound, rowStart, rowLine) = ([], true, i + 1, line)
      }
      continue
    }
    switch state {
    case .start where byte == 34: state = .quoted
    case .closed where byte == 34:
      field.append(34)
      state = .quoted
    case .closed where byte == 13: state = .closedByReturn
    case .closed, .closedByReturn: state = .malformed
    case .start, .plain:
      state = .plain
      field.append(byte)
    case .malformed, .quoted: break
    }
  }
  if rowStart < bytes.count { result.unfinishedFrom = rowStart }
  return result
}

/// The same by `RowIndex`, piece by piece.
final class FastCSV {
  let index: RowIndex
  let rowBytesMax: Int

  init(rowBytesMax: Int = 4096) {
    self.rowBytesMax = rowBytesMax
    index = RowIndex(delimiter: 44, quote: 34, rowBytesMax: rowBytesMax)
  }

  func read(_ path: String, from firstOffset: Int = 0) throws -> CSVText {
    let source = TextSource(file: try InputFile(path: path), rowBytesMax: rowBytesMax, pipelined: false)
    let batch = FieldBatch(columns: [0], columnCount: 1, fieldBytesMax: 1 << 20)
    var result = CSVText(), used = 0, textBefore = 0, linesBefore = 0
    while let chunk = try source.next(usedUpTo: used) {
      let pieceText = chunk.textCount
      let pieceStart = chunk.textEnd - pieceText
      index.index(chunk)
      var first = 0
      while first < index.rowCount {
        let count = min(FieldBatch.capacity, index.rowCount - first)
        batch.locate(index, chunk, first: first, count: count)
        for r in 0..<count {
          let (raw, offset, line) = batch.raw(r, of: index)
          if textBefore + offset < firstOffset { continue }
          result.rows.append(
            CSVRow(
              fields: index.fields(ofRow: first + r, in: chunk), fieldCount: batch.shape(r, of: index).fields, raw: raw,
              offset: textBefore + offset, line: linesBefore + line))
        }
        first += count
      }
      used = index.usedUpTo
      if chunk.isLastPiece && used < chunk.textEnd { result.unfinishedFrom = textBefore + used - pieceStart }
      linesBefore += index.lineCount
      textBefore += pieceText
    }
    return result
  }
}

@Suite struct RowIndexTests {
  let folder: TemporaryFolder
  let alphabet = Array("a,\"\n\r".utf8)

  init() throws { folder = try TemporaryFolder() }

  @Test func `csv-spectrum reads as its JSON says, file by file`() throws {
    let names = try Vectors.names("csv-spectrum").filter { $0.hasSuffix(".csv") }
    #expect(names.count == 12)
    for name in names {
      let rows = try FastCSV().read(Vectors.path("csv-spectrum/" + name)).rows
      let header = try #require(rows.first?.fields)
      // One of the files is Latin-1: both are taken byte for byte.
      func text(_ bytes: [UInt8]) -> String { String(String.UnicodeScalarView(bytes.map { UnicodeScalar($0) })) }
      let found = try rows.dropFirst().map { row in
        Dictionary(uniqueKeysWithValues: zip(header.map(text), try #require(row.fields, "\(name)").map(text)))
      }
      // One JSON names another telephone number than its CSV.
      let json = text(try Vectors.read("csv-spectrum/" + name.replacing(".csv", with: ".json"))).replacing("1234567890", with: "2095257564")
      let decoder = JSONDecoder()
      let expected = try (try? decoder.decode([[String: String]].self, from: Data(json.utf8)))
        ?? [decoder.decode([String: String].self, from: Data(json.utf8))]
      #expect(found == expected, "\(name)")
    }
  }

  @Test func `rows and fields of 6,000 random texts are those of a plain state machine`() throws {
    var random = Seeded(1)
    let csv = FastCSV()
    for round in 0..<6000 {
      let common = round % 3 == 0 ? alphabet : alphabet + [UInt8](repeating: 97, count: round % 40) + [44, 44, 10]
      let text = random.bytes(1 + Int(random.next() % 300), from: common)
      let path = try folder.write("a.csv", text)
      let fast = try csv.read(path), slow = slowCSV(text)
      #expect(fast == slow, "\(String(decoding: text, as: UTF8.self).debugDescription)")
      if fast != slow { return }
    }
  }

  @Test func `every text of up to 6 bytes reads as the plain state machine reads it`() throws {
    // Many at once: each stands behind a row that closes whatever was open, and the first rows of the whole must agree.
    let csv = FastCSV()
    for count in 0...6 {
      var combined: [UInt8] = []
      let total = (0..<count).reduce(1) { n, _ in n * 5 }
      for number in 0..<total {
        var n = number, text: [UInt8] = []
        for _ in 0..<count {
          text.append(alphabet[n % 5])
          n /= 5
        }
        if slowCSV(text).unfinishedFrom == nil { combined += text + [10] } else { combined += text + [34, 10] }
      }
      let fast = try csv.read(try folder.write("a.csv", combined)), slow = slowCSV(combined)
      #expect(fast == slow, "\(count)")
    }
  }

  @Test func `the border between two pieces changes nothing, wherever in a random text it falls`() throws {
    var random = Seeded(2)
    let csv = FastCSV()
    let filler = Array((String(repeating: "x", count: 510) + ",\n").utf8)
    for round in 0..<24 {
      let text = random.bytes(72, from: alphabet + Array("aaa,\n".utf8))
      for before in stride(from: round % 3, through: text.count, by: 3) {
        // `before` bytes of the text stand in the first piece.
        let fillBytes = pieceBytes - before
        let fill = Array(repeatElement(filler, count: fillBytes / 512).joined()) + [UInt8](repeating: 122, count: max(0, fillBytes % 512 - 1))
          + (fillBytes % 512 == 0 ? [] : [10])
        #expect(fill.count == fillBytes)
        let path = try folder.write("a.csv", fill + text)
        var slow = slowCSV(text)
        let lines = fill.count { $0 == 10 }
        for i in slow.rows.indices {
          slow.rows[i].offset += fillBytes
          slow.rows[i].line += lines
        }
        slow.unfinishedFrom = slow.unfinishedFrom.map { $0 + fillBytes }
        let fast = try csv.read(path, from: fillBytes)
        #expect(fast == slow, "\(before) bytes before the border of \(String(decoding: text, as: UTF8.self).debugDescription)")
        if fast != slow { return }
      }
    }
  }

  @Test func `2 MiB of random text with rows carried over eight borders reads as the plain state machine reads it`() throws {
    var random = Seeded(3)
    for alphabet in [alphabet + Array("aaaaaaaaaaaaaaaaaa".utf8), Array("abcdefghij,,\n\n".utf8), Array("ab\",,\n\n\r".utf8)] {
      let text = random.bytes(2 << 20, from: alphabet)
      let fast = try FastCSV(rowBytesMax: 1 << 16).read(try folder.write("a.csv", text))
      // Compared as a whole: millions of fields would drown the report.
      let same = fast == slowCSV(text)
      #expect(same)
    }
  }

  @Test func `a row as long as allowed is carried over whole, and one that is longer is refused`() throws {
    let csv = FastCSV(rowBytesMax: 3 * pieceBytes)
    for extra in [-1, 0, 1, 5] {
      // The row's start stands at the start of the second piece: three whole pieces are carried.
      let filler = [UInt8](repeating: 120, count: pieceBytes - 1) + [10]
      let text = filler + [UInt8](repeating: 97, count: 3 * pieceBytes + extra) + Array(",b\nc,d\n".utf8)
      let path = try folder.write("a.csv", text)
      #expect(try csv.read(path) == slowCSVWithLongRaw(text), "\(extra)")
    }
    let open = Array("a,b\n\"".utf8) + [UInt8](repeating: 97, count: 5 * pieceBytes)
    let fault = #expect(throws: GzipFault.self) { try csv.read(try folder.write("a.csv", open)) }
    #expect(fault?.reason == TextSource.rowTooLong(3 * pieceBytes))
  }

  /// What `raw` keeps of a long row is its first 4,096 bytes.
  private func slowCSVWithLongRaw(_ text: [UInt8]) -> CSVText {
    var slow = slowCSV(text)
    for i in slow.rows.indices { slow.rows[i].raw = Array(slow.rows[i].raw.prefix(4096)) }
    return slow
  }

  @Test(arguments: [
    ("a,b\r\n\"c\"\r\n", true), ("\"a\"\r,b\n", false), ("\"a\"\rb\n", false), ("\"a\"\r\r\n", false), ("\"a\"\r\"b\"\n", false),
    ("\"a\" ,b\n", false), ("a\"b\",c\n", true), ("\"a\"\"b\",c\n", true), ("\"\"\"\"\n", true), ("\"\"a\n", false), ("\"a\r\n\",b\n", true),
  ])
  func `a quoted field ends with a separator or the row's end; anything else is malformed, never another value`(text: String, isSound: Bool) throws {
    let fast = try FastCSV().read(try folder.write("a.csv", text)), slow = slowCSV(Array(text.utf8))
    #expect(slow.rows.allSatisfy { $0.fields != nil } == isSound)
    #expect(fast == slow)
  }

  @Test func `a byte order mark is taken off, and UTF-16 and UTF-32 are told from UTF-8`() throws {
    func first(_ bytes: [UInt8]) throws -> (isUTF8: Bool, row: [[UInt8]]?) {
      let source = TextSource(file: try InputFile(path: try folder.write("a.csv", bytes)), rowBytesMax: 4096, pipelined: false)
      let chunk = try #require(try source.next(usedUpTo: 0)), csv = FastCSV()
      let isUTF8 = chunk.skipByteOrderMark()
      csv.index.index(chunk)
      return (isUTF8, csv.index.fields(ofRow: 0, in: chunk))
    }
    let text = Array("id,b\n".utf8)
    for mark in [[], [0xEF, 0xBB, 0xBF]] as [[UInt8]] {
      let found = try first(mark + text)
      #expect(found.isUTF8 && found.row == [Array("id".utf8), Array("b".utf8)])
    }
    for mark in [[0xFF, 0xFE], [0xFE, 0xFF], [0xFF, 0xFE, 0, 0]] as [[UInt8]] { #expect(try !first(mark + text).isUTF8) }
  }
}
