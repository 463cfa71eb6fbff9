import Foundation

/// What a customer with x repeat purchases, first seen T days ago, brings if alive: none of it depends on t_x.
struct Outlook: Sendable {
  /// Purchases expected over the risk horizon, discounted ones over the value horizon, and without end; those expected over the next days.
  var expected, discounted, infinite, next: Double
  /// That he leaves within the risk horizon and does not buy before.
  var leaving = 0.0
}

extension Vector {
  /// (expected, discounted, infinite, next, leaving, 0, 0, 0)
  init(_ outlook: Outlook) {
    self.init(outlook.expected, outlook.discounted, outlook.infinite, outlook.next, outlook.leaving, 0, 0, 0)
  }
}

/// The outlook of those with one and the same x.
///
/// Everything is a function of a clock, T and some days more, that is analytic where the real part of the clock is positive.
protocol FrequencyOutlooks {
  var clockDays: Double { get }
  /// Whether `at` costs no more than a few operations.
  var isClosedForm: Bool { get }
  /// - Parameter time: the clock at T, in days.
  func at(_ time: Double) -> Outlook
  /// That someone who is alive neither leaves nor buys over the risk horizon; where one leaves with a purchase only, that he does not buy.
  func waiting(_ time: Double) -> Double
}

extension PurchaseModel {
  func outlooks(frequency: Int, _ horizons: PurchaseHorizons, _ steps: DiscountSteps) -> any FrequencyOutlooks {
    switch self {
    case .bgNBD(let m): BetaDropoutOutlooks(m, frequency: frequency, horizons, steps)
    case .mbgNBD(let m): BetaDropoutOutlooks(m, frequency: frequency, horizons, steps)
    case .paretoNBD(let m): ParetoNBDOutlooks(m, frequency: frequency, horizons, steps)
    case .nbd(let m): NBDOutlooks(m, frequency: frequency, horizons, steps)
    }
  }
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

  /// - Parameter expected: purchases expected within so many days.
  func discounted(_ expected: (Double) -> Double) -> Double {
    var discounted = 0.0, before = 0.0
    for (end, factor) in steps {
      let until = expected(end)
      discounted += (until - before) * factor
      before = until
    }
    return discounted
  }
}

/// Of BG/NBD and MBG/NBD; the clock is α + T.
struct BetaDropoutOutlooks: FrequencyOutlooks {
  let clockDays: Double
  let isClosedForm = false
  private let shape, a, c: Double
  private let rule: BetaRule
  private let endless: DiscountRule?
  private let horizons: PurchaseHorizons
  private let steps: DiscountSteps

  init<Model: BetaDropoutModel>(_ model: Model, frequency: Int, _ horizons: PurchaseHorizons, _ steps: DiscountSteps) {
    (shape, clockDays, a, c) = (model.r + Double(frequency), model.alphaDays, model.a, model.b + Model.chances(frequency))
    let shape = shape, rule = BetaRule(a: a, c: c), delta = steps.continuousPerDay
    endless = delta > 0 ? DiscountRule(least: delta * clockDays) { rule.rate(after: $0, shape: shape) } : nil
    (self.rule, self.horizons, self.steps) = (rule, horizons, steps)
  }

  func at(_ time: Double) -> Outlook {
    // Without a discount the expectation is that of 1/p, which is finite for a > 1 only.
    let infinite = endless?.discounted(steps.continuousPerDay * time) ?? (a > 1 ? (a + c - 1) / (a - 1) : .infinity)
    return Outlook(
      expected: rule.purchases(within: horizons.riskDays / time, shape: shape),
      discounted: steps.discounted { rule.purchases(within: $0 / time, shape: shape) }, infinite: infinite,
      next: rule.purchases(within: horizons.nextDays / time, shape: shape))
  }

  func waiting(_ time: Double) -> Double { exp(-shape * log1p(horizons.riskDays / time)) }
}

/// The clock is α + T.
struct NBDOutlooks: FrequencyOutlooks {
  let clockDays: Double
  let isClosedForm = true
  private let shape: Double
  private let horizons: PurchaseHorizons
  private let steps: DiscountSteps

  init(_ model: NBD, frequency: Int, _ horizons: PurchaseHorizons, _ steps: DiscountSteps) {
    (shape, clockDays, self.horizons, self.steps) = (model.r + Double(frequency), model.alphaDays, horizons, steps)
  }

  func at(_ time: Double) -> Outlook {
    let rate = shape / time
    return Outlook(
      expected: rate * horizons.riskDays, discounted: steps.discounted { $0 * rate },
      infinite: steps.continuousPerDay > 0 ? rate / steps.continuousPerDay : .infinity, next: rate * horizons.nextDays)
  }

  func waiting(_ time: Double) -> Double { exp(-shape * log1p(horizons.riskDays / time)) }
}

/// The outlook of one x over an octave of the clock, [2ᵉ, 2ᵉ⁺¹), by Chebyshev polynomials in the significand.
///
/// All of it is analytic and bounded where the clock's real part is positive, that is, on the Bernstein ellipse with ρ = 3 + √8: 17 terms leave
/// 10⁻¹³ of the greatest value.
struct OutlookOctave {
  private static let terms = 17
  private var coefficients: [Vector]

  init(_ outlooks: any FrequencyOutlooks, exponent: Int) {
    let n = Self.terms
    let scale = Double(sign: .plus, exponent: exponent, significand: 1)
    let angles = (0..<n).map { Double.pi * (Double($0) + 0.5) / Double(n) }
    let values = angles.map { angle in
      let there = outlooks.at(scale * (1.5 + 0.5 * cos(angle)))
      return Vector(there)
    }
    coefficients = (0..<n).map { k in
      var sum = Vector()
      for j in 0..<n { sum += values[j] * cos(Double(k) * angles[j]) }
      return sum * (k == 0 ? 1 : 2) / Double(n)
    }
  }

  /// As `Vector(_: Outlook)`.
  func at(significand: Double) -> Vector {
    let z = 2 * significand - 3
    var next = Vector(), afterNext = Vector()
    for k in stride(from: Self.terms - 1, to: 0, by: -1) {
      (next, afterNext) = (coefficients[k] + next * (2 * z) - afterNext, next)
    }
    return coefficients[0] + next * z - afterNext
  }
}
