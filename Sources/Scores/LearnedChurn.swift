import Boosters
import Columns
import Features
import Models

/// P(no purchase within the horizon), learned from what became of the customers of an earlier day: a logistic regression, or boosted trees, on a
/// static list of features and on the purchase model's outlook of that day, calibrated on folds by customer.
package struct LearnedChurn: Sendable, Hashable, Codable {
  package var horizonDays: Int
  /// The earlier day, whose customers it was trained on.
  package var trainedAsOf: Day
  /// Fitted as of that day; its outlook is an input, then and later.
  package var purchases: ModelRecord
  /// Names of the inputs, in the order of the coefficients; a NULL counts as the mean, but to trees.
  package var inputs: [String] = []
  /// nil: it could not be fitted, see warnings.
  package var fit: LogisticFit?
  /// In place of the logistic regression.
  package var trees: ChurnTrees?
  /// What it is; nil: logistic regression.
  package var method: LearnedMethod?
  /// What the pipeline asked for; nil: logistic regression.
  package var askedFor: LearnedMethod?
  /// How it did against the other, where both were tried, and the other's record.
  package var trial: ModelTrial?
  package var loser: ModelRecord?
  package var calibration = Calibration.platt(slope: 1, intercept: 0)
  package var customers = 0
  /// Of them, those without a purchase within the horizon.
  package var leftCustomers = 0
  package var warnings: [String] = []

  package var isFitted: Bool { fit != nil || trees != nil }

  /// Nothing is fitted yet.
  init(of training: ChurnTraining) {
    (horizonDays, trainedAsOf, purchases) = (training.horizonDays, training.asOf, training.purchases)
    (customers, leftCustomers) = (training.outcome.count, training.leftCustomers)
  }

  /// The columns of features that training and scoring read.
  package static var featureColumns: Set<String> { ChurnInput.featureColumns }

  /// For each row of `earlier`, whether the same customer made a purchase after its day, up to the day of `later`.
  package static func purchases(of earlier: FeatureSet, within later: FeatureSet) throws(PipelineError) -> [Bool] {
    let (lastDay, hasBought) = try int32(later.customers, "last_purchase")
    return try earlier.rows(in: later).map { row in
      row.map { (hasBought?[$0] ?? true) && lastDay[$0] > earlier.asOf.number } ?? false
    }
  }

  /// P(no purchase in the `horizonDays` after the features' day) of each row; NaN where the customer never bought, or nothing could be fitted.
  /// - Throws: 65 where a column is missing.
  package func probabilities(_ features: FeatureSet, threads: Int) throws(PipelineError) -> [Double] {
    var scores = [Double](repeating: .nan, count: features.customers.rowCount)
    guard isFitted else { return scores }
    let logOdds = try logOdds(features.customers, threads: threads), everBought = features.customers["frequency"]?.isPresent
    for row in scores.indices where everBought?[row] ?? true { scores[row] = calibration.probability(logOdds[row]) }
    return scores
  }

  /// Before calibration.
  private func logOdds(_ table: Table, threads: Int) throws(PipelineError) -> [Double] {
    if let trees {
      let inputs = TreeInputs(try rawInputs(table, threads: threads))
      return try ChurnTrees.asked { () throws(BoosterError) in try trees.grown().logOdds(inputs, threads: threads) }
    }
    return try fit?.logOdds(filledInputs(table, threads: threads)) ?? []
  }

  /// The inputs of all rows, NaN for NULL.
  func rawInputs(_ table: Table, threads: Int) throws(PipelineError) -> [[Double]] {
    let known = inputs.compactMap { name in ChurnInput.all.first { $0.name == name } }
    return try ChurnInputColumns(table, known, purchases.purchaseModel, horizonDays: horizonDays, threads: threads).columns
  }

  /// The inputs of all rows, in the order of the coefficients; NULL as the mean of the training.
  func filledInputs(_ table: Table, threads: Int) throws(PipelineError) -> [[Double]] {
    var columns = try rawInputs(table, threads: threads)
    for j in columns.indices {
      let mean = fit?.means[j] ?? 0
      for row in columns[j].indices where columns[j][row].isNaN { columns[j][row] = mean }
    }
    return columns
  }
}
