import Buffers
import Columns

/// The first pass over a bucket's customers: everything that can be told from one customer alone, and the counts that the second pass
/// and the metrics need of all.
struct CustomerPass {
  private(set) var columns = CustomerColumns()
  private(set) var partials: MetricPartials
  private(set) var gaps: GapCounts
  private let asOf: Int32
  private var months: MonthTable
  private var scratch: Scratch
  private var overflow = false

  /// Arrays that are used again for each customer.
  private struct Scratch {
    var amounts: [Int64] = []
    var gaps: [Int32] = []
    var categoryCounts: [Int32]
    var channelCounts: [Int32]
    var categories: [UInt16] = []
    var channels: [UInt16] = []
    var hours = [Int32](repeating: 0, count: 24)
    var weekdays = [Int32](repeating: 0, count: 7)
  }

  /// Sums over one customer's events.
  private struct Sums {
    var purchases: Int32 = 0, refunds: Int32 = 0
    var gross: Int64 = 0, refunded: Int64 = 0
    var discountRows: Int32 = 0, fullPriceRows: Int32 = 0
    var discount: Int64 = 0, list: Int64 = 0
    var costRows: Int32 = 0
    var cost: Int64 = 0, margin: Int64 = 0
    var timed: Int32 = 0, weekend: Int32 = 0
    var spend: (Int64, Int64, Int64, Int64, Int64, Int64) = (0, 0, 0, 0, 0, 0)
    var bought: (Int32, Int32, Int32, Int32, Int32, Int32) = (0, 0, 0, 0, 0, 0)
    var categoryRows: Int32 = 0, channelRows: Int32 = 0
  }

  init(_ input: TransformInput) {
    asOf = input.options.asOf.number
    partials = MetricPartials(months: input.months)
    gaps = GapCounts()
    months = MonthTable()
    scratch = Scratch(
      categoryCounts: [Int32](repeating: 0, count: input.categories.count), channelCounts: [Int32](repeating: 0, count: input.channels.count))
  }

  mutating func run(_ bucket: BucketEvents) throws(PipelineError) {
    for c in bucket.starts.indices { try customer(bucket, bucket.starts[c], bucket.ends[c]) }
    if overflow {
      throw PipelineError(
        .badInput, "the amounts of a customer or a month add up to more than 2⁶³ minor units", fix: "check the dumps' amounts and feeds.transactions.currency")
    }
  }

  private mutating func customer(_ bucket: BucketEvents, _ from: Int, _ to: Int) throws(PipelineError) {
    var sums = Sums()
    let firstDayAt = columns.days.count
    var lastDay = Int32.min, month: Int32 = 0
    scratch.amounts.removeAll(keepingCapacity: true)
    for i in from..<to {
      let event = bucket.events[i]
      let day = Int32(truncatingIfNeeded: event.second.floorDivided(by: 86_400))
      month = months.month(of: day)
      if event.isRefund {
        refund(event, month, &sums)
        continue
      }
      purchase(event, day, month, &sums)
      if day != lastDay {
        columns.days.append(day)
        lastDay = day
      }
    }
    columns.dayStarts.append(columns.days.count)
    append(sums)
    appendDays(firstDayAt)
    appendCategory(sums, firstDayAt)
    try appendChannel(bucket, from, to, sums)
    appendHabits(sums)
  }

  @inline(__always)
  private mutating func add(_ value: Int64, to sum: inout Int64) {
    let (result, didOverflow) = sum.addingReportingOverflow(value)
    sum = result
    overflow = overflow || didOverflow
  }

  private mutating func refund(_ event: Event, _ month: Int32, _ sums: inout Sums) {
    sums.refunds += 1
    add(event.amount, to: &sums.refunded)
    if event.cost != PackedIntegers.null {
      sums.costRows += 1
      add(-event.cost, to: &sums.cost)
      add(event.cost, to: &sums.margin)
      add(-event.amount, to: &sums.margin)
    }
    partials.refund(month, event.amount, &overflow)
  }

  @inline(__always)
  private mutating func purchase(_ event: Event, _ day: Int32, _ month: Int32, _ sums: inout Sums) {
    sums.purchases += 1
    let amount = event.amount
    add(amount, to: &sums.gross)
    scratch.amounts.append(amount)
    if event.discount != PackedIntegers.null {
      sums.discountRows += 1
      if event.discount == 0 { sums.fullPriceRows += 1 }
      add(event.discount, to: &sums.discount)
      add(amount, to: &sums.list)
      add(event.discount, to: &sums.list)
    }
    if event.cost != PackedIntegers.null {
      sums.costRows += 1
      add(event.cost, to: &sums.cost)
      add(amount, to: &sums.margin)
      add(-event.cost, to: &sums.margin)
    }
    window(amount, asOf &- day, &sums)
    if event.category != 0 {
      if scratch.categoryCounts[Int(event.category)] == 0 { scratch.categories.append(event.category) }
      scratch.categoryCounts[Int(event.category)] += 1
      sums.categoryRows += 1
    }
    if event.channel != 0 {
      if scratch.channelCounts[Int(event.channel)] == 0 { scratch.channels.append(event.channel) }
      scratch.channelCounts[Int(event.channel)] += 1
      sums.channelRows += 1
    }
    let clock = event.second - Int64(day) * 86_400
    if clock != 0 {
      sums.timed += 1
      scratch.hours[Int(clock / 3600)] += 1
    }
    let weekday = Day(day).weekday
    scratch.weekdays[weekday] += 1
    if weekday >= 5 { sums.weekend += 1 }
    partials.purchase(month, amount, &overflow)
  }

  /// A window of n days is (D − n, D], the one before (D − 2n, D − n]. Their sums are bounded by the gross, so they can not overflow alone.
  @inline(__always)
  private func window(_ amount: Int64, _ age: Int32, _ sums: inout Sums) {
    if age >= 730 { return }
    if age < 365 {
      sums.spend.4 &+= amount
      sums.bought.4 += 1
    } else {
      sums.spend.5 &+= amount
      sums.bought.5 += 1
    }
    if age < 90 {
      sums.spend.2 &+= amount
      sums.bought.2 += 1
    } else if age < 180 {
      sums.spend.3 &+= amount
      sums.bought.3 += 1
    }
    if age < 30 {
      sums.spend.0 &+= amount
      sums.bought.0 += 1
    } else if age < 60 {
      sums.spend.1 &+= amount
      sums.bought.1 += 1
    }
  }

  private mutating func append(_ s: Sums) {
    let bought = s.purchases > 0
    columns.bought.append(bought)
    columns.purchases.append(s.purchases)
    columns.refunds.append(s.refunds)
    columns.gross.append(s.gross)
    columns.refunded.append(s.refunded)
    var net = s.gross
    add(-s.refunded, to: &net)
    columns.net.append(net)
    columns.hasGross.append(s.gross > 0)
    columns.refundShare.append(s.gross > 0 ? Double(s.refunded) / Double(s.gross) : 0)

    columns.knowsDiscount.append(s.discountRows > 0)
    columns.list.append(s.list)
    columns.discount.append(s.discount)
    columns.hasList.append(s.list > 0)
    columns.discountShare.append(s.list > 0 ? Double(s.discount) / Double(s.list) : 0)
    columns.fullPriceShare.append(s.discountRows > 0 ? Double(s.fullPriceRows) / Double(s.discountRows) : 0)
    columns.knowsCost.append(s.costRows > 0)
    columns.cost.append(s.cost)
    columns.margin.append(s.margin)

    columns.meanOrder.append(bought ? Double(s.gross) / Double(s.purchases) : 0)
    columns.medianOrder.append(medianAmount())
    columns.spend[0].append(s.spend.0)
    columns.spend[1].append(s.spend.1)
    columns.spend[2].append(s.spend.2)
    columns.spend[3].append(s.spend.3)
    columns.spend[4].append(s.spend.4)
    columns.spend[5].append(s.spend.5)
    columns.boughtIn[0].append(s.bought.0)
    columns.boughtIn[1].append(s.bought.1)
    columns.boughtIn[2].append(s.bought.2)
    columns.boughtIn[3].append(s.bought.3)
    columns.boughtIn[4].append(s.bought.4)
    columns.boughtIn[5].append(s.bought.5)
    let now = Double(s.spend.2), before = Double(s.spend.3)
    columns.hasTrend.append(now + before > 0)
    columns.trend.append(now + before > 0 ? (now - before) / (now + before) : 0)
  }

  private mutating func medianAmount() -> Double {
    let n = scratch.amounts.count
    if n == 0 { return 0 }
    sortShort(&scratch.amounts)
    return n % 2 == 1 ? Double(scratch.amounts[n / 2]) : (Double(scratch.amounts[n / 2 - 1]) + Double(scratch.amounts[n / 2])) / 2
  }

  /// Features of the customer's distinct purchase days, `columns.days` from `first` on.
  private mutating func appendDays(_ first: Int) {
    let n = columns.days.count - first
    guard n > 0 else {
      for append in [\CustomerColumns.firstDay, \.lastDay, \.tenure, \.recency, \.sinceLast, \.frequency, \.gapP90, \.cohort] { columns[keyPath: append].append(0) }
      for append in [\CustomerColumns.gapMean, \.gapMedian, \.gapStd] { columns[keyPath: append].append(0) }
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
      columns.gapMedian.append(0)
      columns.gapStd.append(0)
      columns.gapP90.append(0)
      return
    }
    scratch.gaps.removeAll(keepingCapacity: true)
    var squares: Int64 = 0
    for i in first + 1..<first + n {
      let gap = columns.days[i] &- columns.days[i - 1]
      scratch.gaps.append(gap)
      squares &+= Int64(gap) &* Int64(gap)
    }
    let m = n - 1, sum = Int64(lastDay &- firstDay)
    columns.gapMean.append(Double(sum) / Double(m))
    // Whole numbers up to the division: no cancellation.
    let spread = Double(Int64(m) &* squares &- sum &* sum) / Double(m)
    columns.gapStd.append(m > 1 ? (spread / Double(m - 1)).squareRoot() : 0)
    sortShort(&scratch.gaps)
    columns.gapMedian.append(m % 2 == 1 ? Double(scratch.gaps[m / 2]) : Double(scratch.gaps[m / 2 - 1] + scratch.gaps[m / 2]) / 2)
    columns.gapP90.append(scratch.gaps[nearestRank90(m) - 1])
  }

  private mutating func appendCategory(_ s: Sums, _ firstDayAt: Int) {
    var favourite: UInt16 = 0, most: Int32 = 0
    for code in scratch.categories {
      let count = scratch.categoryCounts[Int(code)]
      if count > most || (count == most && code < favourite) { (favourite, most) = (code, count) }
      scratch.categoryCounts[Int(code)] = 0
    }
    columns.knowsCategory.append(s.categoryRows > 0)
    columns.categories.append(Int32(scratch.categories.count))
    columns.favouriteCategory.append(favourite)
    columns.favouriteCategoryShare.append(s.categoryRows > 0 ? Double(most) / Double(s.categoryRows) : 0)
    scratch.categories.removeAll(keepingCapacity: true)
    gaps.add(columns.days[firstDayAt...], category: favourite)
  }

  private mutating func appendChannel(_ bucket: BucketEvents, _ from: Int, _ to: Int, _ s: Sums) throws(PipelineError) {
    for code in scratch.channels { scratch.channelCounts[Int(code)] = 0 }
    let distinct = scratch.channels.count
    scratch.channels.removeAll(keepingCapacity: true)
    columns.knowsChannel.append(s.channelRows > 0)
    columns.channels.append(Int32(distinct))
    guard s.channelRows > 0 else {
      columns.firstChannel.append(0)
      columns.lastChannel.append(0)
      return
    }
    columns.firstChannel.append(try channel(bucket, Array(from..<to), isFirst: true, distinct))
    columns.lastChannel.append(try channel(bucket, (from..<to).reversed(), isFirst: false, distinct))
  }

  /// The channel of the first purchase in the given order that has one. The order is by the wall clock; where that may be set back, and
  /// among purchases of one second, instant, then transaction id decide (for the last purchase: the greatest), then the channel's name.
  private func channel(_ bucket: BucketEvents, _ order: some Collection<Int>, isFirst: Bool, _ distinct: Int) throws(PipelineError) -> UInt16 {
    var candidates: [Event] = []
    for i in order {
      let event = bucket.events[i]
      if event.isRefund || event.channel == 0 { continue }
      if distinct == 1 { return event.channel }
      if let first = candidates.first, abs(event.second - first.second) > bucket.clockSetBackMax { break }
      candidates.append(event)
    }
    guard var best = candidates.first, candidates.contains(where: { $0.channel != best.channel }) else { return candidates.first?.channel ?? 0 }
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
    for h in 1..<24 where scratch.hours[h] > scratch.hours[hour] { hour = h }
    for d in 1..<7 where scratch.weekdays[d] > scratch.weekdays[weekday] { weekday = d }
    columns.knowsHour.append(s.timed > 0)
    columns.favouriteHour.append(Int32(hour))
    columns.favouriteWeekday.append(s.purchases > 0 ? Int32(weekday + 1) : 0)
    columns.weekendShare.append(s.purchases > 0 ? Double(s.weekend) / Double(s.purchases) : 0)
    for h in 0..<24 { scratch.hours[h] = 0 }
    for d in 0..<7 { scratch.weekdays[d] = 0 }
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
