/// BG/NBD: while alive a customer buys at a rate λ ~ Gamma(r, α), and after each repeat purchase leaves for good with probability
/// p ~ Beta(a, b).
///
/// Source: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).
package struct BGNBD: BetaDropoutModel, Hashable {
  package var r: Double
  package var alphaDays: Double
  package var a, b: Double
  package static let leavesAtOnce = false

  package init(r: Double, alphaDays: Double, a: Double, b: Double) {
    (self.r, self.alphaDays, self.a, self.b) = (r, alphaDays, a, b)
  }
}

/// MBG/NBD: as BG/NBD, but a customer may leave after the first purchase too.
///
/// Sources: Batislam, Denizel and Filiztekin (2007), International Journal of Research in Marketing 24(3); Wagner and Hoppe (2008), Marketing
/// Science 27(2).
package struct MBGNBD: BetaDropoutModel, Hashable {
  package var r: Double
  package var alphaDays: Double
  package var a, b: Double
  package static let leavesAtOnce = true

  package init(r: Double, alphaDays: Double, a: Double, b: Double) {
    (self.r, self.alphaDays, self.a, self.b) = (r, alphaDays, a, b)
  }
}

/// NBD: a customer buys at a rate λ ~ Gamma(r, α), and nobody leaves.
package struct NBD: Sendable, Hashable {
  package var r: Double
  /// Days.
  package var alphaDays: Double

  package init(r: Double, alphaDays: Double) { (self.r, self.alphaDays) = (r, alphaDays) }
}

package enum PurchaseModel: Sendable, Hashable {
  case bgNBD(BGNBD)
  case mbgNBD(MBGNBD)
  case paretoNBD(ParetoNBD)
  case nbd(NBD)

  /// - Parameter values: in the order of `name.parameterNames`; nil where there are more or fewer.
  package init?(_ name: PurchaseModelName, _ values: [Double]) {
    guard values.count == name.parameterNames.count else { return nil }
    switch name {
    case .bgNBD: self = .bgNBD(BGNBD(r: values[0], alphaDays: values[1], a: values[2], b: values[3]))
    case .mbgNBD: self = .mbgNBD(MBGNBD(r: values[0], alphaDays: values[1], a: values[2], b: values[3]))
    case .paretoNBD: self = .paretoNBD(ParetoNBD(r: values[0], alphaDays: values[1], s: values[2], betaDays: values[3]))
    case .nbd: self = .nbd(NBD(r: values[0], alphaDays: values[1]))
    }
  }

  package var name: PurchaseModelName {
    switch self {
    case .bgNBD: .bgNBD
    case .mbgNBD: .mbgNBD
    case .paretoNBD: .paretoNBD
    case .nbd: .nbd
    }
  }

  /// In the order of `name.parameterNames`.
  package var parameters: [Double] {
    switch self {
    case .bgNBD(let m): [m.r, m.alphaDays, m.a, m.b]
    case .mbgNBD(let m): [m.r, m.alphaDays, m.a, m.b]
    case .paretoNBD(let m): [m.r, m.alphaDays, m.s, m.betaDays]
    case .nbd(let m): [m.r, m.alphaDays]
    }
  }

  var process: any PurchaseProcess {
    switch self {
    case .bgNBD(let m): m
    case .mbgNBD(let m): m
    case .paretoNBD(let m): m
    case .nbd(let m): m
    }
  }
}

/// A fitted model and how the fit went.
package struct PurchaseFit: Sendable {
  /// NBD where dropout is not identified, whatever was asked for.
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
  /// From the observed information, in the order and units of the parameters (`name.parameterNames`); NaN where it is singular.
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
