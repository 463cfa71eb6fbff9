import Columns
import Events

/// What transform hands to score, metrics and publish: one row a customer, as of a day, and the sums of the metrics.
package struct FeatureSet: Sendable {
  package var asOf: Day
  /// First column `customer_id`; buckets in order, customers in byte order of their id inside a bucket.
  package var customers: Table
  /// Row numbers of `customers` in byte order of `customer_id`.
  package var customersByID: [UInt32]
  package var partials: MetricPartials
  /// Duplicates counted.
  package var loads: [LoadRecord]
  package var conflicts: [ConflictRecord]
  /// nil: not asked for. Else of the same rows as `customers`.
  package var beginnings: Beginnings?
  /// How many gaps between two purchase days of a customer are of so many days, the last place holding longer ones too; nil: not asked for.
  package var gaps: [Int64]?
  /// Of the contracts with which tenures in `beginnings` end; nil: they end with losses.
  package var contract: ContractTerms?
}
