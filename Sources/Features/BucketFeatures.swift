import Columns

/// One bucket on its way through the passes.
struct BucketFeatures: Sendable {
  var ids: TextColumn
  var columns: CustomerColumns
  var partials: MetricPartials
  var gaps: GapCounts
}
