/// Which columns of the customer table are asked for. What nobody asks for is neither kept nor, where it costs something, computed.
struct WantedColumns: Sendable {
  private let names: Set<String>?
  /// Families of columns that cost time or memory of their own.
  let moneyDetail: Bool
  let repeatGross: Bool
  let cost: Bool
  let medianOrder: Bool
  let windows: [Bool]
  let gapQuantiles: Bool
  let rhythm: Bool
  let losses: Bool
  let habits: Bool
  let beginnings: Bool
  let trend: Bool
  let favouriteCategoryShare: Bool
  let firstCategory: Bool
  let firstChannel: Bool
  let lastChannel: Bool
  let channels: Bool

  /// - Parameter names: nil asks for all.
  init(_ names: Set<String>?, _ options: TransformOptions) {
    self.names = names
    func any(_ wanted: String...) -> Bool { names.map { !$0.isDisjoint(with: wanted) } ?? true }
    moneyDetail = any("refund_share", "list_minor", "discount_minor", "full_price_share")
    repeatGross = any("repeat_gross_minor")
    cost = any("cost_minor")
    medianOrder = any("median_order_minor")
    windows = [30, 90, 365].map { any("spend_\($0)d_minor", "spend_prev_\($0)d_minor", "purchases_\($0)d", "purchases_prev_\($0)d") }
    rhythm = any("rhythm_days", "overdue_days", "overdue_ratio")
    losses = any("lost_after_days", "regained_on")
    // Without a fixed horizon, who is lost hangs on the rhythm, and that on the quantiles.
    gapQuantiles = rhythm || options.churnHorizonDays == nil || any("gap_median_days", "gap_p90_days")
    beginnings = options.beginnings
    habits = any("favourite_hour", "favourite_weekday", "weekend_share")
    trend = any("spend_trend")
    favouriteCategoryShare = any("favourite_category_share")
    firstCategory = any("first_category")
    firstChannel = options.beginnings || any("first_channel")
    lastChannel = any("last_channel")
    channels = any("channels")
  }

  func callAsFunction(_ name: String) -> Bool { names?.contains(name) ?? true }
}
