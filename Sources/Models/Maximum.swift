import Foundation

/// A function of a few unknowns at one point, with its slopes and curvatures.
package struct ModelEvaluation: Sendable {
  package var value: Double
  package var gradient: [Double]
  package var hessian: [[Double]]

  /// The same function of y = ln p at p, given the derivatives by p.
  func inLogarithms(of p: [Double]) -> ModelEvaluation {
    var result = self
    for i in p.indices {
      result.gradient[i] = gradient[i] * p[i]
      for j in p.indices { result.hessian[i][j] = hessian[i][j] * p[i] * p[j] }
      result.hessian[i][i] += gradient[i] * p[i]
    }
    return result
  }
}

/// Where a search for the maximum ended.
struct Maximum: Sendable {
  /// Positive unknowns and the function there, by their logarithms.
  var point: [Double]
  var evaluation: ModelEvaluation
  var iterations: Int
  /// The gain that a further Newton step promises is below what doubles can show.
  var isConverged: Bool
  /// Unknowns that ended at the edge of the range searched.
  var atEdge: [Int]
}

/// Newton's method over the logarithms of positive unknowns, with damping where the function is not concave and the step halved while it
/// leads down; each unknown stays in its range.
///
/// Ends when gᵀ(−H)⁻¹g, the square of the distance to the maximum in standard errors, is below 10⁻¹⁶.
func maximum(
  from start: [Double], ranges: [ClosedRange<Double>], iterationsMax: Int = 200, of function: ([Double]) -> ModelEvaluation
) -> Maximum {
  maximumByLogarithms(from: start, ranges: ranges, iterationsMax: iterationsMax) { y in
    let p = y.map(exp)
    return function(p).inLogarithms(of: p)
  }
}

/// The same of a function that is given by the logarithms of the unknowns.
func maximumByLogarithms(
  from start: [Double], ranges: [ClosedRange<Double>], iterationsMax: Int = 200, _ evaluate: ([Double]) -> ModelEvaluation
) -> Maximum {
  let low = ranges.map { log($0.lowerBound) }, high = ranges.map { log($0.upperBound) }
  var y = start.indices.map { min(max(log(start[$0]), low[$0]), high[$0]) }
  func edges(_ y: [Double], _ gradient: [Double]) -> [Int] {
    y.indices.filter { (y[$0] <= low[$0] && gradient[$0] < 0) || (y[$0] >= high[$0] && gradient[$0] > 0) }
  }
  var here = evaluate(y)
  var damping = 0.0
  for iteration in 1...iterationsMax {
    let fixed = edges(y, here.gradient)
    let free = y.indices.filter { !fixed.contains($0) }
    let (step, gain, used) = newtonStep(here, free, damping)
    if used == 0 && gain < 1e-16 || free.isEmpty {
      return Maximum(point: y.map(exp), evaluation: here, iterations: iteration, isConverged: true, atEdge: fixed)
    }
    damping = used
    // No step multiplies an unknown by more than e².
    var scale = min(1, 2 / (step.map(abs).max() ?? 1))
    var accepted = false
    for _ in 0..<12 {
      let next = y.indices.map { min(max(y[$0] + scale * step[$0], low[$0]), high[$0]) }
      let there = evaluate(next)
      // As much lower as sums over millions of customers are rounded is no step down.
      if there.value >= here.value - 1e-12 * abs(here.value) {
        (y, here, accepted) = (next, there, true)
        break
      }
      scale *= 0.25
    }
    // A step along which nothing rises any more: the end of what doubles can tell when the promised gain is as small.
    if !accepted {
      if gain < 1e-11 * abs(here.value) {
        return Maximum(point: y.map(exp), evaluation: here, iterations: iteration, isConverged: true, atEdge: fixed)
      }
      damping = max(damping * 10, 1e-3)
    } else {
      damping = damping < 1e-6 ? 0 : damping / 10
    }
  }
  return Maximum(
    point: y.map(exp), evaluation: here, iterations: iterationsMax, isConverged: false, atEdge: edges(y, here.gradient))
}

/// (−H + μ·D)·step = g over the free unknowns with D = |diagonal of H|, μ as small as makes the matrix positive definite.
private func newtonStep(_ here: ModelEvaluation, _ free: [Int], _ damping: Double) -> (step: [Double], gain: Double, damping: Double) {
  var damping = damping
  let least = 1e-12 * (free.map { abs(here.hessian[$0][$0]) }.max() ?? 1)
  for _ in 0..<40 {
    let matrix = free.map { i in
      free.map { j in -here.hessian[i][j] + (i == j ? damping * max(abs(here.hessian[i][i]), least) : 0) }
    }
    if let solved = solve(matrix, free.map { here.gradient[$0] }) {
      var step = [Double](repeating: 0, count: here.gradient.count)
      for (k, i) in free.enumerated() { step[i] = solved[k] }
      return (step, zip(step, here.gradient).reduce(0) { $0 + $1.0 * $1.1 }, damping)
    }
    damping = max(damping * 4, 1e-3)
  }
  // Steepest ascent, one unit long.
  let length = max(here.gradient.map(abs).max() ?? 1, .leastNormalMagnitude)
  var step = [Double](repeating: 0, count: here.gradient.count)
  for i in free { step[i] = here.gradient[i] / length }
  return (step, length, max(damping, 1))
}

/// Solves a symmetric positive definite system by Cholesky's decomposition; nil where the matrix is not positive definite.
func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
  let n = right.count
  var l = matrix
  for i in 0..<n {
    for j in 0...i {
      var sum = matrix[i][j]
      for k in 0..<j { sum -= l[i][k] * l[j][k] }
      if i == j {
        guard sum > 1e-13 * abs(matrix[i][i]), sum.isFinite else { return nil }
        l[i][i] = sum.squareRoot()
      } else {
        l[i][j] = sum / l[j][j]
      }
    }
  }
  var x = right
  for i in 0..<n {
    for k in 0..<i { x[i] -= l[i][k] * x[k] }
    x[i] /= l[i][i]
  }
  for i in stride(from: n - 1, through: 0, by: -1) {
    for k in (i + 1)..<max(n, i + 1) { x[i] -= l[k][i] * x[k] }
    x[i] /= l[i][i]
  }
  return x
}

extension Maximum {
  /// √ of the diagonal of the inverse observed information, in the unknowns' own units; NaN where the information is not positive definite.
  var standardErrors: [Double] {
    let n = point.count
    let matrix = (0..<n).map { i in (0..<n).map { j in -evaluation.hessian[i][j] } }
    return (0..<n).map { i in
      var unit = [Double](repeating: 0, count: n)
      unit[i] = 1
      guard let column = solve(matrix, unit) else { return .nan }
      // By logarithms at a maximum: se(p) = p · se(ln p).
      return column[i].squareRoot() * point[i]
    }
  }

  /// Length of the gradient of the mean log-likelihood of a customer by the logarithms of the parameters.
  func gradientNorm(customers: Int64) -> Double {
    evaluation.gradient.reduce(0) { $0 + $1 * $1 }.squareRoot() / Double(max(1, customers))
  }
}
