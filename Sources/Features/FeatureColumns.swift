import Columns

/// The customer table out of the buckets' columns: names, units, meanings and NULL rules stand here once, for the code and for
/// `data_dictionary`. Buckets are emptied column by column, so that the values do not stand in memory twice.
func assemble(_ buckets: inout [BucketFeatures], _ input: TransformInput) throws(PipelineError) -> (Table, runStarts: [Int]) {
  var assembler = Assembler(buckets)
  try assembler.addIdentifiers(&buckets)
  assembler.addPurchases(&buckets)
  assembler.addMoney(&buckets)
  assembler.addWindows(&buckets)
  assembler.addGaps(&buckets)
  assembler.addCategoriesAndChannels(&buckets, input)
  assembler.addHabits(&buckets)
  return (assembler.table, assembler.runStarts)
}

struct Assembler {
  private(set) var table: Table
  private(set) var runStarts: [Int] = []
  private let count: Int
  private let neverBought = "the customer has no purchase"

  init(_ buckets: [BucketFeatures]) {
    count = buckets.reduce(0) { $0 + $1.ids.count }
    table = Table(rowCount: count)
    var start = 0
    for bucket in buckets {
      runStarts.append(start)
      start += bucket.ids.count
    }
  }

  /// Takes a column out of every bucket and puts the pieces behind each other.
  private func take<T>(_ buckets: inout [BucketFeatures], _ path: WritableKeyPath<CustomerColumns, [T]>) -> [T] {
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

  mutating func addIdentifiers(_ buckets: inout [BucketFeatures]) throws(PipelineError) {
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
  }

  private var bought: [Bool]? { boughtFlags }
  private var boughtFlags: [Bool]?

  private mutating func int(
    _ name: String, _ kind: ColumnDefinition.Kind = .integer, _ unit: String, _ meaning: String, _ values: [Int32], _ flags: [Bool]?, _ nullWhen: String
  ) {
    table.append(Column(ColumnDefinition(name, kind, unit: unit, meaning, nullWhen: flags == nil && nullWhen.isEmpty ? "" : nullWhen), .int32(values), isPresent: flags))
  }

  private mutating func money(_ name: String, _ meaning: String, _ values: [Int64], _ flags: [Bool]? = nil, _ nullWhen: String = "") {
    table.append(Column(ColumnDefinition(name, .integer, unit: "minor", meaning, nullWhen: nullWhen), .int64(values), isPresent: flags))
  }

  private mutating func real(_ name: String, _ unit: String, _ meaning: String, _ values: [Double], _ flags: [Bool]?, _ nullWhen: String) {
    table.append(Column(ColumnDefinition(name, .real, unit: unit, meaning, nullWhen: nullWhen), .double(values), isPresent: flags))
  }

  mutating func addPurchases(_ buckets: inout [BucketFeatures]) {
    boughtFlags = presence(take(&buckets, \.bought))
    int("first_purchase", .date, "", "day of the first purchase", take(&buckets, \.firstDay), bought, neverBought)
    int("last_purchase", .date, "", "day of the newest purchase", take(&buckets, \.lastDay), bought, neverBought)
    int("tenure_days", .integer, "days", "T: from the first purchase to the as-of day", take(&buckets, \.tenure), bought, neverBought)
    int("recency_days", .integer, "days", "t_x: from the first to the newest purchase", take(&buckets, \.recency), bought, neverBought)
    int("days_since_last", .integer, "days", "from the newest purchase to the as-of day", take(&buckets, \.sinceLast), bought, neverBought)
    int("frequency", .integer, "count", "x: distinct purchase days − 1", take(&buckets, \.frequency), bought, neverBought)
    int("purchases", .integer, "count", "purchase rows", take(&buckets, \.purchases), nil, "")
    int("refunds", .integer, "count", "refund rows", take(&buckets, \.refunds), nil, "")
  }

  mutating func addMoney(_ buckets: inout [BucketFeatures]) {
    let knowsDiscount = presence(take(&buckets, \.knowsDiscount)), knowsCost = presence(take(&buckets, \.knowsCost))
    let noDiscount = "no purchase of the customer says its discount", noCost = "no row of the customer says its cost"
    let hasGross = presence(take(&buckets, \.hasGross))
    _ = take(&buckets, \.refunded)
    real("refund_share", "share 0…", "amount refunded ÷ gross", take(&buckets, \.refundShare), hasGross, "gross is 0")
    money("list_minor", "Σ (amount + discount) of the purchases whose discount is known", take(&buckets, \.list), knowsDiscount, noDiscount)
    money("gross_minor", "Σ amount of purchases: what was paid, after discount", take(&buckets, \.gross))
    money("net_minor", "gross − Σ amount of refunds", take(&buckets, \.net))
    money("discount_minor", "Σ discount of purchases", take(&buckets, \.discount), knowsDiscount, noDiscount)
    let hasList = presence(take(&buckets, \.hasList))
    real("discount_share", "share 0…1", "discount ÷ list", take(&buckets, \.discountShare), hasList, noDiscount + ", or list is 0")
    real("full_price_share", "share 0…1", "purchases without a discount ÷ those whose discount is known", take(&buckets, \.fullPriceShare), knowsDiscount, noDiscount)
    money("cost_minor", "Σ cost of purchases − Σ cost of refunds, where known", take(&buckets, \.cost), knowsCost, noCost)
    money("margin_minor", "net − cost, over the rows whose cost is known; a refund gives its cost back", take(&buckets, \.margin), knowsCost, noCost)
    real("mean_order_minor", "minor", "gross ÷ purchases", take(&buckets, \.meanOrder), bought, neverBought)
    real("median_order_minor", "minor", "median amount of a purchase", take(&buckets, \.medianOrder), bought, neverBought)
  }

  mutating func addWindows(_ buckets: inout [BucketFeatures]) {
    for (i, days) in [30, 90, 365].enumerated() {
      money("spend_\(days)d_minor", "Σ amount of purchases in the last \(days) days", take(&buckets, \.spend[2 * i]))
      money("spend_prev_\(days)d_minor", "Σ amount of purchases in the \(days) days before those", take(&buckets, \.spend[2 * i + 1]))
      int("purchases_\(days)d", .integer, "count", "purchases in the last \(days) days", take(&buckets, \.boughtIn[2 * i]), nil, "")
      int("purchases_prev_\(days)d", .integer, "count", "purchases in the \(days) days before those", take(&buckets, \.boughtIn[2 * i + 1]), nil, "")
    }
    let hasTrend = presence(take(&buckets, \.hasTrend))
    real(
      "spend_trend", "−1…1", "(spend of the last 90 days − of the 90 before) ÷ their sum", take(&buckets, \.trend), hasTrend,
      "nothing was spent in the last 180 days")
  }

  mutating func addGaps(_ buckets: inout [BucketFeatures]) {
    let one = presence(take(&buckets, \.hasGap)), two = presence(take(&buckets, \.hasTwoGaps))
    let noGap = "fewer than 2 purchase days"
    real("gap_mean_days", "days", "mean gap between purchase days", take(&buckets, \.gapMean), one, noGap)
    real("gap_median_days", "days", "median gap between purchase days", take(&buckets, \.gapMedian), one, noGap)
    real("gap_std_days", "days", "standard deviation (n − 1) of the gaps", take(&buckets, \.gapStd), two, "fewer than 3 purchase days")
    int("gap_p90_days", .integer, "days", "90th percentile (nearest rank) of the gaps", take(&buckets, \.gapP90), one, noGap)
    int(
      "rhythm_days", .integer, "days", "H: expected longest gap, 14…365: the own 90th percentile from 5 gaps on, shrunk to the favourite category's below",
      take(&buckets, \.rhythm), bought, neverBought)
    int("overdue_days", .integer, "days", "days since the newest purchase beyond the rhythm; 0 when not overdue", take(&buckets, \.overdue), bought, neverBought)
    real("overdue_ratio", "ratio", "days since the newest purchase ÷ rhythm", take(&buckets, \.overdueRatio), bought, neverBought)
  }

  mutating func addCategoriesAndChannels(_ buckets: inout [BucketFeatures], _ input: TransformInput) {
    let category = presence(take(&buckets, \.knowsCategory)), channel = presence(take(&buckets, \.knowsChannel))
    let noCategory = "no purchase of the customer names a category", noChannel = "no purchase of the customer names a channel"
    int("categories", .integer, "count", "distinct categories bought", take(&buckets, \.categories), category, noCategory)
    words("favourite_category", "category of most purchases; among equals the first by name", take(&buckets, \.favouriteCategory), input.categories, category, noCategory)
    real("favourite_category_share", "share 0…1", "its purchases ÷ those that name a category", take(&buckets, \.favouriteCategoryShare), category, noCategory)
    words("first_channel", "channel of the first purchase that names one", take(&buckets, \.firstChannel), input.channels, channel, noChannel)
    words("last_channel", "channel of the newest purchase that names one", take(&buckets, \.lastChannel), input.channels, channel, noChannel)
    int("channels", .integer, "count", "distinct channels bought through", take(&buckets, \.channels), channel, noChannel)
  }

  private mutating func words(_ name: String, _ meaning: String, _ codes: [UInt16], _ words: [String], _ flags: [Bool]?, _ nullWhen: String) {
    table.append(Column(ColumnDefinition(name, .text, meaning, nullWhen: nullWhen), .code(codes, dictionary: words), isPresent: flags))
  }

  mutating func addHabits(_ buckets: inout [BucketFeatures]) {
    let hour = presence(take(&buckets, \.knowsHour))
    int("favourite_hour", .integer, "hour 0…23", "hour of most purchases, of those with a time of day other than 00:00:00; among equals the earliest", take(&buckets, \.favouriteHour), hour, "no purchase has a time of day other than 00:00:00")
    int("favourite_weekday", .integer, "1 Monday … 7 Sunday", "weekday of most purchases; among equals the first", take(&buckets, \.favouriteWeekday), bought, neverBought)
    real("weekend_share", "share 0…1", "purchases on Saturdays and Sundays ÷ purchases", take(&buckets, \.weekendShare), bought, neverBought)
    int("cohort_month", .month, "", "month of the first purchase", take(&buckets, \.cohort), bought, neverBought)
  }
}
