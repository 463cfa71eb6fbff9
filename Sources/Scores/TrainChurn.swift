import Columns
import Features
import Models

extension LearnedChurn {
  /// Trains on the customers of `earlier` who had a purchase by then.
  /// - Parameters:
  ///   - earlier: features as of D − horizon, of the events known by then; all columns, or those of `featureColumns`.
  ///   - bought: of each row of `earlier.customers`, whether there was a purchase in (D − horizon, D]; see `purchases(of:within:)`.
  /// - Throws: 65 where a column is missing.
  package static func train(
    _ earlier: FeatureSet, bought: [Bool], horizonDays: Int, threads: Int, method: LearnedMethod = .logistic
  ) throws(PipelineError) -> LearnedChurn {
    let training = try ChurnTraining(earlier, bought: bought, horizonDays: horizonDays, threads: threads)
    var model =
      switch method {
      case .logistic: training.logistic(threads: threads).model
      case .trees: training.trees(threads: threads).model
      case .auto: training.better(threads: threads)
      }
    if method != .logistic { model.askedFor = method }
    return model
  }
}

extension ChurnTraining {
  /// Both, and the one of the lesser loss on customers that it has not seen; where they agree to the last bit, the regression.
  func better(threads: Int) -> LearnedChurn {
    let (logistic, ofLogistic) = logistic(threads: threads), (trees, ofTrees) = trees(threads: threads)
    let treesWin = (ofTrees?.logLoss ?? .infinity) < (ofLogistic?.logLoss ?? .infinity)
    var (winner, loser) = treesWin ? (trees, logistic.record) : (logistic, trees.record)
    let (best, other) = treesWin ? (ofTrees, ofLogistic) : (ofLogistic, ofTrees)
    func trial(_ isWinner: Bool, _ measures: OutOfFold?) -> ModelTrial {
      ModelTrial(isWinner: isWinner, origin: asOf, horizonDays: horizonDays, measures: measures?.named ?? [:], beatsBaselines: nil)
    }
    (winner.trial, loser.trial) = (trial(true, best), trial(false, other))
    winner.trial?.reason =
      best.flatMap { best in
        other.map { other in
          "it loses less on customers that it has not seen: log loss \(fixed(best.logLoss, 5)), AUC \(fixed(best.auc, 4)), beside "
            + "\(fixed(other.logLoss, 5)) and \(fixed(other.auc, 4)) of \(loser.model)"
        }
      } ?? "\(loser.model) could not be fitted"
    winner.loser = loser
    return winner
  }
}
