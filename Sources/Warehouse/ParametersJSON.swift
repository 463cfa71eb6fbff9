/// A model's parameters as `models` and `backtests` hold them: `{"r": 0.24, "alpha_days": 30.9}`.
func parametersJSON(_ parameters: [(name: String, value: Double)]) -> String {
  "{" + parameters.map { "\(quoted($0.name)): \($0.value)" }.joined(separator: ", ") + "}"
}

/// A JSON string: names of levels come from dumps.
private func quoted(_ text: String) -> String {
  let escaped = text.unicodeScalars.map { scalar in
    switch scalar {
    case "\"", "\\": "\\\(scalar)"
    case "\u{0}"..<" ": "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
    default: String(scalar)
    }
  }
  return "\"" + escaped.joined() + "\""
}
