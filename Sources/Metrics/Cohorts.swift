import Columns
import Features

/// The customers who first bought in one month, in that month or a later one.
package struct CohortMonth: Sendable, Hashable {
  /// Months since January of year 0.
  package var cohort: Int32
  /// Months from the cohort's month to this one.
  package var age: Int32
  /// All customers of the cohort.
  package var size: Int64
  /// Of them, those with a purchase in the month.
  package var customers: Int64
  package var grossMinor: Int64
  package var netMinor: Int64

  package init(cohort: Int32, age: Int32, size: Int64, customers: Int64, grossMinor: Int64, netMinor: Int64) {
    self.cohort = cohort
    self.age = age
    self.size = size
    self.customers = customers
    self.grossMinor = grossMinor
    self.netMinor = netMinor
  }
}

/// Every month in which a cohort bought or gave back, by cohort, then age. A cohort's first month is always among them.
package func cohorts(_ features: FeatureSet) -> [CohortMonth] {
  var months: [CohortMonth] = [], size: Int64 = 0
  for (cohort, month, cell) in features.partials.cohorts.cells() {
    if month == cohort { size = cell.customers }
    months.append(
      CohortMonth(
        cohort: cohort, age: month - cohort, size: size, customers: cell.customers, grossMinor: cell.grossMinor,
        netMinor: cell.grossMinor.subtractingReportingOverflow(cell.refundedMinor).partialValue))
  }
  return months
}
