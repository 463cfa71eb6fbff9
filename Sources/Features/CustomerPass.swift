import Buffers
import Columns

/// The first pass over a bucket's customers: everything that can be told from one customer alone, and the counts that the second pass
/// and the metrics need of all.
struct CustomerPass {
  private(set) var columns = CustomerColumns()
  private(set) var partials: MetricPartials
  private(set) var gaps: GapCounts
  private let asOf: Int32
  private let wanted: WantedColumns
  private var months: MonthTable
  private var categoriesMet: [UInt16] = []
  private var channelsMet: [UInt16] = []
  private var sortedGaps: [Int32] = []
  private var overflow = false

  /// Sums over one customer's events.
  private struct Sums {
    var purchases: Int32 = 0, refunds: Int32 = 0
    var gross: Int64 = 0, refunded: Int64 = 0
    var discountRows: Int32 = 0, fullPriceRows: Int32 = 0
    var discount: Int64 = 0
    /// Of the purchases whose discount is known.
    var paid: Int64 = 0
    var costRows: Int32 = 0
    var cost: Int64 = 0, margin: Int64 = 0
    var timed: Int32 = 0
    var spend = InlineArray<6, Int64>(repeating: 0)
    var bought = InlineArray<6, Int32>(repeating: 0)
    var hours = InlineArray<24, Int32>(repeating: 0)
    var weekdays = InlineArray<7, Int32>(repeating: 0)
    var categoryRows: Int32 = 0, channelRows: Int32 = 0
    /// Of the month at hand.
    var month = MonthSums()
    var overflow = false

    @inline(__always)
    static func add(_ value: Int64, _ sum: inout Int64, _ overflow: inout Bool) {
      let (result, didOverflow) = sum.addingReportingOverflow(value)
      sum = result
      overflow = overflow || didOverflow
    }
  }

  init(_ input: TransformInput) {
    asOf = input.options.asOf.number
    wanted = input.wanted
    partials = MetricPartials(months: input.months)
    gaps = GapCounts()
    months = MonthTable()
    categoryWords = input.categories.count
    channelWords = input.channels.count
  }

  private let categoryWords: Int
  private let channelWords: Int

  mutating func run(_ bucket: BucketEvents) throws(PipelineError) {
    var longest = 0
    for c in bucket.starts.indices { longest = max(longest, bucket.ends[c] - bucket.starts[c]) }
    var amounts = [Int64](repeating: 0, count: longest)
    var categories = [Int32](repeating: 0, count: categoryWords), channels = [Int32](repeating: 0, count: channelWords)
    columns.reserve(bucket.starts.count, days: bucket.eventCount)
    var amountSpan = amounts.mutableSpan, categorySpan = categories.mutableSpan, channelSpan = channels.mutableSpan
    let events = bucket.events.span
    for c in bucket.starts.indices {
      let from = bucket.starts[c], to = bucket.ends[c], firstDayAt = columns.days.count
      let sums = sum(events, from, to, &amountSpan, &categorySpan, &channelSpan)
      columns.dayStarts.append(columns.days.count)
      overflow = overflow || sums.overflow
      append(sums)
      if wanted.medianOrder { columns.medianOrder.append(median(&amountSpan, Int(sums.purchases))) }
      appendDays(firstDayAt)
      appendCategory(sums, firstDayAt, &categorySpan)
      try appendChannel(bucket, from, to, sums, &channelSpan)
      if wanted.habits { appendHabits(sums) }
    }
    if overflow {
      throw PipelineError(
        .badInput, "the amounts of a customer or a month add up to more than 2⁶³ minor units", fix: "check the dumps' amounts and feeds.transactions.currency")
    }
  }

  /// One walk over a customer's events, which are in time order; what belongs to a day is found once a day.
  /// - Parameters:
  ///   - amounts: receives the amounts of the purchases.
  ///   - categories: purchases by category, zero between customers; `channels` likewise.
  @inline(__always)
  private mutating func sum(
    _ events: Span<Event>, _ from: Int, _ to: Int, _ amounts: inout MutableSpan<Int64>, _ categories: inout MutableSpan<Int32>,
    _ channels: inout MutableSpan<Int32>
  ) -> Sums {
    var s = Sums()
    var day: Int32 = 0, dayStart: Int64 = 0, dayEnd = Int64.min, month = Int32.min, weekday = 0, window = (0, 0, 0)
    var lastPurchaseDay = Int32.min
    for i in from..<to {
      let event = events[i]
      if event.second >= dayEnd {
        day = Int32(truncatingIfNeeded: event.second.floorDivided(by: 86_400))
        dayStart = Int64(day) &* 86_400
        dayEnd = dayStart &+ 86_400
        let now = months.month(of: day)
        if now != month {
          flush(month, &s)
          month = now
        }
        weekday = Int(((day % 7) &+ 10) % 7)
        window = Self.windows(asOf &- day)
      }
      if event.isRefund {
        refund(event, &s)
        continue
      }
      if day != lastPurchaseDay {
        columns.days.append(day)
        lastPurchaseDay = day
      }
      amounts[Int(s.purchases)] = event.amount
      purchase(event, window, &s)
      s.weekdays[weekday] &+= 1
      let clock = event.second &- dayStart
      if clock != 0 {
        s.timed &+= 1
        if wanted.habits { s.hours[Int(truncatingIfNeeded: clock / 3600)] &+= 1 }
      }
      if event.category != 0 {
        let code = Int(event.category)
        if categories[code] == 0 { categoriesMet.append(event.category) }
        categories[code] &+= 1
        s.categoryRows &+= 1
      }
      if event.channel != 0 {
        let code = Int(event.channel)
        if channels[code] == 0 { channelsMet.append(event.channel) }
        channels[code] &+= 1
        s.channelRows &+= 1
      }
    }
    flush(month, &s)
    return s
  }

  @inline(__always)
  private func purchase(_ event: Event, _ window: (Int, Int, Int), _ s: inout Sums) {
    let amount = event.amount
    s.purchases &+= 1
    Sums.add(amount, &s.gross, &s.overflow)
    s.month.purchases &+= 1
    Sums.add(amount, &s.month.gross, &s.overflow)
    if event.discount != PackedIntegers.null {
      s.discountRows &+= 1
      s.fullPriceRows &+= event.discount == 0 ? 1 : 0
      Sums.add(event.discount, &s.discount, &s.overflow)
      Sums.add(amount, &s.paid, &s.overflow)
    }
    if event.cost != PackedIntegers.null {
      s.costRows &+= 1
      Sums.add(event.cost, &s.cost, &s.overflow)
      Sums.add(amount, &s.margin, &s.overflow)
      Sums.add(-event.cost, &s.margin, &s.overflow)
    }
    // Their sums are bounded by the gross, so they can not overflow alone.
    if window.0 >= 0 {
      s.spend[window.0] &+= amount
      s.bought[window.0] &+= 1
    }
    if window.1 >= 0 {
      s.spend[window.1] &+= amount
      s.bought[window.1] &+= 1
    }
    if window.2 >= 0 {
      s.spend[window.2] &+= amount
      s.bought[window.2] &+= 1
    }
  }

  private func refund(_ event: Event, _ s: inout Sums) {
    s.refunds &+= 1
    Sums.add(event.amount, &s.refunded, &s.overflow)
    s.month.refunds &+= 1
    Sums.add(event.amount, &s.month.refunded, &s.overflow)
    if event.cost != PackedIntegers.null {
      s.costRows &+= 1
      Sums.add(-event.cost, &s.cost, &s.overflow)
      Sums.add(event.cost, &s.margin, &s.overflow)
      Sums.add(-event.amount, &s.margin, &s.overflow)
    }
  }

  /// Which of the six window sums a day counts in, −1 for none: 30, 90, 365 days and, for each, the one before. A window of n days is
  /// (D − n, D], the one before (D − 2n, D − n].
  @inline(__always)
  private static func windows(_ age: Int32) -> (Int, Int, Int) {
    (age < 30 ? 0 : age < 60 ? 1 : -1, age < 90 ? 2 : age < 180 ? 3 : -1, age < 365 ? 4 : age < 730 ? 5 : -1)
  }

  private mutating func flush(_ month: Int32, _ s: inout Sums) {
    if month == .min { return }
    partials.add(s.month, month, &s.overflow)
    s.month = MonthSums()
  }

  private mutating func append(_ s: Sums) {
    let bought = s.purchases > 0
    columns.bought.append(bought)
    columns.purchases.append(s.purchases)
    columns.refunds.append(s.refunds)
    columns.gross.append(s.gross)
    var net = s.gross
    Sums.add(-s.refunded, &net, &overflow)
    columns.net.append(net)
    var list = s.paid
    Sums.add(s.discount, &list, &overflow)
    columns.knowsDiscount.append(s.discountRows > 0)
    columns.hasList.append(list > 0)
    columns.discountShare.append(list > 0 ? Double(s.discount) / Double(list) : 0)
    columns.knowsCost.append(s.costRows > 0)
    columns.margin.append(s.margin)
    columns.meanOrder.append(bought ? Double(s.gross) / Double(s.purchases) : 0)
    if wanted.moneyDetail {
      columns.hasGross.append(s.gross > 0)
      columns.refundShare.append(s.gross > 0 ? Double(s.refunded) / Double(s.gross) : 0)
      columns.list.append(list)
      columns.discount.append(s.discount)
      columns.fullPriceShare.append(s.discountRows > 0 ? Double(s.fullPriceRows) / Double(s.discountRows) : 0)
      columns.cost.append(s.cost)
    }
    for i in 0..<6 where wanted.windows[i / 2] {
      columns.spend[i].append(s.spend[i])
      columns.boughtIn[i].append(s.bought[i])
    }
    let now = Double(s.spend[2]), before = Double(s.spend[3])
    columns.hasTrend.append(now + before > 0)
    columns.trend.append(now + before > 0 ? (now - before) / (now + before) : 0)
  }

  /// Of the first `n` amounts, which are sorted for it; 0 of none.
  private func median(_ amounts: inout MutableSpan<Int64>, _ n: Int) -> Double {
    if n == 0 { return 0 }
    if n == 1 { return Double(amounts[0]) }
    if n > 32 {
      var sorted: [Int64] = []
      for i in 0..<n { sorted.append(amounts[i]) }
      sorted.sort()
      return n % 2 == 1 ? Double(sorted[n / 2]) : (Double(sorted[n / 2 - 1]) + Double(sorted[n / 2])) / 2
    }
    for i in 1..<n {
      let value = amounts[i]
      var k = i
      while k > 0, amounts[k - 1] > value {
        amounts[k] = amounts[k - 1]
        k -= 1
      }
      amounts[k] = value
    }
    return n % 2 == 1 ? Double(amounts[n / 2]) : (Double(amounts[n / 2 - 1]) + Double(amounts[n / 2])) / 2
  }

  /// Features of the customer's distinct purchase days, `columns.days` from `first` on.
  private mutating func appendDays(_ first: Int) {
    let n = columns.days.count - first
    guard n > 0 else {
      for path in [\CustomerColumns.firstDay, \.lastDay, \.tenure, \.recency, \.sinceLast, \.frequency, \.cohort] { columns[keyPath: path].append(0) }
      for path in [\CustomerColumns.gapMean, \.gapStd] { columns[keyPath: path].append(0) }
      if wanted.gapQuantiles {
        columns.gapMedian.append(0)
        columns.gapP90.append(0)
      }
      columns.hasGap.append(false)
      columns.hasTwoGaps.append(false)
      return
    }
    let firstDay = columns.days[first], lastDay = columns.days[first + n - 1]
    columns.firstDay.append(firstDay)
    columns.lastDay.append(lastDay)
    columns.tenure.append(asOf &- firstDay)
    columns.recency.append(lastDay &- firstDay)
    columns.sinceLast.append(asOf &- lastDay)
    columns.frequency.append(Int32(n - 1))
    columns.cohort.append(months.month(of: firstDay))
    partials.days(columns.days[first..<first + n], &months)
    columns.hasGap.append(n > 1)
    columns.hasTwoGaps.append(n > 2)
    guard n > 1 else {
      columns.gapMean.append(0)
      columns.gapStd.append(0)
      if wanted.gapQuantiles {
        columns.gapMedian.append(0)
        columns.gapP90.append(0)
      }
      return
    }
    sortedGaps.removeAll(keepingCapacity: true)
    var squares: Int64 = 0
    for i in first + 1..<first + n {
      let gap = columns.days[i] &- columns.days[i - 1]
      sortedGaps.append(gap)
      squares &+= Int64(gap) &* Int64(gap)
    }
    let m = n - 1, sum = Int64(lastDay &- firstDay)
    columns.gapMean.append(Double(sum) / Double(m))
    // Whole numbers up to the division: no cancellation.
    let spread = Double(Int64(m) &* squares &- sum &* sum) / Double(m)
    columns.gapStd.append(m > 1 ? (spread / Double(m - 1)).squareRoot() : 0)
    guard wanted.gapQuantiles else { return }
    sortShort(&sortedGaps)
    columns.gapMedian.append(m % 2 == 1 ? Double(sortedGaps[m / 2]) : Double(sortedGaps[m / 2 - 1] + sortedGaps[m / 2]) / 2)
    columns.gapP90.append(sortedGaps[nearestRank90(m) - 1])
  }

  private mutating func appendCategory(_ s: Sums, _ firstDayAt: Int, _ counts: inout MutableSpan<Int32>) {
    var favourite: UInt16 = 0, most: Int32 = 0
    for code in categoriesMet {
      let count = counts[Int(code)]
      if count > most || (count == most && code < favourite) { (favourite, most) = (code, count) }
      counts[Int(code)] = 0
    }
    columns.knowsCategory.append(s.categoryRows > 0)
    columns.categories.append(Int32(categoriesMet.count))
    columns.favouriteCategory.append(favourite)
    columns.favouriteCategoryShare.append(s.categoryRows > 0 ? Double(most) / Double(s.categoryRows) : 0)
    categoriesMet.removeAll(keepingCapacity: true)
    if wanted.gapQuantiles { gaps.add(columns.days[firstDayAt...], category: favourite) }
  }

  private mutating func appendChannel(
    _ bucket: BucketEvents, _ from: Int, _ to: Int, _ s: Sums, _ counts: inout MutableSpan<Int32>
  ) throws(PipelineError) {
    for code in channelsMet { counts[Int(code)] = 0 }
    let distinct = channelsMet.count
    channelsMet.removeAll(keepingCapacity: true)
    columns.knowsChannel.append(s.channelRows > 0)
    columns.channels.append(Int32(distinct))
    guard s.channelRows > 0 else {
      columns.firstChannel.append(0)
      columns.lastChannel.append(0)
      return
    }
    columns.firstChannel.append(try channel(bucket, from, to, isFirst: true, distinct))
    columns.lastChannel.append(try channel(bucket, from, to, isFirst: false, distinct))
  }

  /// The channel of the first purchase in the given order that has one. The order is by the wall clock; where that may be set back, and
  /// among purchases of one second, instant, then transaction id decide (for the last purchase: the greatest), then the channel's name.
  private func channel(_ bucket: BucketEvents, _ from: Int, _ to: Int, isFirst: Bool, _ distinct: Int) throws(PipelineError) -> UInt16 {
    var first: Event?
    var candidates: [Event] = []
    for step in 0..<to - from {
      let event = bucket.events[isFirst ? from + step : to - 1 - step]
      if event.isRefund || event.channel == 0 { continue }
      guard let found = first else {
        first = event
        if distinct == 1 { break }
        continue
      }
      if abs(event.second - found.second) > bucket.clockSetBackMax { break }
      if candidates.isEmpty { candidates.append(found) }
      candidates.append(event)
    }
    guard var best = first, candidates.contains(where: { $0.channel != best.channel }) else { return first?.channel ?? 0 }
    var bestKey = (bucket.instant(best), try bucket.id(best))
    for event in candidates.dropFirst() {
      let key = (bucket.instant(event), try bucket.id(event))
      let isEarlier =
        key.0 != bestKey.0 ? key.0 < bestKey.0 : key.1 != bestKey.1 ? key.1.lexicographicallyPrecedes(bestKey.1) : event.channel < best.channel
      if isEarlier == isFirst { (best, bestKey) = (event, key) }
    }
    return best.channel
  }

  private mutating func appendHabits(_ s: Sums) {
    var hour = 0, weekday = 0
    for h in 1..<24 where s.hours[h] > s.hours[hour] { hour = h }
    for d in 1..<7 where s.weekdays[d] > s.weekdays[weekday] { weekday = d }
    columns.knowsHour.append(s.timed > 0)
    columns.favouriteHour.append(Int32(hour))
    columns.favouriteWeekday.append(s.purchases > 0 ? Int32(weekday + 1) : 0)
    columns.weekendShare.append(s.purchases > 0 ? Double(s.weekdays[5] + s.weekdays[6]) / Double(s.purchases) : 0)
  }
}

/// The place, from 1, of the 90th percentile among `count` sorted values: nearest rank.
@inline(__always) func nearestRank90(_ count: Int) -> Int { (count * 9 + 9) / 10 }

/// Sorts in place; short arrays, which most are, without a call.
@inline(__always)
func sortShort<T: Comparable>(_ values: inout [T]) {
  let n = values.count
  if n > 24 { return values.sort() }
  var i = 1
  while i < n {
    let value = values[i]
    var k = i
    while k > 0, values[k - 1] > value {
      values[k] = values[k - 1]
      k -= 1
    }
    values[k] = value
    i += 1
  }
}
