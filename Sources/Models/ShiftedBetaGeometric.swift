import Foundation

/// sBG: at the end of each period of a contract a customer leaves with probability θ ~ Beta(α, β), else renews. Time counts in periods.
///
/// Sources: Fader and Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing 21(1); Fader and Hardie (2010),
/// Customer-Base Valuation in a Contractual Setting, Marketing Science 29(1).
package struct ShiftedBetaGeometric: Sendable, Hashable {
  /// Parameters of the probability of leaving, without unit.
  package var alpha, beta: Double

  package init(alpha: Double, beta: Double) { (self.alpha, self.beta) = (alpha, beta) }

  /// r_t = (β+t−1)/(α+β+t−1): of those who are there in period t ≥ 1, who renews at its end.
  package func retention(period t: Int) -> Double { (beta + Double(t - 1)) / (alpha + beta + Double(t - 1)) }

  /// S(t) = B(α, β+t)/B(α, β): a new customer renews t ≥ 0 times or more.
  package func survival(renewals t: Int) -> Double {
    let t = Double(t)
    return exp(gammaLogs(beta + t).value - gammaLogs(alpha + beta + t).value + gammaLogs(alpha + beta).value - gammaLogs(beta).value)
  }

  /// Of someone who is in his n-th period, and so has renewed n − 1 times: θ ~ Beta(α, β+n−1).
  private func inPeriod(_ n: Int) -> ShiftedBetaGeometric { ShiftedBetaGeometric(alpha: alpha, beta: beta + Double(n - 1)) }

  /// P(the customer in his n-th period does not renew all of the next `count` times).
  package func leaving(within count: Int, period n: Int) -> Double { 1 - inPeriod(n).survival(renewals: count) }

  /// P(the customer in his n-th period renews exactly j of the next `count` times and, if j < count, then leaves).
  package func probability(ofRenewals j: Int, within count: Int, period n: Int) -> Double {
    if j < 0 || j > count { return 0 }
    let later = inPeriod(n)
    return later.survival(renewals: j) * (j == count ? 1 : 1 - later.retention(period: j + 1))
  }

  /// Renewals expected at the next `count` ends of a period of a customer in his n-th, each worth 1/(1+d) of the one before, the first one 1.
  package func expectedRenewals(within count: Int, period n: Int, discountPerPeriod d: Double = 0) -> Double {
    let later = inPeriod(n)
    var sum = 0.0, survival = 1.0, worth = 1.0
    for k in 1...max(1, count) where k <= count {
      survival *= later.retention(period: k)
      sum += survival * worth
      worth /= 1 + d
    }
    return sum
  }

  /// DERL, the same without end: (β+n−1)/(α+β+n−1) · ₂F₁(1, β+n; α+β+n; 1/(1+d)), as E[(1+d)(1−θ)/(d+θ)], a sum of positive terms for every
  /// d > 0. Without a discount it is (β+n−1)/(α−1), which is infinite for α ≤ 1.
  package func discountedRenewals(period n: Int, discountPerPeriod d: Double) -> Double {
    let later = inPeriod(n)
    if d <= 0 { return alpha > 1 ? later.beta / (alpha - 1) : .infinity }
    return BetaRule(a: later.alpha, c: later.beta).expectation { (1 + d) * (1 - $0) / (d + $0) }
  }

  /// DEL of a new customer: his first period, and all to come.
  package func discountedLifetime(discountPerPeriod d: Double) -> Double {
    1 + discountedRenewals(period: 1, discountPerPeriod: d) / (1 + d)
  }
}

/// How many customers renewed, and how many left, at the end of their first, second … period.
package struct RenewalCounts: Sendable {
  package private(set) var renewed: [Int64] = []
  package private(set) var left: [Int64] = []
  package private(set) var customers: Int64 = 0
  /// Rows that are present with less than 0 or more than 10⁵ renewals.
  package private(set) var rowsLeftOut: Int64 = 0

  /// - Parameters:
  ///   - renewals: how often each customer has renewed.
  ///   - hasLeft: whether he did not renew the next time; else he is in a period that has not ended.
  package init(renewals: [Int32], hasLeft: [Bool], isPresent: [Bool]?) {
    precondition(hasLeft.count == renewals.count && (isPresent?.count ?? renewals.count) == renewals.count)
    let most = 100_000
    var last = [Int64](), leavers = [Int64]()
    for row in renewals.indices where isPresent?[row] ?? true {
      guard (0...most).contains(Int(renewals[row])) else {
        rowsLeftOut += 1
        continue
      }
      let count = Int(renewals[row])
      while last.count <= count {
        last.append(0)
        leavers.append(0)
      }
      customers += 1
      last[count] += 1
      leavers[count] += hasLeft[row] ? 1 : 0
    }
    // At the end of his period i + 1 everyone renewed who has renewed more than i times.
    var later = customers
    for i in last.indices {
      later -= last[i]
      renewed.append(later)
      left.append(leavers[i])
    }
    while let r = renewed.last, let l = left.last, r == 0, l == 0 {
      renewed.removeLast()
      left.removeLast()
    }
  }

  /// Log-likelihood with first and second derivatives by α and β: a sum over periods.
  package func logLikelihood(_ model: ShiftedBetaGeometric) -> ModelEvaluation {
    let (alpha, beta) = (model.alpha, model.beta)
    var value = 0.0, g = [0.0, 0.0], aa = 0.0, ab = 0.0, bb = 0.0
    for i in renewed.indices {
      let r = Double(renewed[i]), l = Double(left[i]), b = beta + Double(i), all = alpha + b
      value += r * log(b / all) + l * log(alpha / all)
      g[0] += l / alpha - (r + l) / all
      g[1] += r / b - (r + l) / all
      let square = (r + l) / (all * all)
      aa += square - l / (alpha * alpha)
      ab += square
      bb += square - r / (b * b)
    }
    return ModelEvaluation(value: value, gradient: g, hessian: [[aa, ab], [ab, bb]])
  }
}

/// A fitted model of contracts or opportunities, and how the fit went; as `PurchaseFit`.
package struct PeriodicFit<Model: Sendable>: Sendable {
  package var model: Model
  package var logLikelihood: Double
  package var gradientNorm: Double
  package var iterations: Int
  package var customers: Int64
  /// From the observed information, in the order of the parameters; NaN where it is singular.
  package var standardErrors: [Double]
  package var warnings: [String]
}

/// Fits sBG by maximum likelihood.
/// - Throws: where nobody has left, nobody has renewed, or all contracts ended or run in their first period, which tells a mean and no more.
package func fitRenewals(_ counts: RenewalCounts) throws(ModelError) -> PeriodicFit<ShiftedBetaGeometric> {
  let left = counts.left.reduce(0, +), renewed = counts.renewed.reduce(0, +)
  guard left > 0 else { throw ModelError(message: "none of \(counts.customers) customers has left: sBG is not identified") }
  guard renewed > 0 else { throw ModelError(message: "none of \(counts.customers) customers has renewed: sBG is not identified") }
  guard counts.renewed.count > 1 else {
    throw ModelError(message: "no contract has come to the end of a second period: one period tells a mean and not how customers differ")
  }
  // About as if everyone left with the mean probability.
  let share = Double(left) / Double(left + renewed)
  let best = maximum(from: [2 * share, 2 * (1 - share)], ranges: [1e-6...1e6, 1e-6...1e6]) {
    counts.logLikelihood(ShiftedBetaGeometric(alpha: $0[0], beta: $0[1]))
  }
  guard best.isConverged, best.point.allSatisfy(\.isFinite) else {
    throw ModelError(
      message: "sBG: no optimum found after \(best.iterations) steps; the last point was α = \(shown(best.point[0], 4)), "
        + "β = \(shown(best.point[1], 4))")
  }
  var warnings: [String] = []
  if counts.rowsLeftOut > 0 { warnings.append("customers left out, since their renewals are no possible number: \(counts.rowsLeftOut)") }
  if !best.atEdge.isEmpty {
    warnings.append("α or β lies at the edge of the range searched: customers hardly differ in how likely they leave, or fully")
  }
  return PeriodicFit(
    model: ShiftedBetaGeometric(alpha: best.point[0], beta: best.point[1]), logLikelihood: best.evaluation.value,
    gradientNorm: best.gradientNorm(customers: counts.customers), iterations: best.iterations, customers: counts.customers,
    standardErrors: best.standardErrors, warnings: warnings)
}
