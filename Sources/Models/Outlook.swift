import Foundation

/// What a customer with x repeat purchases, first seen T days ago, brings if alive: none of it depends on t_x.
struct Outlook: Sendable {
  /// Purchases expected over the risk horizon, discounted ones over the value horizon, and without end; those expected over the next days.
  var expected, discounted, infinite, next: Double
  /// ((α+T)/(α+T+t))^(r+x): that nothing is bought over the risk horizon.
  var noPurchase: Double
}

/// The steps over which purchases are discounted, and by how much.
struct DiscountSteps: Sendable {
  /// (end of step in days, what a purchase in it is worth).
  let steps: [(end: Double, factor: Double)]
  /// ln(1 + d) / 365.
  let continuousPerDay: Double

  init(_ horizons: PurchaseHorizons) {
    var steps: [(Double, Double)] = []
    let step = horizons.stepDays > 0 ? max(horizons.stepDays, horizons.valueDays / 10_000) : horizons.valueDays
    var k = 1.0, end = 0.0
    while end < horizons.valueDays {
      end = min(k * step, horizons.valueDays)
      steps.append((end, pow(1 + horizons.discountPerYear, -end / 365)))
      k += 1
    }
    self.steps = steps
    continuousPerDay = log1p(horizons.discountPerYear) / 365
  }
}

/// BG/NBD's outlook for one x and any T.
struct BGNBDOutlook {
  private let shape, alpha, a, c: Double
  private let rule: BetaRule
  private let endless: DiscountRule?
  private let horizons: PurchaseHorizons
  private let steps: DiscountSteps

  init(_ model: BGNBD, frequency: Int, _ horizons: PurchaseHorizons, _ steps: DiscountSteps) {
    (shape, alpha, a, c) = (model.r + Double(frequency), model.alphaDays, model.a, model.b + Double(frequency))
    rule = BetaRule(a: a, c: c)
    let delta = steps.continuousPerDay
    endless = delta > 0 ? DiscountRule(rule, shape: shape, least: delta * alpha) : nil
    (self.horizons, self.steps) = (horizons, steps)
  }

  /// - Parameter time: α + T in days.
  func at(_ time: Double) -> Outlook {
    var discounted = 0.0, before = 0.0
    for (end, factor) in steps.steps {
      let until = rule.purchases(within: end / time, shape: shape)
      discounted += (until - before) * factor
      before = until
    }
    // Without a discount the expectation is that of 1/p, which is finite for a > 1 only.
    let infinite = endless?.discounted(steps.continuousPerDay * time) ?? (a > 1 ? (a + c - 1) / (a - 1) : .infinity)
    return Outlook(
      expected: rule.purchases(within: horizons.riskDays / time, shape: shape), discounted: discounted, infinite: infinite,
      next: rule.purchases(within: horizons.nextDays / time, shape: shape),
      noPurchase: exp(-shape * log1p(horizons.riskDays / time)))
  }
}

extension NBD {
  /// - Parameter time: α + T in days.
  func outlook(frequency: Int, at time: Double, _ horizons: PurchaseHorizons, _ steps: DiscountSteps) -> Outlook {
    let shape = r + Double(frequency), rate = shape / time
    var discounted = 0.0, before = 0.0
    for (end, factor) in steps.steps {
      discounted += (end - before) * rate * factor
      before = end
    }
    return Outlook(
      expected: rate * horizons.riskDays, discounted: discounted,
      infinite: steps.continuousPerDay > 0 ? rate / steps.continuousPerDay : .infinity, next: rate * horizons.nextDays,
      noPurchase: exp(-shape * log1p(horizons.riskDays / time)))
  }
}

/// The outlook of one x over an octave of α + T, [2ᵉ, 2ᵉ⁺¹), by Chebyshev polynomials in the significand.
///
/// All four expectations are analytic and bounded where Re(α+T) > 0, that is, on the Bernstein ellipse with ρ = 3 + √8: 17 terms leave
/// 10⁻¹³ of the greatest value.
struct OutlookOctave {
  private static let terms = 17
  private var coefficients: [SIMD4<Double>]

  init(_ outlook: BGNBDOutlook, exponent: Int) {
    let n = Self.terms
    let scale = Double(sign: .plus, exponent: exponent, significand: 1)
    let angles = (0..<n).map { Double.pi * (Double($0) + 0.5) / Double(n) }
    let values = angles.map { angle in
      let there = outlook.at(scale * (1.5 + 0.5 * cos(angle)))
      return SIMD4(there.expected, there.discounted, there.infinite, there.next)
    }
    coefficients = (0..<n).map { k in
      var sum = SIMD4<Double>()
      for j in 0..<n { sum += values[j] * cos(Double(k) * angles[j]) }
      return sum * (k == 0 ? 1 : 2) / Double(n)
    }
  }

  /// (expected, discounted, infinite, next)
  func at(significand: Double) -> SIMD4<Double> {
    let z = 2 * significand - 3
    var next = SIMD4<Double>(), afterNext = SIMD4<Double>()
    for k in stride(from: Self.terms - 1, to: 0, by: -1) {
      (next, afterNext) = (coefficients[k] + next * (2 * z) - afterNext, next)
    }
    return coefficients[0] + next * z - afterNext
  }
}
