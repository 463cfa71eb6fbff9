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
