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
  package var active: Int64
  package var purchases: Int64
  package var refunds: Int64
  package var grossMinor: Int64
  package var netMinor: Int64

  package init(month: Int32) {
    self.month = month
    isComplete = true
    (opening, new, regained, lost, closing, lostOfOpening, active) = (0, 0, 0, 0, 0, 0, 0)
    (purchases, refunds, grossMinor, netMinor) = (0, 0, 0, 0)
  }

  /// Lost customers of the opening ÷ opening; nil when nobody was there.
  package var logoChurnRate: Double? { opening > 0 ? Double(lostOfOpening) / Double(opening) : nil }
}
