import Buffers
import Columns
import Dumps
import TestSupport
import Testing

@Suite struct TransactionReaderTests {
  let folder: TemporaryFolder
  let header = "transaction_id,customer_id,occurred_at,amount\n"
  let march: Int64 = 1_709_251_200

  init() throws { folder = try TemporaryFolder() }

  private func reading(_ text: String, dialect: Dialect = Dialect(), pipelined: Bool = false) throws -> Reading {
    try read(try folder.write("dump.csv", text), dialect: dialect, pipelined: pipelined)
  }

  private func refused(_ text: String, dialect: Dialect = Dialect()) throws -> PipelineError {
    try #require(throws: PipelineError.self) { try reading(text, dialect: dialect) }
  }

  private func row(_ i: Int) -> String { "t\(i),c\(i % 7),2024-03-01T00:00:00Z,\(i).50" }

  // MARK: sound text

  @Test(arguments: ["\n", "\r\n"])
  func `rows are read with LF and CRLF, with a final line break and without, with a byte order mark and without`(lineEnd: String) throws {
    for mark in ["", "\u{FEFF}"] {
      for end in ["", lineEnd] {
        let text = mark + (header + (0..<5).map(row).joined(separator: "\n")).replacing("\n", with: lineEnd) + end
        let found = try reading(text)
        #expect(found.rowsRead == 5 && found.rejected == 0 && found.facts.textBytes == Int64(text.utf8.count))
        #expect(
          found.events
            == (0..<5).map {
              Event(
                customer: "c\($0)", id: "t\($0)", time: march, amount: Int64($0) * 100 + 50, discount: nil, category: "", kind: 0,
                line: Int64($0) + 2)
            })
      }
    }
  }

  @Test func `quotes go, doubled ones become one, and fields keep their commas and line breaks; lines are counted through them`() throws {
    let text =
      "\"transaction_id\",customer_id,\"occurred_at\",amount\r\n"
      + "\"a\"\"1\"\"\",\"x,\r\ny\",\"2024-03-01\",\"1.25\"\r\nb,\"\"\"\",2024-03-01,2.00\r\n"
    let found = try reading(text)
    #expect(found.events.map(\.id) == ["a\"1\"", "b"] && found.events.map(\.customer) == ["x,\r\ny", "\""])
    #expect(found.events.map(\.line) == [2, 4] && found.events.map(\.amount) == [125, 200])
  }

  @Test func `columns are found by name in any order, among others`() throws {
    let found = try reading("note,amount,occurred_at,x,customer_id,transaction_id\n\"n,\n\",3.10,2024-03-01,,c,t\n")
    #expect(found.events == [Event(customer: "c", id: "t", time: march, amount: 310, discount: nil, category: "", kind: 0, line: 2)])
  }

  @Test func `another delimiter and another quote are taken as set`() throws {
    let dialect = Dialect(delimiter: UInt8(ascii: ";"), quote: UInt8(ascii: "'"))
    let found = try reading("transaction_id;customer_id;occurred_at;amount\n't;''1';\"c\";2024-03-01;1\n", dialect: dialect)
    #expect(found.events.map(\.id) == ["t;'1"] && found.events.map(\.customer) == ["\"c\""])
  }

  @Test func `blank lines are no rows, and lines are counted past them`() throws {
    let found = try reading(header + "\n\r\n" + row(1) + "\n\n\n" + row(2) + "\n\n")
    #expect(found.rowsRead == 2 && found.rejected == 0 && found.events.map(\.line) == [4, 7])
  }

  @Test func `wall-clock times are those of the zone, times with an offset are not moved`() throws {
    let path = try folder.write(
      "a.csv", header + "1,c,2024-07-01T12:00:00,1\n2,c,2024-07-01T12:00:00Z,1\n3,c,2024-01-01,1\n4,c,2024-07-01T12:00:00+05:00,1\n")
    let found = try read(path, zone: "Europe/Berlin").events.map(\.time)
    #expect(found == [1_719_828_000, 1_719_835_200, 1_704_063_600, 1_719_817_200])
  }

  @Test func `kinds are words of the mapping, an optional column may be empty`() throws {
    let mapping = TransactionMapping(cost: nil, channel: nil, purchaseKinds: ["buy", "order"], refundKinds: ["return"])
    let path = try folder.write(
      "a.csv",
      "transaction_id,customer_id,occurred_at,amount,discount,category,kind\n"
        + "1,c,2024-03-01,1,,,buy\n2,c,2024-03-01,1,0.50,toys,return\n"
        + "3,c,2024-03-01,1,0,toys,order\n4,c,2024-03-01,1,0,toys,gift\n5,c,2024-03-01,1,0,toys,\n"
    )
    let found = try read(path, mapping: mapping)
    #expect(
      found.events.map(\.kind) == [0, 1, 0] && found.events.map(\.discount) == [nil, 50, 0]
        && found.events.map(\.category) == ["", "toys", "toys"])
    #expect(
      found.rejects.map(\.line) == [5, 6]
        && found.rejects.allSatisfy { $0.column == "kind" && $0.reason.contains("\"buy\", \"order\", \"return\"") })
  }

  @Test func `beside the parser or by it, in one stripe or in many, the events are the same`() throws {
    let text = header + (0..<40_000).map { $0 % 997 == 0 ? "bad,row" : row($0) }.joined(separator: "\n")
    let path = try folder.write("big.csv.gz", gzip(text))
    let one = try read(path), other = try read(path, pipelined: true, stripeRowsMax: 5000)
    #expect(one.events == other.events && one.rejects == other.rejects && one.facts == other.facts)
    #expect(one.stripes == 1 && other.stripes > 5)
    #expect(one.events.count == 40_000 - 41 && one.rejected == 41 && one.rowsRead == 40_000)
    #expect(one.events.allSatisfy { $0.id == "t\($0.line - 2)" })
  }

  @Test func `rows that are a thousand times longer than usual do not gather without bound`() throws {
    let text = header + (0..<80).map { "t\($0),\(String(repeating: "c", count: 50_000))\($0),2024-03-01,1\n" }.joined()
    let path = try folder.write("wide.csv", text), one = try read(path), many = try read(path, stripeBytesMax: 1 << 20)
    #expect(one.stripes == 1 && many.stripes == 4 && many.events == one.events && many.events.count == 80)
  }

  // MARK: rejects

  @Test func `each bad row is rejected with its line, byte offset, column, reason and bytes`() throws {
    let bad: [(row: String, column: String, reason: String)] = [
      ("t1,c1,2024-03-01", "", "expected 4 fields, found 3"), ("t1,c1,2024-03-01,1,2", "", "expected 4 fields, found 5"),
      ("x", "", "expected 4 fields, found 1"),
      (",c1,2024-03-01,1", "transaction_id", "expected a value, found nothing"),
      ("t1,,2024-03-01,1", "customer_id", "expected a value, found nothing"),
      ("t1,c1,,1", "occurred_at", "expected a value, found nothing"), ("t1,c1,2024-03-01,", "amount", "expected a value, found nothing"),
      ("t1,c1,2024-02-30,1", "occurred_at", "expected a day and time that exist, found one that does not"),
      (
        "t1,c1,01.03.2024,1", "occurred_at", "expected a time like 2024-03-01T12:30:00Z (ISO 8601), found these characters in another order"
      ),
      ("t1,c1,today,1", "occurred_at", "expected a time like 2024-03-01T12:30:00Z (ISO 8601), found a letter"),
      ("t1,c1,2024-03-01,\"1,5\"", "amount", "expected a decimal number with \".\", found a \",\""),
      ("t1,c1,2024-03-01,1e400", "amount", "expected a decimal number with \".\", found a letter"),
      ("t1,c1,2024-03-01,NaN", "amount", "expected a decimal number with \".\", found a letter"),
      ("t1,c1,2024-03-01,0x10", "amount", "expected a decimal number with \".\", found a letter"),
      ("t1,c1,2024-03-01,1.005", "amount", "expected at most 2 decimals, found more"),
      ("t1,c1,2024-03-01,-1", "amount", "expected an amount of 0 or more, found a negative one"),
      ("t1,c1,2024-03-01,92233720368547758.08", "amount", "expected an amount below 2⁶³ minor units, found a larger one"),
      ("t1,\"c\"1,2024-03-01,1", "customer_id", "malformed quoting: text behind a closing quote"),
      ("t1,c\0,2024-03-01,1", "customer_id", "expected text, found a NUL byte"),
      (
        "transaction_id,customer_id,occurred_at,amount", "occurred_at",
        "expected a value, found the column's own name: a second header"
      ),
      ("\"t\n1\",\"c\n\n1\",2024-03-01,", "amount", "expected a value, found nothing"),
    ]
    var text = header, expected: [(Int64, Int64)] = []
    for (i, bad) in bad.enumerated() {
      text += row(i) + "\n"
      expected.append((Int64(text.utf8.count { $0 == 10 }) + 1, Int64(text.utf8.count)))
      text += bad.row + "\n"
    }
    text += row(99) + "\n"
    let found = try reading(text)
    #expect(found.rejected == Int64(bad.count) && found.rowsRead == Int64(2 * bad.count + 1) && found.events.count == bad.count + 1)
    for (i, reject) in found.rejects.enumerated() {
      #expect(
        reject
          == Reject(
            line: expected[i].0, byteOffset: expected[i].1, column: bad[i].column, reason: bad[i].reason, raw: Array(bad[i].row.utf8)))
    }
    #expect(found.events.last?.line == Int64(text.utf8.count { $0 == 10 }))
  }

  @Test func `offsets and lines hold past the borders of pieces, with long rows, line breaks in quotes and a header of 300 kB`() throws {
    var random = Seeded(71)
    for headerBytes in [0, 300_000] {
      var text = Array("transaction_id,customer_id,occurred_at,amount,\(String(repeating: "h", count: headerBytes))\n".utf8)
      var expected: [(line: Int64, offset: Int64)] = []
      for i in 0..<6000 {
        let filler = String(repeating: "x", count: Int(random.next() % 300)),
          breaks = String(repeating: "\n", count: Int(random.next() % 3))
        if i % 5 == 0 { expected.append((Int64(text.count { $0 == 10 }) + 1, Int64(text.count))) }
        text += Array("t\(i),\"c\(breaks)\",2024-03-01,\(i % 5 == 0 ? "?" : "1"),\"\(filler)\"\n".utf8)
      }
      for pipelined in [false, true] {
        let found = try read(try folder.write("a.csv", text), pipelined: pipelined)
        #expect(found.rejects.map(\.line) == expected.map(\.line))
        #expect(found.rejects.map(\.byteOffset) == expected.map(\.offset), "\(headerBytes)")
        #expect(found.rejects.allSatisfy { text[Int($0.byteOffset)...].starts(with: $0.raw) && $0.column == "amount" })
        #expect(found.events.count == 4800)
      }
    }
  }

  @Test func `a field that is too long is a reject with the first 4,096 bytes of its row`() throws {
    let dialect = Dialect(fieldBytesMax: 5000)
    let found = try reading(header + row(1) + "\nt2,\(String(repeating: "c", count: 5001)),2024-03-01,1\n" + row(3), dialect: dialect)
    #expect(found.events.map(\.id) == ["t1", "t3"])
    #expect(
      found.rejects.count == 1 && found.rejects[0].raw.count == Reject.rawBytesMax && found.rejects[0].reason == "longer than 5000 bytes")
  }

  @Test func `rejects beyond those that are kept are counted all the same`() throws {
    let path = try folder.write("a.csv", header + String(repeating: "bad\n", count: 50))
    let found = try read(path, rejectsKeptMax: 7)
    #expect(found.rejected == 50 && found.rowsRead == 50 && found.rejects.count == 7 && found.rejects.last?.line == 8)
  }

  // MARK: refused as a whole

  @Test func `a quote that is never closed is refused with the line where its row begins`() throws {
    let small = try refused(header + row(1) + "\nt2,\"c2,2024-03-01,1\n" + row(3) + "\n")
    #expect(small.exit == .badInput && small.message.hasSuffix("dump.csv, line 3: a quote is never closed"))
    let large = try refused(
      header + row(1) + "\nt2,\"c2,2024-03-01,1\n" + String(repeating: row(3) + "\n", count: 30_000),
      dialect: Dialect(fieldBytesMax: 100_000))
    #expect(large.exit == .badInput && large.message.contains("dump.csv, line 3: a row is longer than 165536 bytes"))
  }

  @Test func `UTF-16 is refused and said to be so`() throws {
    for mark in [[0xFF, 0xFE], [0xFE, 0xFF]] as [[UInt8]] {
      let path = try folder.write("a.csv", mark + header.utf8.flatMap { [$0, 0] })
      let error = try #require(throws: PipelineError.self) { try read(path) }
      #expect(error.exit == .badInput && error.message.contains("UTF-16"))
    }
  }

  @Test func `a header with columns missing or doubled is refused, all of them named`() throws {
    let missing = try refused("transaction_id,customer,occurred_at\nt,c,2024-03-01\n")
    #expect(
      missing.exit == .badInput && missing.message.hasSuffix("line 1: column \"customer_id\" is missing; column \"amount\" is missing"))
    let doubled = try refused("transaction_id,customer_id,occurred_at,amount,amount\nt,c,2024-03-01,1,2\n")
    #expect(doubled.message.hasSuffix("line 1: column \"amount\" stands there 2 times"))
    for text in ["\n", "\n" + header, "\u{FEFF}", "\r\n\r\n"] { #expect(try refused(text).message.contains("expected a header row")) }
  }

  @Test func `a pipe, a folder and a name that is not there are refused`() throws {
    #expect(try #require(throws: PipelineError.self) { try read(folder.path) }.exit == .badInput)
    #expect(try #require(throws: PipelineError.self) { try read(folder.path + "/nowhere") }.exit == .noInput)
    #expect(try #require(throws: PipelineError.self) { try read("/dev/zero") }.exit == .badInput)
  }

  @Test func `a cut dump is refused with the byte where it ends, and nothing of it was handed out as final`() throws {
    let whole = try gzip(header + (0..<20_000).map(row).joined(separator: "\n"))
    let path = try folder.write("a.csv.gz", Array(whole.dropLast(9)))
    let error = try #require(throws: PipelineError.self) { try read(path, pipelined: true) }
    #expect(error.exit == .badInput && error.message.contains("byte \(whole.count - 9)"), "\(error.message)")
  }

  @Test func `more than 65,535 categories or kinds are refused, never run together`() throws {
    let lines = (0..<65_537).map { "t\($0),c,2024-03-01,1,k\($0)" }.joined(separator: "\n")
    let names = "transaction_id,customer_id,occurred_at,amount,"
    let categories = TransactionMapping(discount: nil, cost: nil, channel: nil, kind: nil)
    let kinds = TransactionMapping(discount: nil, cost: nil, category: nil, channel: nil, purchaseKinds: ["k0", ""])
    let first = try #require(throws: PipelineError.self) {
      try read(try folder.write("a.csv", names + "category\n" + lines), mapping: categories)
    }
    let second = try #require(throws: PipelineError.self) { try read(try folder.write("b.csv", names + "kind\n" + lines), mapping: kinds) }
    #expect(first.message.contains("more than 65535 distinct values") && second.message.contains("more than 65535 distinct values"))
  }
}
