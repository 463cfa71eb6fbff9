import Columns

/// Sums by month over the customers of a bucket, or of all: whole numbers, so that they add up in any order.
package struct MetricPartials: Sendable, Hashable, Codable {
  /// `Day.month` of the first place of each array.
  package var firstMonth: Int32
  package var new: [Int64]
  package var regained: [Int64]
  package var lost: [Int64]
  /// Customers that were there when the month opened, were lost in it and not back at its end.
  package var lostOfOpening: [Int64]
  package var active: [Int64]
  package var purchases: [Int64]
  package var refunds: [Int64]
  package var grossMinor: [Int64]
  package var refundedMinor: [Int64]

  init(months: ClosedRange<Int32>) {
    firstMonth = months.lowerBound
    let zeros = [Int64](repeating: 0, count: months.count)
    (new, regained, lost, lostOfOpening, active) = (zeros, zeros, zeros, zeros, zeros)
    (purchases, refunds, grossMinor, refundedMinor) = (zeros, zeros, zeros, zeros)
  }

  @inline(__always) func place(_ month: Int32) -> Int { min(max(Int(month) - Int(firstMonth), 0), new.count - 1) }

  @inline(__always)
  mutating func purchase(_ month: Int32, _ amount: Int64, _ overflow: inout Bool) {
    let at = place(month)
    purchases[at] += 1
    let (sum, didOverflow) = grossMinor[at].addingReportingOverflow(amount)
    grossMinor[at] = sum
    overflow = overflow || didOverflow
  }

  mutating func refund(_ month: Int32, _ amount: Int64, _ overflow: inout Bool) {
    let at = place(month)
    refunds[at] += 1
    let (sum, didOverflow) = refundedMinor[at].addingReportingOverflow(amount)
    refundedMinor[at] = sum
    overflow = overflow || didOverflow
  }

  /// Distinct purchase days of one customer, ascending.
  mutating func days(_ days: ArraySlice<Int32>, _ months: inout MonthTable) {
    var last = Int32.min
    for day in days {
      let month = months.month(of: day)
      if month == last { continue }
      if last == .min { new[place(month)] += 1 }
      active[place(month)] += 1
      last = month
    }
  }

  /// Adds another bucket's; false where a sum does not fit.
  mutating func add(_ other: MetricPartials) -> Bool {
    var fits = true
    for path in [
      \MetricPartials.new, \.regained, \.lost, \.lostOfOpening, \.active, \.purchases, \.refunds, \.grossMinor, \.refundedMinor,
    ] {
      for i in other[keyPath: path].indices {
        let (sum, overflow) = self[keyPath: path][i].addingReportingOverflow(other[keyPath: path][i])
        self[keyPath: path][i] = sum
        fits = fits && !overflow
      }
    }
    return fits
  }
}
