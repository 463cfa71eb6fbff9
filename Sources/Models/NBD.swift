import Foundation

/// NBD: a customer buys at a rate λ ~ Gamma(r, α), and nobody leaves.
package struct NBD: Sendable, Hashable {
  package var r: Double
  /// Days.
  package var alphaDays: Double

  package init(r: Double, alphaDays: Double) { (self.r, self.alphaDays) = (r, alphaDays) }
}

extension NBD: PurchaseProcess {
  package func pAlive(frequency x: Int, recencyDays: Double, tenureDays: Double) -> Double { 1 }

  /// (r+x)/(α+T) · days
  package func purchasesOfTheLiving(within days: Double, frequency x: Int, tenureDays: Double) -> Double {
    (r + Double(x)) / (alphaDays + tenureDays) * days
  }

  package func noPurchaseOfTheLiving(within days: Double, frequency x: Int, tenureDays: Double) -> Double {
    exp(-(r + Double(x)) * log1p(days / (alphaDays + tenureDays)))
  }

  package func probability(ofPurchases n: Int, within days: Double) -> Double {
    let count = Double(n)
    return exp(
      gammaLogs(r + count).value - gammaLogs(r).value - gammaLogs(count + 1).value - r * log1p(days / alphaDays)
        + (n == 0 ? 0 : count * log(days / (alphaDays + days))))
  }

  /// P(X(t) ≥ n): 1 − Σ over j < n, or the sum of the others, whichever loses no digits.
  func probability(ofPurchasesFrom n: Int, within days: Double) -> Double {
    var before = 0.0
    for j in 0..<n { before += probability(ofPurchases: j, within: days) }
    if before <= 0.9 { return 1 - before }
    let share = days / (alphaDays + days)
    var rest = 0.0, j = Double(n), term = probability(ofPurchases: n, within: days)
    while term > 1e-18 * (rest + 1e-300) && j < Double(n) + 1e7 {
      rest += term
      term *= (r + j) / (j + 1) * share
      j += 1
    }
    return rest
  }
}
