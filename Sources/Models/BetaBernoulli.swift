import Foundation

/// BG/BB: a customer who is alive buys at each opportunity with probability p ~ Beta(α, β); before each opportunity he leaves for good with
/// probability θ ~ Beta(γ, δ). x: opportunities used; t_x: the number of the last one used, 0 for none; n: opportunities so far.
///
/// Source: Fader, Hardie and Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting, Marketing Science 29(6).
package struct BetaBernoulli: Sendable, Hashable {
  /// Parameters of the probability of buying, then of leaving; without unit.
  package var alpha, beta, gamma, delta: Double

  package init(alpha: Double, beta: Double, gamma: Double, delta: Double) {
    (self.alpha, self.beta, self.gamma, self.delta) = (alpha, beta, gamma, delta)
  }

  /// P(alive at opportunity n | x, t_x, n), and so had he not left before it.
  private func stillThere(frequency x: Int, last: Int, opportunities n: Int) -> Double {
    // Relative to being alive: gone before opportunity t + 1, t_x ≤ t < n. Backwards, each from the next, all of them positive.
    var buying = 1.0, dead = 0.0, survival = 1.0
    for t in stride(from: n - 1, through: last, by: -1) {
      let t = Double(t)
      buying *= (alpha + beta + t) / (beta + t - Double(x))
      survival *= (gamma + delta + t) / (delta + t)
      dead += buying * survival * gamma / (gamma + delta + t)
    }
    return dead.isInfinite ? 0 : 1 / (1 + dead)
  }

  /// P(alive at opportunity n + 1 | x, t_x, n), the paper's eq. (11).
  package func pAlive(frequency x: Int, last: Int, opportunities n: Int) -> Double {
    stillThere(frequency: x, last: last, opportunities: n) * (delta + Double(n)) / (gamma + delta + Double(n))
  }

  /// Of someone alive at opportunity n.
  private func updated(_ x: Int, _ n: Int) -> BetaBernoulli {
    BetaBernoulli(alpha: alpha + Double(x), beta: beta + Double(n - x), gamma: gamma, delta: delta + Double(n))
  }

  /// Purchases expected at the next `count` opportunities, the first worth 1, each worth 1/(1+d) of the one before; eq. (13) for d = 0.
  package func expectedPurchases(
    within count: Int, frequency x: Int, last: Int, opportunities n: Int, discountPerOpportunity d: Double = 0
  ) -> Double {
    let later = updated(x, n)
    var sum = 0.0, survival = 1.0, worth = 1.0
    for k in 0..<max(0, count) {
      survival *= (later.delta + Double(k)) / (later.gamma + later.delta + Double(k))
      sum += survival * worth
      worth /= 1 + d
    }
    return stillThere(frequency: x, last: last, opportunities: n) * later.alpha / (later.alpha + later.beta) * sum
  }

  /// DERT, the same without end, by E[(1+d)(1−θ)/(d+θ)]; without a discount infinite for γ ≤ 1.
  package func discountedPurchases(frequency x: Int, last: Int, opportunities n: Int, discountPerOpportunity d: Double) -> Double {
    let later = updated(x, n), alive = stillThere(frequency: x, last: last, opportunities: n) * later.alpha / (later.alpha + later.beta)
    if d <= 0 { return alive * (gamma > 1 ? later.delta / (gamma - 1) : .infinity) }
    return alive * BetaRule(a: later.gamma, c: later.delta).expectation { (1 + d) * (1 - $0) / (d + $0) }
  }

  /// E[X(n)]: purchases of a new customer at his first n opportunities.
  package func expectedPurchases(ofNewCustomerWithin n: Int) -> Double {
    expectedPurchases(within: n, frequency: 0, last: 0, opportunities: 0)
  }

  /// P(no purchase at the next `count` opportunities).
  package func noPurchase(within count: Int, frequency x: Int, last: Int, opportunities n: Int) -> Double {
    let alive = stillThere(frequency: x, last: last, opportunities: n)
    return (1 - alive) + alive * updated(x, n).probability(ofPurchases: 0, within: count)
  }

  /// P(X(n) = x): a new customer buys at x of his first n opportunities; eq. (8), a sum over when he leaves.
  package func probability(ofPurchases x: Int, within n: Int) -> Double {
    if x < 0 || x > n { return 0 }
    func logBeta(_ u: Double, _ v: Double) -> Double { gammaLogs(u).value + gammaLogs(v).value - gammaLogs(u + v).value }
    let base = logBeta(alpha, beta) + logBeta(gamma, delta), count = Double(x)
    func term(_ t: Int, _ leaving: Double) -> Double {
      let t = Double(t)
      let ways = gammaLogs(t + 1).value - gammaLogs(count + 1).value - gammaLogs(t - count + 1).value
      return exp(ways + logBeta(alpha + count, beta + t - count) + logBeta(gamma + leaving, delta + t) - base)
    }
    var sum = term(n, 0)
    for t in x..<max(x, n) { sum += term(t, 1) }
    return sum
  }
}
