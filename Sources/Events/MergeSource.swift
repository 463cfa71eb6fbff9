import Columns

/// A segment whose rows are to be written anew.
struct MergeSource: Sendable {
  var segment: SegmentReader
  /// Rows to leave out.
  var without: RowSelection
  /// Parts that are no more; all of their rows are left out.
  var withoutParts: Set<Int> = []

  /// All rows.
  init(_ segment: SegmentReader) { (self.segment, without) = (segment, RowSelection(noneOf: segment)) }

  init(_ segment: SegmentReader, without rows: RowSelection) { (self.segment, without) = (segment, rows) }

  init(_ segment: SegmentReader, withoutParts parts: Set<Int>) throws(PipelineError) {
    (self.segment, without, withoutParts) = (segment, try RowSelection(segment, parts: parts), parts)
  }
}
