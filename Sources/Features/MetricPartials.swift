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

  /// Takes over what was gathered month by month; the sums must be zero until now.
  mutating func take(_ cells: Span<MonthCell>) {
    for i in cells.indices {
      let cell = cells[i]
      (new[i], active[i], purchases[i], refunds[i]) = (cell.new, cell.active, cell.purchases, cell.refunds)
      (grossMinor[i], refundedMinor[i]) = (cell.gross, cell.refunded)
      (formerNetMinor[i], retainedNetMinor[i], contractedMinor[i]) = (cell.formerNet, cell.retainedNet, cell.contracted)
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
