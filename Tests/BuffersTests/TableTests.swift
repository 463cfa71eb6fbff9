import Buffers
import TestSupport
import Testing

@Suite struct TableTests {
  // MARK: distinct strings

  @Test(arguments: [0, 16, 100_000]) func `a text table numbers strings as a dictionary would, through growth and in many calls`(expected: Int) {
    var random = Seeded(41)
    var table = TextTable(expected: expected, secret: HashKey(k0: random.next(), k1: random.next()))
    var numbers: [[UInt8]: UInt32] = [:], codes: [UInt32] = []
    for round in 0..<40 {
      // Short ones that repeat, ids of 8 and 9 bytes that differ in their last, and a few of kilobytes.
      let strings = (0..<2000).map { i in
        switch i % 10 {
        case 0: random.bytes(Int(random.next() % 4), from: Array("ab".utf8))
        case 1: random.bytes(1000 + Int(random.next() % 3), from: [120])
        case 2...5: Array("id".utf8) + random.bytes(6, from: Array("0123".utf8))
        default: Array("customer".utf8) + random.bytes(Int(random.next() % 12), from: Array("01234567".utf8))
        }
      }
      let text = Array(strings.joined()), lengths = strings.map { UInt32($0.count) }
      table.encode(text.span, lengths: lengths.span, into: &codes)
      #expect(codes.count == 2000)
      for (string, code) in zip(strings, codes) {
        let expected = numbers[string, default: UInt32(numbers.count)]
        numbers[string] = expected
        if code != expected { Issue.record("round \(round): \(string) is \(code), expected \(expected)") }
      }
    }
    #expect(table.count == numbers.count && table.count > 20_000)
    for (string, number) in numbers {
      let range = Int(table.offsets[Int(number)])..<Int(table.offsets[Int(number) + 1])
      if Array(table.bytes[range]) != string { Issue.record("number \(number) is not \(string)") }
    }
  }

  @Test func `the empty string has one number, whether it comes alone or among others`() {
    var table = TextTable(expected: 4, secret: HashKey(k0: 1, k1: 2)), codes: [UInt32] = []
    table.encode([UInt8]().span, lengths: [UInt32(0)].span, into: &codes)
    #expect(codes == [0])
    table.encode([UInt8(97)].span, lengths: [UInt32(0), 1, 0].span, into: &codes)
    #expect(codes == [0, 1, 0])
  }

  private func encoded(_ words: [[UInt8]], _ list: WordList) throws -> [Parsed<UInt16>] {
    let codes = Memory<UInt16>(capacity: FieldBatch.capacity)
    var result: [Parsed<UInt16>] = []
    try FieldTable(words.map { [$0, [120]] }, isQuoted: true).eachBatch { batch, _, _ in
      list.encode(batch, 0, into: codes)
      for r in 0..<batch.rowCount { result.append(batch.fault(ofRow: r).map { .fault($0.fault) } ?? .value(codes[r])) }
    }
    return result
  }

  @Test func `a word list numbers words as a dictionary would, the empty one 0`() throws {
    var random = Seeded(42), numbers: [[UInt8]: UInt16] = [[]: 0]
    let words = (0..<30_000).map { i -> [UInt8] in
      switch i % 4 {
      case 0: random.bytes(Int(random.next() % 3), from: Array("ab".utf8))
      case 1: Array("category".utf8) + random.bytes(Int(random.next() % 5), from: Array("0123456789".utf8))
      case 2: random.bytes(8, from: Array("xy".utf8))
      default: Array("né, \"q\" ".utf8) + random.bytes(Int(random.next() % 4), from: Array("ab".utf8))
      }
    }
    let list = WordList(), found = try encoded(words, list)
    for (word, found) in zip(words, found) {
      let expected = numbers[word, default: UInt16(numbers.count)]
      numbers[word] = expected
      if found != .value(expected) { Issue.record("\(word): \(found), expected \(expected)") }
    }
    #expect(!list.isFull && list.words.count == numbers.count)
    #expect(list.words.enumerated().allSatisfy { numbers[$0.element] == UInt16($0.offset) })
  }

  @Test func `a word that is no text is refused, every time it comes`() throws {
    let list = WordList()
    let found = try encoded([[0xFF], [0xC3, 0x28], [0], Array("web".utf8), [0xFF], [0xED, 0xA0, 0x80], [97, 98, 99, 100, 101, 102, 103, 104, 0x80]], list)
    #expect(found == [.fault(.invalidText), .fault(.invalidText), .fault(.invalidText), .value(1), .fault(.invalidText), .fault(.invalidText), .fault(.invalidText)])
    #expect(list.words.count == 2)
  }

  @Test func `65,535 words have numbers, and one more is said to be too many`() throws {
    let words = (0..<65_535).map { Array("w\($0)".utf8) }, list = WordList()
    let found = try encoded(words, list)
    #expect(found == (1...65_535).map { .value($0) })
    #expect(!list.isFull)
    #expect(try encoded([Array("w0".utf8), Array("one more".utf8), Array("w65534".utf8)], list) == [.value(1), .value(0), .value(65_535)])
    #expect(list.isFull && list.words.count == 65_536)
  }

  // MARK: identifiers

  @Test func `an id is refused where it is empty, holds a NUL or is no UTF-8, wherever in it that stands`() throws {
    let bad: [(FieldFault, [UInt8])] = [
      (.empty, []), (.invalidText, [0]), (.invalidText, [0x80]), (.invalidText, [0xC0, 0xAF]), (.invalidText, [0xED, 0xA0, 0x80]),
      (.invalidText, [0xF4, 0x90, 0x80, 0x80]), (.invalidText, [0xE2, 0x82]),
    ]
    var rows: [[UInt8]] = [], expected: [FieldFault?] = []
    for before in 0...17 {
      for (fault, bytes) in bad {
        let row = [UInt8](repeating: 97, count: before) + bytes + (before % 2 == 0 ? [] : Array("tail behind".utf8))
        rows.append(row)
        expected.append(fault == .empty ? (row.isEmpty ? .empty : nil) : fault)
      }
      for good in ["é", "€", "😀", "'; DROP", "<script>", "\u{1B}[2J", "a\nb"] {
        rows.append([UInt8](repeating: 97, count: before) + Array(good.utf8))
        expected.append(nil)
      }
    }
    try FieldTable(rows.map { [$0, [120]] }, isQuoted: true).eachBatch { batch, _, _ in
      batch.checkIdentifiers(0)
      for r in 0..<batch.rowCount { #expect(batch.fault(ofRow: r)?.fault == expected[r], "\(rows[r])") }
    }
  }

  @Test func `a field is given as it stands between its quotes, doubled ones as one, also where two fields read the same column`() throws {
    var random = Seeded(43)
    // Quoted fields that nearly fill a piece, and a small bound for rows: what is unescaped twice must not need twice the room.
    let rows = (0..<4000).map { _ in [random.bytes(60, from: Array("ab\"".utf8)) + [34], random.bytes(5, from: Array("\",\n".utf8))] }
    try FieldTable(rows, isQuoted: true).eachBatch(rowBytesMax: 4096, columns: [0, 0, 1, 0, 1, 0] + [Int](repeating: 0, count: 100)) { batch, _, first in
      for r in 0..<batch.rowCount {
        for (field, column) in [0, 0, 1, 0, 1, 0].enumerated() where batch.bytes(field, r) != rows[first + r][column] {
          Issue.record("row \(first + r), field \(field)")
        }
      }
    }
  }

  @Test func `a longer field than allowed is a fault of its row alone`() throws {
    let rows = [9, 10, 11, 5].map { [[UInt8](repeating: 97, count: $0), [120]] }
    for isQuoted in [false, true] {
      try FieldTable(rows, isQuoted: isQuoted).eachBatch(fieldBytesMax: 10) { batch, _, _ in
        #expect((0..<4).map { batch.fault(ofRow: $0)?.fault } == [nil, nil, .tooLong, nil])
      }
    }
  }
}
