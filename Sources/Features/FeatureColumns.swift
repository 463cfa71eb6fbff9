import Buffers
import Columns
import Synchronization

/// The customer table out of the buckets' columns: names, units, meanings and NULL rules stand here once, for the code and for
/// `data_dictionary`. Buckets are emptied column by column, so that the values do not stand in memory twice.
/// The order of the ids is found on another thread meanwhile.
func assemble(_ buckets: consuming [BucketFeatures], _ input: TransformInput) throws(PipelineError) -> (Table, byID: [UInt32]) {
  var assembler = Assembler(buckets, input.wanted)
  let ids = try assembler.addIdentifiers()
  let order = Mutex<[UInt32]>([]), whole = Mutex(consume assembler)
  inParallel(2, threads: input.options.threads) { task in
    if task == 0 {
      let sorted = IdentifierOrder.sorted(ids)
      order.withLock { $0 = sorted }
    } else {
      whole.withLock { $0.addValues(categories: input.categories, channels: input.channels) }
    }
  }
  return (whole.withLock { $0.table }, order.withLock { $0 })
}

/// All columns that transform can give a customer, in their order.
package let featureColumnDefinitions: [ColumnDefinition] = {
  var assembler = Assembler([], WantedColumns(nil, TransformOptions(asOf: Day(0), threads: 1)))
  _ = try? assembler.addIdentifiers()
  assembler.addValues(categories: [], channels: [])
  return assembler.table.columns.map(\.definition)
}()

struct Assembler: Sendable {
  private(set) var table: Table
  private let count: Int
  private var buckets: [BucketFeatures]
  private let wanted: WantedColumns
  private let neverBought = "the customer has no purchase"

  init(_ buckets: [BucketFeatures], _ wanted: WantedColumns) {
    self.buckets = buckets
    self.wanted = wanted
    count = buckets.reduce(0) { $0 + $1.ids.count }
    table = Table(rowCount: count)
  }

  /// Takes a column out of every bucket and puts the pieces behind each other.
  private mutating func take<T>(_ path: WritableKeyPath<CustomerColumns, [T]>) -> [T] {
    var all: [T] = []
    all.reserveCapacity(count)
    for b in buckets.indices {
      all.append(contentsOf: buckets[b].columns[keyPath: path])
      buckets[b].columns[keyPath: path] = []
    }
    return all
  }

  /// nil where every row has a value.
  private func presence(_ flags: [Bool]) -> [Bool]? { flags.allSatisfy { $0 } ? nil : flags }

  mutating func addValues(categories: [String], channels: [String]) {
    addPurchases()
    addMoney()
    addWindows()
    addGaps()
    addCategoriesAndChannels(categories: categories, channels: channels)
    addHabits()
  }

  mutating func addIdentifiers() throws(PipelineError) -> TextColumn {
    var ids = TextColumn()
    ids.offsets.reserveCapacity(count + 1)
    let bytes = buckets.reduce(0) { $0 + $1.ids.bytes.count }
    guard UInt64(bytes) < UInt64(UInt32.max) else {
      throw PipelineError(.badInput, "the customers' ids have \(bytes) bytes together, at most 4 GiB fit", fix: "use shorter ids")
    }
    ids.bytes.reserveCapacity(bytes)
    for b in buckets.indices {
      let base = UInt32(ids.bytes.count)
      ids.bytes.append(contentsOf: buckets[b].ids.bytes)
      for offset in buckets[b].ids.offsets.dropFirst() { ids.offsets.append(base + offset) }
      buckets[b].ids = TextColumn()
    }
    table.append(Column(ColumnDefinition("customer_id", .text, "the customer, as the dumps name him"), .text(ids)))
    return ids
  }

  private var bought: [Bool]? { boughtFlags }
  private var boughtFlags: [Bool]?

  private mutating func int(
    _ name: String, _ kind: ColumnDefinition.Kind = .integer, _ unit: String, _ meaning: String,
    _ path: WritableKeyPath<CustomerColumns, [Int32]>,
    _ flags: [Bool]?, _ nullWhen: String
  ) {
    guard wanted(name) else { return }
    table.append(Column(ColumnDefinition(name, kind, unit: unit, meaning, nullWhen: nullWhen), .int32(take(path)), isPresent: flags))
  }

  private mutating func money(
    _ name: String, _ meaning: String, _ path: WritableKeyPath<CustomerColumns, [Int64]>, _ flags: [Bool]? = nil, _ nullWhen: String = ""
  ) {
    guard wanted(name) else { return }
    table.append(Column(ColumnDefinition(name, .integer, unit: "minor", meaning, nullWhen: nullWhen), .int64(take(path)), isPresent: flags))
  }

  private mutating func real(
    _ name: String, _ unit: String, _ meaning: String, _ path: WritableKeyPath<CustomerColumns, [Double]>, _ flags: [Bool]?,
    _ nullWhen: String
  ) {
    guard wanted(name) else { return }
    table.append(Column(ColumnDefinition(name, .real, unit: unit, meaning, nullWhen: nullWhen), .double(take(path)), isPresent: flags))
  }

  mutating func addPurchases() {
    boughtFlags = presence(take(\.bought))
    int("first_purchase", .date, "", "day of the first purchase", \.firstDay, bought, neverBought)
    int("last_purchase", .date, "", "day of the newest purchase", \.lastDay, bought, neverBought)
    int("tenure_days", .integer, "days", "T: from the first purchase to the as-of day", \.tenure, bought, neverBought)
    int("recency_days", .integer, "days", "t_x: from the first to the newest purchase", \.recency, bought, neverBought)
    int("days_since_last", .integer, "days", "from the newest purchase to the as-of day", \.sinceLast, bought, neverBought)
    int("frequency", .integer, "count", "x: distinct purchase days − 1", \.frequency, bought, neverBought)
    int("purchases", .integer, "count", "purchase rows", \.purchases, nil, "")
    int("refunds", .integer, "count", "refund rows", \.refunds, nil, "")
  }

  mutating func addMoney() {
    let knowsDiscount = presence(take(\.knowsDiscount)), knowsCost = presence(take(\.knowsCost))
    let noDiscount = "no purchase of the customer says its discount", noCost = "no row of the customer says its cost"
    let hasGross = presence(take(\.hasGross))
    real("refund_share", "share 0…", "amount refunded ÷ gross", \.refundShare, hasGross, "gross is 0")
    money("list_minor", "Σ (amount + discount) of the purchases whose discount is known", \.list, knowsDiscount, noDiscount)
    money("gross_minor", "Σ amount of purchases: what was paid, after discount", \.gross)
    money("repeat_gross_minor", "Σ amount of purchases on all purchase days but the first", \.repeatGross)
    money("net_minor", "gross − Σ amount of refunds", \.net)
    money("discount_minor", "Σ discount of purchases", \.discount, knowsDiscount, noDiscount)
    let hasList = presence(take(\.hasList))
    real("discount_share", "share 0…1", "discount ÷ list", \.discountShare, hasList, noDiscount + ", or list is 0")
    real(
      "full_price_share", "share 0…1", "purchases without a discount ÷ those whose discount is known", \.fullPriceShare, knowsDiscount,
      noDiscount)
    money("cost_minor", "Σ cost of purchases − Σ cost of refunds, where known", \.cost, knowsCost, noCost)
    money("margin_minor", "net − cost, over the rows whose cost is known; a refund gives its cost back", \.margin, knowsCost, noCost)
    real("mean_order_minor", "minor", "gross ÷ purchases", \.meanOrder, bought, neverBought)
    real("median_order_minor", "minor", "median amount of a purchase", \.medianOrder, bought, neverBought)
  }

  mutating func addWindows() {
    for (i, days) in [30, 90, 365].enumerated() {
      money("spend_\(days)d_minor", "Σ amount of purchases in the last \(days) days", \.spend[2 * i])
      money("spend_prev_\(days)d_minor", "Σ amount of purchases in the \(days) days before those", \.spend[2 * i + 1])
      int("purchases_\(days)d", .integer, "count", "purchases in the last \(days) days", \.boughtIn[2 * i], nil, "")
      int("purchases_prev_\(days)d", .integer, "count", "purchases in the \(days) days before those", \.boughtIn[2 * i + 1], nil, "")
    }
    let hasTrend = presence(take(\.hasTrend))
    real(
      "spend_trend", "−1…1", "(spend of the last 90 days − of the 90 before) ÷ their sum", \.trend, hasTrend,
      "nothing was spent in the last 180 days")
  }

  mutating func addGaps() {
    let one = presence(take(\.hasGap)), two = presence(take(\.hasTwoGaps))
    let noGap = "fewer than 2 purchase days"
    real("gap_mean_days", "days", "mean gap between purchase days", \.gapMean, one, noGap)
    real("gap_median_days", "days", "median gap between purchase days", \.gapMedian, one, noGap)
    real("gap_std_days", "days", "standard deviation (n − 1) of the gaps", \.gapStd, two, "fewer than 3 purchase days")
    int("gap_p90_days", .integer, "days", "90th percentile (nearest rank) of the gaps", \.gapP90, one, noGap)
    int(
      "rhythm_days", .integer, "days",
      "H: expected longest gap, 14…365: the own 90th percentile from 5 gaps on, shrunk to the favourite category's below",
      \.rhythm, bought, neverBought)
    int(
      "overdue_days", .integer, "days", "days since the newest purchase beyond the rhythm; 0 when not overdue", \.overdue, bought,
      neverBought)
    real("overdue_ratio", "ratio", "days since the newest purchase ÷ rhythm", \.overdueRatio, bought, neverBought)
    int(
      "lost_after_days", .integer, "days",
      "L of the newest purchase: lost that many days after it without another; 2 H within 60…365, or the pipeline's churn.horizon",
      \.lostAfter, bought, neverBought)
    let cameBack = presence(take(\.cameBack))
    int(
      "regained_on", .date, "", "day of the newest purchase that came after the customer had been lost", \.regainedOn, cameBack,
      "the customer has not come back after being lost")
  }

  mutating func addCategoriesAndChannels(categories: [String], channels: [String]) {
    let category = presence(take(\.knowsCategory)), channel = presence(take(\.knowsChannel))
    let noCategory = "no purchase of the customer names a category", noChannel = "no purchase of the customer names a channel"
    int("categories", .integer, "count", "distinct categories bought", \.categories, category, noCategory)
    words(
      "favourite_category", "category of most purchases; among equals the first by name", \.favouriteCategory, categories, category,
      noCategory)
    real(
      "favourite_category_share", "share 0…1", "its purchases ÷ those that name a category", \.favouriteCategoryShare, category, noCategory)
    words(
      "first_category", "category of most purchases of the first purchase day; among equals the first by name", \.firstCategory, categories,
      wanted("first_category") ? presence(take(\.knowsFirstCategory)) : nil, "no purchase of that day names a category")
    words("first_channel", "channel of the first purchase that names one", \.firstChannel, channels, channel, noChannel)
    words("last_channel", "channel of the newest purchase that names one", \.lastChannel, channels, channel, noChannel)
    int("channels", .integer, "count", "distinct channels bought through", \.channels, channel, noChannel)
  }

  private mutating func words(
    _ name: String, _ meaning: String, _ path: WritableKeyPath<CustomerColumns, [UInt16]>, _ words: [String], _ flags: [Bool]?,
    _ nullWhen: String
  ) {
    guard wanted(name) else { return }
    table.append(Column(ColumnDefinition(name, .text, meaning, nullWhen: nullWhen), .code(take(path), dictionary: words), isPresent: flags))
  }

  mutating func addHabits() {
    let hour = presence(take(\.knowsHour))
    int(
      "favourite_hour", .integer, "hour 0…23",
      "hour of most purchases, of those with a time of day other than 00:00:00; among equals the earliest",
      \.favouriteHour, hour, "no purchase has a time of day other than 00:00:00")
    int(
      "favourite_weekday", .integer, "1 Monday … 7 Sunday", "weekday of most purchases; among equals the first", \.favouriteWeekday, bought,
      neverBought)
    real("weekend_share", "share 0…1", "purchases on Saturdays and Sundays ÷ purchases", \.weekendShare, bought, neverBought)
    int("cohort_month", .month, "", "month of the first purchase", \.cohort, bought, neverBought)
  }
}
