import Columns
import Dumps
import Events
import Foundation
import TestSupport
import Testing

/// The slow twin: decimal numbers of 38 digits by Foundation, one row at a time, the rate sought from the day backwards.
private struct SlowRates {
  var rates: [String: Decimal] = [:]
  var ageMax: Int

  /// Minor units of EUR; nil where the row is to be refused.
  func minor(_ amount: Decimal, _ currency: String, _ day: Day) -> Int64? {
    let digits = Currency.fractionDigits(currency)
    guard rounded(amount, digits) == amount else { return nil }
    if currency == "EUR" { return Int64("\(amount * 100)") }
    guard let rate = (0...ageMax).lazy.compactMap({ rates["\(currency) \(day + -$0)"] }).first else { return nil }
    return Int64("\(rounded(amount * rate * 100, 0))")
  }

  private func rounded(_ value: Decimal, _ digits: Int) -> Decimal {
    let handler = NSDecimalNumberHandler(
      roundingMode: .bankers, scale: Int16(digits), raiseOnExactness: false, raiseOnOverflow: false, raiseOnUnderflow: false,
      raiseOnDivideByZero: false)
    return NSDecimalNumber(decimal: value).rounding(accordingToBehavior: handler).decimalValue
  }
}

@Suite struct `Amounts of many currencies` {
  private static let currencies = ["EUR", "USD", "JPY", "KWD", "CLF", "GBP"]
  private static let first = Day(year: 2024, month: 1, day: 1)

  private func options(_ options: inout ExtractOptions, _ rates: ExchangeRates?) {
    options.mapping = TransactionMapping(discount: nil, cost: "cost", category: nil, channel: nil, kind: nil)
    options.mapping.currency = "currency"
    options.limits = RejectLimits(rowsMax: 10_000)
    options.rates = rates
  }

  @Test(arguments: 0..<10) func `are those that a slow twin computes in decimal numbers, to the minor unit`(seed: UInt64) throws {
    var random = Seeded(seed), slow = SlowRates(ageMax: Int(seed % 5)), rates = "date,currency,rate\n"
    for currency in Self.currencies.dropFirst() {
      for day in 0..<40 where Int.random(in: 0..<3, using: &random) > 0 {
        let text =
          ["0.5", "1.25", "0.0061234567", "158", "123456.789", "0.00000000000000001", "3.14159265358979323"].randomElement(using: &random)
          ?? ""
        rates += "\(Self.first + day),\(currency),\(text)\n"
        slow.rates["\(currency) \(Self.first + day)"] = Decimal(string: text)
      }
    }
    let stores = try Stores(zone: "Asia/Tokyo")
    var text = "transaction_id,customer_id,occurred_at,amount,cost,currency\n", expected: [Int64?] = []
    for i in 0..<400 {
      let currency = Self.currencies.randomElement(using: &random) ?? "", decimals = Int.random(in: 0...4, using: &random)
      var digits = String(Int.random(in: 1..<10_000_000, using: &random))
      digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
      let amount = decimals == 0 ? digits : digits.dropLast(decimals) + "." + digits.suffix(decimals)
      let day = Self.first + Int.random(in: 0..<42, using: &random)
      // 16:00 UTC is the next day in Tokyo.
      let isLate = Bool.random(using: &random)
      text += "t\(i),c\(i % 7),\(day)T\(isLate ? "16" : "10"):00:00Z,\(amount),\(amount),\(currency)\n"
      expected.append(slow.minor(Decimal(string: String(amount)) ?? .nan, currency, isLate ? day + 1 : day))
    }
    let path = try stores.folder.write("rates.csv", rates)
    let read = try RatesReader.read([path], columns: RateColumns(), into: ExchangeRates(to: "EUR", ageMaxDays: slow.ageMax))
    try stores.folder.write("a.csv", text)
    let load = try #require(try stores.extract("a.csv") { options(&$0, read) }[0].load)
    let found = Dictionary(uniqueKeysWithValues: try stores.events().map { (Int($0.line) - 2, $0.amount) })
    for (i, minor) in expected.enumerated() { #expect(found[i] == minor, "\(text.split(separator: "\n")[i + 1])") }
    #expect(load.rowsRejected == Int64(expected.count { $0 == nil }) && load.rowsLoaded > 100)
  }

  @Test(
    arguments: [
      ("1.005", "0.5", 50), ("1.015", "0.5", 51), ("0.01", "0.5", 0), ("0.03", "0.5", 2), ("0.05", "0.5", 2),
      ("92233720368548.00", "1000", nil),
      ("922337203685477.59", "1", nil), ("922337203685477.58", "1", 92_233_720_368_547_758),
      ("92233720368547.00", "1", 9_223_372_036_854_700),
    ] as [(String, String, Int64?)])
  func `are rounded once, half to even, and refused where they do not fit`(amount: String, rate: String, expected: Int64?) throws {
    let stores = try Stores()
    let path = try stores.folder.write("r.jsonl", "{\"date\":\"2024-03-01\",\"currency\":\"KWD\",\"rate\":\(rate)}\n")
    let rates = try RatesReader.read([path], columns: RateColumns(), into: ExchangeRates(to: "EUR", ageMaxDays: 0))
    let row = "t,c,2024-03-01T00:00:00Z,\(amount),,KWD\n"
    try stores.folder.write(
      "a.csv",
      "transaction_id,customer_id,occurred_at,amount,cost,currency\n" + row
        + row.replacing("KWD", with: "EUR").replacing("t,c", with: "e,c").replacing(amount, with: "1.00"))
    try stores.extract("a.csv") { options(&$0, rates) }
    #expect(try stores.events().filter { $0.id == "t" }.map(\.amount) == (expected.map { [$0] } ?? []))
  }

  @Test func `of quantity and price are rounded to their own minor unit first`() throws {
    let stores = try Stores()
    let path = try stores.folder.write("r.csv", "date,currency,rate\n2024-03-01,JPY,0.0061\n")
    let rates = try RatesReader.read([path], columns: RateColumns(), into: ExchangeRates(to: "EUR", ageMaxDays: 0))
    try stores.folder.write(
      "a.csv",
      "transaction_id,customer_id,occurred_at,q,p,currency\nt,c,2024-03-01T00:00:00Z,3,33.5,JPY\nu,c,2024-03-01T00:00:00Z,0.5,0.29,EUR\n")
    try stores.extract("a.csv") {
      options(&$0, rates)
      ($0.mapping.amount, $0.mapping.cost, $0.mapping.quantity, $0.mapping.unitPrice) = (nil, nil, "q", "p")
    }
    // 100.5 yen are 101, and 0.6161 €; 0.145 € are 0.15.
    #expect(try stores.events().map(\.amount) == [62, 15])
  }

  @Test(arguments: [
    ("2024-03-01,CHF,0", "field \"rate\": expected a decimal number above 0 with \".\", of at most 18 digits, found 0"),
    ("2024-03-01,CHF,0.00", "found 0"), ("2024-03-01,CHF,-1.2", "found a negative one"), ("2024-03-01,CHF,NaN", "found a letter"),
    ("2024-03-01,CHF,", "found nothing"), ("2024-03-01,CHF,\"1,2\"", "found a \",\""), ("2024-03-01,CHF,1.2.3", "found a \".\""),
    ("2024-03-01,CHF,1234567890123456789", "found one of more than 18 digits"), ("2024-03-01,CHF,.", "found no digit"),
    ("2024-03-01,CHF,1e", "found a malformed exponent"), ("2024-02-30,CHF,1", "field \"date\": expected a day as YYYY-MM-DD"),
    ("01.03.2024,CHF,1", "field \"date\""),
    ("2024-03-01,chf,1", "field \"currency\": expected a currency code of ISO 4217, found something else"),
    ("2024-03-01,EUR,1.1", "expected 1, since EUR is the pipeline's own"),
    ("2024-02-29,USD,2", "a second, other rate of USD for 2024-02-29"),
    ("2024-03-01,CHF", "expected a row of the header's columns"),
  ]) func `stand on rates that are rates: anything else is an error with its line`(row: String, message: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("rates.csv", "date,currency,rate\n2024-02-29,USD,1.5\n2024-02-29,USD,1.50\n\(row)\n")
    let error = #expect(throws: PipelineError.self) {
      try RatesReader.read([path], columns: RateColumns(), into: ExchangeRates(to: "EUR", ageMaxDays: 1))
    }
    #expect(error?.exit == .badInput)
    #expect(error?.message.hasPrefix("\(path), line 4") == true && error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    ("0.5", "0.5"), ("00.50", "0.5"), ("158", "158"), ("1500", "1500"), ("6.1e-3", "0.0061"), ("6E2", "600"), ("+1.0", "1"),
  ])
  func `know a rate however it is written`(text: String, wanted: String) throws {
    #expect(try ExchangeRate(Array(text.utf8)).description == wanted)
  }
}
