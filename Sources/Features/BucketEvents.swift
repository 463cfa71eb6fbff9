import Buffers
import Columns
import Events

/// One event of a bucket, in the pipeline's local time. 40 bytes.
struct Event {
  /// Local wall-clock seconds since 1970.
  var second: Int64
  var amount: Int64
  /// `PackedIntegers.null` is NULL, here and for the cost.
  var discount: Int64
  var cost: Int64
  var category: UInt16
  var channel: UInt16
  /// Number of the event among all of the bucket, and in the top bit whether it is a refund.
  var place: UInt32

  static let refundBit: UInt32 = 1 << 31
  var isRefund: Bool { place & Self.refundBit != 0 }
  var number: Int { Int(place & ~Self.refundBit) }
}

/// The visible events of one bucket, grouped by customer and in time order; customers in byte order of their ids.
struct BucketEvents {
  /// In byte order.
  var ids = TextColumn()
  /// Events of customer c (in that order): `events[starts[c] ..< ends[c]]`.
  var starts: [Int] = []
  var ends: [Int] = []
  var events: [Event] = []
  private var sources: [(source: EventSource, firstNumber: Int)] = []
  private let bucket: Int
  /// By how many seconds a wall clock may be set back: never by more than a day, and in UTC not at all.
  let clockSetBackMax: Int64

  init(bucket: Int, input: TransformInput) throws(PipelineError) {
    self.bucket = bucket
    clockSetBackMax = input.zone.isUTC ? 0 : 86_400
    var table = TextTable(expected: 1024, secret: input.secret)
    var pieces: [(columns: EventColumns, global: [UInt32])] = []
    var total = 0
    for source in input.sources {
      let columns = try source.segment.events(stripe: source.stripe, bucket: bucket)
      var global: [UInt32] = []
      table.encode(columns.customerBytes.span, lengths: columns.customerLengths.span, into: &global)
      sources.append((source, total))
      total += columns.times.count
      pieces.append((columns, global))
    }
    guard total < Int(Event.refundBit) else {
      throw PipelineError(.badInput, "bucket \(bucket) holds \(total) events, at most 2³¹ fit", fix: "make the store with more buckets")
    }
    var counts = [Int](repeating: 0, count: table.count + 1)
    for i in pieces.indices { prepare(&pieces[i].columns, sources[i].source, input) }
    for piece in pieces { Self.count(piece.columns, piece.global, &counts) }
    group(pieces, counts, table.offsets, table.bytes)
  }

  /// A dropped or invisible event gets this kind, and is skipped from there on.
  private static let skipped: UInt8 = 0xFF

  private func prepare(_ columns: inout EventColumns, _ source: EventSource, _ input: TransformInput) {
    let first = source.bucketStarts[bucket], last = source.bucketStarts[bucket + 1]
    var low = 0, high = source.dropped.count
    while low < high {
      let middle = (low + high) / 2
      if Int(source.dropped[middle]) < first { low = middle + 1 } else { high = middle }
    }
    while low < source.dropped.count, Int(source.dropped[low]) < last {
      columns.kinds[Int(source.dropped[low]) - first] = Self.skipped
      low += 1
    }
    input.zone.shiftToLocal(&columns.times)
    let end = input.endOfAsOf
    if source.mayReachBeyondAsOf {
      let local = columns.times, times = local.span
      var kinds = columns.kinds.mutableSpan
      for i in times.indices where times[i] >= end { kinds[i] = Self.skipped }
    }
    Self.translate(&columns.categories, source.categories)
    Self.translate(&columns.channels, source.channels)
  }

  private static func translate(_ codes: inout [UInt16], _ numbers: [UInt16]) {
    var codes = codes.mutableSpan
    let numbers = numbers.span
    for i in codes.indices { codes[i] = numbers[Int(codes[i])] }
  }

  private static func count(_ columns: EventColumns, _ global: [UInt32], _ counts: inout [Int]) {
    let kinds = columns.kinds.span, customers = columns.customers.span, global = global.span
    var counts = counts.mutableSpan
    for i in kinds.indices where kinds[i] != skipped { counts[Int(global[Int(customers[i])]) + 1] += 1 }
  }

  /// Counting sort by customer; then each customer's events by time, which they mostly are already.
  private mutating func group(
    _ pieces: [(columns: EventColumns, global: [UInt32])], _ counts: [Int], _ offsets: [UInt32], _ bytes: [UInt8]
  ) {
    var next = counts
    for c in 1..<max(1, next.count) { next[c] += next[c - 1] }
    let begin = next, total = next.last ?? 0
    var events = [Event](repeating: Event(second: 0, amount: 0, discount: 0, cost: 0, category: 0, channel: 0, place: 0), count: total)
    for (p, piece) in pieces.enumerated() {
      Self.scatter(piece.columns, piece.global, firstNumber: UInt32(truncatingIfNeeded: sources[p].firstNumber), &next, &events)
    }
    let all = TextColumn(offsets: offsets, bytes: bytes)
    var out = events.mutableSpan
    for c in IdentifierOrder.sorted(all).map(Int.init) where next[c] > begin[c] {
      starts.append(begin[c])
      ends.append(next[c])
      ids.bytes.append(contentsOf: bytes[Int(offsets[c])..<Int(offsets[c + 1])])
      ids.offsets.append(UInt32(ids.bytes.count))
      Self.sortByTime(&out, begin[c], next[c])
    }
    self.events = events
  }

  private static func scatter(
    _ columns: EventColumns, _ global: [UInt32], firstNumber: UInt32, _ next: inout [Int], _ events: inout [Event]
  ) {
    let kinds = columns.kinds.span, customers = columns.customers.span, times = columns.times.span, amounts = columns.amounts.span
    let discounts = columns.discounts.span, costs = columns.costs.span
    let categories = columns.categories.span, channels = columns.channels.span, global = global.span
    let hasDiscount = discounts.count > 0, hasCost = costs.count > 0, hasCategory = categories.count > 0, hasChannel = channels.count > 0
    var next = next.mutableSpan, events = events.mutableSpan
    for i in kinds.indices where kinds[i] != skipped {
      let customer = Int(global[Int(customers[i])])
      let at = next[customer]
      next[customer] = at + 1
      events[at] = Event(
        second: times[i], amount: amounts[i], discount: hasDiscount ? discounts[i] : PackedIntegers.null,
        cost: hasCost ? costs[i] : PackedIntegers.null, category: hasCategory ? categories[i] : 0, channel: hasChannel ? channels[i] : 0,
        place: (firstNumber &+ UInt32(truncatingIfNeeded: i)) | (kinds[i] == 0 ? 0 : Event.refundBit))
    }
  }

  private static func sortByTime(_ events: inout MutableSpan<Event>, _ from: Int, _ to: Int) {
    for i in from + 1..<max(from + 1, to) where events[i].second < events[i - 1].second {
      if to - from > 32 { return heapSort(&events, from, to) }
      let event = events[i]
      var k = i
      while k > from, events[k - 1].second > event.second {
        events[k] = events[k - 1]
        k -= 1
      }
      events[k] = event
    }
  }

  /// For customers with many events out of order: in place, n log n, whatever the order.
  private static func heapSort(_ events: inout MutableSpan<Event>, _ from: Int, _ to: Int) {
    let n = to - from
    func sift(_ events: inout MutableSpan<Event>, _ root: Int, _ end: Int) {
      let event = events[from + root]
      var hole = root
      while true {
        var child = 2 * hole + 1
        if child >= end { break }
        if child + 1 < end && events[from + child].second < events[from + child + 1].second { child += 1 }
        if events[from + child].second <= event.second { break }
        events[from + hole] = events[from + child]
        hole = child
      }
      events[from + hole] = event
    }
    for root in stride(from: n / 2 - 1, through: 0, by: -1) { sift(&events, root, n) }
    for end in stride(from: n - 1, to: 0, by: -1) {
      (events[from], events[from + end]) = (events[from + end], events[from])
      sift(&events, 0, end)
    }
  }

  /// The transaction id of an event: what orders events of one second.
  func id(_ event: Event) throws(PipelineError) -> [UInt8] {
    let (source, index) = place(of: event)
    return try source.segment.id(stripe: source.stripe, bucket: bucket, index: index)
  }

  /// Seconds since 1970, UTC.
  func instant(_ event: Event) -> Int64 {
    if clockSetBackMax == 0 { return event.second }
    let (source, index) = place(of: event)
    return source.segment.time(stripe: source.stripe, bucket: bucket, index: index) ?? event.second
  }

  private func place(of event: Event) -> (source: EventSource, index: Int) {
    let (source, first) = sources[sources.lastIndex { $0.firstNumber <= event.number } ?? 0]
    return (source, event.number - first)
  }
}
