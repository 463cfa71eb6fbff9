import Foundation

/// Models in which a customer buys at a rate λ ~ Gamma(r, α) while alive, and has a chance p ~ Beta(a, b) of leaving for good after each
/// purchase: k of them are survived after x repeat purchases.
package protocol BetaDropoutModel: PurchaseProcess {
  /// Shape of the rate, without unit.
  var r: Double { get }
  /// Inverse scale of the rate in days; another unit of time scales α and nothing else.
  var alphaDays: Double { get }
  /// Parameters of the probability of leaving, without unit.
  var a: Double { get }
  var b: Double { get }
  /// Whether the first purchase is such a chance: k = x + 1, else k = x.
  static var leavesAtOnce: Bool { get }
  init(r: Double, alphaDays: Double, a: Double, b: Double)
}

extension BetaDropoutModel {
  /// k
  static func chances(_ x: Int) -> Double { Double(leavesAtOnce ? x + 1 : x) }

  /// ln(a/(b+k−1)), the odds of being dead but for their part that grows with time; where nobody can be dead, far below 0.
  func logOdds(frequency x: Int) -> Double {
    let k = Self.chances(x)
    return k == 0 ? -1e6 : log(a) - log(b + k - 1)
  }

  /// P(alive | x, t_x, T) = 1/(1 + [k>0] · a/(b+k−1) · ((α+T)/(α+t_x))^(r+x)), days.
  package func pAlive(frequency x: Int, recencyDays: Double, tenureDays: Double) -> Double {
    if Self.chances(x) == 0 { return 1 }
    let logRatio = log(alphaDays + tenureDays) - log(alphaDays + (x == 0 ? 0 : recencyDays))
    return 1 / (1 + exp(logOdds(frequency: x) + (r + Double(x)) * logRatio))
  }

  /// E[(1 − (1 + p·t/(α+T))^(−(r+x))) / p] over p ~ Beta(a, b+k), which is eq. (10) of Fader, Hardie and Lee before ₂F₁ stands for it.
  package func purchasesOfTheLiving(within days: Double, frequency x: Int, tenureDays: Double) -> Double {
    BetaRule(a: a, c: b + Self.chances(x)).purchases(within: days / (alphaDays + tenureDays), shape: r + Double(x))
  }

  package func noPurchaseOfTheLiving(within days: Double, frequency x: Int, tenureDays: Double) -> Double {
    exp(-(r + Double(x)) * log1p(days / (alphaDays + tenureDays)))
  }

  /// Source: Fader, Hardie and Lee (2005), eq. (8): n purchases and alive, or gone with the n-th and time enough for n or more.
  package func probability(ofPurchases n: Int, within days: Double) -> Double {
    let rates = NBD(r: r, alphaDays: alphaDays), k = Self.chances(n)
    func logBeta(_ u: Double, _ v: Double) -> Double { gammaLogs(u).value + gammaLogs(v).value - gammaLogs(u + v).value }
    let stillAlive = exp(logBeta(a, b + k) - logBeta(a, b)) * rates.probability(ofPurchases: n, within: days)
    if k == 0 { return stillAlive }
    return stillAlive + exp(logBeta(a + 1, b + k - 1) - logBeta(a, b)) * rates.probability(ofPurchasesFrom: n, within: days)
  }
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
