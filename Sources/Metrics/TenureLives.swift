import Columns
import Features

/// Of each row its days from the first purchase to the first loss or the as-of day; −1 without a purchase.
struct TenureLives {
  /// Longer ones are censored there: 20 years.
  private static let daysMax: Int32 = 7305
  private(set) var days: [Int32]
  private(set) var isLost: [Bool]
  let longest: Int32

  /// - Parameter graceDays: of contracts, for which it is not known yet whether a period that has ended was the last.
  init(_ beginnings: Beginnings, asOf: Day, graceDays: Int = 0) {
    let watchedUntil = asOf.number &- Int32(graceDays)
    days = [Int32](repeating: -1, count: beginnings.bought.count)
    isLost = [Bool](repeating: false, count: days.count)
    var longest: Int32 = 0
    for row in days.indices where beginnings.bought[row] {
      let end = min(beginnings.firstLostOn[row], watchedUntil), span = max(0, end &- beginnings.firstDay[row])
      days[row] = min(span, Self.daysMax)
      isLost[row] = beginnings.firstLostOn[row] <= watchedUntil && span <= Self.daysMax
      longest = max(longest, days[row])
    }
    self.longest = longest
  }
}
