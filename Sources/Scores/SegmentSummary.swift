/// One of the 11 RFM segments and what stands behind it.
package struct SegmentSummary: Sendable, Hashable, Codable {
  package var segment: String
  package var meaning: String
  package var customers: Int64
  package var purchases: Int64
  package var grossMinor: Int64
  package var netMinor: Int64
  /// Sum over customers of the days since the last purchase.
  package var daysSinceLastSum: Int64

  package init(segment: String, meaning: String) {
    self.segment = segment
    self.meaning = meaning
    (customers, purchases, grossMinor, netMinor, daysSinceLastSum) = (0, 0, 0, 0, 0)
  }
}
