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

  /// Adds what one customer did in a month.
  mutating func add(_ sums: MonthSums, _ month: Int32, _ overflow: inout Bool) {
    let at = place(month)
    purchases[at] += sums.purchases
    refunds[at] += sums.refunds
    let (gross, grossOverflow) = grossMinor[at].addingReportingOverflow(sums.gross)
    let (refunded, refundedOverflow) = refundedMinor[at].addingReportingOverflow(sums.refunded)
    grossMinor[at] = gross
    refundedMinor[at] = refunded
    overflow = overflow || grossOverflow || refundedOverflow
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
      fits = Self.add(other[keyPath: path], to: &self[keyPath: path]) && fits
    }
    return fits
  }

  /// One key path an array, not one a month: a single date of the year 1 makes 24,000 months.
  private static func add(_ values: [Int64], to sums: inout [Int64]) -> Bool {
    var fits = true
    for i in values.indices {
      let (sum, overflow) = sums[i].addingReportingOverflow(values[i])
      sums[i] = sum
      fits = fits && !overflow
    }
    return fits
  }
}

/// One customer's month.
struct MonthSums {
  var purchases: Int64 = 0
  var refunds: Int64 = 0
  var gross: Int64 = 0
  var refunded: Int64 = 0
}
