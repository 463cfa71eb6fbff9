import Dumps

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
