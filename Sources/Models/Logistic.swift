import Buffers
import Foundation

/// P(outcome) = 1 / (1 + e^(−(intercept + Σ β_j (x_j − mean_j)))), fitted.
package struct LogisticFit: Sendable, Hashable, Codable {
  package var intercept: Double
  package var coefficients: [Double]
  package var means: [Double]
  /// From the observed information, the intercept's last.
  package var standardErrors: [Double]
  package var logLikelihood: Double
  package var iterations: Int
  package var rows: Int

  /// ln of the odds for each row of the same columns.
  package func logOdds(_ columns: [[Double]]) -> [Double] {
    var sums = [Double](repeating: intercept, count: columns.first?.count ?? 0)
    for (j, column) in columns.enumerated() {
      let beta = coefficients[j], mean = means[j]
      for row in column.indices { sums[row] += beta * (column[row] - mean) }
    }
    return sums
  }
}

/// Fits by maximum likelihood: Newton's method (IRLS) from the overall share. Nothing is penalised. Source: McCullagh and Nelder (1989), chapter 4.
///
/// Sums run over blocks of rows in the order given, whatever the number of threads: the caller gives the rows in an order of its own making.
/// - Parameters:
///   - columns: of finite values; they are centred and scaled inside, and the result is told for them as they are.
///   - takes: rows that take part; nil: all.
///   - near: a fit to much the same rows, to begin at.
/// - Throws: where all outcomes agree, a column is constant or depends on others, or some combination of columns separates the outcomes, so that no
///   maximum exists.
package func fitLogistic(
  _ columns: [[Double]], outcome: [Bool], takes: [Bool]? = nil, near: LogisticFit? = nil, threads: Int
) throws(ModelError) -> LogisticFit {
  let rows = outcome.indices.filter { takes?[$0] ?? true }, positives = rows.count { outcome[$0] }
  guard positives > 0, positives < rows.count else {
    throw ModelError(message: "logistic regression: all \(rows.count) customers have the same outcome")
  }
  let design = LogisticDesign(columns, outcome, rows)
  guard let flat = design.spreads.firstIndex(where: { !($0 > 0) }) else {
    let share = Double(positives) / Double(rows.count)
    var start = [Double](repeating: 0, count: columns.count) + [log(share / (1 - share))]
    if let near {
      for j in columns.indices { start[j] = near.coefficients[j] * design.spreads[j] }
      start[columns.count] = columns.indices.reduce(near.intercept) { $0 + near.coefficients[$1] * (design.means[$1] - near.means[$1]) }
    }
    let ascent = ascend(from: start) { design.evaluate($0, threads: threads) }
    // In standard deviations of its column; a coefficient of 30 says that the odds change 10¹³-fold.
    let isBounded = ascent.point.allSatisfy { abs($0) < 30 } && ascent.evaluation.value < -1e-6 * Double(rows.count)
    guard isBounded else {
      throw ModelError(message: "logistic regression: the inputs separate who bought from who did not: no maximum exists")
    }
    guard ascent.isConverged, ascent.covariance != nil else {
      throw ModelError(
        message: "logistic regression: inputs depend on each other, or no optimum was found after \(ascent.iterations) steps")
    }
    let spreads = design.spreads + [1], errors = ascent.standardErrors
    return LogisticFit(
      intercept: ascent.point[columns.count], coefficients: columns.indices.map { ascent.point[$0] / spreads[$0] }, means: design.means,
      standardErrors: errors.indices.map { errors[$0] / spreads[$0] }, logLikelihood: ascent.evaluation.value,
      iterations: ascent.iterations, rows: rows.count)
  }
  throw ModelError(message: "logistic regression: input \(flat + 1) is the same for all customers")
}

/// Scaled columns in blocks of rows, eight rows a vector; a block's places behind the last row weigh nothing.
private struct LogisticDesign: Sendable {
  private static let blockVectors = 128
  let means: [Double]
  let spreads: [Double]
  private let width: Int
  private let rowCount: Int
  /// Per block: the columns, then ones, then the outcomes, then the weights, each of `blockVectors`.
  private let blocks: [[Vector]]

  init(_ columns: [[Double]], _ outcome: [Bool], _ rows: [Int]) {
    let n = Double(rows.count)
    let means = columns.map { column in rows.reduce(0) { $0 + column[$1] } / n }
    let spreads = zip(columns, means).map { column, mean in
      (rows.reduce(0) { $0 + (column[$1] - mean) * (column[$1] - mean) } / n).squareRoot()
    }
    let size = Self.blockVectors * 8
    blocks = stride(from: 0, to: rows.count, by: size).map { start in
      var block = [Vector](repeating: Vector(), count: (columns.count + 3) * Self.blockVectors)
      for (place, row) in rows[start..<min(start + size, rows.count)].enumerated() {
        let (v, lane) = (place / 8, place % 8)
        for j in columns.indices { block[j * Self.blockVectors + v][lane] = spreads[j] > 0 ? (columns[j][row] - means[j]) / spreads[j] : 0 }
        block[columns.count * Self.blockVectors + v][lane] = 1
        block[(columns.count + 1) * Self.blockVectors + v][lane] = outcome[row] ? 1 : 0
        block[(columns.count + 2) * Self.blockVectors + v][lane] = 1
      }
      return block
    }
    (self.means, self.spreads, width, rowCount) = (means, spreads, columns.count + 1, rows.count)
  }

  /// ℓ, its gradient and −XᵀWX, by the coefficients of the scaled columns, the intercept last.
  func evaluate(_ beta: [Double], threads: Int) -> ModelEvaluation {
    let parts = parallelMap(blocks.count, threads: threads) { evaluate(beta, blocks[$0]) }
    var sum = ModelEvaluation(
      value: 0, gradient: [Double](repeating: 0, count: width),
      hessian: [[Double]](repeating: [Double](repeating: 0, count: width), count: width))
    for part in parts {
      sum.value += part.value
      for i in 0..<width {
        sum.gradient[i] += part.gradient[i]
        for j in 0..<width { sum.hessian[i][j] += part.hessian[i][j] }
      }
    }
    return sum
  }

  private func evaluate(_ beta: [Double], _ block: [Vector]) -> ModelEvaluation {
    let m = Self.blockVectors
    var residuals = [Vector](repeating: Vector(), count: m), weights = residuals, value = Vector()
    for v in 0..<m {
      var eta = Vector()
      for j in 0..<width { eta += block[j * m + v] * beta[j] }
      let outcome = block[width * m + v], there = block[(width + 1) * m + v]
      // With e = e^(−|η|): p = 1/(1 + e) or e/(1 + e), and ln(1 + e^η) = max(η, 0) + ln(1 + e).
      let isNegative = eta .< 0, size = eta.replacing(with: -eta, where: isNegative), e = exponential(-size), s = 1 / (1 + e)
      let p = s.replacing(with: e * s, where: isNegative)
      value += there * (outcome * eta - eta.replacing(with: 0, where: isNegative) - logarithmOfOnePlus(e))
      residuals[v] = there * (outcome - p)
      weights[v] = there * (e * s * s)
    }
    var gradient = [Double](repeating: 0, count: width)
    var hessian = [[Double]](repeating: gradient, count: width), weighted = weights
    for i in 0..<width {
      var slope = Vector()
      for v in 0..<m {
        slope += residuals[v] * block[i * m + v]
        weighted[v] = weights[v] * block[i * m + v]
      }
      gradient[i] = slope.sum()
      for j in 0...i {
        var curvature = Vector()
        for v in 0..<m { curvature += weighted[v] * block[j * m + v] }
        hessian[i][j] = -curvature.sum()
        hessian[j][i] = hessian[i][j]
      }
    }
    return ModelEvaluation(value: value.sum(), gradient: gradient, hessian: hessian)
  }
}
