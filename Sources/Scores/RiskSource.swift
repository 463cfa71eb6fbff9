/// Which model `churn_risk` is by.
package enum RiskSource: String, Sendable, Hashable, Codable, CaseIterable {
  /// That of purchases.
  case model
  /// The learned one; where nothing could be learned, that of purchases.
  case learned
  /// Whichever a backtest finds closer to who left.
  case auto
}
