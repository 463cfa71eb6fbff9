import Buffers

/// What was expected of a field and what stood there, in words that hold nothing of the value but the kind of its first wrong byte.
func rejectReason(_ fault: FieldFault, bytes: [UInt8], fields: Int, columns: Int, mapping: TransactionMapping, fieldBytesMax: Int) -> String {
  switch fault {
  case .none: "sound"
  case .fieldCount: "expected \(columns) fields, found \(fields)"
  case .malformedQuote: "malformed quoting: text behind a closing quote"
  case .tooLong: "longer than \(fieldBytesMax) bytes"
  case .empty: "expected a value, found nothing"
  case .invalidText: bytes.contains(0) ? "expected text, found a NUL byte" : "expected UTF-8 text, found an invalid byte"
  case .notDecimal: "expected a decimal number with \".\", found \(oddity(bytes, allowed: "0123456789."))"
  case .tooManyDecimals: "expected at most \(mapping.fractionDigits) decimals, found more"
  case .outOfRange: "expected an amount below 2⁶³ minor units, found a larger one"
  case .negative: "expected an amount of 0 or more, found a negative one"
  case .notTime: "expected a time like 2024-03-01T12:30:00Z (ISO 8601), found \(oddity(bytes, allowed: "0123456789-:TZ+. "))"
  case .noSuchTime: "expected a day and time that exist, found one that does not"
  case .unknownWord:
    "expected one of \((mapping.purchaseKinds + mapping.refundKinds).map(\.debugDescription).joined(separator: ", ")), found another word"
  }
}

private func oddity(_ bytes: [UInt8], allowed: String) -> String {
  guard let byte = bytes.first(where: { !allowed.utf8.contains($0) }) else { return "these characters in another order" }
  switch byte {
  case 65...90, 97...122: return "a letter"
  case 32: return "a space"
  case 33...126: return "a \"\(String(UnicodeScalar(byte)))\""
  default: return "byte \(byte)"
  }
}
