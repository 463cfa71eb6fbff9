import Models
import Scores

/// Which model `churn_risk` is by, of those tried at one origin.
package struct RiskChoice: Sendable {
  package var takesLearned: Bool
  /// In words: why.
  package var reason: String

  /// The learned model where it beats the baselines, and either the model of purchases does not, or it is closer to who left, by Brier's score,
  /// by more than one standard error over replicates that drew the same customers for both. Else the model of purchases, which value is
  /// by too. A probability weighs what is in doubt and says who is likelier than not to leave: how close it is counts, beside the ranks,
  /// which beating the baselines asks for.
  /// - Parameters:
  ///   - purchases: the model of purchases; nil: none could be fitted.
  ///   - learned: likewise.
  package init(_ purchases: TestedModel?, _ learned: TestedModel?) {
    (takesLearned, reason) = (false, "the learned model could not be tried: \(learned?.warnings.first ?? "too little history")")
    guard let learned, let error = learned.all.brier, let verdict = learned.verdict else { return }
    guard verdict.beatsBaselines else {
      reason = "the learned model does not beat the baselines (\(verdict.reasons.joined(separator: ", ")))"
      return
    }
    guard let purchases, let other = purchases.all.brier, purchases.verdict?.beatsBaselines == true else {
      let reasons = purchases?.verdict?.reasons ?? ["it could not be tried"]
      (takesLearned, reason) = (true, "the model of purchases does not beat the baselines (\(reasons.joined(separator: ", ")))")
      return
    }
    let scores = "Brier \(fixed(error.value, 5)) beside \(fixed(other.value, 5)) of \(purchases.model)"
    takesLearned = other.value > error.value && standardErrors(purchases.replicates.brier, above: learned.replicates.brier) > 1
    reason =
      takesLearned
      ? "it is closer to who left: \(scores)" : "the learned model is not closer to who left beyond one standard error: \(scores)"
  }
}
