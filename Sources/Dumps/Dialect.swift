/// How a dump's text is laid out: CSV by RFC 4180, with this delimiter and quote.
package struct Dialect: Sendable, Hashable {
  package var delimiter: UInt8
  package var quote: UInt8
  /// A longer field is a reject, and a longer row is an error.
  package var fieldBytesMax: Int

  package init(delimiter: UInt8 = UInt8(ascii: ","), quote: UInt8 = UInt8(ascii: "\""), fieldBytesMax: Int = 1 << 20) {
    self.delimiter = delimiter
    self.quote = quote
    self.fieldBytesMax = fieldBytesMax
  }
}

/// Which of a dump's columns carries which field of the transactions feed. A nil name means that the dumps have no such column.
package struct TransactionMapping: Sendable, Hashable {
  package var transactionID: String
  package var customerID: String
  package var occurredAt: String
  package var amount: String
  package var discount: String?
  package var cost: String?
  package var category: String?
  package var channel: String?
  package var kind: String?
  package var updatedAt: String?
  /// What stands in the kind column for a purchase and for a refund.
  package var purchaseKinds: [String]
  package var refundKinds: [String]
  /// Fields that make a row the same row: any of `transaction_id`, `kind`; empty switches deduplication off.
  package var identity: [String]
  /// Decimals of the currency's minor unit, 0…4.
  package var fractionDigits: Int

  package init(
    transactionID: String = "transaction_id", customerID: String = "customer_id", occurredAt: String = "occurred_at",
    amount: String = "amount", discount: String? = "discount", cost: String? = "cost", category: String? = "category",
    channel: String? = "channel", kind: String? = "kind", updatedAt: String? = nil, purchaseKinds: [String] = ["purchase"],
    refundKinds: [String] = ["refund"], identity: [String] = ["transaction_id", "kind"], fractionDigits: Int = 2
  ) {
    self.transactionID = transactionID
    self.customerID = customerID
    self.occurredAt = occurredAt
    self.amount = amount
    self.discount = discount
    self.cost = cost
    self.category = category
    self.channel = channel
    self.kind = kind
    self.updatedAt = updatedAt
    self.purchaseKinds = purchaseKinds
    self.refundKinds = refundKinds
    self.identity = identity
    self.fractionDigits = fractionDigits
  }
}
