import Buffers

/// What must be known of a dump's dialect to say what was expected.
struct Expectations {
  var mapping: TransactionMapping
  var dialect: Dialect
  /// Of the header.
  var columns: Int
  var rateAgeMaxDays = 0
  var isJSON = false

  /// What was expected of a field and what stood there, in words that hold nothing of the value but the kind of its first wrong byte.
  func reason(_ fault: FieldFault, _ field: TransactionField?, bytes: [UInt8], fields: Int, json: JSONProblem?) -> String {
    switch fault {
    case .none: "sound"
    case .filtered: "left out"
    case .fieldCount: "expected \(columns) fields, found \(fields)"
    case .malformedQuote: "malformed quoting: text behind a closing quote"
    case .tooLong: "longer than \(dialect.fieldBytesMax) bytes"
    case .empty: "expected a value, found nothing"
    case .invalidText: bytes.contains(0) ? "expected text, found a NUL byte" : "expected \(encoding) text, found an invalid byte"
    case .notDecimal: "expected \(number(field)), found \(oddity(bytes, allowed: "0123456789."))"
    case .tooManyDecimals where mapping.has(.currency) && field != .quantity && field != .unitPrice:
      "expected no more decimals than its currency has, found more"
    case .tooManyDecimals: "expected at most \(decimals(field)) decimals, found more"
    case .outOfRange: "expected an amount below 2⁶³ minor units, found a larger one"
    case .negative: "expected an amount of 0 or more, found a negative one"
    case .notTime: "expected \(time(field)), found \(oddity(bytes, allowed: "0123456789-:TZ+. "))"
    case .noSuchTime: "expected a day and time that exist, found one that does not"
    case .unknownWord:
      "expected one of \((mapping.purchaseKinds + mapping.refundKinds).map(\.debugDescription).joined(separator: ", ")), found another word"
    case .unknownCurrency: "expected a currency code of ISO 4217, found \(oddWord(bytes))"
    case .noRate:
      "expected an exchange rate of \(String(decoding: bytes, as: UTF8.self)) for its day, or at most \(rateAgeMaxDays) days older, found none"
    case .notJSON: "no valid JSON: expected \(json?.expected ?? "a value") at byte \((json?.offset ?? 0) + 1) of the line"
    case .repeatedKey: "expected each key once in an object, found it twice"
    case .notScalar: "expected a text or a number, found an object or a list"
    }
  }

  /// The key of the feed that would read such a field, where what stands there looks like another dialect.
  func fix(_ fault: FieldFault, _ field: TransactionField?, bytes: [UInt8]) -> String {
    let column = field.map { "columns.\($0.rawValue)" } ?? "columns"
    switch fault {
    case .fieldCount: return "set delimiter and quote to what the dump uses"
    case .invalidText where isJSON: return ""
    case .invalidText where dialect.encoding == .utf8 && !bytes.contains(0): return "set encoding to latin-1 or windows-1252"
    case .empty where field == .customerID: return "set empty_customer: skip"
    case .empty: return "set \(column).default"
    case .notDecimal where bytes.contains(UInt8(ascii: ",")): return "set numbers.decimal_separator or thousands_separator"
    case .notDecimal where bytes.first == 32 || bytes.last == 32: return "set trim: true"
    // 1e400 and 0x10 are numbers elsewhere, and no amounts of money.
    case .notDecimal where bytes.first.map { $0 >= 48 && $0 <= 57 } == true && bytes.last.map { $0 >= 48 && $0 <= 57 } == true: return ""
    case .notDecimal where bytes.contains { $0 >= 48 && $0 <= 57 } && bytes.contains { $0 >= 0x80 || $0 >= 65 }:
      return "set numbers.symbols"
    case .notDecimal where bytes.last == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "("): return "set numbers.negative_marks"
    case .negative where mapping.refunds == .kind: return "set refunds.by: sign"
    case .notTime: return "set times.format to how the dump writes times"
    case .unknownWord: return "name it under kinds"
    case .unknownCurrency: return "set trim: true, or correct the dump"
    case .noRate: return "bring the missing rates to feeds.rates.dumps, or raise feeds.rates.age_max"
    default: return ""
    }
  }

  private var encoding: String { dialect.encoding == .utf8 ? "UTF-8" : dialect.encoding.rawValue }

  private func number(_ field: TransactionField?) -> String {
    guard let field, mapping.numberFormat(field) != NumberFormat() else { return "a decimal number with \".\"" }
    return "a number like \(mapping.numberFormat(field).example)"
  }

  private func oddWord(_ bytes: [UInt8]) -> String {
    let isCode = bytes.count == 3 && bytes.allSatisfy { (65...90).contains($0) }
    return isCode ? "three other letters" : "something else"
  }

  private func decimals(_ field: TransactionField?) -> Int {
    field == .quantity || field == .unitPrice ? FieldBatch.factorDigits : mapping.fractionDigits
  }

  private func time(_ field: TransactionField?) -> String {
    switch field.map({ mapping.timeReading($0).format }) ?? .iso {
    case .iso: "a time like 2024-03-01T12:30:00Z (ISO 8601)"
    case .pattern(let pattern): "a time like \(pattern.text)"
    case .epochSeconds: "seconds since 1970"
    case .epochMillis: "milliseconds since 1970"
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
}
