import Buffers
import Dumps

extension ExtractOptions {
  /// The mapping in words, one key a line: what must be the same for a loaded dump to be what the pipeline file says. A key that came
  /// later than the first stores stands there only where it is not at its default, so that those stores stay as they are.
  var mappingText: String {
    let m = mapping, d = dialect
    var lines = [
      ("columns.transaction_id", m.transactionID), ("columns.customer_id", m.customerID), ("columns.occurred_at", m.occurredAt),
      ("columns.amount", m.amount), ("columns.discount", m.discount), ("columns.cost", m.cost), ("columns.category", m.category),
      ("columns.channel", m.channel), ("columns.kind", m.kind), ("columns.updated_at", m.updatedAt),
      ("kinds.purchase", m.purchaseKinds.description), ("kinds.refund", m.refundKinds.description), ("identity", m.identity.description),
      ("currency", String(m.fractionDigits)), ("delimiter", String(d.delimiter)), ("quote", String(d.quote)),
      ("field_bytes_max", String(d.fieldBytesMax)),
    ].map { "\($0.0)=\($0.1.map(\.debugDescription) ?? "null")" }
    func add(_ key: String, _ value: String, unless standard: String) {
      if value != standard { lines.append("\(key)=\(value.debugDescription)") }
    }
    let plain = TransactionMapping(), csv = Dialect()
    for (key, name) in [("quantity", m.quantity), ("unit_price", m.unitPrice), ("line", m.line)] {
      add("columns.\(key)", name ?? "", unless: "")
    }
    for field in TransactionField.allCases {
      if let rule = m.rules[field] { add("columns.\(field.rawValue)", Self.words(rule), unless: "") }
    }
    add("format", d.format.rawValue, unless: csv.format.rawValue)
    add("encoding", d.encoding.rawValue, unless: csv.encoding.rawValue)
    add("trim", String(d.isTrimmed), unless: String(csv.isTrimmed))
    add("nulls", d.nulls.description, unless: csv.nulls.description)
    add("numbers", Self.words(m.numbers), unless: Self.words(plain.numbers))
    add("times", Self.words(m.times), unless: Self.words(plain.times))
    add("refunds", Self.words(m.refunds), unless: Self.words(plain.refunds))
    add("empty_customer", m.skipsRowsWithoutCustomer ? "skip" : "reject", unless: "reject")
    if m.has(.currency) { add("currency", "\(m.currency ?? "") to \(rates?.to ?? "")", unless: "") }
    if let pseudonyms { add("pseudonymize", "\(pseudonyms.fields.sorted()), key \(pseudonyms.keyMark)", unless: "") }
    return lines.joined(separator: "\n")
  }

  /// The mapping that a dump has when it is loaded with these rates.
  func mappingText(_ mapping: String, using rates: [RateUse]) -> String {
    guard let known = self.rates, !rates.isEmpty else { return mapping }
    return mapping + "\n" + rates.map { known.text(of: $0) }.joined(separator: "\n")
  }

  /// The mapping that a loaded dump would have if it were loaded today: with the rates of now for the same days.
  /// - Parameter mapping: of all dumps, without rates.
  func mappingText(_ mapping: String, ofLoaded text: String) -> String {
    guard let rates else { return mapping }
    let lines = text.split(separator: "\n").compactMap { rates.text(anew: $0) }
    return lines.isEmpty ? mapping : mapping + "\n" + lines.joined(separator: "\n")
  }

  private static func words(_ rule: FieldRule) -> String {
    [
      rule.constant.map { "constant \($0.debugDescription)" }, rule.otherwise.map { "default \($0.debugDescription)" },
      rule.numbers.map(words), rule.times.map(words),
    ].compactMap { $0 }.joined(separator: ", ")
  }

  private static func words(_ format: NumberFormat) -> String {
    [
      String(format.decimalSeparator), format.thousandsSeparator ?? "", format.symbols.description, String(format.hasTrailingMinus),
      String(format.hasParentheses),
    ].joined(separator: " ")
  }

  private static func words(_ reading: TimeReading) -> String { reading.format.text + " " + (reading.zone ?? "") }

  private static func words(_ rule: RefundRule) -> String {
    switch rule {
    case .kind: "kind"
    case .sign: "sign"
    case .idPrefix(let prefixes): "id_prefix \(prefixes)"
    }
  }
}
