import Buffers
import Columns

/// From the sums over one customer's events to his values in the columns.
extension CustomerPass {
  /// - Parameter isRepeat: the customer bought on more than one day.
  mutating func append(_ s: Sums, isRepeat: Bool) {
    let bought = s.purchases > 0
    columns.bought.append(bought)
    columns.purchases.append(s.purchases)
    columns.refunds.append(s.refunds)
    columns.gross.append(s.gross)
    if wanted.repeatGross { columns.repeatGross.append(isRepeat ? s.gross &- s.firstDayGross : 0) }
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
    if wanted.moneyDetail {
      columns.hasGross.append(s.gross > 0)
      columns.refundShare.append(s.gross > 0 ? Double(s.refunded) / Double(s.gross) : 0)
      columns.list.append(list)
      columns.discount.append(s.discount)
      columns.fullPriceShare.append(s.discountRows > 0 ? Double(s.fullPriceRows) / Double(s.discountRows) : 0)
    }
    if wanted.cost { columns.cost.append(s.cost) }
    for i in 0..<6 where wanted.windows[i / 2] {
      columns.spend[i].append(s.spend[i])
      columns.boughtIn[i].append(s.bought[i])
    }
    guard wanted.trend else { return }
    let now = Double(s.spend[2]), before = Double(s.spend[3])
    columns.hasTrend.append(now + before > 0)
    columns.trend.append(now + before > 0 ? (now - before) / (now + before) : 0)
  }

  /// Of the first `n` amounts, which are sorted for it; 0 of none.
  func median(_ amounts: inout MutableSpan<Int64>, _ n: Int) -> Double {
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

  /// Features of the customer's distinct purchase days.
  mutating func appendDays(_ days: Span<Int32>) {
    let n = days.count, m = max(n - 1, 0)
    let firstDay = n > 0 ? days[0] : 0, lastDay = n > 0 ? days[m] : 0
    columns.firstDay.append(firstDay)
    columns.lastDay.append(lastDay)
    columns.frequency.append(Int32(m))
    var squares: Int64 = 0
    for i in 1..<max(n, 1) {
      let gap = Int64(days[i] &- days[i - 1])
      squares &+= gap &* gap
    }
    // Whole numbers up to the division: no cancellation.
    let sum = Int64(lastDay &- firstDay), spread = Int64(m) &* squares &- sum &* sum
    columns.gapStd.append(m > 1 ? (Double(spread) / Double(m) / Double(m - 1)).squareRoot() : 0)
    guard wanted.gapQuantiles else { return }
    guard m > 0 else {
      columns.gapMedian.append(0)
      columns.gapP90.append(0)
      return
    }
    sortedGaps.removeAll(keepingCapacity: true)
    for i in 1..<n { sortedGaps.append(days[i] &- days[i - 1]) }
    sortShort(&sortedGaps)
    columns.gapMedian.append(m % 2 == 1 ? Double(sortedGaps[m / 2]) : Double(sortedGaps[m / 2 - 1] + sortedGaps[m / 2]) / 2)
    columns.gapP90.append(sortedGaps[nearestRank90(m) - 1])
  }

  mutating func appendCategory(_ s: Sums, _ days: Span<Int32>, _ counts: inout MutableSpan<Int32>) {
    let (favourite, most) = mostFrequent(categoriesMet, counts)
    for code in categoriesMet { counts[Int(code)] = 0 }
    if wanted.firstCategory {
      let first = days.count > 1 ? s.firstCategory : favourite
      columns.firstCategory.append(first)
      columns.knowsFirstCategory.append(first != 0)
    }
    columns.knowsCategory.append(s.categoryRows > 0)
    columns.categories.append(Int32(categoriesMet.count))
    columns.favouriteCategory.append(favourite)
    if wanted.favouriteCategoryShare {
      columns.favouriteCategoryShare.append(s.categoryRows > 0 ? Double(most) / Double(s.categoryRows) : 0)
    }
    categoriesMet.removeAll(keepingCapacity: true)
    if wanted.gapQuantiles { gaps.add(days, category: favourite) }
  }

  /// The word of most rows and how many these are; among equals the first by name, and 0 of none.
  @inline(__always)
  func mostFrequent(_ words: [UInt16], _ counts: borrowing MutableSpan<Int32>) -> (word: UInt16, rows: Int32) {
    var favourite: UInt16 = 0, most: Int32 = 0
    for word in words {
      let count = counts[Int(word)]
      if count > most || (count == most && word < favourite) { (favourite, most) = (word, count) }
    }
    return (favourite, most)
  }

  mutating func appendChannel(
    _ bucket: BucketEvents, _ events: Span<Event>, _ s: Sums, _ counts: inout MutableSpan<Int32>
  ) throws(PipelineError) {
    for code in channelsMet { counts[Int(code)] = 0 }
    let distinct = channelsMet.count
    channelsMet.removeAll(keepingCapacity: true)
    columns.knowsChannel.append(s.channelRows > 0)
    if wanted.channels { columns.channels.append(Int32(distinct)) }
    let isNamed = s.channelRows > 0
    if wanted.firstChannel { columns.firstChannel.append(isNamed ? try channel(bucket, events, isFirst: true, distinct) : 0) }
    if wanted.lastChannel { columns.lastChannel.append(isNamed ? try channel(bucket, events, isFirst: false, distinct) : 0) }
  }

  /// The channel of the first purchase in the given order that has one. The order is by the wall clock; where that may be set back, and
  /// among purchases of one second, instant, then transaction id decide (for the last purchase: the greatest), then the channel's name.
  func channel(_ bucket: BucketEvents, _ events: Span<Event>, isFirst: Bool, _ distinct: Int) throws(PipelineError) -> UInt16 {
    var first: Event?
    var candidates: [Event] = []
    for step in events.indices {
      let event = events[isFirst ? step : events.count - 1 - step]
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
        key.0 != bestKey.0
        ? key.0 < bestKey.0 : key.1 != bestKey.1 ? key.1.lexicographicallyPrecedes(bestKey.1) : event.channel < best.channel
      if isEarlier == isFirst { (best, bestKey) = (event, key) }
    }
    return best.channel
  }

  mutating func appendHabits(_ s: Sums) {
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
