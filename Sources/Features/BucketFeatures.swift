import Columns

/// One bucket's customers after the first pass.
struct BucketFeatures: Sendable {
  var ids: TextColumn
  var columns: CustomerColumns
  /// Empty once the second pass is done with them.
  var days: PurchaseDays
  var partials: MetricPartials
  var gaps: GapCounts
}
