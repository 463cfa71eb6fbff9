import Buffers
import TestSupport
import Testing

/// Decimals by their digits as text: the oracle of `parseDecimals`.
private func slowDecimal(_ text: String, fractionDigits: Int, allowsNegative: Bool, nullValue: Int64?) -> Parsed<Int64> {
  if text.isEmpty { return nullValue.map { .value($0) } ?? .fault(.empty) }
  let isNegative = text.hasPrefix("-")
  let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
  guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }) else {
    return .fault(.notDecimal)
  }
  let fraction = parts.count == 2 ? parts[1] : ""
  if fraction.dropFirst(fractionDigits).contains(where: { $0 != "0" }) { return .fault(.tooManyDecimals) }
  let kept = fraction.prefix(fractionDigits)
  let digits = (parts[0] + kept + String(repeating: "0", count: fractionDigits - kept.count)).drop { $0 == "0" }
  let largest = "9223372036854775806"
  if digits.count > largest.count || (digits.count == largest.count && String(digits) > largest) { return .fault(.outOfRange) }
  let value = Int64(digits) ?? 0
  if isNegative && value != 0 { return allowsNegative ? .value(-value) : .fault(.negative) }
  return .value(value)
}

private func fast(_ texts: [String], fractionDigits: Int, allowsNegative: Bool, nullValue: Int64?) throws -> [Parsed<Int64>] {
  let values = Memory<Int64>(capacity: FieldBatch.capacity)
  return try parsed(texts, isQuoted: texts.contains { $0.contains(",") }) { batch, field in
    batch.parseDecimals(field, fractionDigits: fractionDigits, allowsNegative: allowsNegative, nullValue: nullValue, into: values)
    return { values[$0] }
  }
}

@Suite struct DecimalTests {
  private func expectAgreement(_ texts: [String], _ fractionDigits: Int) throws {
    for allowsNegative in [false, true] {
      for nullValue in [nil, PackedIntegers.null] {
        let found = try fast(texts, fractionDigits: fractionDigits, allowsNegative: allowsNegative, nullValue: nullValue)
        for (text, found) in zip(texts, found) {
          let expected = slowDecimal(text, fractionDigits: fractionDigits, allowsNegative: allowsNegative, nullValue: nullValue)
          if found != expected { Issue.record("\(text) with \(fractionDigits) digits: \(found), expected \(expected)") }
        }
      }
    }
  }

  @Test(arguments: 0...4) func `numbers of every length and number of decimals are read to the last unit`(fractionDigits: Int) throws {
    var random = Seeded(UInt64(fractionDigits) + 11), texts: [String] = []
    for whole in 0...30 {
      for decimals in 0...8 {
        for sign in ["", "-"] {
          for zeros in 0...min(2, decimals) {
            let digits = (0..<whole).map { _ in String(random.next() % 10) }.joined()
            let fraction = (0..<decimals - zeros).map { _ in String(random.next() % 10) }.joined() + String(repeating: "0", count: zeros)
            texts.append(sign + digits + (decimals > 0 || whole % 7 == 3 ? "." + fraction : ""))
          }
        }
      }
    }
    try expectAgreement(texts, fractionDigits)
  }

  @Test(arguments: 0...4) func `every text of up to 5 characters about the digits and the point is judged as by hand`(fractionDigits: Int) throws {
    // "/" and ":" stand before 0 and behind 9.
    let alphabet = Array("019.-/:"), longest = fractionDigits == 2 ? 5 : 4
    var texts = [""], level = [""]
    for _ in 0..<longest {
      level = level.flatMap { head in alphabet.map { head + String($0) } }
      texts += level
    }
    try expectAgreement(texts, fractionDigits)
  }

  @Test(arguments: 0...4) func `what is no plain decimal number is refused, each for its reason`(fractionDigits: Int) throws {
    try expectAgreement(
      [
        "1.", ".5", ".", "-", "-.", "+1", "+1.00", "1e400", "1E5", "NaN", "nan", "inf", "0x10", "-0", "-0.00", "00012.50", "1.234,56", "1 000.00",
        " 1.00", "1.00 ", "1.00\t", "1..0", "1.0.0", "--1", "1-", "12.3４", "9223372036854775806", "9223372036854775807", "9223372036854775808",
        "-9223372036854775806", "-9223372036854775807", "-9223372036854775808", "92233720368547758.06", "92233720368547758.07",
        "922337203685477.5806", "922337203685477.5807", "18446744073709551616", "18446744073709551617.00", "123456789012345678901234567890",
        "0.000000000000000000000000000000", "1.00000000000000000000000000000000000001", "000000000000000000000000000000000001.50",
        "12345.67", "99999.99", "00000.00", "1.50", "0.01", "12345678", "1234.5678", "12a45.67", "12345.6a", "1234:.67",
      ], fractionDigits)
  }

  @Test func `a row that is faulty already keeps its first fault and gets no value`() throws {
    let values = Memory<Int64>(capacity: FieldBatch.capacity)
    try FieldTable([["x", "1.00"], ["2.00"], ["3.00", "y"]].map { $0.map { Array($0.utf8) } }).eachBatch { batch, _, _ in
      for field in [0, 1] { batch.parseDecimals(field, fractionDigits: 2, allowsNegative: true, nullValue: nil, into: values) }
      #expect(batch.fault(ofRow: 0).map { $0.fault == .notDecimal && $0.field == 0 } == true)
      #expect(batch.fault(ofRow: 1).map { $0.fault == .fieldCount && $0.field == -1 } == true)
      #expect(batch.fault(ofRow: 2).map { $0.fault == .notDecimal && $0.field == 1 } == true)
      #expect(batch.nextFault(from: 0) == 0 && batch.nextFault(from: 3) == nil)
    }
  }
}
