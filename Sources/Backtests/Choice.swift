import Scores

/// How many standard errors a measure is greater than another by, over replicates that drew the same customers for both; 0 where they are one.
func standardErrors(_ greater: [Double], above smaller: [Double]) -> Double {
  let differences = zip(greater, smaller).map { $0 - $1 }.filter(\.isFinite), count = Double(differences.count)
  let mean = differences.reduce(0, +) / count, square = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
  return square > 0 ? mean / square.squareRoot() : 0
}

/// The model to use, of those tried at one origin.
package struct Choice: Sendable {
  package var model: String
  /// In words: by what it was chosen.
  package var reason: String

  /// The candidate that ranks customers best; among those within one standard error of it, the one of the least AIC (the rule of one standard
  /// error: Breiman, Friedman, Olshen and Stone 1984). Ranks decide, since who is treated hangs on them, and a level can be set right afterwards.
  /// sBG tells of renewals, not of days, so that its likelihood, and AIC, compares with none of the others: where it is among the equals, Brier's
  /// score decides. nil: no candidate could be measured.
  package init?(_ tested: OriginBacktest, aic: [String: Double]) {
    let candidates = tested.models.filter {
      !$0.isBaseline && $0.all.auc != nil && (aic[$0.model] != nil || $0.model == ModelRecord.contractsName)
    }
    guard let best = candidates.max(by: { ($0.all.auc?.value ?? 0) < ($1.all.auc?.value ?? 0) }) else { return nil }
    let equals = candidates.filter { standardErrors(best.replicates.auc, above: $0.replicates.auc) <= 1 }
    if equals.count > 1, equals.contains(where: { $0.model == ModelRecord.contractsName }),
      let winner = equals.min(by: { ($0.all.brier?.value ?? 1) < ($1.all.brier?.value ?? 1) })
    {
      let among = "of the \(equals.count) that rank customers within one standard error of the best"
      (model, reason) = (winner.model, "\(among), it is the closest to who pays (Brier)")
      return
    }
    guard equals.count > 1, let winner = equals.min(by: { (aic[$0.model] ?? 0) < (aic[$1.model] ?? 0) }) else {
      (model, reason) = (best.model, "it ranks customers best")
      return
    }
    (model, reason) = (
      winner.model, "of the \(equals.count) that rank customers within one standard error of the best, it has the least AIC"
    )
  }
}
