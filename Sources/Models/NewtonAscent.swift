/// Where Newton's method ended over unknowns that may have any sign.
struct Ascent: Sendable {
  var point: [Double]
  var evaluation: ModelEvaluation
  var iterations: Int
  /// The gain that a further step promises is below what doubles can show.
  var isConverged: Bool

  /// √ of the diagonal of the inverse observed information; NaN where it is not positive definite.
  var standardErrors: [Double] {
    covariance.map { covariance in point.indices.map { covariance[$0][$0].squareRoot() } } ?? point.map { _ in .nan }
  }

  /// The inverse observed information; nil where it is not positive definite.
  var covariance: [[Double]]? {
    let matrix = evaluation.hessian.map { $0.map { -$0 } }
    var columns: [[Double]] = []
    for i in point.indices {
      guard let column = solve(matrix, point.indices.map { $0 == i ? 1 : 0 }) else { return nil }
      columns.append(column)
    }
    return columns
  }
}

/// Newton's method for a concave function, the step halved while it leads down.
///
/// Ends when gᵀ(−H)⁻¹g, the square of the distance to the maximum in standard errors, is below 10⁻¹⁸ (so that the next step would move
/// the estimates by less than 10⁻⁹ standard errors), when no step leads up any more, or where −H is not positive definite.
func ascend(from start: [Double], iterationsMax: Int = 60, _ function: ([Double]) -> ModelEvaluation) -> Ascent {
  var ascent = Ascent(point: start, evaluation: function(start), iterations: 0, isConverged: false)
  while ascent.iterations < iterationsMax {
    ascent.iterations += 1
    let here = ascent.evaluation
    guard here.value.isFinite, let step = solve(here.hessian.map { $0.map { -$0 } }, here.gradient) else { return ascent }
    let gain = zip(step, here.gradient).reduce(0) { $0 + $1.0 * $1.1 }
    if gain < 1e-18 {
      ascent.isConverged = true
      return ascent
    }
    var scale = 1.0, isHigher = false
    for _ in 0..<30 where !isHigher {
      let point = zip(ascent.point, step).map { $0 + scale * $1 }
      let there = function(point)
      // As much lower as sums over many rows are rounded is no step down.
      if there.value >= here.value - 1e-13 * abs(here.value) {
        (ascent.point, ascent.evaluation, isHigher) = (point, there, true)
      }
      scale /= 2
    }
    if !isHigher {
      ascent.isConverged = gain < 1e-10 * abs(here.value)
      return ascent
    }
  }
  return ascent
}
