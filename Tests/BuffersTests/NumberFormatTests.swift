import Buffers
import TestSupport
import Testing

private func numbers(_ texts: [String], _ format: NumberFormat, digits: Int = 2, exponents: Bool = false) throws -> [Parsed<Int64>] {
  try parsed(texts, isQuoted: true) { batch, field in
    let values = Memory<Int64>(capacity: FieldBatch.capacity)
    batch.parseNumbers(field, as: format, fractionDigits: digits, takesExponents: exponents, nullValue: nil, into: values)
    let copy = (0..<batch.rowCount).map { values[$0] }
    return { copy[$0] }
  }
}

@Suite struct `Numbers in other formats` {
  let german = NumberFormat(
    decimalSeparator: UInt8(ascii: ","), thousandsSeparator: ".", symbols: ["€", "EUR"], hasTrailingMinus: true, hasParentheses: true)

  @Test func `are read with decimal comma, thousands marks, symbols and every minus`() throws {
    let texts = [
      "1.234,56", "1234,5", "-1.234.567,00", "12,50 €", "€ 12,50", "EUR12,50", "12,50-", "(12,50)", "-€12,50", "(12,50 €)", "12,50\u{A0}€",
      "0,001.000",
    ]
    #expect(
      try numbers(texts, german) == [
        .value(123456), .value(123450), .value(-123_456_700), .value(1250), .value(1250), .value(1250), .value(-1250), .value(-1250),
        .value(-1250), .value(-1250), .value(1250), .fault(.notDecimal),
      ])
  }

  @Test func `with marks in the wrong place, two signs or two symbols are refused`() throws {
    for text in [
      "1.23,4", "12.34", ".123,0", "1..234", "1.234.", "1,2,3", "--1", "(1)-", "€1€", "1 2", "€", "-", "()", "1,", ",5", "1.2345,0", "1e3",
      "+1", "0x10", "NaN", "1٫5",
    ] {
      #expect(try numbers([text], german) == [.fault(.notDecimal)], "\(text)")
    }
  }

  @Test func `with a space between thousands have any space there that typesetters use`() throws {
    let french = NumberFormat(decimalSeparator: UInt8(ascii: ","), thousandsSeparator: " ")
    #expect(
      try numbers(["1 234,50", "1\u{202F}234,50", "1\u{A0}234,50", "1  234,50"], french) == [
        .value(123450), .value(123450), .value(123450), .fault(.notDecimal),
      ])
  }

  @Test func `keep to 64 bits and to the decimals there are`() throws {
    let plain = NumberFormat()
    #expect(
      try numbers(
        ["92233720368547758.06", "92233720368547758.07", "1.239", "1.2300", "123456789012345678901234567890", "-92233720368547758.06"],
        plain) == [
          .value(.max - 1), .fault(.outOfRange), .fault(.tooManyDecimals), .value(123), .fault(.outOfRange), .value(-(.max - 1)),
        ])
    #expect(try numbers(["5", "5.0", "5.5"], plain, digits: 0) == [.value(5), .value(5), .fault(.tooManyDecimals)])
    #expect(try numbers(["1.234"], plain, digits: 3) == [.value(1234)])
  }

  @Test func `with exponents are exact, without a detour through floating point`() throws {
    #expect(
      try numbers(
        ["1.5e2", "12345e-2", "1E+1", "0e999999999999", "1e400", "1e-400", "0.1e1", "123.456e1", "1e", "1e+"], NumberFormat(),
        exponents: true) == [
          .value(15000), .value(12345), .value(1000), .value(0), .fault(.outOfRange), .fault(.tooManyDecimals), .value(100), .value(123456),
          .fault(.notDecimal), .fault(.notDecimal),
        ])
    #expect(try numbers(["1e2"], NumberFormat()) == [.fault(.notDecimal)])
  }

  /// Values that both read: the eight-digit kernel and this one must not part.
  @Test func `agree with the plain kernel wherever that has an answer`() throws {
    var draws = Seeded(5)
    let texts = (0..<5000).map { _ -> String in
      let digits = String((0..<Int.random(in: 0...12, using: &draws)).map { _ in "0123456789.-".randomElement(using: &draws) ?? "0" })
      return digits.isEmpty ? "0" : digits
    }
    let slow = try numbers(texts, NumberFormat())
    let fast: [Parsed<Int64>] = try parsed(texts, isQuoted: true) { batch, field in
      let values = Memory<Int64>(capacity: FieldBatch.capacity)
      batch.parseDecimals(field, fractionDigits: 2, allowsNegative: true, nullValue: nil, into: values)
      let copy = (0..<batch.rowCount).map { values[$0] }
      return { copy[$0] }
    }
    #expect(slow == fast)
  }
}

@Suite struct `Quantity times unit price` {
  /// Both columns through the kernels; nil where the row is refused.
  private func amounts(_ pairs: [(String, String)], digits: Int) throws -> [Int64?] {
    var found: [Int64?] = []
    try FieldTable(pairs.map { [Array($0.0.utf8), Array($0.1.utf8)] }).eachBatch { batch, _, _ in
      let quantities = Memory<Int64>(capacity: FieldBatch.capacity), prices = Memory<Int64>(capacity: FieldBatch.capacity)
      let amounts = Memory<Int64>(capacity: FieldBatch.capacity)
      batch.parseNumbers(0, as: NumberFormat(), fractionDigits: 6, takesExponents: false, nullValue: nil, into: quantities)
      batch.parseNumbers(1, as: NumberFormat(), fractionDigits: 6, takesExponents: false, nullValue: nil, into: prices)
      batch.multiply(quantities, prices, fractionDigits: digits, field: 0, into: amounts)
      for r in 0..<batch.rowCount { found.append(batch.fault(ofRow: r) == nil ? amounts[r] : nil) }
    }
    return found
  }

  @Test func `is rounded half away from zero, once`() throws {
    #expect(
      try amounts(
        [("3", "1.005"), ("-3", "1.005"), ("1", "0.005"), ("1", "0.004999"), ("-1", "0.005"), ("0.5", "0.01"), ("2", "2.55")], digits: 2)
        == [302, -302, 1, 0, -1, 1, 510])
    #expect(try amounts([("3", "100.5"), ("1", "0.49")], digits: 0) == [302, 0])
    #expect(try amounts([("1.5", "0.333333")], digits: 3) == [500])
  }

  @Test func `that does not fit is refused, never wrapped`() throws {
    #expect(try amounts([("9000000000000", "9000000000000")], digits: 2) == [nil])
    #expect(try amounts([("9000000000000", "10000")], digits: 2) == [9_000_000_000_000_000_000])
    #expect(try amounts([("9000000000000", "10248")], digits: 2) == [9_223_200_000_000_000_000])
    #expect(try amounts([("9000000000000", "10249")], digits: 2) == [nil])
  }
}
