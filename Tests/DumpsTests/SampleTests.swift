import Buffers
import Columns
import Dumps
import TestSupport
import Testing

@Suite struct `A sample of a dump` {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func sample(_ text: [UInt8], bytesMax: Int = 1 << 20) throws -> DumpSample {
    try DumpSample(path: try folder.write("a.csv", text), bytesMax: bytesMax)
  }

  /// The columns of the table as the sample's rows have them.
  private func rows(_ table: SampleTable) -> [[String]] {
    (0..<table.rowCount).map { row in table.names.indices.map { String(decoding: table.value($0, row), as: UTF8.self) } }
  }

  @Test(arguments: 0..<200) func `is cut into rows and fields as the reader cuts a dump`(seed: UInt64) throws {
    var draws = Seeded(seed)
    let text =
      Array("i,c,t,a\n".utf8) + draws.bytes(Int(draws.next() % 600), from: Array("ab1 ,,,,\"\"\n\n\r".utf8)) + Array("\n1,2,3,4\n".utf8)
    let path = try folder.write("a.csv", text)
    guard
      let reader = try? TransactionReader(
        path: path,
        options: ReaderOptions(
          mapping: TransactionMapping(
            transactionID: "i", customerID: "c", occurredAt: "t", amount: "a", discount: nil, cost: nil, category: nil, channel: nil,
            kind: nil),
          dialect: Dialect(), zone: try #require(ZoneTable(name: "UTC")), bucketCount: 1, key: HashKey(k0: 1, k1: 2)), pipelined: false),
      (try? reader.read(progress: { _ in }, flush: { _ in })) != nil
    else { return }
    let table = SampleTable(csv: try DumpSample(path: path, bytesMax: 1 << 20), DelimiterGuess([]))
    // The reader names what it refuses for its shape; all else are rows of four fields.
    let misfits = reader.rejects.count { $0.reason.hasPrefix("expected 4 fields") || $0.reason.hasPrefix("malformed") }
    #expect(table.misfits == misfits && Int64(table.rowCount + table.misfits) == reader.rowsRead)
  }

  @Test func `unescapes quotes and JSON's escapes`() throws {
    let csv = SampleTable(csv: try sample(Array("\"a\"\"b\",c\n\"1,\"\"x\"\"\",2\r\n".utf8)), DelimiterGuess([]))
    #expect(csv.names == ["a\"b", "c"])
    #expect(rows(csv) == [["1,\"x\"", "2"]])
    let json = SampleTable(
      json: try sample(Array("{\"a\":{\"b.c\":\"\\ud83d\\ude00\\n\"},\"d\":[{\"e\":1}],\"f\":null}\n{\"g\":-1.5e3}\n{]\n".utf8)))
    #expect(json.names == ["a.b\\.c", "f", "g"])
    #expect(rows(json) == [["😀\n", "", ""], ["", "", "-1.5e3"]])
    #expect(json.misfits == 1 && json.lists == ["d"])
  }

  @Test(arguments: [
    ("a,b\n1,2\n3,4\n", ",", "\""), ("a;b;c\n1,5;2,5;3,5\n", ";", "\""), ("a\tb\nx, y\tz\n", "\t", "\""),
    ("a|b\n'x|y'|2\n'z|w'|3\n", "|", "'"),
    ("a;b\n\"x;y\";2\n\"z\";3\n", ";", "\""), ("text\nmore text\n", ",", "\""),
  ]) func `tells delimiter and quote`(text: String, delimiter: String, quote: String) {
    let guess = DelimiterGuess(Array(text.utf8))
    #expect(String(Unicode.Scalar(guess.delimiter)) == delimiter && String(Unicode.Scalar(guess.quote)) == quote)
  }

  @Test func `tells encodings, and damage from another encoding`() {
    #expect(EncodingGuess(Array("äöü€".utf8), isWhole: true) == EncodingGuess(Array("äöü€".utf8) + [0xC3], isWhole: false))
    #expect(EncodingGuess([0x61, 0xE4, 0x62], isWhole: true).encoding == .latin1)
    #expect(EncodingGuess([0x61, 0xE4, 0x80, 0x62], isWhole: true).encoding == .windows1252)
    let damaged = EncodingGuess(Array(String(repeating: "ä", count: 50).utf8) + [0xFF, 0x61], isWhole: true)
    #expect(damaged.encoding == .utf8 && damaged.invalid == 1)
  }

  private func column(_ values: [String]) throws -> ColumnProfile {
    let text = "x\ty\n" + values.map { $0 + "\t1\n" }.joined()
    let sample = try sample(Array(text.utf8))
    return ColumnProfile(SampleTable(csv: sample, DelimiterGuess(sample.text)), 0, isJSON: false)
  }

  @Test(arguments: [
    (["2024-01-05", "2024-02-06T10:00:00Z"], "iso"), (["05.01.2024", "25.12.2024"], "dd.MM.yyyy"), (["5.1.24", "25.12.24"], "d.M.yy"),
    (["12/1/2010 8:26", "12/13/2010 18:06"], "M/d/yyyy H:mm"), (["01/13/24 01:05 PM", "12/01/24 11:00 am"], "MM/dd/yy hh:mm a"),
    (["20240105", "20241231"], "yyyyMMdd"), (["20240105235959", "20240106000000"], "yyyyMMddHHmmss"),
    (["1704412800", "1704499200"], "epoch_seconds"),
    (["1704412800123", "1704499200456"], "epoch_millis"),
    (["05-Jan-2024 10:00:00.123", "06-Feb-2024 11:30:59.1"], "dd-MMM-yyyy HH:mm:ss.S"),
    (["2024/01/05 10:00:00+01:00", "2024/12/25 11:00:00-05:00"], "yyyy/MM/dd HH:mm:ssX"), (["Jan 5, 2024", "Dec 25, 2024"], "MMM d, yyyy"),
  ]) func `tells the pattern of times`(values: [String], format: String) throws {
    let times = try column(values).times
    #expect(times.best?.format.text == format && times.best?.fitting == values.count)
    #expect(times.rivals.isEmpty)
  }

  @Test func `tells that days up to 12 can be read in two ways`() throws {
    let times = try column(["03/04/2024", "05/06/2024"]).times
    #expect(times.rivals.count == 1)
    #expect(try column(["03/04/2024", "05/26/2024"]).times.rivals.isEmpty)
    #expect(try column(["10:15", "11:20"]).times.best == nil)
  }

  @Test(arguments: [
    (["1.234,56 €", "-12,00 €"], NumberFormat(decimalSeparator: 44, thousandsSeparator: ".", symbols: ["€"])),
    (["1,234.56", "(12.00)"], NumberFormat(thousandsSeparator: ",", hasParentheses: true)), (["12.50", "3"], NumberFormat()),
    (["1 234,5", "12,5"], NumberFormat(decimalSeparator: 44, thousandsSeparator: " ")),
    (["US$5.00", "7.10-"], NumberFormat(symbols: ["US$"], hasTrailingMinus: true)),
    (["1’234.50", "2.25"], NumberFormat(thousandsSeparator: "’")),
  ]) func `tells how numbers are written`(values: [String], format: NumberFormat) throws {
    let numbers = try column(values).numbers
    #expect(numbers.best.format == format && numbers.best.fitting == values.count)
  }

  @Test func `takes ids and words for no numbers`() throws {
    #expect(try !column(["A12", "B13", "C14"]).numbers.isNumber)
    #expect(try !column(["12-34-56", "1.2.3"]).numbers.isNumber)
  }
}
