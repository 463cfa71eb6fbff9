/// Which model `churn_risk` is by.
package enum RiskSource: String, Sendable, Hashable, Codable, CaseIterable {
  /// That of purchases.
  case model
  /// The learned one; where nothing could be learned, that of purchases.
  case learned
  /// The survival of contracts that was observed; where customers have none, that of purchases.
  case survival
  /// Whichever a backtest finds closer to who left.
  case auto

  /// Whether the learned model is needed.
  package var learns: Bool { self == .learned || self == .auto }
}
