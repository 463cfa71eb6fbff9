import Foundation

/// What each model of purchases tells of a customer with x repeat purchases, the last of them t_x days after the first purchase, which was
/// T days ago; all of it for one customer at a time. `scorePurchases` gives the same for columns.
package protocol PurchaseProcess: Sendable {
  /// P(alive | x, t_x, T)
  func pAlive(frequency x: Int, recencyDays: Double, tenureDays: Double) -> Double
  /// Purchases in the next `days` of someone who is alive.
  func purchasesOfTheLiving(within days: Double, frequency x: Int, tenureDays: Double) -> Double
  /// P(no purchase in the next `days`) of someone who is alive.
  func noPurchaseOfTheLiving(within days: Double, frequency x: Int, tenureDays: Double) -> Double
  /// P(X(t) = n), n ≥ 0: a new customer makes n repeat purchases in the first `days`.
  func probability(ofPurchases n: Int, within days: Double) -> Double
}

extension PurchaseProcess {
  /// Purchases expected in the next `days`. Finite for every history; T to 100 years and x to 10,000 are tested.
  package func expectedPurchases(within days: Double, frequency x: Int, recencyDays: Double, tenureDays: Double) -> Double {
    pAlive(frequency: x, recencyDays: recencyDays, tenureDays: tenureDays)
      * purchasesOfTheLiving(within: days, frequency: x, tenureDays: tenureDays)
  }

  /// P(no purchase in the next `days`).
  package func noPurchase(within days: Double, frequency x: Int, recencyDays: Double, tenureDays: Double) -> Double {
    let alive = pAlive(frequency: x, recencyDays: recencyDays, tenureDays: tenureDays)
    return (1 - alive) + alive * noPurchaseOfTheLiving(within: days, frequency: x, tenureDays: tenureDays)
  }

  /// E[X(t)]: repeat purchases of a new customer in the first `days`.
  package func expectedPurchases(ofNewCustomerWithin days: Double) -> Double {
    expectedPurchases(within: days, frequency: 0, recencyDays: 0, tenureDays: 0)
  }
}

extension PurchaseModel: PurchaseProcess {
  package func pAlive(frequency x: Int, recencyDays: Double, tenureDays: Double) -> Double {
    process.pAlive(frequency: x, recencyDays: recencyDays, tenureDays: tenureDays)
  }

  package func purchasesOfTheLiving(within days: Double, frequency x: Int, tenureDays: Double) -> Double {
    process.purchasesOfTheLiving(within: days, frequency: x, tenureDays: tenureDays)
  }

  package func noPurchaseOfTheLiving(within days: Double, frequency x: Int, tenureDays: Double) -> Double {
    process.noPurchaseOfTheLiving(within: days, frequency: x, tenureDays: tenureDays)
  }

  package func probability(ofPurchases n: Int, within days: Double) -> Double { process.probability(ofPurchases: n, within: days) }

  /// Discounted purchases of one customer: over the value horizon in its steps, and without end, as in `PurchaseScores`.
  package func discountedPurchases(
    _ horizons: PurchaseHorizons, frequency x: Int, recencyDays: Double, tenureDays: Double
  ) -> (finite: Double, infinite: Double) {
    let alive = pAlive(frequency: x, recencyDays: recencyDays, tenureDays: tenureDays)
    let outlooks = self.outlooks(frequency: x, horizons, DiscountSteps(horizons))
    let outlook = outlooks.at(outlooks.clockDays + tenureDays)
    return (alive * outlook.discounted, alive * outlook.infinite)
  }
}
