import Buffers

/// A field of the transactions feed, in the order in which they are looked for in a header.
package enum TransactionField: String, Sendable, Hashable, CaseIterable {
  case transactionID = "transaction_id"
  case customerID = "customer_id"
  case occurredAt = "occurred_at"
  case amount, quantity
  case unitPrice = "unit_price"
  case kind, discount, cost, category, channel
  case updatedAt = "updated_at"
  case line, currency
}

/// Which of a dump's columns carries which field of the transactions feed, and how. A nil name means that the dumps have no such column.
/// In JSON Lines a name is a path: keys joined by ".".
package struct TransactionMapping: Sendable, Hashable {
  package var transactionID: String?
  package var customerID: String
  package var occurredAt: String
  /// nil where the amount is quantity × unit price.
  package var amount: String?
  package var quantity: String?
  package var unitPrice: String?
  package var discount: String?
  package var cost: String?
  package var category: String?
  package var channel: String?
  package var kind: String?
  package var updatedAt: String?
  package var line: String?
  /// Names the currency of each row; nil: all are of one.
  package var currency: String?
  /// Constants, defaults and formats of single fields. A field with a constant needs no name.
  package var rules: [TransactionField: FieldRule]
  package var numbers: NumberFormat
  package var times: TimeReading
  /// What stands in the kind column for a purchase and for a refund.
  package var purchaseKinds: [String]
  package var refundKinds: [String]
  package var refunds: RefundRule
  /// Rows without a customer are left out and counted as filtered, instead of being rejects.
  package var skipsRowsWithoutCustomer: Bool
  /// Fields that make a row the same row: `transaction_id`, `kind`, `line`; empty switches deduplication off. `line` without a column is
  /// the row's whole text and how often the dump has had it.
  package var identity: [String]
  /// Decimals of the currency's minor unit, 0…4.
  package var fractionDigits: Int

  package init(
    transactionID: String? = "transaction_id", customerID: String = "customer_id", occurredAt: String = "occurred_at",
    amount: String? = "amount", quantity: String? = nil, unitPrice: String? = nil, discount: String? = "discount",
    cost: String? = "cost", category: String? = "category", channel: String? = "channel", kind: String? = "kind",
    updatedAt: String? = nil, line: String? = nil, rules: [TransactionField: FieldRule] = [:], numbers: NumberFormat = NumberFormat(),
    times: TimeReading = TimeReading(), purchaseKinds: [String] = ["purchase"], refundKinds: [String] = ["refund"],
    refunds: RefundRule = .kind, skipsRowsWithoutCustomer: Bool = false, identity: [String] = ["transaction_id", "kind"],
    fractionDigits: Int = 2
  ) {
    self.transactionID = transactionID
    self.customerID = customerID
    self.occurredAt = occurredAt
    self.amount = amount
    self.quantity = quantity
    self.unitPrice = unitPrice
    self.discount = discount
    self.cost = cost
    self.category = category
    self.channel = channel
    self.kind = kind
    self.updatedAt = updatedAt
    self.line = line
    self.rules = rules
    self.numbers = numbers
    self.times = times
    self.purchaseKinds = purchaseKinds
    self.refundKinds = refundKinds
    self.refunds = refunds
    self.skipsRowsWithoutCustomer = skipsRowsWithoutCustomer
    self.identity = identity
    self.fractionDigits = fractionDigits
  }

  /// The dump's column or path for a field.
  package func name(_ field: TransactionField) -> String? {
    switch field {
    case .transactionID: transactionID
    case .customerID: customerID
    case .occurredAt: occurredAt
    case .amount: amount
    case .quantity: quantity
    case .unitPrice: unitPrice
    case .kind: kind
    case .discount: discount
    case .cost: cost
    case .category: category
    case .channel: channel
    case .updatedAt: updatedAt
    case .line: line
    case .currency: currency
    }
  }

  /// Whether rows carry the field, from a column or as a constant.
  package func has(_ field: TransactionField) -> Bool { name(field) != nil || rules[field]?.constant != nil }

  package func numberFormat(_ field: TransactionField) -> NumberFormat { rules[field]?.numbers ?? numbers }
  package func timeReading(_ field: TransactionField) -> TimeReading { rules[field]?.times ?? times }
}
