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
  let (codes, dictionary) = try strongest(features, model, isPresent, options)
  for place in 0..<3 {
    let there = codes[place].contains(0) ? codes[place].map { $0 != 0 } : nil
    let ordinal = ["strongest", "second strongest", "third strongest"][place]
    columns.append(
      Column(
        ColumnDefinition(
          learnedColumnNames[place + 1], .text,
          "the \(ordinal) reason of churn_risk_learned: what raises or lowers it most beside the mean customer's",
          nullWhen: none + ", or nothing else moves it"),
        .code(codes[place], dictionary: dictionary), isPresent: there))
  }
  return columns
}

/// Of each row the three contributions of greatest size, as numbers of texts; 0: none.
private func strongest(
  _ features: FeatureSet, _ model: LearnedChurn?, _ isPresent: [Bool], _ options: ScoreOptions
) throws(PipelineError) -> (codes: [[UInt16]], dictionary: [String]) {
  var codes = [[UInt16]](repeating: [UInt16](repeating: 0, count: isPresent.count), count: 3)
  guard let model, let fit = model.fit else { return (codes, [""]) }
  let inputs = model.inputs.compactMap { name in ChurnInput.all.first { $0.name == name } }
  // Two texts for a value above the mean, two for one below.
  let dictionary = [""] + inputs.flatMap { ["raises: " + $0.high, "lowers: " + $0.high, "raises: " + $0.low, "lowers: " + $0.low] }
  let columns = try model.filledInputs(features.customers, threads: options.threads)
  var sizes = [[Double]](repeating: [Double](repeating: 0, count: isPresent.count), count: 3)
  for j in columns.indices {
    let beta = fit.coefficients[j], mean = fit.means[j]
    for row in columns[j].indices where isPresent[row] {
      let beyond = columns[j][row] - mean, contribution = beta * beyond
      var size = abs(contribution), code = UInt16(1 + 4 * j + (beyond > 0 ? 0 : 2) + (contribution > 0 ? 0 : 1))
      for place in 0..<3 where size > sizes[place][row] {
        (size, sizes[place][row]) = (sizes[place][row], size)
        (code, codes[place][row]) = (codes[place][row], code)
      }
    }
  }
  return (codes, dictionary)
}
