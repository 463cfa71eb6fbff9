/// What one dump holds. The sums are those of the true rows: without duplicates and malformed rows.
package struct DumpTruth: Sendable, Hashable {
  package var purchases = 0
  package var refunds = 0
  package var duplicates = 0
  package var malformed = 0
  /// Purchases less refunds, in minor units.
  package var netMinor = 0
  package var textBytes: Int64 = 0
  package var fileBytes: Int64 = 0

  package init() {}

  /// Lines behind the header.
  package var rows: Int { purchases + refunds + duplicates + malformed }

  static func += (sum: inout DumpTruth, part: DumpTruth) {
    sum.purchases += part.purchases
    sum.refunds += part.refunds
    sum.duplicates += part.duplicates
    sum.malformed += part.malformed
    sum.netMinor += part.netMinor
    sum.textBytes += part.textBytes
    sum.fileBytes += part.fileBytes
  }
}
