import Columns
import Events

/// What one publish writes.
package struct Publication: Sendable {
  package var runID: String
  /// Unix seconds.
  package var startedAt: Int64
  /// The pipeline's name, and the SHA-256 of its resolved text.
  package var pipeline: String
  package var pipelineSHA256: String
  package var asOf: Day { dated.asOf }
  /// ISO 4217, and the decimals of its minor unit, 0…4.
  package var currency: String
  package var fractionDigits: Int
  package var timeZone: String
  package var loads: [LoadRecord]
  package var rejects: [RejectRecord]
  package var conflicts: [ConflictRecord]
  package var checks: [CheckRecord] = []
  /// First column `customer_id`, text, unique.
  package var customers: Table
  /// Every row number of `customers` once, in ascending byte order of `customer_id`.
  package var customersByID: [UInt32]
  package var dated: DatedResults

  package init(
    runID: String, startedAt: Int64, pipeline: String, pipelineSHA256: String, currency: String, fractionDigits: Int,
    timeZone: String, loads: [LoadRecord], rejects: [RejectRecord], conflicts: [ConflictRecord], customers: Table,
    customersByID: [UInt32], dated: DatedResults
  ) {
    self.runID = runID
    self.startedAt = startedAt
    self.pipeline = pipeline
    self.pipelineSHA256 = pipelineSHA256
    self.currency = currency
    self.fractionDigits = fractionDigits
    self.timeZone = timeZone
    self.loads = loads
    self.rejects = rejects
    self.conflicts = conflicts
    self.customers = customers
    self.customersByID = customersByID
    self.dated = dated
  }
}

package struct PublishOptions: Sendable {
  package var path: String
  /// Of the database file where it is created; its folder, where created, is 0750.
  package var mode: UInt16
  package var group: String?
  /// Names of columns of `customers` to publish besides `customer_id`; nil: all.
  package var columns: [String]?
  package var threads = 1

  package init(path: String, mode: UInt16 = 0o640, group: String? = nil, columns: [String]? = nil) {
    self.path = path
    self.mode = mode
    self.group = group
    self.columns = columns
  }
}

package struct PublishReport: Sendable, Hashable {
  package var customers: Int
  package var databaseBytes: Int64
  /// A reader kept the log from being emptied; the results stand all the same, and the next publish empties it.
  package var isReaderInTheWay: Bool
}
