import Columns
import Features
import Models

/// What goes with the parameters of sBG, so that other nights can be scored with it.
package struct ContractRecord: Sendable, Hashable, Codable {
  package var terms: ContractTerms
  /// By period from the first on: contracts that were renewed at its end, and that ended.
  package var renewed: [Int64]
  package var left: [Int64]

  /// Whether all of it is as a fit leaves it.
  var isSound: Bool {
    let period = terms.periodDays, days = ContractTerms.periodDays
    guard period >= Double(days.lowerBound), period <= Double(days.upperBound), (1...Int(period)).contains(terms.graceDays) else {
      return false
    }
    return terms.laterShares.count == terms.lastDay + 1 && terms.laterShares.allSatisfy { (0...1).contains($0) }
      && renewed.count == left.count && renewed.count <= 100_001 && (renewed + left).allSatisfy { (0...1 << 40).contains($0) }
  }
}

extension ModelRecord {
  /// Names of sBG, a model of contracts, and of the survival of contracts as it was observed.
  package static let contractsName = "sbg", survivalName = "survival"

  static let contractNames = ["alpha", "alpha_se", "beta", "beta_se", "period_days", "grace_days", "regular_share"]

  /// nil: it is another model's record, or the fit failed.
  package var contractModel: ContractModel? {
    guard model == Self.contractsName, let contract, let parameters, let alpha = parameters["alpha"], let beta = parameters["beta"] else {
      return nil
    }
    return ContractModel(
      renewals: ShiftedBetaGeometric(alpha: alpha, beta: beta), periodDays: contract.terms.periodDays,
      graceDays: contract.terms.graceDays, laterShares: contract.terms.laterShares)
  }
}

extension ContractModel {
  /// The same with churn risk by the survival that was observed.
  package func observing(_ contract: ContractRecord) -> ContractModel {
    var model = self
    model.observed = RenewalCurve(renewed: contract.renewed, left: contract.left)
    return model
  }

  /// Of all rows; NaN for who has no purchase.
  package func scores(_ table: Table, _ horizons: PurchaseHorizons, threads: Int) throws(PipelineError) -> PurchaseScores {
    let histories = try PurchaseHistories(table)
    return scoreContracts(
      self, frequency: histories.frequency, recencyDays: histories.recencyDays, tenureDays: histories.tenureDays,
      isPresent: histories.isPresent, horizons: horizons, threads: threads)
  }
}
