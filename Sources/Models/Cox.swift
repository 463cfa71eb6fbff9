import Foundation

/// A fitted model of proportional hazards: a life ends at time t with hazard h₀(t) · exp(Σ β_j (x_j − mean_j)).
package struct CoxFit: Sendable {
  package var coefficients: [Double]
  /// From the observed information.
  package var standardErrors: [Double]
  package var logLikelihood: Double
  /// Without any covariate; twice the difference is χ² with as many degrees of freedom as there are covariates.
  package var logLikelihoodNull: Double
  package var iterations: Int
  package var means: [Double]
  /// At each time that a life ended, ascending: the baseline's cumulative hazard, which is that of a customer with the covariates' means.
  package var times: [Int32]
  package var baselineHazard: [Double]
  /// Of all pairs whose order is known, the share in which who left first has the greater hazard; ties count half.
  package var concordance: Double
  /// Of each covariate: whether its effect stays the same over time. A small p says that it does not.
  package var proportionality: [SurvivalTest]

  /// ln of the hazard relative to the baseline's.
  package func logHazard(_ covariates: [Double]) -> Double {
    coefficients.indices.reduce(0) { $0 + coefficients[$1] * (covariates[$1] - means[$1]) }
  }

  /// P(alive at `time` | alive at `age`) of someone with these covariates; `age` 0: from the beginning.
  package func survival(_ covariates: [Double], at time: Int32, reached age: Int32 = 0) -> Double {
    func hazard(_ time: Int32) -> Double { times.lastIndex { $0 <= time }.map { baselineHazard[$0] } ?? 0 }
    return exp(-max(0, hazard(time) - (age > 0 ? hazard(age) : 0)) * exp(logHazard(covariates)))
  }
}

/// Fits Cox's model by maximum partial likelihood with Efron's ties, by Newton's method from β = 0.
///
///  ℓ(β) = Σ over times t of [ Σ_{i ∈ D} βx_i − Σ_{k < d} ln( Σ_{R} e^{βx} − k/d · Σ_{D} e^{βx} ) ]
///
/// D the d lives that ended at t, R those watched until then. Source: Cox (1972), Efron (1977). Covariates are centred, which leaves β and ℓ as they are.
/// The baseline is Breslow's. Sums run over the rows in the order given: the caller gives them in an order of its own making.
/// - Parameter covariates: columns of finite values, one a covariate.
/// - Throws: where no life ended, covariates are constant or linearly dependent, or one of them separates (its coefficient has no bound).
package func fitCox(_ lives: Lifetimes, covariates: [[Double]]) throws(ModelError) -> CoxFit {
  let risk = CoxRisk(lives, covariates)
  guard risk.events > 0 else { throw ModelError(message: "Cox: no life ended while it was watched") }
  let zero = [Double](repeating: 0, count: covariates.count)
  let ascent = ascend(from: zero) { risk.evaluate($0) }
  guard let covariance = ascent.covariance else {
    throw ModelError(message: "Cox: the covariates are constant or linearly dependent, or one of them separates who left from who stayed")
  }
  guard ascent.isConverged, zip(ascent.point, risk.spreads).allSatisfy({ abs($0 * $1) < 15 }) else {
    throw ModelError(message: "Cox: a covariate separates who left from who stayed: its coefficient has no bound")
  }
  let beta = ascent.point
  let (times, hazards) = risk.baseline(beta)
  return CoxFit(
    coefficients: beta, standardErrors: ascent.standardErrors, logLikelihood: ascent.evaluation.value,
    logLikelihoodNull: risk.evaluate(zero).value, iterations: ascent.iterations, means: risk.means, times: times, baselineHazard: hazards,
    concordance: concordance(lives, risk: risk.logHazards(beta)), proportionality: risk.proportionality(beta, covariance))
}

/// Rows by time, the latest first, with centred covariates.
private struct CoxRisk {
  let means: [Double]
  /// Standard deviations.
  let spreads: [Double]
  let events: Int
  private let lives: Lifetimes
  /// Row numbers, and the places among them at which a new time begins.
  private let order: [Int]
  private let starts: [Int]
  /// Row by row.
  private let x: [Double]
  private let p: Int

  init(_ lives: Lifetimes, _ covariates: [[Double]]) {
    let n = lives.durations.count, p = covariates.count
    precondition(covariates.allSatisfy { $0.count == n })
    means = covariates.map { $0.reduce(0, +) / Double(max(1, n)) }
    spreads = zip(covariates, means).map { column, mean in
      (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, n))).squareRoot()
    }
    var x = [Double](repeating: 0, count: n * p)
    for j in 0..<p { for row in 0..<n { x[row * p + j] = covariates[j][row] - means[j] } }
    (self.x, self.p, self.lives) = (x, p, lives)
    let order = lives.durations.indices.sorted {
      lives.durations[$0] != lives.durations[$1] ? lives.durations[$0] > lives.durations[$1] : $0 < $1
    }
    self.order = order
    starts = order.indices.filter { $0 == 0 || lives.durations[order[$0]] != lives.durations[order[$0 - 1]] } + [n]
    events = lives.hasEnded.count { $0 }
  }

  func logHazards(_ beta: [Double]) -> [Double] {
    lives.durations.indices.map { row in (0..<p).reduce(0) { $0 + beta[$1] * x[row * p + $1] } }
  }

  /// Sums over rows: of e^{βx}, of x e^{βx}, and of x xᵀ e^{βx}, lower triangle.
  private struct Sums {
    var weight = 0.0
    var first: [Double]
    var second: [Double]

    init(_ p: Int) {
      first = [Double](repeating: 0, count: p)
      second = [Double](repeating: 0, count: p * p)
    }
  }

  private func add(_ row: Int, _ weight: Double, to sums: inout Sums) {
    sums.weight += weight
    for i in 0..<p {
      let xi = x[row * p + i] * weight
      sums.first[i] += xi
      for j in 0...i { sums.second[i * p + j] += xi * x[row * p + j] }
    }
  }

  /// Calls `body` at each time that lives ended, the latest first: rows of that time, sums over all at risk, sums over those that ended.
  private func walk(_ beta: [Double], _ body: (_ rows: ArraySlice<Int>, _ risk: Sums, _ tied: Sums, _ deaths: Int) -> Void) {
    let logHazards = logHazards(beta)
    var risk = Sums(p)
    for (start, end) in zip(starts, starts.dropFirst()) {
      var tied = Sums(p), deaths = 0
      for row in order[start..<end] {
        let weight = exp(logHazards[row])
        add(row, weight, to: &risk)
        if !lives.hasEnded[row] { continue }
        add(row, weight, to: &tied)
        deaths += 1
      }
      if deaths > 0 { body(order[start..<end], risk, tied, deaths) }
    }
  }

  func evaluate(_ beta: [Double]) -> ModelEvaluation {
    var value = 0.0, gradient = [Double](repeating: 0, count: p)
    var hessian = [[Double]](repeating: gradient, count: p)
    let logHazards = logHazards(beta)
    walk(beta) { rows, risk, tied, deaths in
      for row in rows where lives.hasEnded[row] {
        value += logHazards[row]
        for i in 0..<p { gradient[i] += x[row * p + i] }
      }
      for k in 0..<deaths {
        let share = Double(k) / Double(deaths), weight = risk.weight - share * tied.weight
        value -= log(weight)
        let mean = (0..<p).map { (risk.first[$0] - share * tied.first[$0]) / weight }
        for i in 0..<p {
          gradient[i] -= mean[i]
          for j in 0...i {
            let curvature = (risk.second[i * p + j] - share * tied.second[i * p + j]) / weight - mean[i] * mean[j]
            hessian[i][j] -= curvature
            if i != j { hessian[j][i] -= curvature }
          }
        }
      }
    }
    return ModelEvaluation(value: value, gradient: gradient, hessian: hessian)
  }

  /// Breslow's: at each time the lives that ended ÷ Σ e^{βx} over those at risk, added up.
  func baseline(_ beta: [Double]) -> ([Int32], [Double]) {
    var times: [Int32] = [], steps: [Double] = []
    walk(beta) { rows, risk, _, deaths in
      times.append(lives.durations[rows[rows.startIndex]])
      steps.append(Double(deaths) / risk.weight)
    }
    times.reverse()
    var total = 0.0
    return (
      times,
      steps.reversed().map { step in
        total += step
        return total
      }
    )
  }

  /// Of each covariate, whether its Schoenfeld residuals, scaled by the covariance of the coefficients, follow the rank of time:
  /// Grambsch and Therneau (1994), in the form with one degree of freedom.
  func proportionality(_ beta: [Double], _ covariance: [[Double]]) -> [SurvivalTest] {
    var residuals: [[Double]] = []
    // The latest first, so that ranks fall; the sign of the trend is of no account. Lives that end together share a rank.
    var ranks: [Double] = []
    walk(beta) { rows, risk, tied, deaths in
      var mean = [Double](repeating: 0, count: p)
      for k in 0..<deaths {
        let share = Double(k) / Double(deaths), weight = (risk.weight - share * tied.weight) * Double(deaths)
        for i in 0..<p { mean[i] += (risk.first[i] - share * tied.first[i]) / weight }
      }
      let rank = Double(ranks.count) + Double(deaths + 1) / 2
      for row in rows where lives.hasEnded[row] {
        residuals.append((0..<p).map { x[row * p + $0] - mean[$0] })
        ranks.append(rank)
      }
    }
    let middle = ranks.reduce(0, +) / Double(ranks.count)
    let spread = ranks.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } * Double(ranks.count)
    return (0..<p).map { j in
      var trend = 0.0
      for (residual, rank) in zip(residuals, ranks) {
        let scaled = (0..<p).reduce(0) { $0 + covariance[j][$1] * residual[$1] } * Double(ranks.count)
        trend += (rank - middle) * scaled
      }
      let chiSquare = trend * trend / (covariance[j][j] * spread)
      return SurvivalTest(chiSquare: chiSquare, freedom: 1, p: chiSquareTail(chiSquare, freedom: 1))
    }
  }
}
