/// BG/NBD: while alive a customer buys at a rate λ ~ Gamma(r, α), and after each purchase leaves for good with probability p ~ Beta(a, b).
///
/// Source: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).
package struct BGNBD: Sendable, Hashable {
  /// Shape of the rate, without unit.
  package var r: Double
  /// Inverse scale of the rate in days; another unit of time scales α and nothing else.
  package var alphaDays: Double
  /// Parameters of the probability of leaving, without unit.
  package var a, b: Double

  package init(r: Double, alphaDays: Double, a: Double, b: Double) {
    (self.r, self.alphaDays, self.a, self.b) = (r, alphaDays, a, b)
  }
}

/// NBD: as BG/NBD, where nobody leaves.
package struct NBD: Sendable, Hashable {
  package var r: Double
  /// Days.
  package var alphaDays: Double

  package init(r: Double, alphaDays: Double) { (self.r, self.alphaDays) = (r, alphaDays) }
}

package enum PurchaseModel: Sendable, Hashable {
  case bgNBD(BGNBD)
  case nbd(NBD)
}

/// A fitted model and how the fit went.
package struct PurchaseFit: Sendable {
  package var model: PurchaseModel
  /// With time in days; with time in units of u days it is greater by Σx · ln u.
  package var logLikelihood: Double
  /// Length of the gradient of the mean log-likelihood of a customer by the logarithms of the parameters.
  package var gradientNorm: Double
  /// Newton steps over all customers.
  package var iterations: Int
  package var customers: Int64
  /// Distinct (x, t_x, T).
  package var histories: Int
  /// From the observed information, in the order and units of the parameters (r, α in days, a, b); NaN where it is singular.
  package var standardErrors: [Double]
  package var warnings: [String]
}

/// Over what time the scores look ahead, in days from the as-of day.
package struct PurchaseHorizons: Sendable, Hashable {
  /// Of `churnRisk` and `expectedPurchases`.
  package var riskDays: Double
  /// Of `discounted`, in steps of `stepDays`, the last one shorter.
  package var valueDays: Double
  package var stepDays: Double
  /// Of `expectedNext`.
  package var nextDays: Double
  /// 0.10: what comes in a year is worth 1 / 1.10 of what comes today.
  package var discountPerYear: Double

  package init(
    riskDays: Double = 90, valueDays: Double = 365, stepDays: Double = 30, nextDays: Double = 30, discountPerYear: Double = 0.10
  ) {
    (self.riskDays, self.valueDays, self.stepDays) = (riskDays, valueDays, stepDays)
    (self.nextDays, self.discountPerYear) = (nextDays, discountPerYear)
  }
}
