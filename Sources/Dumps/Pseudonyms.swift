import Buffers

/// Which fields of a feed are replaced by keyed hashes of themselves before anything of a row is kept.
package struct Pseudonyms: Sendable {
  /// Of `transaction_id`, `customer_id`.
  package var fields: [String]
  package let key: KeyedHash
  /// Tells this key from others, and tells nothing else of it.
  package let keyMark: String

  package static let fieldsKnown = ["transaction_id", "customer_id"]

  package init(fields: [String], key bytes: [UInt8]) {
    self.fields = fields
    key = KeyedHash(key: bytes)
    keyMark = String(decoding: key.hexadecimal(Array("holdfast: the mark of this key".utf8)), as: UTF8.self)
  }

  /// As the store knows a customer whom the dumps know by `id`.
  package func storedCustomer(_ id: [UInt8]) -> [UInt8] { fields.contains("customer_id") ? key.hexadecimal(id) : id }

  /// Replaces the fields in a batch.
  func replace(_ batch: FieldBatch, _ header: Header) {
    for (place, field) in [("transaction_id", TransactionField.transactionID), ("customer_id", .customerID)].enumerated() {
      if fields.contains(field.0), let column = header[field.1] { batch.pseudonymize(column, place: place, key) }
    }
  }
}
