/// One calendar month of the business, as of the day the run stands for. Customers are counted as events:
/// opening + new + regained − lost = closing, and opening is the closing of the month before.
package struct ChurnMonth: Sendable, Hashable {
  /// Months since January of year 0.
  package var month: Int32
  /// False where the as-of day lies before the last day of the month.
  package var isComplete: Bool
  package var opening: Int64
  package var new: Int64
  package var regained: Int64
  package var lost: Int64
  package var closing: Int64
  /// Customers of the opening that were lost in the month and not back at its end.
  package var lostOfOpening: Int64
  /// Customers with a purchase in the month.
  /// Of the lost, those who came back by the as-of day.
  package var lostForAWhile: Int64
  package var active: Int64
  package var purchases: Int64
  package var refunds: Int64
  package var grossMinor: Int64
  package var netMinor: Int64
  /// Of the customers with a purchase in the month before: their net revenue then, their net revenue in this month, and by how much those
  /// who brought less than then did so.
  package var formerNetMinor: Int64
  package var retainedNetMinor: Int64
  package var contractedMinor: Int64

  package init(month: Int32) {
    self.month = month
    isComplete = true
    (opening, new, regained, lost, closing, lostOfOpening, active) = (0, 0, 0, 0, 0, 0, 0)
    (lostForAWhile, purchases, refunds, grossMinor, netMinor) = (0, 0, 0, 0, 0)
    (formerNetMinor, retainedNetMinor, contractedMinor) = (0, 0, 0)
  }

  /// Lost customers of the opening ÷ opening; nil when nobody was there.
  package var logoChurnRate: Double? { opening > 0 ? Double(lostOfOpening) / Double(opening) : nil }

  /// Net revenue in this month ÷ in the month before, of the customers with a purchase in the month before; nil where that is not above 0.
  package var netRevenueRetentionRate: Double? { formerNetMinor > 0 ? Double(retainedNetMinor) / Double(formerNetMinor) : nil }

  /// The same with each customer's revenue capped at his own of the month before. Losses from refunds are not cut off at 0, so it is at
  /// most 1 and at most the net rate: Σ min(now, then) = Σ then − Σ max(0, then − now).
  package var grossRevenueRetentionRate: Double? {
    formerNetMinor > 0 ? Double(formerNetMinor &- contractedMinor) / Double(formerNetMinor) : nil
  }

  /// Customers lost in the month who came back ÷ lost; nil when nobody was lost.
  package var falseLostRate: Double? { lost > 0 ? Double(lostForAWhile) / Double(lost) : nil }
}
