import Columns

/// What the customers of one cohort, those who first bought in one month, did in one month.
package struct CohortCell: Sendable, Hashable, Codable {
  /// Customers with a purchase in the month.
  package var customers: Int64 = 0
  package var grossMinor: Int64 = 0
  package var refundedMinor: Int64 = 0

  var isEmpty: Bool { self == CohortCell() }

  /// Wraps, for the sums of the month over all cohorts are at least as great, and tell where they do not fit.
  mutating func add(_ other: CohortCell) {
    customers &+= other.customers
    grossMinor &+= other.grossMinor
    refundedMinor &+= other.refundedMinor
  }
}

/// Cells by cohort and month over the customers of a bucket, or of all: whole numbers, so that they add up in any order.
///
/// The cohorts of the last 20 years lie in a triangle, one row of months a cohort. Older ones, which a single wrong date brings in, lie in
/// a dictionary of the cells that something happened in: a triangle back to the year 1 would have 288 million.
package struct CohortPartials: Sendable, Hashable, Codable {
  static let triangleMonthsMax = 240
  private var firstMonth: Int32
  private var lastMonth: Int32
  private var triangle: [CohortCell]
  /// By cohort · 2²⁰ + month.
  private var older: [Int: CohortCell] = [:]

  init(months: ClosedRange<Int32>) {
    lastMonth = months.upperBound
    firstMonth = max(months.lowerBound, months.upperBound - Int32(Self.triangleMonthsMax) + 1)
    triangle = Array(repeating: CohortCell(), count: Self.cells(Int(lastMonth - firstMonth) + 1))
  }

  private static func cells(_ months: Int) -> Int { months * (months + 1) / 2 }

  /// What one customer of a cohort did in a month.
  @inline(__always)
  mutating func add(_ sums: MonthSums, _ month: Int32, cohort: Int32) {
    guard month >= cohort, month <= lastMonth else { return }
    let cell = CohortCell(customers: sums.purchases > 0 ? 1 : 0, grossMinor: sums.gross, refundedMinor: sums.refunded)
    guard cohort >= firstMonth else {
      older[Int(cohort) << 20 + Int(month), default: CohortCell()].add(cell)
      return
    }
    triangle[place(month, cohort: cohort)].add(cell)
  }

  /// Rows of the triangle grow shorter: cohort i of n has n − i months.
  @inline(__always)
  private func place(_ month: Int32, cohort: Int32) -> Int {
    let i = Int(cohort) - Int(firstMonth), n = Int(lastMonth) - Int(firstMonth) + 1
    return i * n - i * (i - 1) / 2 + Int(month) - Int(cohort)
  }

  mutating func add(_ other: CohortPartials) {
    for i in other.triangle.indices { triangle[i].add(other.triangle[i]) }
    for (key, cell) in other.older { older[key, default: CohortCell()].add(cell) }
  }

  /// Whether the arrays have the lengths that the months ask for.
  var isTriangular: Bool {
    let months = Int(lastMonth) - Int(firstMonth) + 1
    return (1...Self.triangleMonthsMax).contains(months) && triangle.count == Self.cells(months)
  }

  /// The cells in which something happened, by cohort, then month.
  package func cells() -> [(cohort: Int32, month: Int32, cell: CohortCell)] {
    var cells: [(cohort: Int32, month: Int32, cell: CohortCell)] = []
    for (key, cell) in older.sorted(by: { $0.key < $1.key }) where !cell.isEmpty {
      cells.append((Int32(key >> 20), Int32(key & (1 << 20 - 1)), cell))
    }
    for cohort in firstMonth...lastMonth {
      for month in cohort...lastMonth {
        let cell = triangle[place(month, cohort: cohort)]
        if !cell.isEmpty { cells.append((cohort, month, cell)) }
      }
    }
    return cells
  }
}
