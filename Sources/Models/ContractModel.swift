import Foundation

/// Contracts that are renewed by paying once a period: sBG in calendar days.
///
/// A customer with x payments after the first, the newest t_x days after it and s = T − t_x days ago, is as old as the periods that he has paid.
/// While s is below the period P he has nothing to pay. From then on until the end of the grace G his payment is late: he renews it yet with
/// probability r·L(s) / (r·L(s) + 1 − r), r being the renewal rate at his age and L(s) the share of payments that come later than that. After
/// P + G his contract has ended.
package struct ContractModel: Sendable {
  package var renewals: ShiftedBetaGeometric
  package var periodDays: Double
  package var graceDays: Int
  /// L by days from one payment on up to P + G, where it is 0.
  package var laterShares: [Double]
  /// Observed survival, which churn risk follows as far as it goes; nil: churn risk is by `renewals`.
  package var observed: RenewalCurve?

  package init(
    renewals: ShiftedBetaGeometric, periodDays: Double, graceDays: Int, laterShares: [Double], observed: RenewalCurve? = nil
  ) {
    (self.renewals, self.periodDays, self.graceDays) = (renewals, periodDays, graceDays)
    (self.laterShares, self.observed) = (laterShares, observed)
  }

  var lastDay: Int { Int(periodDays) + graceDays }

  /// Periods paid after the first. Who paid once a period on average has paid as often as he has purchase days, however his due dates have drifted.
  /// Else time tells: two payments in a period count once, and whoever skipped periods and came back, or paid several at once, counts as if he
  /// had paid each. A mean gap may differ from the period by a third of it, 15 days at most.
  package static func renewals(frequency x: Int32, recencyDays: Int32, periodDays: Double) -> Int32 {
    if x <= 0 { return 0 }
    let gap = Double(recencyDays) / Double(x)
    return abs(gap - periodDays) <= min(15, periodDays / 3) ? x : Int32((Double(recencyDays) / periodDays).rounded())
  }

  package func renewals(frequency x: Int32, recencyDays: Int32) -> Int32 {
    Self.renewals(frequency: x, recencyDays: recencyDays, periodDays: periodDays)
  }

  /// P(he renews at the end of his n-th period), as churn risk has it.
  package func riskRetention(period n: Int) -> Double { observed?.retention(period: n) ?? renewals.retention(period: n) }

  /// P(the contract runs, or its late payment comes yet), `since` days after the newest of n payments.
  /// - Parameter retention: at the end of his n-th period.
  package func pAlive(daysSince since: Int, retention: Double) -> Double {
    if Double(since) < periodDays { return 1 }
    guard laterShares.indices.contains(since) else { return 0 }
    let late = retention * laterShares[since]
    return late > 0 ? late / (late + 1 - retention) : 0
  }
}

/// What is known of the renewals of customers: how often each has renewed, and whether he left.
package struct ContractLives: Sendable {
  package var renewals: [Int32]
  package var hasLeft: [Bool]

  /// A renewal counts when its grace is over, as a leaving does; before, the payments of those who renewed would be known, and the leavings of
  /// the others not.
  package init(frequency: [Int32], recencyDays: [Int32], tenureDays: [Int32], periodDays: Double, graceDays: Int) {
    renewals = frequency
    hasLeft = [Bool](repeating: false, count: frequency.count)
    for row in frequency.indices {
      let since = Int(tenureDays[row]) - Int(recencyDays[row])
      let paid = ContractModel.renewals(frequency: frequency[row], recencyDays: recencyDays[row], periodDays: periodDays)
      hasLeft[row] = since > Int(periodDays) + graceDays
      renewals[row] = paid > 0 && since <= graceDays ? paid - 1 : paid
    }
  }
}

/// Kaplan and Meier's curve over renewals: of those who came to the end of their first, second … period, who renewed.
package struct RenewalCurve: Sendable {
  package let curve: SurvivalCurve
  /// The last period at whose end enough contracts were watched.
  package let lastPeriod: Int

  /// Fewer contracts tell too little of an age.
  package static let atRiskLeast: Int64 = 50

  /// - Parameters: by period from the first on, of the same length: who renewed at its end, and who left.
  package init(renewed: [Int64], left: [Int64]) {
    let atRisk = zip(renewed, left).map { $0 + $1 }
    var watched = [Int64](repeating: 0, count: atRisk.count + 1)
    for i in atRisk.indices { watched[i + 1] = max(0, atRisk[i] - (i + 1 < atRisk.count ? atRisk[i + 1] : 0)) }
    // Whoever left after a period was watched to its end; the others of that end renewed, and were last seen then or later.
    curve = SurvivalCurve(SurvivalCounts(watched: watched[...], ended: ([0] + left)[...]))
    lastPeriod = atRisk.firstIndex { $0 < Self.atRiskLeast } ?? atRisk.count
  }

  /// S(n)/S(n − 1), conditional on n periods reached; nil beyond the last period.
  package func retention(period n: Int) -> Double? {
    guard n >= 1, n <= lastPeriod else { return nil }
    let before = curve.survival(at: Int32(n - 1))
    return before > 0 ? curve.survival(at: Int32(n)) / before : nil
  }
}
