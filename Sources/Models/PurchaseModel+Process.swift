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
