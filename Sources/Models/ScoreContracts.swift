import Buffers
import Foundation

/// The scores of `scorePurchases` for contracts: purchases are payments, which come at the end of each period that is renewed, and at once where
/// one is late. P(no purchase) is that of no payment within the risk horizon, so it is 1 where nothing falls due in it.
///
/// All of it hangs on the periods paid and on the days since the newest payment alone: worked out once for each pair.
package func scoreContracts(
  _ model: ContractModel, frequency: [Int32], recencyDays: [Int32], tenureDays: [Int32], isPresent: [Bool]?, horizons: PurchaseHorizons,
  threads: Int
) -> PurchaseScores {
  let count = frequency.count
  precondition(recencyDays.count == count && tenureDays.count == count && (isPresent?.count ?? count) == count)
  let customers = ScoredColumns(frequency: frequency, recencyDays: recencyDays, tenureDays: tenureDays, isPresent: isPresent)
  var oldest = 0
  for row in 0..<count where customers.isScored(row) {
    oldest = max(oldest, Int(model.renewals(frequency: frequency[row], recencyDays: recencyDays[row])))
  }
  let days = model.lastDay + 1
  let table = parallelMap(oldest + 1, threads: threads) { renewals in
    ContractOutlooks(model, renewals: renewals, horizons).byDay(days)
  }.flatMap { $0 }
  let ended = ContractOutlook(pAlive: 0, expected: 0, noPurchase: 1, discounted: 0, infinite: 0, next: 0)
  var columns = filledColumns(6, rowCount: count, threads: threads) { rows, space in
    let length = rows.count
    for (place, row) in rows.enumerated() {
      guard customers.isScored(row) else {
        for column in 0..<6 { space[place + column * length] = .nan }
        continue
      }
      let since = Int(tenureDays[row] - recencyDays[row])
      let renewals = Int(model.renewals(frequency: frequency[row], recencyDays: recencyDays[row]))
      let outlook = since < days ? table[renewals * days + since] : ended
      space[place] = outlook.pAlive
      space[place + length] = outlook.expected
      space[place + 2 * length] = outlook.noPurchase
      space[place + 3 * length] = outlook.discounted
      space[place + 4 * length] = outlook.infinite
      space[place + 5 * length] = outlook.next
    }
  }
  return PurchaseScores(filled: &columns)
}

/// What is told of a customer, as in `PurchaseScores`.
private struct ContractOutlook: Sendable {
  var pAlive, expected, noPurchase, discounted, infinite, next: Double
}

/// The outlooks of those who have renewed so often.
private struct ContractOutlooks {
  private let model: ContractModel
  private let horizons: PurchaseHorizons
  private let steps: DiscountSteps
  /// At the end of the period that is paid, and as churn risk has it.
  private let retention, riskRetention: Double
  /// Σ over j ≤ k of the chance that the next j renewals all come, k from 0 on.
  private var renewalsWithin: [Double] = [0]
  /// DERL at the end of this period and of the next one, without a payment before.
  private let later: [Double]

  init(_ model: ContractModel, renewals: Int, _ horizons: PurchaseHorizons) {
    (self.model, self.horizons, steps) = (model, horizons, DiscountSteps(horizons))
    let period = renewals + 1
    retention = model.renewals.retention(period: period)
    riskRetention = model.riskRetention(period: period)
    let days = max(horizons.riskDays, horizons.valueDays, horizons.nextDays) + Double(model.lastDay)
    var survival = 1.0
    for j in 0...Int(days / model.periodDays) {
      survival *= model.renewals.retention(period: period + j)
      renewalsWithin.append(renewalsWithin[j] + survival)
    }
    let rate = expm1(steps.continuousPerDay * model.periodDays)
    later = [0, 1].map { model.renewals.discountedRenewals(period: period + $0, discountPerPeriod: rate) }
  }

  func byDay(_ days: Int) -> [ContractOutlook] {
    (0..<days).map { since in
      let isLate = Double(since) >= model.periodDays, alive = model.pAlive(daysSince: since, retention: retention)
      func expected(_ within: Double) -> Double {
        let due = renewalsWithin[min(Int((within + Double(since)) / model.periodDays), renewalsWithin.count - 1)]
        // A late payment that comes, comes now; then those after it.
        return isLate ? alive * (due / retention) : due
      }
      let firstDue = model.periodDays * (isLate ? 2 : 1) - Double(since), worth = exp(-steps.continuousPerDay * firstDue)
      let risk =
        isLate
        ? 1 - model.pAlive(daysSince: since, retention: riskRetention)
        : firstDue <= horizons.riskDays ? 1 - riskRetention : 1
      return ContractOutlook(
        pAlive: alive, expected: expected(horizons.riskDays), noPurchase: risk, discounted: steps.discounted(expected),
        infinite: isLate ? (alive > 0 ? alive * (1 + worth * later[1]) : 0) : worth * later[0], next: expected(horizons.nextDays))
    }
  }
}
