import Buffers
import Columns
import Dumps
import Testing
import Workflow

private func pipeline(_ feed: String) throws(PipelineError) -> Pipeline {
  try Pipeline(file: "shop.yaml", bytes: Array("feeds:\n  transactions:\n    dumps: [a]\n    \(feed)\n".utf8))
}

/// The problems of a feed whose first line below `dumps` is line 4.
private func problems(_ feed: String) -> [String] {
  do {
    _ = try pipeline(feed)
    return []
  } catch {
    return error.details.map { String($0.dropFirst("shop.yaml:".count)) }
  }
}

@Suite struct `Keys of a dialect` {
  @Test func `reach the reader, each with its own column's formats`() throws {
    let mapping = try pipeline(
      """
      columns: {transaction_id: Invoice, customer_id: {column: Who, default: nobody}, occurred_at: {column: Day, format: d/M/yy, zone: UTC},
            quantity: Qty, unit_price: {column: Price, decimal_separator: ",", symbols: [£]}, discount: {constant: 0}, kind: null, line: No}
          refunds: {by: id_prefix, id_prefixes: [C, D]}
          empty_customer: skip
          identity: [transaction_id, line]
          numbers: {thousands_separator: " ", negative_marks: [parentheses]}
          times: {format: epoch_millis, zone: Europe/Berlin}
      """
    ).transactions.mapping
    var expected = TransactionMapping()
    (expected.transactionID, expected.customerID, expected.occurredAt, expected.amount) = ("Invoice", "Who", "Day", nil)
    (expected.quantity, expected.unitPrice, expected.discount, expected.kind, expected.line) = ("Qty", "Price", nil, nil, "No")
    expected.numbers = NumberFormat(thousandsSeparator: " ", hasParentheses: true)
    expected.times = TimeReading(format: .epochMillis, zone: "Europe/Berlin")
    expected.refunds = .idPrefix(["C", "D"])
    expected.skipsRowsWithoutCustomer = true
    expected.identity = ["transaction_id", "line"]
    expected.rules = [
      .customerID: FieldRule(otherwise: "nobody"), .discount: FieldRule(constant: "0"),
      .occurredAt: FieldRule(times: TimeReading(format: .pattern(try TimePattern("d/M/yy")), zone: "UTC")),
      .unitPrice: FieldRule(
        numbers: NumberFormat(decimalSeparator: UInt8(ascii: ","), thousandsSeparator: " ", symbols: ["£"], hasParentheses: true)),
    ]
    #expect(mapping == expected)
    let dialect = try pipeline("format: jsonl\n    encoding: latin-1\n    trim: true\n    nulls: [NULL, \"-\"]").transactions.dialect
    #expect(dialect == Dialect(format: .jsonLines, encoding: .latin1, isTrimmed: true, nulls: ["NULL", "-"]))
  }

  @Test(arguments: [
    "columns: {quantity: Qty, unit_price: {column: Price, decimal_separator: \",\"}, category: {column: c, default: 'it''s \"x\"'}}",
    "columns: {transaction_id: null, occurred_at: {format: \"d/M/yy 'o''clock'\", zone: null}, channel: {constant: web}}",
    "refunds: {by: id_prefix, id_prefixes: [C]}", "refunds: {by: sign}", "numbers: {symbols: [€, 'Fr.'], negative_marks: [trailing_minus]}",
    "format: csv\n    encoding: windows-1252\n    nulls: [NULL]\n    trim: true\n    empty_customer: skip",
  ]) func `resolve to a text that resolves to itself`(feed: String) throws {
    let first = try pipeline(feed)
    let second = try Pipeline(file: "shop.yaml", bytes: Array(first.resolvedText.utf8))
    #expect(second.resolvedText == first.resolvedText)
    #expect(second.transactions == first.transactions)
  }

  @Test func `without a transaction id a line is what stands in the row, without refunds by kind there is no kind column`() throws {
    #expect(try pipeline("columns: {transaction_id: null}").transactions.mapping.identity == ["line"])
    #expect(try pipeline("refunds: {by: sign}").transactions.mapping.kind == nil)
    #expect(try pipeline("columns: {quantity: q, unit_price: p}").transactions.mapping.amount == nil)
  }

  @Test(arguments: [
    ("format: json", "4:13: feeds.transactions.format: expected auto, csv or jsonl, found 'json'; did you mean 'jsonl'?"),
    (
      "encoding: latin1",
      "4:15: feeds.transactions.encoding: expected utf-8, latin-1 or windows-1252, found 'latin1'; did you mean 'latin-1'?"
    ),
    ("currency: EUU", "4:15: feeds.transactions.currency: expected an ISO 4217 code such as USD, found 'EUU'; did you mean 'EUR'?"),
    ("trim: yes", "4:11: feeds.transactions.trim: expected true or false, found the text 'yes'"),
    ("empty_customer: drop", "4:21: feeds.transactions.empty_customer: expected reject or skip, found 'drop'"),
    (
      "numbers: {decimal: \",\"}",
      "4:15: unknown key 'decimal' in feeds.transactions.numbers; known are decimal_separator, thousands_separator, symbols, negative_marks"
    ),
    ("numbers: {decimal_separator: ;}", "4:34: feeds.transactions.numbers.decimal_separator: expected '.' or ',', found ';'"),
    (
      "numbers: {decimal_separator: \",\", thousands_separator: \",\"}",
      "4:60: feeds.transactions.numbers: decimal_separator and thousands_separator are the same character"
    ),
    (
      "numbers: {symbols: [A1]}",
      "4:24: feeds.transactions.numbers.symbols: expected symbols or codes without digits, signs or spaces, found 'A1'"
    ),
    (
      "numbers: {negative_marks: [parenthesis]}",
      "4:31: feeds.transactions.numbers.negative_marks: expected trailing_minus or parentheses, found 'parenthesis'; did you mean 'parentheses'?"
    ),
    (
      "times: {format: dd.MM}",
      "4:21: feeds.transactions.times.format: expected iso, epoch_seconds, epoch_millis or a pattern such as dd.MM.yyyy HH:mm, found 'dd.MM': it has no year"
    ),
    (
      "times: {zone: Europe/Berln}",
      "4:19: feeds.transactions.times.zone: expected an IANA name such as UTC or Europe/Berlin, found 'Europe/Berln'; did you mean 'Europe/Berlin'?"
    ),
    ("refunds: {by: prefix}", "4:19: feeds.transactions.refunds.by: expected kind, sign or id_prefix, found 'prefix'"),
    ("refunds: {by: id_prefix}", "4:19: feeds.transactions.refunds.id_prefixes: expected at least one, such as [C]"),
    ("refunds: {id_prefixes: [C]}", "4:28: feeds.transactions.refunds.id_prefixes: of use only with by: id_prefix"),
    ("columns: {quantity: q}", "4:25: feeds.transactions.columns: quantity and unit_price stand together or not at all"),
    ("columns: {quantity: q, unit_price: p, amount: a}", "4:51: feeds.transactions.columns: either amount, or quantity and unit_price"),
    ("columns: {amount: {colunm: x}}", "4:24: unknown key 'colunm' in feeds.transactions.columns.amount; did you mean 'column'?"),
    (
      "columns: {category: {constant: a, column: b}}",
      "4:47: feeds.transactions.columns.category.column: a constant stands in every row, so there is no column"
    ),
    ("columns: {customer_id: {constant: a}}", "4:39: feeds.transactions.columns.customer_id.constant: rows differ in their customer_id"),
    (
      "columns: {updated_at: {format: iso}}",
      "4:27: feeds.transactions.columns.updated_at.column is missing: which column of the dumps it is"
    ),
    (
      "columns: {category: {decimal_separator: \",\"}}",
      "4:26: unknown key 'decimal_separator' in feeds.transactions.columns.category; it belongs in feeds.transactions.numbers"
    ),
    ("columns: {kind: k}\n    refunds: {by: sign}", "4:21: feeds.transactions.columns.kind: of use only where refunds.by is kind"),
    (
      "columns: {transaction_id: null}\n    identity: [transaction_id]",
      "5:15: feeds.transactions.identity: expected [line] or [] where there is no transaction_id"
    ),
  ]) func `that are wrong are told with line, column and what was meant`(feed: String, problem: String) {
    #expect(problems(feed) == [problem])
  }
}
