import Foundation

extension BGNBD {
  /// P(alive | x, t_x, T) = 1/(1 + [x>0] · a/(b+x−1) · ((α+T)/(α+t_x))^(r+x)), days.
  package func pAlive(frequency x: Int, recencyDays: Double, tenureDays: Double) -> Double {
    if x == 0 { return 1 }
    let logRatio = log(alphaDays + tenureDays) - log(alphaDays + recencyDays)
    return 1 / (1 + exp(log(a) - log(b + Double(x) - 1) + (r + Double(x)) * logRatio))
  }

  /// Purchases expected in the next `days` of someone with that history. Finite for every history; T to 100 years and x to 10,000 are tested.
  package func expectedPurchases(within days: Double, frequency x: Int, recencyDays: Double, tenureDays: Double) -> Double {
    pAlive(frequency: x, recencyDays: recencyDays, tenureDays: tenureDays)
      * BetaRule(a: a, c: b + Double(x)).purchases(within: days / (alphaDays + tenureDays), shape: r + Double(x))
  }

  /// P(no purchase in the next `days`).
  package func noPurchase(within days: Double, frequency x: Int, recencyDays: Double, tenureDays: Double) -> Double {
    let alive = pAlive(frequency: x, recencyDays: recencyDays, tenureDays: tenureDays)
    return (1 - alive) + alive * exp(-(r + Double(x)) * log1p(days / (alphaDays + tenureDays)))
  }

  /// E[X(t)]: repeat purchases of a new customer in the first `days`.
  package func expectedPurchases(ofNewCustomerWithin days: Double) -> Double {
    expectedPurchases(within: days, frequency: 0, recencyDays: 0, tenureDays: 0)
  }

  /// P(X(t) = n), n ≥ 0: a new customer makes n repeat purchases in the first `days`. Source: Fader, Hardie and Lee (2005), eq. (8).
  package func probability(ofPurchases n: Int, within days: Double) -> Double {
    let count = Double(n), logLater = -log1p(days / alphaDays), logShare = log(days / (alphaDays + days))
    func logTerm(_ j: Double) -> Double {
      gammaLogs(r + j).value - gammaLogs(r).value - gammaLogs(j + 1).value + r * logLater + (j == 0 ? 0 : j * logShare)
    }
    func logBeta(_ u: Double, _ v: Double) -> Double { gammaLogs(u).value + gammaLogs(v).value - gammaLogs(u + v).value }
    let stillAlive = exp(logBeta(a, b + count) - logBeta(a, b) + logTerm(count))
    if n == 0 { return stillAlive }
    // 1 − Σ over j < n, from whichever side loses no digits.
    var before = 0.0
    for j in 0..<n { before += exp(logTerm(Double(j))) }
    var rest = 1 - before
    if rest < 0.1 {
      rest = 0
      var j = count, term = exp(logTerm(count))
      let share = days / (alphaDays + days)
      while term > 1e-18 * (rest + 1e-300) && j < count + 1e7 {
        rest += term
        term *= (r + j) / (j + 1) * share
        j += 1
      }
    }
    return stillAlive + exp(logBeta(a + 1, b + count - 1) - logBeta(a, b)) * rest
  }
}

extension NBD {
  /// Purchases expected in the next `days`: (r+x)/(α+T) · days.
  package func expectedPurchases(within days: Double, frequency x: Int, tenureDays: Double) -> Double {
    (r + Double(x)) / (alphaDays + tenureDays) * days
  }

  /// P(no purchase in the next `days`).
  package func noPurchase(within days: Double, frequency x: Int, tenureDays: Double) -> Double {
    exp(-(r + Double(x)) * log1p(days / (alphaDays + tenureDays)))
  }

  /// E[X(t)]: repeat purchases of a new customer in the first `days`.
  package func expectedPurchases(ofNewCustomerWithin days: Double) -> Double { r / alphaDays * days }

  /// P(X(t) = n), n ≥ 0.
  package func probability(ofPurchases n: Int, within days: Double) -> Double {
    let count = Double(n)
    return exp(
      gammaLogs(r + count).value - gammaLogs(r).value - gammaLogs(count + 1).value - r * log1p(days / alphaDays)
        + (n == 0 ? 0 : count * log(days / (alphaDays + days))))
  }
}
