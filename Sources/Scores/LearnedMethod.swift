/// How the learned churn risk is learned.
package enum LearnedMethod: String, Sendable, Hashable, Codable, CaseIterable {
  case logistic, trees
  /// Whichever of the two loses less on customers that it has not seen.
  case auto
}
