import Columns
import Models

extension ModelRecord {
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
