import Buffers
import Dumps

/// A key whose value may be `null`, which then means something.
enum WrittenNullable {
  case none
  case value(String)
}

/// The keys of a feed that say how its dumps are written: nil is a key that is not there.
struct WrittenDialect {
  var format: Dialect.Format?
  var encoding: TextEncoding?
  var isTrimmed: Bool?
  var nulls: [String]?
  var numbers = WrittenNumbers()
  var times = WrittenTimes()
  var refunds: RefundRule?
  var skipsRowsWithoutCustomer: Bool?
  /// Columns in the long form.
  var rules: [TransactionField: WrittenRule] = [:]
}

struct WrittenNumbers {
  var decimalSeparator: UInt8?
  var thousandsSeparator: WrittenNullable?
  var symbols: [String]?
  var negativeMarks: [String]?

  static let marks = ["trailing_minus", "parentheses"]

  /// nil where no key is written.
  func resolved(over others: NumberFormat) -> NumberFormat? {
    guard decimalSeparator != nil || thousandsSeparator != nil || symbols != nil || negativeMarks != nil else { return nil }
    var format = others
    if let decimalSeparator { format.decimalSeparator = decimalSeparator }
    switch thousandsSeparator {
    case .value(let separator): format.thousandsSeparator = separator
    case .some(.none): format.thousandsSeparator = nil
    case nil: break
    }
    if let symbols { format.symbols = symbols }
    if let negativeMarks {
      format.hasTrailingMinus = negativeMarks.contains("trailing_minus")
      format.hasParentheses = negativeMarks.contains("parentheses")
    }
    return format
  }
}

struct WrittenTimes {
  var format: TimeFormat?
  var zone: WrittenNullable?

  func resolved(over others: TimeReading) -> TimeReading? {
    guard format != nil || zone != nil else { return nil }
    var reading = others
    if let format { reading.format = format }
    switch zone {
    case .value(let name): reading.zone = name
    case .some(.none): reading.zone = nil
    case nil: break
    }
    return reading
  }
}

/// A column in the long form: `{column: Price, decimal_separator: ","}`.
struct WrittenRule {
  var constant: String?
  var otherwise: String?
  var numbers = WrittenNumbers()
  var times = WrittenTimes()
}

extension TransactionField {
  var isMoney: Bool { [.amount, .quantity, .unitPrice, .discount, .cost].contains(self) }
  var isTime: Bool { self == .occurredAt || self == .updatedAt }
}

extension WrittenTransactions {
  /// The mapping with every default filled in.
  func resolvedMapping() -> TransactionMapping {
    var mapping = TransactionDefaults.mapping
    let code = currency ?? TransactionDefaults.currency
    mapping.fractionDigits = Currency.fractionDigits(code)
    mapping.purchaseKinds = purchaseKinds ?? mapping.purchaseKinds
    mapping.refundKinds = refundKinds ?? mapping.refundKinds
    mapping.numbers = dialect.numbers.resolved(over: mapping.numbers) ?? mapping.numbers
    mapping.times = dialect.times.resolved(over: mapping.times) ?? mapping.times
    mapping.refunds = dialect.refunds ?? mapping.refunds
    mapping.skipsRowsWithoutCustomer = dialect.skipsRowsWithoutCustomer ?? mapping.skipsRowsWithoutCustomer
    for (field, written) in dialect.rules {
      let rule = FieldRule(
        constant: written.constant, otherwise: written.otherwise, numbers: written.numbers.resolved(over: mapping.numbers),
        times: written.times.resolved(over: mapping.times))
      if rule != FieldRule() { mapping.rules[field] = rule }
    }
    mapping.currency = currencyColumn
    if let currencyDefault { mapping.rules[.currency] = FieldRule(otherwise: currencyDefault) }
    resolveColumns(&mapping)
    mapping.identity = identity ?? (mapping.has(.transactionID) ? mapping.identity : ["line"])
    return mapping
  }

  private func resolveColumns(_ mapping: inout TransactionMapping) {
    func name(_ field: TransactionField, _ otherwise: String?) -> String? {
      if dialect.rules[field]?.constant != nil { return nil }
      switch columns[field.rawValue] {
      case .value(let name): return name
      case .some(.none): return nil
      case nil: return otherwise
      }
    }
    mapping.transactionID = name(.transactionID, mapping.transactionID)
    mapping.customerID = name(.customerID, mapping.customerID) ?? mapping.customerID
    mapping.occurredAt = name(.occurredAt, mapping.occurredAt) ?? mapping.occurredAt
    mapping.quantity = name(.quantity, nil)
    mapping.unitPrice = name(.unitPrice, nil)
    mapping.amount = name(.amount, mapping.has(.quantity) ? nil : mapping.amount)
    mapping.discount = name(.discount, mapping.discount)
    mapping.cost = name(.cost, mapping.cost)
    mapping.category = name(.category, mapping.category)
    mapping.channel = name(.channel, mapping.channel)
    mapping.kind = name(.kind, mapping.refunds == .kind ? mapping.kind : nil)
    mapping.updatedAt = name(.updatedAt, mapping.updatedAt)
    mapping.line = name(.line, nil)
  }
}
