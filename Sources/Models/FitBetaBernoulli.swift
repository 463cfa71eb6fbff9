import Buffers
import Foundation

/// Distinct histories (x, t_x, n) of opportunities, ascending, with the number of customers that share each.
package struct OpportunityCounts: Sendable {
  private var histories: [(x: Int, last: Int, n: Int, customers: Int64)] = []
  package private(set) var customers: Int64 = 0
  /// Rows that are present, but no possible history.
  package private(set) var rowsLeftOut: Int64 = 0

  /// A row takes part where 0 ≤ x ≤ t_x ≤ n ≤ 10⁴, and t_x > 0 only where x > 0.
  /// - Parameter customers: how many there are of each row; nil: one.
  package init(frequency: [Int32], last: [Int32], opportunities: [Int32], customers: [Int64]? = nil, isPresent: [Bool]? = nil) {
    let count = frequency.count
    precondition(last.count == count && opportunities.count == count && (customers?.count ?? count) == count)
    precondition((isPresent?.count ?? count) == count)
    var found: [UInt64: Int64] = [:]
    for row in 0..<count where isPresent?[row] ?? true {
      let x = frequency[row], tx = last[row], n = opportunities[row], many = customers?[row] ?? 1
      guard x >= 0, x <= tx, tx <= n, n <= 10_000, (x == 0) == (tx == 0), many > 0 else {
        rowsLeftOut += 1
        continue
      }
      found[UInt64(x) << 40 | UInt64(tx) << 20 | UInt64(n), default: 0] += many
      self.customers += many
    }
    for (key, many) in found.sorted(by: { $0.key < $1.key }) {
      histories.append((Int(key >> 40), Int(key >> 20) & 0xFFFFF, Int(key & 0xFFFFF), many))
    }
  }

  var purchases: Int64 { histories.reduce(0) { $0 + Int64($1.x) * $1.customers } }
  var opportunitiesMax: Int { histories.map(\.n).max() ?? 0 }

  /// Log-likelihood with first and second derivatives by α, β, γ, δ.
  ///
  /// L is a sum over when the customer left of e^φ (the paper's eq. 5). Given the mean and covariance of φ's slopes over the terms, the
  /// slope of ln L is E[φ′] and its curvature E[φ″] + cov φ′. Fixed blocks: the number of threads leaves no trace.
  package func logLikelihood(_ model: BetaBernoulli, threads: Int) -> ModelEvaluation {
    let tables = GammaTables(model, count: opportunitiesMax)
    let blocks = parallelMap((histories.count + 63) / 64, threads: threads) { block in
      var sum = LogSum()
      for h in histories[block * 64..<min(block * 64 + 64, histories.count)] {
        sum.add(tables.history(x: h.x, last: h.last, n: h.n), Double(h.customers))
      }
      return sum
    }
    var total = LogSum()
    for block in blocks { total.add(block, 1) }
    return ModelEvaluation(value: total.value, gradient: total.slope, hessian: total.curvature)
  }
}

/// A function of four unknowns with its derivatives.
private struct LogSum: Sendable {
  var value = 0.0, slope = [0.0, 0, 0, 0], curvature = [[Double]](repeating: [0, 0, 0, 0], count: 4)

  mutating func add(_ other: LogSum, _ times: Double) {
    value += times * other.value
    for i in 0..<4 {
      slope[i] += times * other.slope[i]
      for j in 0..<4 { curvature[i][j] += times * other.curvature[i][j] }
    }
  }
}

/// ln Γ and its derivatives at the parameters plus 0, 1 … n + 1.
private struct GammaTables: Sendable {
  let alpha, beta, alphaBeta, delta, gammaDelta: [GammaLogs]
  let gamma: (GammaLogs, GammaLogs)

  init(_ m: BetaBernoulli, count: Int) {
    func table(_ x: Double) -> [GammaLogs] { (0...count + 1).map { gammaLogs(x + Double($0)) } }
    (alpha, beta, alphaBeta) = (table(m.alpha), table(m.beta), table(m.alpha + m.beta))
    (delta, gammaDelta, gamma) = (table(m.delta), table(m.gamma + m.delta), (gammaLogs(m.gamma), gammaLogs(m.gamma + 1)))
  }

  /// ln L of one history.
  func history(x: Int, last: Int, n: Int) -> LogSum {
    // Alive at n, or gone before opportunity t + 1.
    var terms = [term(x, n, gamma.0, 0)]
    for t in last..<max(last, n) { terms.append(term(x, t, gamma.1, 1)) }
    let most = terms.map(\.value).max() ?? 0
    var weights = terms.map { exp($0.value - most) }
    let sum = weights.reduce(0, +)
    for k in weights.indices { weights[k] /= sum }
    var result = LogSum()
    for (w, t) in zip(weights, terms) {
      result.add(t, w)
      for i in 0..<4 { for j in 0..<4 { result.curvature[i][j] += w * t.slope[i] * t.slope[j] } }
    }
    for i in 0..<4 { for j in 0..<4 { result.curvature[i][j] -= result.slope[i] * result.slope[j] } }
    result.value = most + log(sum)
    // ln B(α, β) and ln B(γ, δ) of the denominator.
    result.add(beta(alpha[0], beta[0], alphaBeta[0], 0), -1)
    result.add(beta(gamma.0, delta[0], gammaDelta[0], 2), -1)
    return result
  }

  /// φ = ln B(α+x, β+t−x) + ln B(γ+e, δ+t), e = 1 for who has left.
  private func term(_ x: Int, _ t: Int, _ gamma: GammaLogs, _ e: Int) -> LogSum {
    var sum = beta(alpha[x], beta[t - x], alphaBeta[t], 0)
    sum.add(beta(gamma, delta[t], gammaDelta[t + e], 2), 1)
    return sum
  }

  /// ln B of two unknowns, the first at `place`, from ln Γ of both and of their sum.
  private func beta(_ u: GammaLogs, _ v: GammaLogs, _ both: GammaLogs, _ place: Int) -> LogSum {
    var sum = LogSum()
    sum.value = u.value + v.value - both.value
    (sum.slope[place], sum.slope[place + 1]) = (u.first - both.first, v.first - both.first)
    (sum.curvature[place][place], sum.curvature[place + 1][place + 1]) = (u.second - both.second, v.second - both.second)
    (sum.curvature[place][place + 1], sum.curvature[place + 1][place]) = (-both.second, -both.second)
    return sum
  }
}

/// Fits BG/BB by maximum likelihood.
/// - Throws: where nobody bought, or there was one opportunity only; the message says which.
package func fitOpportunities(_ counts: OpportunityCounts, threads: Int) throws(ModelError) -> PeriodicFit<BetaBernoulli> {
  guard counts.purchases > 0 else { throw ModelError(message: "none of \(counts.customers) customers bought at any opportunity") }
  guard counts.opportunitiesMax > 2 else {
    throw ModelError(message: "BG/BB needs more than two opportunities to tell who left from who did not buy")
  }
  let best = maximum(from: [1, 1, 0.5, 2], ranges: [ClosedRange<Double>](repeating: 1e-6...1e6, count: 4)) {
    counts.logLikelihood(BetaBernoulli(alpha: $0[0], beta: $0[1], gamma: $0[2], delta: $0[3]), threads: threads)
  }
  guard best.isConverged, best.point.allSatisfy(\.isFinite) else {
    throw ModelError(
      message: "BG/BB: no optimum found after \(best.iterations) steps; the last point was "
        + zip(["α", "β", "γ", "δ"], best.point).map { "\($0) = \(shown($1, 4))" }.joined(separator: ", "))
  }
  var warnings: [String] = []
  if counts.rowsLeftOut > 0 { warnings.append("rows left out, since they are no possible history: \(counts.rowsLeftOut)") }
  if best.atEdge.contains(0) || best.atEdge.contains(1) {
    warnings.append("α or β lies at the edge of the range searched: customers hardly differ in how likely they buy")
  }
  if best.point[2] / (best.point[2] + best.point[3]) < 1e-5 {
    warnings.append("dropout is not identified: nobody seems to leave (γ = \(shown(best.point[2], 6)), δ = \(shown(best.point[3], 3)))")
  } else if best.atEdge.contains(2) || best.atEdge.contains(3) {
    warnings.append("γ or δ lies at the edge of the range searched: customers hardly differ in how likely they leave")
  }
  let p = best.point
  return PeriodicFit(
    model: BetaBernoulli(alpha: p[0], beta: p[1], gamma: p[2], delta: p[3]), logLikelihood: best.evaluation.value,
    gradientNorm: best.gradientNorm(customers: counts.customers), iterations: best.iterations, customers: counts.customers,
    standardErrors: best.standardErrors, warnings: warnings)
}
