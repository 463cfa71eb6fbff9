import Columns
import Features
import Models
import Scores

/// What sBG knows of one customer's contract, in words.
enum ContractBasis {
  /// nil: there is no model of contracts, or he has never paid.
  static func words(_ models: FittedModels, _ features: FeatureSet, _ row: Int) -> String? {
    guard let model = models.contractModelOfRisk, let record = models.models.first(where: { $0.contractModel != nil }),
      let terms = record.contract?.terms, let x = number("frequency", features, row),
      let recency = number("recency_days", features, row), let tenure = number("tenure_days", features, row)
    else { return nil }
    let parameters = record.orderedParameters.filter { ["alpha", "beta"].contains($0.name) }
      .map { "\($0.name) \(ExplanationText.real($0.value))" }.joined(separator: ", ")
    let base = "\(record.model) fitted as of \(models.asOf): \(parameters), a payment every \(periodWords(terms))"
    let period = Int(model.renewals(frequency: x, recencyDays: recency)) + 1, since = Int(tenure - recency)
    let retention = model.riskRetention(period: period)
    // The day by which a payment after so many days is there.
    let due = features.asOf + (Int(model.periodDays.rounded(.up)) - since)
    if since > terms.lastDay { return "\(base); ended after the \(ordinal(period)) period: nothing was paid by \(due + terms.graceDays)" }
    let age = "in the \(ordinal(period)) period; \(PageText.percent(retention)) renew at this age"
    if Double(since) < model.periodDays { return "\(base); \(age); next payment due \(due)" }
    return "\(base); \(age), and \(PageText.percent(terms.laterShares[since])) of those who do pay later than \(since) days; due \(due)"
  }

  private static func periodWords(_ terms: ContractTerms) -> String {
    terms.periodName.hasPrefix("a ") ? String(terms.periodName.dropFirst(2)) : terms.periodName
  }

  private static func number(_ name: String, _ features: FeatureSet, _ row: Int) -> Int32? {
    guard let column = features.customers[name], case .integer(let value) = CellValue(column, row) else { return nil }
    return Int32(exactly: value)
  }

  /// `1st`, `2nd`, `11th`.
  static func ordinal(_ n: Int) -> String {
    let ends = ["th", "st", "nd", "rd"], last = n % 10, isTeen = (11...13).contains(n % 100)
    return "\(n)" + (isTeen || last > 3 ? "th" : ends[last])
  }
}
