extension Verdict {
  /// nil: too few customers to tell.
  init?(_ model: TestedModel, _ baselines: [TestedModel]) {
    guard let auc = model.all.auc else { return nil }
    reasons = []
    for baseline in baselines {
      let name = baseline.model
      if let other = baseline.all.auc, other.value > auc.value, Self.isBeyondChance(baseline.replicates.auc, model.replicates.auc) {
        reasons.append("\(name) ranks customers better")
      }
      if let error = model.all.brier, let other = baseline.all.brier, error.value >= other.value {
        reasons.append("\(name) is closer to who buys (Brier)")
      }
      if let error = model.all.rmse, let other = baseline.all.rmse, error.value >= other.value {
        reasons.append("\(name) is closer to how much is bought (RMSE)")
      }
    }
    beatsBaselines = reasons.isEmpty
  }

  /// Whether a measure is greater than another in 97.5 of 100 replicates, which drew the same customers for both.
  private static func isBeyondChance(_ greater: [Double], _ smaller: [Double]) -> Bool {
    let differences = zip(greater, smaller).map { $0 - $1 }.filter(\.isFinite)
    return !differences.isEmpty && differences.count { $0 <= 0 } * 40 <= differences.count
  }
}
