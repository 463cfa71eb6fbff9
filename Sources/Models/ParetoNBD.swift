import Foundation

/// Pareto/NBD: while alive a customer buys at a rate λ ~ Gamma(r, α), and leaves for good at a rate μ ~ Gamma(s, β), at any time.
///
/// Sources: Schmittlein, Morrison and Colombo (1987), Management Science 33(1); Fader and Hardie (2005), A Note on Deriving the Pareto/NBD
/// Model and Related Expressions, brucehardie.com.
package struct ParetoNBD: Sendable, Hashable {
  /// Shape of the rate of purchases, and of that of leaving; without unit.
  package var r, s: Double
  /// Their inverse scales in days; another unit of time scales these two and nothing else.
  package var alphaDays, betaDays: Double

  package init(r: Double, alphaDays: Double, s: Double, betaDays: Double) {
    (self.r, self.alphaDays, self.s, self.betaDays) = (r, alphaDays, s, betaDays)
  }
}

extension ParetoNBD: PurchaseProcess {
  /// P(alive | x, t_x, T) = 1/(1 + D), D = S(r+x, t_x, T) · ((α+T)/(α+t_x))^(r+x) · ((β+T)/(β+t_x))^s with S as `LeavingIntegral` has it.
  package func pAlive(frequency x: Int, recencyDays: Double, tenureDays: Double) -> Double {
    1 / (1 + exp(LeavingIntegral(self).logOdds(shape: r + Double(x), from: x == 0 ? 0 : recencyDays, to: tenureDays)))
  }

  /// (r+x)/(α+T) · E[(1 − e^(−μt))/μ] over μ ~ Gamma(s, β+T).
  package func purchasesOfTheLiving(within days: Double, frequency x: Int, tenureDays: Double) -> Double {
    (r + Double(x)) / (alphaDays + tenureDays) * livingDays(within: days, tenureDays: tenureDays)
  }

  /// Days that someone who is alive at T has left of the next `days`: (β+T)/(s−1) · (1 − ((β+T)/(β+T+t))^(s−1)), whose 0/0 at s = 1 is
  /// taken by its limit.
  func livingDays(within days: Double, tenureDays: Double) -> Double {
    let length = log1p(days / (betaDays + tenureDays)), power = (s - 1) * length
    return (betaDays + tenureDays) * length * (power == 0 ? 1 : -expm1(-power) / power)
  }

  /// He neither leaves nor buys, or leaves without having bought.
  package func noPurchaseOfTheLiving(within days: Double, frequency x: Int, tenureDays: Double) -> Double {
    waiting(days, frequency: x, tenureDays: tenureDays)
      + LeavingIntegral(self).value(shape: r + Double(x), from: tenureDays, to: tenureDays + days)
  }

  /// ((α+T)/(α+T+t))^(r+x) ((β+T)/(β+T+t))^s: someone alive at T neither leaves nor buys in the next t days.
  func waiting(_ days: Double, frequency x: Int, tenureDays: Double) -> Double {
    exp(-(r + Double(x)) * log1p(days / (alphaDays + tenureDays)) - s * log1p(days / (betaDays + tenureDays)))
  }

  /// n purchases and alive at t, or gone at y < t with n purchases until then: the integral over y, with the variable of `LeavingIntegral`, by
  /// Gauss–Legendre's rule over pieces so short that great n do no harm. All terms are positive.
  package func probability(ofPurchases n: Int, within days: Double) -> Double {
    let rates = NBD(r: r, alphaDays: alphaDays)
    let near = min(alphaDays, betaDays), width = log1p(days / near), pieces = max(1, (2 * width).rounded(.up)), step = width / pieces
    var gone = 0.0
    for piece in 0..<Int(pieces) {
      for node in LegendreRule.great.nodes {
        let y = near * expm1((Double(piece) + node.x) * step)
        let density = s * exp(-s * log1p(y / betaDays)) * (near + y) / (betaDays + y)
        gone += step * node.y * density * rates.probability(ofPurchases: n, within: y)
      }
    }
    return rates.probability(ofPurchases: n, within: days) * exp(-s * log1p(days / betaDays)) + gone
  }
}

/// The clock is the lesser of α and β, and T.
struct ParetoNBDOutlooks: FrequencyOutlooks {
  let clockDays: Double
  let isClosedForm = false
  private let model: ParetoNBD
  private let frequency: Int
  private let integral: LeavingIntegral
  private let endless: DiscountRule?
  private let horizons: PurchaseHorizons
  private let steps: DiscountSteps

  init(_ model: ParetoNBD, frequency: Int, _ horizons: PurchaseHorizons, _ steps: DiscountSteps) {
    (self.model, self.frequency, self.horizons, self.steps) = (model, frequency, horizons, steps)
    clockDays = min(model.alphaDays, model.betaDays)
    integral = LeavingIntegral(model)
    let delta = steps.continuousPerDay, s = model.s
    endless = delta > 0 ? DiscountRule(least: delta * model.betaDays) { exp(-s * log1p($0)) } : nil
  }

  func at(_ time: Double) -> Outlook {
    let tenure = time - clockDays, shape = model.r + Double(frequency)
    let rate = shape / (model.alphaDays + tenure), lifeDays = model.betaDays + tenure
    // Without a discount the time left, (β+T)/(s−1), is finite for s > 1 only.
    let discountedDays =
      endless.map { lifeDays * $0.discounted(steps.continuousPerDay * lifeDays) } ?? (model.s > 1 ? lifeDays / (model.s - 1) : .infinity)
    return Outlook(
      expected: rate * model.livingDays(within: horizons.riskDays, tenureDays: tenure),
      discounted: rate * steps.discounted { model.livingDays(within: $0, tenureDays: tenure) }, infinite: rate * discountedDays,
      next: rate * model.livingDays(within: horizons.nextDays, tenureDays: tenure),
      leaving: integral.value(shape: shape, from: tenure, to: tenure + horizons.riskDays))
  }

  func waiting(_ time: Double) -> Double {
    model.waiting(horizons.riskDays, frequency: frequency, tenureDays: time - clockDays)
  }
}
