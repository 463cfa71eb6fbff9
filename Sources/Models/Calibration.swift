import Foundation

/// From a score, the ln of odds, to a probability that holds what it says.
package enum Calibration: Sendable, Hashable, Codable {
  /// p = 1 / (1 + e^(−(slope · score + intercept))): Platt (1999), by maximum likelihood.
  case platt(slope: Double, intercept: Double)
  /// Rising with the score, straight between the points, level beyond them: Zadrozny and Elkan (2002).
  case isotonic(scores: [Double], probabilities: [Double])

  package func probability(_ score: Double) -> Double {
    switch self {
    case .platt(let slope, let intercept): return 1 / (1 + exp(-(slope * score + intercept)))
    case .isotonic(let scores, let probabilities):
      guard let first = scores.first, let last = scores.last else { return .nan }
      if score <= first { return probabilities[0] }
      if score >= last { return probabilities[probabilities.count - 1] }
      var low = 0, high = scores.count - 1
      while high - low > 1 {
        let middle = (low + high) / 2
        if scores[middle] <= score { low = middle } else { high = middle }
      }
      let share = (score - scores[low]) / (scores[high] - scores[low])
      return probabilities[low] + share * (probabilities[high] - probabilities[low])
    }
  }

  /// - Throws: where all outcomes agree, or the scores separate them.
  package static func platt(_ scores: [Double], outcome: [Bool], threads: Int) throws(ModelError) -> Calibration {
    let fit = try fitLogistic([scores], outcome: outcome, threads: threads)
    return .platt(slope: fit.coefficients[0], intercept: fit.intercept - fit.coefficients[0] * fit.means[0])
  }

  /// The non-decreasing step function of least squares (pool adjacent violators: Ayer et al. 1955), its steps joined at their mean scores. Equal scores
  /// share a step.
  package static func isotonic(_ scores: [Double], outcome: [Bool]) -> Calibration {
    struct Step {
      var rows: Double, positives: Double, scores: Double
      var share: Double { positives / rows }
    }
    var steps: [Step] = [], last = Double.nan
    for row in scores.indices.sorted(by: { scores[$0] != scores[$1] ? scores[$0] < scores[$1] : $0 < $1 }) {
      let positive = outcome[row] ? 1.0 : 0
      if scores[row] == last {
        steps[steps.count - 1].rows += 1
        steps[steps.count - 1].positives += positive
        steps[steps.count - 1].scores += scores[row]
      } else {
        pool(&steps)
        steps.append(Step(rows: 1, positives: positive, scores: scores[row]))
      }
      last = scores[row]
    }
    pool(&steps)
    return .isotonic(scores: steps.map { $0.scores / $0.rows }, probabilities: steps.map(\.share))
    func pool(_ steps: inout [Step]) {
      while steps.count > 1, steps[steps.count - 2].share >= steps[steps.count - 1].share {
        let upper = steps.removeLast()
        steps[steps.count - 1].rows += upper.rows
        steps[steps.count - 1].positives += upper.positives
        steps[steps.count - 1].scores += upper.scores
      }
    }
  }

  /// Mean of −ln of the probability given to what came; probabilities are kept 10⁻⁶ from 0 and 1.
  package func logLoss(_ scores: [Double], outcome: [Bool]) -> Double {
    let losses = scores.indices.reduce(0.0) { sum, row in
      let p = min(max(probability(scores[row]), 1e-6), 1 - 1e-6)
      return sum - log(outcome[row] ? p : 1 - p)
    }
    return losses / Double(max(1, scores.count))
  }
}
