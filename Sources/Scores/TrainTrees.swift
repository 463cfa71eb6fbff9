import Boosters
import Buffers
import Columns
import Foundation
import Models

extension ChurnTraining {
  /// Trees of five folds foretell the customers whom they have not seen; the number of rounds that lose least on these, and the calibration, are
  /// taken from that, and the trees themselves are grown on all customers.
  func trees(threads: Int) -> (model: LearnedChurn, measures: OutOfFold?) {
    var model = LearnedChurn(of: self)
    (model.method, model.inputs) = (.trees, ChurnInput.all.map(\.name))
    guard rarerCustomers >= ChurnTrees.customersLeast else {
      model.warnings.append(
        "too little to learn from: as of \(asOf) there were \(outcome.count) customers, of whom \(leftCustomers) bought nothing in the "
          + "\(horizonDays) days after; \(ChurnTrees.customersLeast) customers of either kind are asked for")
      return (model, nil)
    }
    do throws(BoosterError) {
      let inputs = TreeInputs(columns)
      var options = TreeOptions()
      let steps = Array(stride(from: 50, through: options.rounds, by: 25))
      let scores = try outOfFold(inputs, options, steps, threads)
      let losses = scores.map { meanLoss($0) }
      guard let best = losses.indices.min(by: { losses[$0] < losses[$1] }) else { return (model, nil) }
      options.rounds = steps[best]
      let grown = try BoostedTrees.grow(inputs, outcome: outcome, options)
      let (calibration, measures) = try calibrated(trees: scores[best], threads: threads)
      model.calibration = calibration
      model.trees = ChurnTrees(options: options, means: columns.map { mean($0) }, bytes: Data(grown.bytes))
      return (model, measures)
    } catch {
      model.warnings.append(error.message)
      return (model, nil)
    }
  }

  /// For each number of rounds ln of the odds of every customer, by trees that were grown without his fold.
  private func outOfFold(
    _ inputs: TreeInputs, _ options: TreeOptions, _ steps: [Int], _ threads: Int
  ) throws(BoosterError) -> [[Double]] {
    // One thread each, since the library's sums over several hang on their number.
    let parts = parallelMap(Self.foldCount, threads: threads) { fold in
      Result { () throws(BoosterError) in
        let others = folds.indices.filter { folds[$0] != fold }, held = folds.indices.filter { folds[$0] == fold }
        let trees = try BoostedTrees.grow(inputs.picked(others), outcome: others.map { outcome[$0] }, options)
        let unseen = inputs.picked(held)
        var scores: [[Double]] = []
        for rounds in steps { scores.append(try trees.logOdds(unseen, rounds: rounds, threads: 1)) }
        return (held, scores)
      }
    }
    var scores = [[Double]](repeating: [Double](repeating: 0, count: outcome.count), count: steps.count)
    for part in parts {
      let (held, values) = try part.get()
      for step in steps.indices { for (place, row) in held.enumerated() { scores[step][row] = values[step][place] } }
    }
    return scores
  }

  private func calibrated(trees scores: [Double], threads: Int) throws(BoosterError) -> (Calibration, OutOfFold) {
    do throws(ModelError) { return try calibrated(scores, threads: threads) } catch { throw BoosterError(error.message) }
  }

  private func meanLoss(_ scores: [Double]) -> Double { Calibration.platt(slope: 1, intercept: 0).logLoss(scores, outcome: outcome) }

  private func mean(_ column: [Double]) -> Double {
    let known = column.filter { !$0.isNaN }
    return known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
  }
}
