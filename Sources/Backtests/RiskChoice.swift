import Models
import Scores

/// Which model `churn_risk` is by, of those tried at one origin.
package struct RiskChoice: Sendable {
  package var takesOther: Bool
  /// In words: why.
  package var reason: String

  /// The learned model where it beats the baselines, and either the model of purchases does not, or it is closer to who left, by Brier's score,
  /// by more than one standard error over replicates that drew the same customers for both. Else the model of purchases, which value is
  /// by too. A probability weighs what is in doubt and says who is likelier than not to leave: how close it is counts, beside the ranks,
  /// which beating the baselines asks for.
  /// - Parameters:
  ///   - purchases: the model of purchases; nil: none could be fitted.
  ///   - learned: likewise, or another one that is not of purchases.
  ///   - other: what that is called.
  package init(_ purchases: TestedModel?, _ learned: TestedModel?, other name: String = "the learned model") {
    (takesOther, reason) = (false, "\(name) could not be tried: \(learned?.warnings.first ?? "too little history")")
    guard let learned, let error = learned.all.brier, let verdict = learned.verdict else { return }
    guard verdict.beatsBaselines else {
      reason = "\(name) does not beat the baselines (\(verdict.reasons.joined(separator: ", ")))"
      return
    }
    guard let purchases, let other = purchases.all.brier, purchases.verdict?.beatsBaselines == true else {
      let reasons = purchases?.verdict?.reasons ?? ["it could not be tried"]
      let known = purchases.map { $0.model == ModelRecord.survivalName ? "survival" : "the model of purchases" }
      (takesOther, reason) = (true, "\(known ?? "the model of purchases") does not beat the baselines (\(reasons.joined(separator: ", ")))")
      return
    }
    let scores = "Brier \(fixed(error.value, 5)) beside \(fixed(other.value, 5)) of \(purchases.model)"
    takesOther = other.value > error.value && standardErrors(purchases.replicates.brier, above: learned.replicates.brier) > 1
    reason =
      takesOther
      ? "it is closer to who left: \(scores)" : "\(name) is not closer to who left beyond one standard error: \(scores)"
  }
}
