import Columns
import Features
import Models

/// sBG, where it is asked for or, among other candidates, where the transactions are like those of contracts. Where it is asked for and cannot be
/// fitted, its record says why, and the default model is fitted in its place.
func fitContracts(_ features: FeatureSet, _ value: ValueOptions, _ threads: Int) throws(PipelineError) -> [ModelRecord] {
  let isCandidate = value.choosesModel
  guard let record = try contractRecord(features, value, isAsked: !isCandidate) else { return [] }
  if isCandidate || record.parameters != nil { return [record] }
  var failed = record
  failed.warnings = ["\(record.warnings.joined(separator: "; ")); \(PurchaseModelName.bgNBD.rawValue) is used"]
  var standIn = try fitPurchaseModel(features.customers, .bgNBD, threads)
  standIn.askedFor = value.purchaseModelAsked
  return [failed, standIn]
}

/// - Parameter isAsked: whatever the transactions are like.
/// - Returns: nil where it is not asked for, and they are not like those of contracts.
package func contractRecord(_ features: FeatureSet, _ value: ValueOptions, isAsked: Bool) throws(PipelineError) -> ModelRecord? {
  guard let gaps = features.gaps else { throw lacking("the gaps between purchases") }
  let terms = ContractTerms(gaps, value.contract)
  guard isAsked || terms.areRegular else { return nil }
  var record = ModelRecord(ModelRecord.contractsName, nil)
  record.askedFor = value.purchaseModelAsked
  if !terms.areRegular && value.contract.period == .auto {
    record.warnings = ["no period found that customers pay by: \(terms.gaps < ContractTerms.gapsLeast ? "" : "only ")\(terms.words)"]
    return record
  }
  let histories = try PurchaseHistories(features.customers)
  let lives = ContractLives(
    frequency: histories.frequency, recencyDays: histories.recencyDays, tenureDays: histories.tenureDays, periodDays: terms.periodDays,
    graceDays: terms.graceDays)
  let counts = RenewalCounts(renewals: lives.renewals, hasLeft: lives.hasLeft, isPresent: histories.isPresent)
  do throws(ModelError) {
    record.take(try fitRenewals(counts), ContractRecord(terms: terms, renewed: counts.renewed, left: counts.left))
  } catch {
    record.warnings = [error.message]
  }
  if let share = shareOfOthers(histories, terms), share > 0.1 {
    let percent = Int((share * 100).rounded())
    record.warnings.append("\(percent) % of the customers with two payments or more pay by another period, which is taken for pauses")
  }
  if !terms.areRegular { record.warnings.append("these hardly look like contracts: \(terms.words)") }
  let days = terms.lastDay + 1
  if value.riskHorizonDays < days {
    record.warnings.append(
      "a value.risk_horizon of \(value.riskHorizonDays)d is shorter than a period and its grace: churn_risk is 1 for who has nothing to pay "
        + "in it; \(days)d or more tells who leaves")
  }
  return record
}

/// Of the customers with two purchase days or more, those whose gaps are not the period's on average; nil: there are none.
private func shareOfOthers(_ histories: PurchaseHistories, _ terms: ContractTerms) -> Double? {
  var customers = 0, others = 0
  let tolerance = Double(ContractTerms.grace(ofDays: terms.periodDays))
  for row in histories.frequency.indices where histories.frequency[row] > 0 && histories.isPresent?[row] ?? true {
    customers += 1
    others += abs(Double(histories.recencyDays[row]) / Double(histories.frequency[row]) - terms.periodDays) > tolerance ? 1 : 0
  }
  return customers > 0 ? Double(others) / Double(customers) : nil
}

/// Of sBG's; nil: of another one's, or of one that could not be fitted.
func survivalRecord(_ contracts: ModelRecord) -> ModelRecord? {
  guard contracts.contractModel != nil, let contract = contracts.contract else { return nil }
  let curve = RenewalCurve(renewed: contract.renewed, left: contract.left), least = RenewalCurve.atRiskLeast
  var record = ModelRecord(ModelRecord.survivalName, ["periods": Double(curve.lastPeriod)])
  record.customers = contracts.customers
  if curve.lastPeriod == 0 {
    record.parameters = nil
    record.warnings = ["fewer than \(least) contracts have come to the end of a period; churn_risk is by sBG"]
  } else {
    record.warnings = ["fewer than \(least) contracts have come to the end of period \(curve.lastPeriod + 1): from there on it is sBG's"]
  }
  return record
}

extension ModelRecord {
  fileprivate mutating func take(_ fit: PeriodicFit<ShiftedBetaGeometric>, _ contract: ContractRecord) {
    var parameters = [
      "alpha": fit.model.alpha, "beta": fit.model.beta, "period_days": contract.terms.periodDays,
      "grace_days": Double(contract.terms.graceDays), "regular_share": contract.terms.regularShare,
    ]
    for (name, error) in zip(["alpha_se", "beta_se"], fit.standardErrors) where error.isFinite { parameters[name] = error }
    (self.parameters, self.contract, warnings) = (parameters, contract, fit.warnings)
    (logLikelihood, gradientNorm) = (finite(fit.logLikelihood), finite(fit.gradientNorm))
    (iterations, customers) = (fit.iterations, fit.customers)
  }
}
