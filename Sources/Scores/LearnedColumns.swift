import Boosters
import Columns
import Features
import Models

/// Names of the columns of the learned churn model. They are computed where `publish.columns` names one of them.
package let learnedColumnNames = ["churn_risk_learned"] + (1...3).map { "churn_reason_\($0)" }

/// What moved one customer's score, in ln of odds before calibration.
package struct ChurnContribution: Sendable, Hashable {
  package var input: String
  /// β_j (x_j − mean_j), or Shapley's value over the trees: above 0 it raises the risk. All of them and what everybody has are the score.
  package var logOdds: Double
  package var words: String
}

extension LearnedChurn {
  /// What one input does to the rows asked for.
  struct Move {
    /// As `ChurnContribution` has it.
    var logOdds: [Double]
    /// 0: above the customers' mean, 1: not above, 2: not known.
    var side: [UInt8]
  }

  /// What each input does.
  /// - Parameter row: of this one only; nil: of all.
  func moves(_ table: Table, row: Int? = nil, threads: Int) throws(PipelineError) -> [Move] {
    guard isFitted else { return [] }
    var columns = try trees == nil ? filledInputs(table, threads: threads) : rawInputs(table, threads: threads)
    if let row { columns = columns.map { [$0[row]] } }
    if let trees {
      let inputs = TreeInputs(columns)
      let parts = try ChurnTrees.asked { () throws(BoosterError) in try trees.grown().contributions(inputs, threads: threads) }
      return columns.indices.map { j in
        Move(logOdds: parts[j], side: columns[j].map { $0.isNaN ? 2 : $0 > trees.means[j] ? 0 : 1 })
      }
    }
    return columns.indices.map { j in
      let beta = fit?.coefficients[j] ?? 0, mean = fit?.means[j] ?? 0
      return Move(logOdds: columns[j].map { beta * ($0 - mean) }, side: columns[j].map { $0 - mean > 0 ? 0 : 1 })
    }
  }

  /// All contributions to the score of one row, the strongest first; among equals the input that comes first. Empty where nothing is fitted.
  package func contributions(_ features: FeatureSet, row: Int, threads: Int) throws(PipelineError) -> [ChurnContribution] {
    let found = try moves(features.customers, row: row, threads: threads).enumerated().map { j, move in
      ChurnContribution(
        input: inputs[j], logOdds: move.logOdds[0],
        words: ChurnInput.all.first { $0.name == inputs[j] }?.words[Int(move.side[0])] ?? inputs[j])
    }
    return found.enumerated().sorted {
      abs($0.element.logOdds) != abs($1.element.logOdds)
        ? abs($0.element.logOdds) > abs($1.element.logOdds) : $0.offset < $1.offset
    }.map(\.element)
  }
}

/// What the learned churn model says of every customer.
struct LearnedRisks {
  /// Whether `churn_risk` is by it.
  let areChosen: Bool
  let horizonDays: Int
  /// NaN where there is no model or no purchase; empty where nothing asks for it.
  private(set) var risks: [Double] = []
  private let rowCount: Int
  private let inputs: [String]
  private let moves: [LearnedChurn.Move]

  init(_ features: FeatureSet, _ fitted: FittedModels?, _ options: ScoreOptions) throws(PipelineError) {
    let model = fitted?.learned
    areChosen = options.wanted.risk != .model && fitted?.riskModel != nil
    (rowCount, inputs) = (features.customers.rowCount, model?.inputs ?? [])
    horizonDays = model?.horizonDays ?? options.value.riskHorizonDays
    guard options.learns || areChosen else {
      moves = []
      return
    }
    risks = try model?.probabilities(features, threads: options.threads) ?? [Double](repeating: .nan, count: rowCount)
    let wantsReasons = options.learns || options.wanted.riskReasons
    moves = try wantsReasons ? model?.moves(features.customers, threads: options.threads) ?? [] : []
  }

  /// Of the score before calibration.
  var reasons: StrongestReasons {
    let words = inputs.compactMap { name in ChurnInput.all.first { $0.name == name }?.words }
    let parts = moves.map { move in move.logOdds.indices.map { risks[$0].isNaN ? 0 : move.logOdds[$0] } }
    return StrongestReasons(rowCount: rowCount, parts, sides: moves.map(\.side), words: words)
  }
}

/// The risk and its three strongest reasons of every customer; NULL where there is no model or no purchase.
func learnedColumns(_ learned: LearnedRisks, _ options: ScoreOptions) -> [Column] {
  let days = learned.horizonDays
  var risks = learned.risks
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
  columns += learned.reasons.columns { ordinal in
    ColumnDefinition(
      learnedColumnNames[ordinal.number], .text,
      "the \(ordinal.text) reason of churn_risk_learned: what raises or lowers it most beside the mean customer's",
      nullWhen: none + ", or nothing else moves it")
  }
  return columns
}
