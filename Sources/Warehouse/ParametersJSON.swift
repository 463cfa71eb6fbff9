/// A model's parameters as `models` and `backtests` hold them: `{"r": 0.24, "alpha_days": 30.9}`.
func parametersJSON(_ parameters: [(name: String, value: Double)]) -> String {
  "{" + parameters.map { "\"\($0.name)\": \($0.value)" }.joined(separator: ", ") + "}"
}
