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
///
/// One of these serves one thread for bucket after bucket: its largest array is used again. All else is unpacked stripe by stripe, in
/// pieces that stay in the cache.
struct BucketEvents {
  /// In byte order.
  private(set) var ids = TextColumn()
  /// Events of customer c (in that order): `events[starts[c] ..< ends[c]]`.
  private(set) var starts: [Int] = []
  private(set) var ends: [Int] = []
  private(set) var events: [Event] = []
  /// How many of `events` are this bucket's.
  private(set) var eventCount = 0
  private var sources: [(source: EventSource, firstNumber: Int)] = []
  private var bucket = 0
  /// By how many seconds a wall clock may be set back: never by more than a day, and in UTC not at all.
  private(set) var clockSetBackMax: Int64 = 0

  /// An event that was dropped, or is not visible as of the day.
  private static let skipped = UInt32.max

  mutating func load(bucket: Int, input: TransformInput) throws(PipelineError) {
    self.bucket = bucket
    clockSetBackMax = input.zone.isUTC ? 0 : 86_400
    (ids, sources) = (TextColumn(), [])
    starts.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    var table = TextTable(expected: 1024, secret: input.secret)
    var customers: [[UInt32]] = [], numbers: [[UInt32]] = [], total = 0
    for source in input.sources {
      let column = try source.segment.customers(stripe: source.stripe, bucket: bucket)
      var inTable: [UInt32] = []
      table.encode(column.bytes.span, lengths: column.lengths.span, into: &inTable)
      sources.append((source, total))
      total += column.codes.count
      customers.append(column.codes)
      numbers.append(inTable)
    }
    guard total < Int(Event.refundBit) else {
      throw PipelineError(.badInput, "bucket \(bucket) holds \(total) events, at most 2³¹ fit", fix: "make the store with more buckets")
    }
    // Events are laid out in the order in which the customers are walked afterwards: then that walk reads memory from front to back.
    let all = TextColumn(offsets: table.offsets, bytes: table.bytes), order = IdentifierOrder.sorted(all)
    var ranks = [UInt32](repeating: 0, count: order.count)
    for (rank, number) in order.enumerated() { ranks[Int(number)] = UInt32(truncatingIfNeeded: rank) }
    let isLeftOut = input.picksWithinBuckets ? Self.leftOut(all, order, oneIn: input.options.sampledOneIn) : []
    for p in customers.indices {
      Self.translate(&numbers[p], ranks)
      try makeVisible(&customers[p], numbers[p], sources[p].source, input)
      if input.picksWithinBuckets {
        for i in customers[p].indices where customers[p][i] != Self.skipped && isLeftOut[Int(customers[p][i])] {
          customers[p][i] = Self.skipped
        }
      }
    }
    // `next[c]` is where customer c's next event goes.
    var next = [Int](repeating: 0, count: order.count + 1)
    for codes in customers { Self.count(codes, &next) }
    for c in 1..<max(1, next.count) { next[c] += next[c - 1] }
    let begin = next, visibleCount = next.last ?? 0
    eventCount = visibleCount
    if events.count < visibleCount {
      events.append(
        contentsOf: repeatElement(
          Event(second: 0, amount: 0, discount: 0, cost: 0, category: 0, channel: 0, place: 0), count: visibleCount - events.count))
    }
    for (p, codes) in customers.enumerated() { try scatter(codes, p, input, &next) }
    group(begin, next, all, order)
  }

  /// By rank, whether the customer is not in the sample.
  private static func leftOut(_ all: TextColumn, _ order: [UInt32], oneIn: Int) -> [Bool] {
    order.map { customer in
      let place = Int(all.offsets[Int(customer)])..<Int(all.offsets[Int(customer) + 1])
      return customerHash(all.bytes, in: place) & UInt64(oneIn - 1) != 0
    }
  }

  /// From a stripe's own numbers of the events' customers to their ranks in the bucket, or `skipped`.
  private func makeVisible(_ codes: inout [UInt32], _ ranks: [UInt32], _ source: EventSource, _ input: TransformInput) throws(PipelineError)
  {
    let first = source.bucketStarts[bucket], last = source.bucketStarts[bucket + 1]
    Self.translate(&codes, ranks)
    var low = 0, high = source.dropped.count
    while low < high {
      let middle = (low + high) / 2
      if Int(source.dropped[middle]) < first { low = middle + 1 } else { high = middle }
    }
    while low < source.dropped.count, Int(source.dropped[low]) < last {
      codes[Int(source.dropped[low]) - first] = Self.skipped
      low += 1
    }
    if source.mayReachBeyondAsOf {
      var times = try source.segment.times(stripe: source.stripe, bucket: bucket)
      input.zone.shiftToLocal(&times)
      for i in codes.indices where times[i] >= input.endOfAsOf { codes[i] = Self.skipped }
    }
  }

  private static func translate<T: FixedWidthInteger>(_ codes: inout [T], _ numbers: [T]) {
    var codes = codes.mutableSpan
    let numbers = numbers.span
    for i in codes.indices { codes[i] = numbers[Int(codes[i])] }
  }

  private static func count(_ codes: [UInt32], _ counts: inout [Int]) {
    var counts = counts.mutableSpan
    let codes = codes.span
    for i in codes.indices where codes[i] != skipped { counts[Int(codes[i]) + 1] += 1 }
  }

  /// Puts one stripe's events to their customers.
  private mutating func scatter(_ codes: [UInt32], _ p: Int, _ input: TransformInput, _ next: inout [Int]) throws(PipelineError) {
    let source = sources[p].source, firstNumber = UInt32(truncatingIfNeeded: sources[p].firstNumber)
    var columns = try source.segment.events(stripe: source.stripe, bucket: bucket)
    input.zone.shiftToLocal(&columns.times)
    Self.translate(&columns.categories, source.categories)
    Self.translate(&columns.channels, source.channels)
    let kinds = columns.kinds.span, times = columns.times.span, amounts = columns.amounts.span
    let discounts = columns.discounts.span, costs = columns.costs.span
    let categories = columns.categories.span, channels = columns.channels.span, codes = codes.span
    let hasDiscount = discounts.count > 0, hasCost = costs.count > 0, hasCategory = categories.count > 0, hasChannel = channels.count > 0
    var next = next.mutableSpan, events = events.mutableSpan
    for i in kinds.indices where codes[i] != Self.skipped {
      let customer = Int(codes[i])
      let at = next[customer]
      next[customer] = at + 1
      events[at] = Event(
        second: times[i], amount: amounts[i], discount: hasDiscount ? discounts[i] : PackedIntegers.null,
        cost: hasCost ? costs[i] : PackedIntegers.null, category: hasCategory ? categories[i] : 0, channel: hasChannel ? channels[i] : 0,
        place: (firstNumber &+ UInt32(truncatingIfNeeded: i)) | (kinds[i] == 0 ? 0 : Event.refundBit))
    }
  }

  /// Customers with a visible event, by id, and each one's events by time, which they mostly are already.
  /// - Parameter order: places in `all` by rank.
  private mutating func group(_ begin: [Int], _ end: [Int], _ all: TextColumn, _ order: [UInt32]) {
    var ids = TextColumn()
    ids.bytes.reserveCapacity(all.bytes.count)
    ids.offsets.reserveCapacity(all.offsets.count)
    let bytes = all.bytes.span, offsets = all.offsets.span
    for (rank, c) in order.lazy.map(Int.init).enumerated() where end[rank] > begin[rank] {
      starts.append(begin[rank])
      ends.append(end[rank])
      // A slice would cost more than the few bytes of an id.
      for k in Int(offsets[c])..<Int(offsets[c + 1]) { ids.bytes.append(bytes[k]) }
      ids.offsets.append(UInt32(ids.bytes.count))
    }
    self.ids = ids
    let starts = self.starts, ends = self.ends
    var out = events.mutableSpan
    for c in starts.indices { Self.sortByTime(&out, starts[c], ends[c]) }
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
