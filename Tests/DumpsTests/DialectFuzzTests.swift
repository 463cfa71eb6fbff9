import Buffers
import Columns
import Dumps
import TestSupport
import Testing

/// Random text in the alphabet of a dialect: nothing is lost, nothing traps, and it does not matter how the text is cut into pieces.
@Suite struct `Random text in other dialects` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let mapping: TransactionMapping = {
    var mapping = TransactionMapping(
      transactionID: "i", customerID: "c", occurredAt: "t", amount: nil, quantity: "q", unitPrice: "p", discount: nil, cost: nil,
      category: "g.h", channel: nil, kind: nil, refunds: .sign, skipsRowsWithoutCustomer: true, identity: ["transaction_id", "line"])
    mapping.numbers = NumberFormat(
      decimalSeparator: UInt8(ascii: ","), thousandsSeparator: ".", symbols: ["€"], hasTrailingMinus: true, hasParentheses: true)
    mapping.rules = [.category: FieldRule(otherwise: "none")]
    mapping.times.format = .epochSeconds
    return mapping
  }()

  private func check(_ text: [UInt8], _ dialect: Dialect) throws {
    let path = try folder.write("dump.csv", text)
    guard let first = try? read(path, mapping: Self.mapping, dialect: dialect) else { return }
    let second = try read(path, mapping: Self.mapping, dialect: dialect, pipelined: true, stripeRowsMax: 1)
    #expect(first.rowsRead == Int64(first.events.count) + first.rejected + first.filtered)
    #expect(first.events == second.events && first.rejects == second.rejects && first.filtered == second.filtered)
    for reject in first.rejects {
      #expect(!reject.reason.isEmpty && reject.line > 0 && reject.byteOffset >= 0 && reject.byteOffset < Int64(max(1, text.count)))
    }
  }

  @Test(arguments: 0..<300) func `as CSV with quotes, trimming, encodings and every line end`(seed: UInt64) throws {
    var draws = Seeded(seed)
    let encoding = TextEncoding.allCases[Int(seed % 3)]
    let text =
      Array("i;c;t;q;p;g.h".utf8) + [seed % 2 == 0 ? 13 : 10]
      + draws.bytes(Int(draws.next() % 3000), from: Array("1234567,.-()€ ;;;;;;\"\r\n\r\n0abc\t".utf8) + [0, 0x80, 0x81, 0xE4])
    try check(
      text, Dialect(format: .csv, encoding: encoding, delimiter: UInt8(ascii: ";"), isTrimmed: true, nulls: ["0"], fieldBytesMax: 300))
  }

  @Test(arguments: 0..<300) func `as JSON Lines, mended and broken`(seed: UInt64) throws {
    var draws = Seeded(seed)
    var text: [UInt8] = []
    for _ in 0..<40 {
      var row = Array(
        "{\"i\":\"\\u00e4\\ud83d\\ude00\",\"c\":{},\"c\":\"a\",\"t\":1e3,\"q\":\"1.234,5-\",\"p\":2,\"g\":{\"h\":\"x\\\"\",\"k\":[1,{}]}}"
          .utf8)
      if draws.next() % 2 == 0 { row.replaceSubrange(12..<12, with: draws.bytes(3, from: Array("\"\\{}[],:u1".utf8) + [0, 0xC3, 0xA4])) }
      for _ in 0..<Int(draws.next() % 3) {
        row[Int(draws.next() % UInt64(row.count))] = draws.bytes(1, from: Array("\"\\{}[],:1 ".utf8))[0]
      }
      text += row.prefix(Int(draws.next() % UInt64(row.count * 2))) + [10]
    }
    try check(text, Dialect(format: .jsonLines))
  }
}
