import Buffers
import Columns
import Synchronization

/// The customer table out of the gathered columns: names, units, meanings and NULL rules stand here once, for the code and for
/// `data_dictionary`. The order of the ids is found on another thread meanwhile.
func assemble(_ gathered: GatheredCustomers, _ input: TransformInput) -> (Table, byID: [UInt32]) {
  let ids = gathered.ids, assembler = Assembler(gathered.columns, input.wanted, asOf: input.options.asOf)
  let order = Mutex<[UInt32]>([]), values = Mutex<[Column]>([])
  inParallel(2, threads: input.options.threads) { task in
    if task == 0 {
      let sorted = IdentifierOrder.sorted(ids)
      order.withLock { $0 = sorted }
    } else {
      let columns = assembler.columns(categories: input.categories, channels: input.channels)
      values.withLock { $0 = columns }
    }
  }
  var table = Table(rowCount: ids.count, columns: [Assembler.identifiers(ids)])
  for column in values.withLock({ $0 }) { table.append(column) }
  return (table, order.withLock { $0 })
}

/// All columns that transform can give a customer, in their order.
package let featureColumnDefinitions: [ColumnDefinition] = {
  let options = TransformOptions(asOf: Day(0), threads: 1)
  let assembler = Assembler(CustomerColumns(), WantedColumns(nil, options), asOf: options.asOf)
  return ([Assembler.identifiers(TextColumn())] + assembler.columns(categories: [], channels: [])).map(\.definition)
}()

private struct Assembler: Sendable {
  private let columns: CustomerColumns
  private let asOf: Int32
  private let wanted: WantedColumns
  /// nil: everyone has a purchase.
  private let bought: [Bool]?
  private let neverBought = "the customer has no purchase"

  init(_ columns: CustomerColumns, _ wanted: WantedColumns, asOf: Day) {
    (self.columns, self.wanted, self.asOf) = (columns, wanted, asOf.number)
    bought = Self.presence(columns.bought)
  }

  static func identifiers(_ ids: TextColumn) -> Column {
    Column(ColumnDefinition("customer_id", .text, "the customer, as the dumps name him"), .text(ids))
  }

  /// nil where every row has a value.
  private static func presence(_ flags: [Bool]) -> [Bool]? { flags.allSatisfy { $0 } ? nil : flags }

  /// A column of the purchase days; 0 where there is none.
  private func ofBuyers<T: Numeric>(_ value: (Int) -> T) -> [T] {
    columns.bought.indices.map { columns.bought[$0] ? value($0) : 0 }
  }

  private func ofRepeaters(_ value: (Int) -> Double) -> [Double] {
    columns.frequency.indices.map { columns.frequency[$0] > 0 ? value($0) : 0 }
  }

  /// All that are wanted, in the order of the table.
  /// - Parameters:
  ///   - categories: words by code; `channels` likewise.
  func columns(categories: [String], channels: [String]) -> [Column] {
    let all =
      purchaseColumns() + moneyColumns() + windowColumns() + gapColumns() + categoryAndChannelColumns(categories, channels) + habitColumns()
    return all.compactMap { $0 }
  }

  private func int(
    _ name: String, _ kind: ColumnDefinition.Kind = .integer, _ unit: String, _ meaning: String,
    _ values: @autoclosure () -> [Int32], _ flags: [Bool]?, _ nullWhen: String
  ) -> Column? {
    guard wanted(name) else { return nil }
    return Column(ColumnDefinition(name, kind, unit: unit, meaning, nullWhen: nullWhen), .int32(values()), isPresent: flags)
  }

  private func minor(
    _ name: String, _ meaning: String, _ values: [Int64], _ flags: [Bool]? = nil, _ nullWhen: String = ""
  ) -> Column? {
    guard wanted(name) else { return nil }
    return Column(ColumnDefinition(name, .integer, unit: "minor", meaning, nullWhen: nullWhen), .int64(values), isPresent: flags)
  }

  private func real(
    _ name: String, _ unit: String, _ meaning: String, _ values: @autoclosure () -> [Double], _ flags: [Bool]?, _ nullWhen: String
  ) -> Column? {
    guard wanted(name) else { return nil }
    return Column(ColumnDefinition(name, .real, unit: unit, meaning, nullWhen: nullWhen), .double(values()), isPresent: flags)
  }

  private func words(
    _ name: String, _ meaning: String, _ codes: [UInt16], _ words: [String], _ flags: [Bool]?,
    _ nullWhen: String
  ) -> Column? {
    guard wanted(name) else { return nil }
    return Column(ColumnDefinition(name, .text, meaning, nullWhen: nullWhen), .code(codes, dictionary: words), isPresent: flags)
  }

  private func purchaseColumns() -> [Column?] {
    [
      int("first_purchase", .date, "", "day of the first purchase", columns.firstDay, bought, neverBought),
      int("last_purchase", .date, "", "day of the newest purchase", columns.lastDay, bought, neverBought),
      int(
        "tenure_days", .integer, "days", "T: from the first purchase to the as-of day", ofBuyers { asOf &- columns.firstDay[$0] }, bought,
        neverBought),
      int(
        "recency_days", .integer, "days", "t_x: from the first to the newest purchase",
        ofBuyers { columns.lastDay[$0] &- columns.firstDay[$0] }, bought, neverBought),
      int(
        "days_since_last", .integer, "days", "from the newest purchase to the as-of day", ofBuyers { asOf &- columns.lastDay[$0] }, bought,
        neverBought),
      int("frequency", .integer, "count", "x: distinct purchase days − 1", columns.frequency, bought, neverBought),
      int("purchases", .integer, "count", "purchase rows", columns.purchases, nil, ""),
      int("refunds", .integer, "count", "refund rows", columns.refunds, nil, ""),
    ]
  }

  private func moneyColumns() -> [Column?] {
    let knowsDiscount = Self.presence(columns.knowsDiscount), knowsCost = Self.presence(columns.knowsCost)
    let noDiscount = "no purchase of the customer says its discount", noCost = "no row of the customer says its cost"
    let hasGross = Self.presence(columns.hasGross)
    let hasList = Self.presence(columns.hasList)
    return [
      real("refund_share", "share 0…", "amount refunded ÷ gross", columns.refundShare, hasGross, "gross is 0"),
      minor("list_minor", "Σ (amount + discount) of the purchases whose discount is known", columns.list, knowsDiscount, noDiscount),
      minor("gross_minor", "Σ amount of purchases: what was paid, after discount", columns.gross),
      minor("repeat_gross_minor", "Σ amount of purchases on all purchase days but the first", columns.repeatGross),
      minor("net_minor", "gross − Σ amount of refunds", columns.net),
      minor("discount_minor", "Σ discount of purchases", columns.discount, knowsDiscount, noDiscount),
      real("discount_share", "share 0…1", "discount ÷ list", columns.discountShare, hasList, noDiscount + ", or list is 0"),
      real(
        "full_price_share", "share 0…1", "purchases without a discount ÷ those whose discount is known", columns.fullPriceShare,
        knowsDiscount,
        noDiscount),
      minor("cost_minor", "Σ cost of purchases − Σ cost of refunds, where known", columns.cost, knowsCost, noCost),
      minor(
        "margin_minor", "net − cost, over the rows whose cost is known; a refund gives its cost back", columns.margin, knowsCost, noCost),
      real(
        "mean_order_minor", "minor", "gross ÷ purchases", ofBuyers { Double(columns.gross[$0]) / Double(columns.purchases[$0]) }, bought,
        neverBought),
      real("median_order_minor", "minor", "median amount of a purchase", columns.medianOrder, bought, neverBought),
    ]
  }

  private func windowColumns() -> [Column?] {
    let windows = [30, 90, 365].enumerated().flatMap { i, days in
      [
        minor("spend_\(days)d_minor", "Σ amount of purchases in the last \(days) days", columns.spend[2 * i]),
        minor("spend_prev_\(days)d_minor", "Σ amount of purchases in the \(days) days before those", columns.spend[2 * i + 1]),
        int("purchases_\(days)d", .integer, "count", "purchases in the last \(days) days", columns.boughtIn[2 * i], nil, ""),
        int(
          "purchases_prev_\(days)d", .integer, "count", "purchases in the \(days) days before those", columns.boughtIn[2 * i + 1], nil, ""),
      ]
    }
    let trend = real(
      "spend_trend", "−1…1", "(spend of the last 90 days − of the 90 before) ÷ their sum", columns.trend, Self.presence(columns.hasTrend),
      "nothing was spent in the last 180 days")
    return windows + [trend]
  }

  private func gapColumns() -> [Column?] {
    let one = Self.presence(columns.frequency.map { $0 > 0 }), two = Self.presence(columns.frequency.map { $0 > 1 })
    let noGap = "fewer than 2 purchase days"
    let cameBack = Self.presence(columns.cameBack)
    return [
      real(
        "gap_mean_days", "days", "mean gap between purchase days",
        ofRepeaters { Double(columns.lastDay[$0] &- columns.firstDay[$0]) / Double(columns.frequency[$0]) }, one, noGap),
      real("gap_median_days", "days", "median gap between purchase days", columns.gapMedian, one, noGap),
      real("gap_std_days", "days", "standard deviation (n − 1) of the gaps", columns.gapStd, two, "fewer than 3 purchase days"),
      int("gap_p90_days", .integer, "days", "90th percentile (nearest rank) of the gaps", columns.gapP90, one, noGap),
      int(
        "rhythm_days", .integer, "days",
        "H: expected longest gap, 14…365: the own 90th percentile from 5 gaps on, shrunk to the favourite category's below",
        columns.rhythm, bought, neverBought),
      int(
        "overdue_days", .integer, "days", "days since the newest purchase beyond the rhythm; 0 when not overdue", columns.overdue, bought,
        neverBought),
      real("overdue_ratio", "ratio", "days since the newest purchase ÷ rhythm", columns.overdueRatio, bought, neverBought),
      int(
        "lost_after_days", .integer, "days",
        "L of the newest purchase: lost that many days after it without another; 2 H within 60…365, or the pipeline's churn.horizon",
        columns.lostAfter, bought, neverBought),
      int(
        "regained_on", .date, "", "day of the newest purchase that came after the customer had been lost", columns.regainedOn, cameBack,
        "the customer has not come back after being lost"),
    ]
  }

  private func categoryAndChannelColumns(_ categoryWords: [String], _ channelWords: [String]) -> [Column?] {
    let category = Self.presence(columns.knowsCategory), channel = Self.presence(columns.knowsChannel)
    let noCategory = "no purchase of the customer names a category", noChannel = "no purchase of the customer names a channel"
    return [
      int("categories", .integer, "count", "distinct categories bought", columns.categories, category, noCategory),
      words(
        "favourite_category", "category of most purchases; among equals the first by name", columns.favouriteCategory, categoryWords,
        category,
        noCategory),
      real(
        "favourite_category_share", "share 0…1", "its purchases ÷ those that name a category", columns.favouriteCategoryShare, category,
        noCategory),
      words(
        "first_category", "category of most purchases of the first purchase day; among equals the first by name", columns.firstCategory,
        categoryWords,
        wanted("first_category") ? Self.presence(columns.knowsFirstCategory) : nil, "no purchase of that day names a category"),
      words("first_channel", "channel of the first purchase that names one", columns.firstChannel, channelWords, channel, noChannel),
      words("last_channel", "channel of the newest purchase that names one", columns.lastChannel, channelWords, channel, noChannel),
      int("channels", .integer, "count", "distinct channels bought through", columns.channels, channel, noChannel),
    ]
  }

  private func cohorts() -> [Int32] {
    let months = MonthTable()
    return columns.firstDay.indices.map { columns.bought[$0] ? months.month(of: columns.firstDay[$0]) : 0 }
  }

  private func habitColumns() -> [Column?] {
    let hour = Self.presence(columns.knowsHour)
    return [
      int(
        "favourite_hour", .integer, "hour 0…23",
        "hour of most purchases, of those with a time of day other than 00:00:00; among equals the earliest",
        columns.favouriteHour, hour, "no purchase has a time of day other than 00:00:00"),
      int(
        "favourite_weekday", .integer, "1 Monday … 7 Sunday", "weekday of most purchases; among equals the first", columns.favouriteWeekday,
        bought,
        neverBought),
      real("weekend_share", "share 0…1", "purchases on Saturdays and Sundays ÷ purchases", columns.weekendShare, bought, neverBought),
      int("cohort_month", .month, "", "month of the first purchase", cohorts(), bought, neverBought),
    ]
  }
}
