import Buffers
import Columns
import Dumps
import TestSupport
import Testing

@Suite struct `JSON Lines` {
  let folder: TemporaryFolder
  private let mapping = TransactionMapping(
    transactionID: "id", customerID: "customer.id", occurredAt: "at", amount: "order.total", discount: "order.discount", cost: nil,
    category: "order.kind\\.of", channel: nil, kind: nil)

  init() throws { folder = try TemporaryFolder() }

  private func rows(_ lines: [String], _ change: (inout TransactionMapping) -> Void = { _ in }, name: String = "dump.jsonl") throws
    -> Reading
  {
    var mapping = mapping
    change(&mapping)
    return try read(try folder.write(name, lines.joined(separator: "\n")), mapping: mapping)
  }

  private func row(_ total: String, id: String = "\"t\"", more: String = "") -> String {
    "{\"id\":\(id),\"customer\":{\"id\":\"a\"},\"at\":\"2024-01-01\",\"order\":{\"total\":\(total)\(more)}}"
  }

  @Test(arguments: ["d.jsonl", "d.ndjson", "D.JSONL"]) func `are known by the file's name`(name: String) throws {
    #expect(try rows([row("1.5")], name: name).events.map(\.amount) == [150])
    #expect(Dialect().isJSON("x/d.jsonl.gz") && !Dialect().isJSON("x.jsonl/d.csv") && Dialect(format: .jsonLines).isJSON("d.csv"))
  }

  @Test func `give nested values, in any order, with blank lines, spaces and CRLF`() throws {
    let found = try rows([
      row("12.34", more: ",\"discount\":0.5,\"kind.of\":\"b\\u00fcr\\ud83d\\ude00o\""),
      "  { \"order\" : { \"discount\" : null , \"total\" : \"7\" } , \"at\":\"2024-01-02T00:00:00Z\",\"customer\":{\"id\":12},\"id\":\"\\u0074\\\"2\"}\r",
      "", "",
      row("1"), "",
    ])
    #expect(found.rowsRead == 3 && found.rejected == 0)
    #expect(found.events.map(\.amount) == [1234, 700, 100])
    #expect(found.events.map(\.discount) == [50, nil, nil])
    #expect(found.events.map(\.category) == ["bür😀o", "", ""])
    #expect(found.events.map(\.customer) == ["a", "12", "a"])
    #expect(found.events.map(\.id) == ["t", "t\"2", "t"])
    #expect(found.events.map(\.line) == [1, 2, 5])
  }

  @Test func `hold numbers that are read from their text, exactly`() throws {
    let found = try rows(
      ["90071992547409.93", "1.5e2", "123e-2", "-0", "0.1e1", "92233720368547758.06", "1e400", "1.005", "-3"].map { row($0) })
    #expect(found.events.map(\.amount) == [9_007_199_254_740_993, 15000, 123, 0, 100, 9_223_372_036_854_775_806])
    #expect(
      found.rejects.map(\.reason) == [
        "expected an amount below 2⁶³ minor units, found a larger one", "expected at most 2 decimals, found more",
        "expected an amount of 0 or more, found a negative one",
      ])
  }

  @Test func `miss a required key, or say null, as a reject by path, line and byte`() throws {
    let lines = ["{\"id\":\"t\",\"at\":\"2024-01-01\",\"order\":{\"total\":1}}", row("null"), row("{}"), row("[1]"), row("true")]
    let found = try rows(lines)
    #expect(found.rejects.map(\.column) == ["customer.id", "order.total", "order.total", "order.total", "order.total"])
    #expect(found.rejects.map(\.line) == [1, 2, 3, 4, 5])
    #expect(found.rejects[2].byteOffset == Int64(lines[0].utf8.count + lines[1].utf8.count + 2))
    #expect(found.rejects[0].reason == "expected a value, found nothing")
    #expect(found.rejects[2].reason == "expected a text or a number, found an object or a list")
    #expect(found.rejects[2].raw == Array(lines[2].utf8))
  }

  @Test func `that are no JSON are rejects that say at which byte, and harm no other line`() throws {
    let bad = [
      "{\"id\":\"t\",}", "[1]", "nonsense", row("01"), row("1") + " x", "{\"id\":\"t\"", "{'id':1}", row("1", id: "\"\\ud800\""),
      row("1", id: "\"\\u0000\""),
      String(repeating: "[", count: 5000), "\u{FEFF}" + row("1"),
    ]
    let found = try rows([row("1")] + bad + [row("2")])
    #expect(found.events.map(\.amount) == [100, 200])
    #expect(found.rejected == Int64(bad.count))
    #expect(found.rejects[0].reason == "no valid JSON: expected a key in double quotes at byte 11 of the line")
    #expect(found.rejects[1].reason == "no valid JSON: expected an object, {…} at byte 1 of the line")
    #expect(found.rejects[7].reason == "expected UTF-8 text, found an invalid byte")
    #expect(found.rejects[8].column == "id")
  }

  @Test func `with a mapped key twice are rejects, since readers differ in which they take`() throws {
    let found = try rows([
      row("1", more: ",\"total\":2"), "{\"order\":{\"total\":1},\"order\":{\"total\":2}}", row("1", more: ",\"x\":1,\"x\":2"),
    ])
    #expect(found.rejects.map(\.reason) == Array(repeating: "expected each key once in an object, found it twice", count: 2))
    #expect(found.events.count == 1)
  }

  @Test func `have their other keys counted, by path`() throws {
    let path = try folder.write(
      "d.jsonl", [row("1", more: ",\"x\":[1]"), row("1", more: ",\"x\":{\"y\":1},\"\\u007a\":0"), "{\"top\":1}"].joined(separator: "\n"))
    let zone = try #require(ZoneTable(name: "UTC"))
    let reader = try TransactionReader(
      path: path, options: ReaderOptions(mapping: mapping, dialect: Dialect(), zone: zone, bucketCount: 1, key: HashKey(k0: 1, k1: 2)),
      pipelined: false)
    _ = try reader.read(progress: { _ in }, flush: { _ in })
    #expect(reader.unmappedKeys.map { "\($0.path) \($0.rows)" } == ["order.x 2", "order.z 1", "top 1"])
  }

  @Test func `give a path to each field that asks for it`() throws {
    let found = try rows([row("7", more: ",\"discount\":3")]) { $0.category = "order.discount" }
    #expect(found.events.map(\.category) == ["3"] && found.events.map(\.discount) == [300])
  }

  @Test func `take defaults for what is missing, and constants`() throws {
    let found = try rows([row("1"), row("1", more: ",\"kind.of\":\"x\"")]) {
      $0.rules = [.category: FieldRule(otherwise: "none"), .discount: FieldRule(constant: "0.10")]
    }
    #expect(found.events.map(\.category) == ["none", "x"])
    #expect(found.events.map(\.discount) == [10, 10])
  }

  @Test func `longer than a field may be are refused in the row, longer than a row may be in the dump`() throws {
    let dialect = Dialect(fieldBytesMax: 5000)
    let long = try folder.write("d.jsonl", row("1", id: "\"" + String(repeating: "x", count: 6000) + "\"") + "\n" + row("1"))
    let found = try read(long, mapping: mapping, dialect: dialect)
    #expect(found.rejects.map(\.reason) == ["longer than 5000 bytes"] && found.events.count == 1)
    let longer = try folder.write("e.jsonl", String(repeating: " ", count: 1 << 20) + row("1"))
    #expect(throws: PipelineError.self) { try read(longer, mapping: mapping, dialect: dialect) }
  }

  @Test func `go over the border between pieces of text, by both ways of reading`() throws {
    let lines = (0..<20_000).map { row("\($0).25", id: "\"t\($0)\"", more: $0 % 3 == 0 ? ",\"kind.of\":\"q\\\"\"" : "") }
    let path = try folder.write("d.jsonl", lines.joined(separator: "\n"))
    for pipelined in [false, true] {
      let found = try read(path, mapping: mapping, pipelined: pipelined)
      #expect(found.events.map(\.amount) == (0..<20_000).map { $0 * 100 + 25 })
      #expect(found.events.map(\.line) == (1...20_000).map { $0 })
    }
  }
}
