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
  /// Whether all that belongs together is there, as it must be in what a file holds.
  var isSound: Bool {
    if let trees {
      return !trees.bytes.isEmpty && trees.means.count == inputs.count && inputs == ChurnInput.all.map(\.name) && horizonDays > 0
    }
    guard let fit else { return true }
    let known = Set(ChurnInput.all.map(\.name)), numbers = fit.coefficients + fit.means + [fit.intercept]
    return fit.coefficients.count == inputs.count && fit.means.count == inputs.count && fit.standardErrors.count == inputs.count + 1
      && inputs.allSatisfy(known.contains) && Set(inputs).count == inputs.count && numbers.allSatisfy(\.isFinite) && horizonDays > 0
  }

  /// As the table `models` holds it: coefficients, their standard errors, and the calibration where it is Platt's.
  var record: ModelRecord {
    var record = method == .trees ? treesRecord : logisticRecord
    record.trial = trial
    return record
  }

  private var treesRecord: ModelRecord {
    guard let options = trees?.options else { return ModelRecord(ModelRecord.treesName, nil, warnings: warnings) }
    let parameters = [
      "rounds": Double(options.rounds), "depth_max": Double(options.depthMax), "learning_rate": options.learningRate,
      "child_weight_min": options.childWeightMin, "lambda": options.lambda, "inputs": Double(inputs.count),
    ]
    var record = ModelRecord(ModelRecord.treesName, parameters, warnings: warnings)
    record.customers = Int64(customers)
    return record
  }

  private var logisticRecord: ModelRecord {
    guard let fit else { return ModelRecord(ModelRecord.learnedName, nil, warnings: warnings) }
    var parameters = ["intercept": fit.intercept, "intercept_se": fit.standardErrors[inputs.count]]
    for (j, name) in inputs.enumerated() {
      (parameters[name], parameters[name + "_se"]) = (fit.coefficients[j], fit.standardErrors[j])
    }
    if case .platt(let slope, let intercept) = calibration {
      (parameters["platt_slope"], parameters["platt_intercept"]) = (slope, intercept)
    }
    var record = ModelRecord(ModelRecord.learnedName, parameters, warnings: warnings)
    (record.logLikelihood, record.iterations, record.customers) = (fit.logLikelihood, fit.iterations, Int64(fit.rows))
    return record
  }

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
  guard let model, model.isFitted else { return (codes, [""]) }
  let inputs = model.inputs.compactMap { name in ChurnInput.all.first { $0.name == name } }
  // For each input and each side of it two texts.
  let dictionary = [""] + inputs.flatMap { $0.words.flatMap { ["raises: " + $0, "lowers: " + $0] } }
  var sizes = [[Double]](repeating: [Double](repeating: 0, count: isPresent.count), count: 3)
  for (j, move) in try model.moves(features.customers, threads: options.threads).enumerated() {
    for row in isPresent.indices where isPresent[row] {
      let contribution = move.logOdds[row]
      var size = abs(contribution), code = UInt16(1 + 6 * j + 2 * Int(move.side[row]) + (contribution > 0 ? 0 : 1))
      for place in 0..<3 where size > sizes[place][row] {
        (size, sizes[place][row]) = (sizes[place][row], size)
        (code, codes[place][row]) = (codes[place][row], code)
      }
    }
  }
  return (codes, dictionary)
}
