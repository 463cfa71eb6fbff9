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
  /// Of `lost`, those who came back later.
  package var lostForAWhile: [Int64]
  package var active: [Int64]
  package var purchases: [Int64]
  package var refunds: [Int64]
  package var grossMinor: [Int64]
  package var refundedMinor: [Int64]
  /// Of the customers with a purchase in the month before: their net revenue then,
  package var formerNetMinor: [Int64]
  /// their net revenue in the month,
  package var retainedNetMinor: [Int64]
  /// and by how much those who brought less than then did so: Σ max(0, then − now).
  package var contractedMinor: [Int64]
  package var cohorts: CohortPartials

  init(months: ClosedRange<Int32>) {
    firstMonth = months.lowerBound
    let zeros = [Int64](repeating: 0, count: months.count)
    (new, regained, lost, lostOfOpening, active) = (zeros, zeros, zeros, zeros, zeros)
    (lostForAWhile, purchases, refunds, grossMinor, refundedMinor) = (zeros, zeros, zeros, zeros, zeros)
    (formerNetMinor, retainedNetMinor, contractedMinor) = (zeros, zeros, zeros)
    cohorts = CohortPartials(months: months)
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

  /// Adds what a customer who bought in a month brought in it and in the next one, `month`.
  @inline(__always)
  mutating func retain(former: Int64, now: Int64, _ month: Int32, _ overflow: inout Bool) {
    guard Int(month) - Int(firstMonth) < new.count else { return }
    let at = place(month)
    // What wraps here does not fit into the gross or the refunds of its month either, which tell.
    formerNetMinor[at] &+= former
    retainedNetMinor[at] &+= now
    if now >= former { return }
    let (less, lessOverflow) = former.subtractingReportingOverflow(now)
    let (contracted, contractedOverflow) = contractedMinor[at].addingReportingOverflow(less)
    contractedMinor[at] = contracted
    overflow = overflow || lessOverflow || contractedOverflow
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
      \MetricPartials.new, \.regained, \.lost, \.lostOfOpening, \.lostForAWhile, \.active, \.purchases, \.refunds, \.grossMinor,
      \.refundedMinor, \.contractedMinor,
    ] {
      fits = Self.add(other[keyPath: path], to: &self[keyPath: path]) && fits
    }
    for path in [\MetricPartials.formerNetMinor, \.retainedNetMinor] {
      _ = Self.add(other[keyPath: path], to: &self[keyPath: path])
    }
    cohorts.add(other.cohorts)
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
