import Foundation

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
    integral = model.integral
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
