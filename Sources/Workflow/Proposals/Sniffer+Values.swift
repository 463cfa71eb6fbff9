import Buffers
import Columns
import Dumps

extension Sniffer {
  // MARK: money

  /// The command line's, a column's one code, or the one that a symbol stands for.
  mutating func decideCurrency() {
    if let asked = options.currency {
      currency = asked
      return add("currency", asked, "as asked", .assumed)
    }
    let names: Set = [
      "currency", "currencycode", "wahrung", "waehrung", "devise", "moneda", "moeda", "valuta", "waluta", "mena", "parabirimi",
    ]
    if let column = choice.profiles.first(where: {
      names.contains(FieldNames.words($0.name).joined()) || FieldNames.words($0.name).last == "currency"
    }), !column.words.isEmpty {
      let codes = column.words.keys.filter { Currency.codes.contains($0) }.sorted {
        (column.words[$1] ?? 0, $0) < (column.words[$0] ?? 0, $1)
      }
      if let code = codes.first {
        currency = code
        let rows = Self.share(column.words[code] ?? 0, column.values, "values of \(SniffText.shown(column.name))")
        return add(
          "currency", code, rows, column.words.count == 1 ? .sure : .uncertain,
          otherwise: column.words.count == 1 ? nil : "one pipeline for each of \(column.words.count) currencies")
      }
    }
    let symbols = moneyFields.flatMap { choice[$0]?.numbers.best.format.symbols ?? [] }
    let known = ["€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₺": "TRY", "zł": "PLN", "Kč": "CZK", "R$": "BRL", "US$": "USD"]
    let codes = Set(symbols.compactMap { known[$0] ?? (Currency.codes.contains($0) ? $0 : nil) })
    if let code = codes.first, codes.count == 1 {
      currency = code
      return add("currency", code, "\(SniffText.shown(symbols.first ?? "")) stands beside numbers")
    }
    let named = [TransactionField.amount, .unitPrice].compactMap { field -> (String, String)? in
      guard let name = choice[field]?.name, let code = FieldNames.words(name).last?.uppercased(), Self.commonCodes.contains(code) else {
        return nil
      }
      return (name, code)
    }
    if let (name, code) = named.first {
      currency = code
      return add("currency", code, "the column \(SniffText.shown(name)) says so")
    }
    add("currency", currency, "the dump does not say: set it, as with --currency EUR", symbols.isEmpty ? .assumed : .uncertain)
  }

  /// Codes that are no usual words.
  private static let commonCodes: Set<String> = [
    "EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "JPY", "CNY", "INR", "BRL", "CAD", "AUD", "NZD", "MXN", "ZAR",
  ]

  var moneyFields: [TransactionField] { [.amount, .quantity, .unitPrice, .discount, .cost].filter { choice[$0] != nil } }

  private func decimals(_ field: TransactionField) -> Int {
    field == .quantity || field == .unitPrice ? 6 : Currency.fractionDigits(currency)
  }

  func fitting(_ field: TransactionField, _ profile: ColumnProfile, _ format: NumberFormat) -> Int {
    let reading = NumberReading(format, fractionDigits: decimals(field), takesExponents: dumps.isJSON)
    return (0..<rowCount).count { row in value(field, row).map { reading.value($0) != nil } ?? false }
  }

  /// One format for all, and what differs for single columns.
  mutating func decideNumbers() {
    let fields = moneyFields
    var formats: [NumberFormat] = []
    for field in fields {
      for candidate in choice[field]?.numbers.candidates ?? [] where !formats.contains(candidate.format) {
        formats.append(candidate.format)
      }
    }
    // Symbols and signs of one column hurt no other.
    let symbols = formats.flatMap(\.symbols).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let parentheses = formats.contains { $0.hasParentheses }, trailing = formats.contains { $0.hasTrailingMinus }
    var merged: [NumberFormat] = []
    for format in formats {
      let all = NumberFormat(
        decimalSeparator: format.decimalSeparator, thousandsSeparator: format.thousandsSeparator, symbols: Array(symbols.prefix(16)),
        hasTrailingMinus: trailing, hasParentheses: parentheses)
      if !merged.contains(all) { merged.append(all) }
    }
    merged.sort {
      ($0.decimalSeparator == 46 ? 0 : 1, $0.thousandsSeparator == nil ? 0 : 1) < (
        $1.decimalSeparator == 46 ? 0 : 1, $1.thousandsSeparator == nil ? 0 : 1
      )
    }
    var fits: [[Int]] = merged.map { format in fields.map { field in choice[field].map { fitting(field, $0, format) } ?? 0 } }
    if fits.isEmpty { fits = [[]] }
    let sums = fits.map { $0.reduce(0, +) }
    let best = sums.indices.max { (sums[$0], $1) < (sums[$1], $0) } ?? 0
    guard merged.indices.contains(best) else { return }
    numbers = merged[best]
    for (i, field) in fields.enumerated() {
      let own = merged.indices.max { (fits[$0][i], $1) < (fits[$1][i], $0) } ?? best
      if fits[own][i] > fits[best][i] { columnNumbers[field] = merged[own] }
    }
    reportNumbers(merged, sums, best)
  }

  private mutating func reportNumbers(_ formats: [NumberFormat], _ sums: [Int], _ best: Int) {
    let fields = moneyFields, all = fields.reduce(0) { $0 + (choice[$1]?.values ?? 0) }
    // Another decimal separator that reads all values too, were more decimals allowed, and some of them as other numbers.
    let rival = formats.indices.first { formats[$0].decimalSeparator != numbers.decimalSeparator && readsOtherwise(formats[$0]) }
    let other = rival.map { "decimal_separator \(Pipeline.quoted(formats[$0].decimalSeparator)), which reads them as other numbers" }
    guard all > 0 else { return }
    add(
      "numbers.decimal_separator", Pipeline.quoted(numbers.decimalSeparator), Self.share(sums[best], all, "numbers fit"),
      rival == nil ? .sure : .uncertain, otherwise: other)
    if let thousands = numbers.thousandsSeparator {
      add("numbers.thousands_separator", Pipeline.quoted(thousands), "between groups of three digits")
    }
    if !numbers.symbols.isEmpty { add("numbers.symbols", Pipeline.list(numbers.symbols), "beside numbers") }
    let marks = (numbers.hasTrailingMinus ? ["trailing_minus"] : []) + (numbers.hasParentheses ? ["parentheses"] : [])
    if !marks.isEmpty { add("numbers.negative_marks", Pipeline.list(marks), "around negative numbers") }
  }

  /// Whether another format reads every number that the chosen ones read, and one of them as another number.
  private func readsOtherwise(_ format: NumberFormat) -> Bool {
    var differs = false
    for field in moneyFields {
      let own = NumberReading(columnNumbers[field] ?? numbers, fractionDigits: 6), other = NumberReading(format, fractionDigits: 6)
      for row in 0..<rowCount {
        guard let bytes = value(field, row), let a = own.value(bytes) else { continue }
        guard let b = other.value(bytes) else { return false }
        differs = differs || a != b
      }
    }
    return differs
  }

  // MARK: times

  mutating func decideTimes() {
    guard let column = choice[.occurredAt] else { return }
    if let updated = choice[.updatedAt]?.times.best { times[.updatedAt] = updated.format }
    guard let best = column.times.best else {
      return add("times.format", "iso", "there are no times to look at", .uncertain, otherwise: "a pattern such as dd.MM.yyyy HH:mm")
    }
    times[.occurredAt] = best.format
    let rivals = column.times.rivals
    let others = column.times.candidates.first { $0.format != best.format && $0.fitting < best.fitting }
    var evidence = Self.share(best.fitting, column.values, "values fit")
    if rivals.isEmpty, let others, case .pattern = best.format {
      evidence += "; \(others.format.text) fits \(PageText.grouped(Int64(others.fitting)))"
    }
    let days = [best.first, best.last].compactMap { UTC.localDay($0, timeZone: "UTC")?.description }
    if days.count == 2 { evidence += "; \(days[0]) … \(days[1])" }
    let other = rivals.first.map { "\($0.format.text), which fits as many: no day is above 12" }
    add("times.format", SniffText.scalar(best.format.text), evidence, rivals.isEmpty ? .sure : .uncertain, otherwise: other)
    decideZone(best)
  }

  private mutating func decideZone(_ best: TimeGuess.Candidate) {
    if let zone = options.zone { return add("times.zone", zone, "as asked", .assumed) }
    guard best.local > 0 else { return }
    add(
      "times.zone", "null", "times name no offset and are read in time_zone; set where the clock hung, as Europe/Berlin", .assumed)
  }
}
