import Columns
import Features
import Models

/// Names of the columns of the learned churn model. They are computed where `publish.columns` names one of them.
package let learnedColumnNames = ["churn_risk_learned"] + (1...3).map { "churn_reason_\($0)" }

/// What moved one customer's score, in ln of odds before calibration.
package struct ChurnContribution: Sendable, Hashable {
  package var input: String
  /// β_j (x_j − mean_j): above 0 it raises the risk. The intercept and all of them together are the score.
  package var logOdds: Double
  package var words: String
}

extension LearnedChurn {
  /// All contributions to the score of one row, the strongest first; among equals the input that comes first. Empty where nothing is fitted.
  package func contributions(_ features: FeatureSet, row: Int, threads: Int) throws(PipelineError) -> [ChurnContribution] {
    guard let fit else { return [] }
    let columns = try filledInputs(features.customers, threads: threads)
    let found = inputs.indices.map { j in
      let beyond = columns[j][row] - fit.means[j]
      let input = ChurnInput.all.first { $0.name == inputs[j] }
      return ChurnContribution(
        input: inputs[j], logOdds: fit.coefficients[j] * beyond, words: (beyond > 0 ? input?.high : input?.low) ?? inputs[j])
    }
    return found.enumerated().sorted {
      abs($0.element.logOdds) != abs($1.element.logOdds)
        ? abs($0.element.logOdds) > abs($1.element.logOdds) : $0.offset < $1.offset
    }.map(\.element)
  }
}

/// The risk and its three strongest reasons of every customer; NULL where there is no model or no purchase.
func learnedColumns(_ features: FeatureSet, _ model: LearnedChurn?, _ options: ScoreOptions) throws(PipelineError) -> [Column] {
  let count = features.customers.rowCount, days = model?.horizonDays ?? options.value.riskHorizonDays
  var risks = try model?.probabilities(features, threads: options.threads) ?? [Double](repeating: .nan, count: count)
  let isPresent = risks.map { !$0.isNaN }
  for row in risks.indices where !isPresent[row] { risks[row] = 0 }
  let none = "the customer has no purchase, or no model could be learned (see models)"
  let flags = isPresent.contains(false) ? isPresent : nil
  var columns = [
    Column(
      ColumnDefinition(
        "churn_risk_learned", .real, unit: "probability 0…1",
        "P(no purchase in the next \(days) days), learned from what became of the customers of \(days) days before", nullWhen: none),
      .double(risks), isPresent: flags)
  ]
  let inputs = try model?.filledInputs(features.customers, threads: options.threads) ?? [], fit = model?.fit
  var parts: [[Double]] = [], isHigh: [[Bool]] = []
  for (j, values) in inputs.enumerated() where fit != nil {
    let beta = fit?.coefficients[j] ?? 0, mean = fit?.means[j] ?? 0
    parts.append(values.indices.map { isPresent[$0] ? beta * (values[$0] - mean) : 0 })
    isHigh.append(values.map { $0 > mean })
  }
  let words = (model?.inputs ?? []).compactMap { name in ChurnInput.all.first { $0.name == name } }.map { (high: $0.high, low: $0.low) }
  columns += StrongestReasons(rowCount: count, parts, isHigh: isHigh, words: words).columns { ordinal in
    ColumnDefinition(
      learnedColumnNames[ordinal.number], .text,
      "the \(ordinal.text) reason of churn_risk_learned: what raises or lowers it most beside the mean customer's",
      nullWhen: none + ", or nothing else moves it")
  }
  return columns
}
