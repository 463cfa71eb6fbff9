import Buffers
import Columns

/// The first pass over a bucket's customers: everything that can be told from one customer alone, and the counts that the second pass
/// and the metrics need of all.
struct CustomerPass {
  var columns = CustomerColumns()
  private(set) var days = PurchaseDays()
  var partials: MetricPartials
  var gaps: GapCounts
  let asOf: Int32
  let wanted: WantedColumns
  var months: MonthTable
  var categoriesMet: [UInt16] = []
  var channelsMet: [UInt16] = []
  var sortedGaps: [Int32] = []
  var overflow = false
  /// Purchase days so far.
  private var dayCount = 0

  /// Sums over one customer's events.
  struct Sums {
    var purchases: Int32 = 0, refunds: Int32 = 0
    var gross: Int64 = 0, refunded: Int64 = 0
    /// Of the first purchase day; set when a second one comes.
    var firstDayGross: Int64 = 0
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
    /// Of most purchases of the first day; set when a second day comes; 0: none.
    var firstCategory: UInt16 = 0
    /// Of the month at hand.
    var month = MonthSums()
    /// The newest month with a purchase before that, and what it brought; none: `Int32.min`.
    var formerMonth = Int32.min
    var formerNet: Int64 = 0
    /// Month of the first purchase; none so far: `Int32.max`.
    var cohort = Int32.max
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
    // Out of the columns and partials for the walk: there, every access would ask whether somebody else holds the array.
    var amounts = [Int64](repeating: 0, count: longest), days = [Int32](repeating: 0, count: bucket.eventCount)
    var cells = [MonthCell](repeating: MonthCell(), count: partials.new.count)
    var categories = [Int32](repeating: 0, count: categoryWords), channels = [Int32](repeating: 0, count: channelWords)
    self.days.starts.reserveCapacity(bucket.starts.count + 1)
    self.days.starts.append(0)
    var amountSpan = amounts.mutableSpan, categorySpan = categories.mutableSpan, channelSpan = channels.mutableSpan
    var daySpan = days.mutableSpan, cellSpan = cells.mutableSpan
    let events = bucket.events.span
    for c in bucket.starts.indices {
      let from = bucket.starts[c], to = bucket.ends[c], firstDayAt = dayCount
      var sums = Sums()
      sum(events, from, to, &sums, &amountSpan, &daySpan, &cellSpan, &categorySpan, &channelSpan)
      self.days.starts.append(dayCount)
      overflow = overflow || sums.overflow
      append(sums, isRepeat: dayCount - firstDayAt > 1)
      if wanted.medianOrder { columns.medianOrder.append(median(&amountSpan, Int(sums.purchases))) }
      let customerDays = daySpan.span.extracting(firstDayAt..<dayCount)
      appendDays(customerDays)
      appendCategory(sums, customerDays, &categorySpan)
      let customerEvents = events.extracting(from..<to)
      try appendChannel(bucket, customerEvents, sums, &channelSpan)
      if wanted.habits { appendHabits(sums) }
      if wanted.beginnings { appendBeginning(customerEvents, customerDays, &categorySpan) }
      // By now it shows which columns are kept.
      if c == 0 { columns.reserve(bucket.starts.count) }
    }
    partials.take(cellSpan.span)
    days.removeLast(days.count - dayCount)
    self.days.days = days
    if overflow {
      throw PipelineError(
        .badInput, "the amounts of a customer or a month add up to more than 2⁶³ minor units",
        fix: "check the dumps' amounts and feeds.transactions.currency")
    }
  }

  /// One walk over a customer's events, which are in time order; what belongs to a day is found once a day.
  /// - Parameters:
  ///   - s: receives the sums.
  ///   - amounts: receives the amounts of the purchases; `days` the days with one, from `dayCount` on.
  ///   - categories: purchases by category, zero between customers; `channels` likewise.
  @inline(__always)
  private mutating func sum(
    _ events: Span<Event>, _ from: Int, _ to: Int, _ s: inout Sums, _ amounts: inout MutableSpan<Int64>,
    _ days: inout MutableSpan<Int32>, _ cells: inout MutableSpan<MonthCell>, _ categories: inout MutableSpan<Int32>,
    _ channels: inout MutableSpan<Int32>
  ) {
    let firstDayAt = dayCount
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
          flush(month, &s, &cells)
          month = now
        }
        if wanted.habits { weekday = Int(((day % 7) &+ 10) % 7) }
        window = Self.windows(asOf &- day)
      }
      if event.isRefund {
        refund(event, &s)
        continue
      }
      if day != lastPurchaseDay {
        if dayCount == firstDayAt &+ 1 {
          s.firstDayGross = s.gross
          if wanted.firstCategory { s.firstCategory = mostFrequent(categoriesMet, categories).word }
        }
        days[dayCount] = day
        dayCount &+= 1
        lastPurchaseDay = day
      }
      amounts[Int(s.purchases)] = event.amount
      purchase(event, window, &s)
      if wanted.habits {
        s.weekdays[weekday] &+= 1
        let clock = event.second &- dayStart
        if clock != 0 {
          s.timed &+= 1
          s.hours[Int(truncatingIfNeeded: clock / 3600)] &+= 1
        }
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
    flush(month, &s, &cells)
    if s.formerMonth != .min { retain(now: 0, &s, &cells) }
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

  private mutating func flush(_ month: Int32, _ s: inout Sums, _ cells: inout MutableSpan<MonthCell>) {
    if month == .min { return }
    let bought = s.month.purchases > 0
    cells[partials.place(month)].add(s.month, isFirst: bought && s.cohort == .max, &s.overflow)
    if s.formerMonth != .min {
      retain(now: month == s.formerMonth &+ 1 ? s.month.net : 0, &s, &cells)
      s.formerMonth = .min
    }
    if bought {
      (s.formerMonth, s.formerNet) = (month, s.month.net)
      s.cohort = min(s.cohort, month)
    }
    partials.cohorts.add(s.month, month, cohort: s.cohort)
    s.month = MonthSums()
  }

  /// What the customer brought in the month after the newest with a purchase, where that month is one of those looked at.
  @inline(__always)
  private func retain(now: Int64, _ s: inout Sums, _ cells: inout MutableSpan<MonthCell>) {
    let next = s.formerMonth &+ 1
    guard Int(next) - Int(partials.firstMonth) < cells.count else { return }
    cells[partials.place(next)].retain(former: s.formerNet, now: now, &s.overflow)
  }
}
