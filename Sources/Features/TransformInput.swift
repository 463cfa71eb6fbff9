import Buffers
import Columns
import Events

/// One stripe of one segment, as transform reads it.
struct EventSource: Sendable {
  var segment: SegmentReader
  var stripe: Int
  var bucketStarts: [Int]
  /// Rows that lost against an equal identity, ascending.
  var dropped: [UInt32]
  /// From the segment's word numbers to those of all segments.
  var categories: [UInt16]
  var channels: [UInt16]
  var mayReachBeyondAsOf: Bool
}

/// What all buckets share.
struct TransformInput: Sendable {
  /// In order of their first event, so that a customer's events are almost in time order; the result does not depend on it.
  var sources: [EventSource]
  var categories: [String]
  var channels: [String]
  var zone: ZoneTable
  var options: TransformOptions
  let wanted: WantedColumns
  let secret = HashKey.random()
  /// Whether a bucket holds others than those that are sampled.
  let picksWithinBuckets: Bool
  /// What `score` reads.
  private static let alwaysThere: Set<String> = ["last_purchase", "frequency", "net_minor", "gross_minor", "purchases", "days_since_last"]
  /// The first local second that is not visible.
  var endOfAsOf: Int64 { (Int64(options.asOf.number) + 1) * 86_400 }
  /// The months that any event can lie in, as `Day.month` counts.
  var months: ClosedRange<Int32>
  var hasCategory: Bool
  var hasChannel: Bool

  init(_ store: EventStore, _ segments: [SegmentReader], _ deduplication: Deduplication, _ options: TransformOptions) throws(PipelineError)
  {
    let categories = try Words(segments.map(\.categories), field: "category")
    let channels = try Words(segments.map(\.channels), field: "channel")
    let end = (Int64(options.asOf.number) + 1) * 86_400
    var sources: [EventSource] = []
    for s in segments.indices.sorted(by: { (segments[$0].firstEventAt ?? 0, $0) < (segments[$1].firstEventAt ?? 0, $1) }) {
      for t in 0..<segments[s].stripeCount {
        sources.append(
          EventSource(
            segment: segments[s], stripe: t, bucketStarts: segments[s].bucketStarts(stripe: t), dropped: deduplication.dropped[s][t],
            categories: categories.translation[s], channels: channels.translation[s],
            // A day more covers every offset of a time zone.
            mayReachBeyondAsOf: (segments[s].lastEventAt ?? .min) >= end - 2 * 86_400))
      }
    }
    self.sources = sources
    self.categories = categories.words
    self.channels = channels.words
    self.options = options
    wanted = WantedColumns(options.columns.map { $0.union(Self.alwaysThere) }, options)
    zone = store.zone
    picksWithinBuckets = options.sampledOneIn > store.parameters.bucketCount
    hasCategory = segments.contains(where: \.hasCategory)
    hasChannel = segments.contains(where: \.hasChannel)
    let last = options.asOf.month
    let first = segments.compactMap(\.firstEventAt).min().map { Day(Int32(clamping: Int64($0).floorDivided(by: 86_400) - 1)).month } ?? last
    months = min(first, last)...last
  }
}

extension Int64 {
  @inline(__always) func floorDivided(by divisor: Int64) -> Int64 { self >= 0 ? self / divisor : (self + 1) / divisor - 1 }
}
