import Buffers
import Dumps

/// The keys of a dialect as a pipeline file writes them.
extension Pipeline {
  /// `null`, a name, or the long form where more is to be said.
  static func column(_ field: TransactionField, _ mapping: TransactionMapping) -> String {
    let name = mapping.name(field).map(quoted) ?? "null"
    guard let rule = mapping.rules[field] else { return name }
    var parts = rule.constant.map { ["constant: " + quoted($0)] } ?? ["column: " + name]
    if let text = rule.otherwise { parts.append("default: " + quoted(text)) }
    if let format = rule.numbers { parts += numbers(format) }
    if let reading = rule.times { parts += times(reading) }
    return "{" + parts.joined(separator: ", ") + "}"
  }

  static func numbers(_ format: NumberFormat) -> [String] {
    let marks = (format.hasTrailingMinus ? ["trailing_minus"] : []) + (format.hasParentheses ? ["parentheses"] : [])
    return [
      "decimal_separator: " + quoted(format.decimalSeparator), "thousands_separator: " + (format.thousandsSeparator.map(quoted) ?? "null"),
      "symbols: " + list(format.symbols), "negative_marks: " + list(marks),
    ]
  }

  static func times(_ reading: TimeReading) -> [String] {
    ["format: " + quoted(reading.format.text), "zone: " + (reading.zone.map(quoted) ?? "null")]
  }

  static func refunds(_ rule: RefundRule) -> [String] {
    switch rule {
    case .kind: ["by: kind", "id_prefixes: []"]
    case .sign: ["by: sign", "id_prefixes: []"]
    case .idPrefix(let prefixes): ["by: id_prefix", "id_prefixes: " + list(prefixes)]
    }
  }
}
