/// One customer's visible events, and what everything else is told from.
struct TwinHistory {
  let purchases: [TwinRow]
  let refunds: [TwinRow]
  /// Distinct purchase days, ascending.
  let days: [Int]
  let gaps: [Int]
  let favouriteCategory: String?

  init(_ events: [TwinRow], _ calendar: TwinCalendar) {
    purchases = events.filter { !$0.isRefund }
    refunds = events.filter(\.isRefund)
    days = Set(purchases.map { calendar.day(ofSecond: $0.second) }).sorted()
    gaps = zip(days.dropFirst(), days).map { $0 - $1 }
    favouriteCategory = mostFrequent(purchases.compactMap(\.category), precedes)
  }
}

/// The value that occurs most often; among equals the first in order.
func mostFrequent<T: Hashable>(_ values: [T], _ precedes: (T, T) -> Bool) -> T? {
  var counts: [T: Int] = [:]
  for value in values { counts[value, default: 0] += 1 }
  return counts.min { a, b in a.value != b.value ? a.value > b.value : precedes(a.key, b.key) }?.key
}

extension Twin {
  /// The customer table: cells by column name, by customer.
  package func customers() -> [String: [String: TwinCell]] { events.mapValues { row(TwinHistory($0, calendar)) } }

  private func row(_ history: TwinHistory) -> [String: TwinCell] {
    var row: [String: TwinCell] = [:]
    for part in [days(history), money(history), windows(history), gaps(history), words(history), habits(history)] {
      row.merge(part) { _, new in new }
    }
    return row
  }

  private func days(_ h: TwinHistory) -> [String: TwinCell] {
    var row: [String: TwinCell] = ["purchases": .integer(h.purchases.count), "refunds": .integer(h.refunds.count)]
    let first = h.days.first, last = h.days.last
    row["first_purchase"] = cell(first)
    row["last_purchase"] = cell(last)
    row["tenure_days"] = cell(first.map { asOf - $0 })
    row["days_since_last"] = cell(last.map { asOf - $0 })
    row["recency_days"] = cell(h.days.isEmpty ? nil : (last ?? 0) - (first ?? 0))
    row["frequency"] = cell(h.days.isEmpty ? nil : h.days.count - 1)
    row["cohort_month"] = cell(first.map(calendar.month))
    return row
  }

  private func money(_ h: TwinHistory) -> [String: TwinCell] {
    let gross = h.purchases.reduce(0) { $0 + $1.amount }, refunded = h.refunds.reduce(0) { $0 + $1.amount }
    let priced = h.purchases.filter { $0.discount != nil }
    let discount = priced.reduce(0) { $0 + ($1.discount ?? 0) }, list = priced.reduce(0) { $0 + $1.amount + ($1.discount ?? 0) }
    let costed = h.purchases.filter { $0.cost != nil }, returned = h.refunds.filter { $0.cost != nil }
    let cost = costed.reduce(0) { $0 + ($1.cost ?? 0) } - returned.reduce(0) { $0 + ($1.cost ?? 0) }
    let costedNet = costed.reduce(0) { $0 + $1.amount } - returned.reduce(0) { $0 + $1.amount }
    let knowsCost = !costed.isEmpty || !returned.isEmpty
    let amounts = h.purchases.map(\.amount).sorted()
    let repeated = h.purchases.filter { calendar.day(ofSecond: $0.second) != h.days.first }.reduce(0) { $0 + $1.amount }
    return [
      "gross_minor": .integer(gross), "repeat_gross_minor": .integer(repeated), "net_minor": .integer(gross - refunded),
      "refund_share": ratio(refunded, gross),
      "list_minor": priced.isEmpty ? .null : .integer(list), "discount_minor": priced.isEmpty ? .null : .integer(discount),
      "discount_share": ratio(discount, list), "full_price_share": ratio(priced.filter { $0.discount == 0 }.count, priced.count),
      "cost_minor": knowsCost ? .integer(cost) : .null, "margin_minor": knowsCost ? .integer(costedNet - cost) : .null,
      "mean_order_minor": ratio(gross, amounts.count), "median_order_minor": median(amounts),
    ]
  }

  private func windows(_ h: TwinHistory) -> [String: TwinCell] {
    var row: [String: TwinCell] = [:]
    func bought(after: Int, upTo: Int) -> [TwinRow] {
      h.purchases.filter { calendar.day(ofSecond: $0.second) > after && calendar.day(ofSecond: $0.second) <= upTo }
    }
    for n in [30, 90, 365] {
      let now = bought(after: asOf - n, upTo: asOf), before = bought(after: asOf - 2 * n, upTo: asOf - n)
      let spent = now.reduce(0) { $0 + $1.amount }, spentBefore = before.reduce(0) { $0 + $1.amount }
      row["spend_\(n)d_minor"] = .integer(spent)
      row["spend_prev_\(n)d_minor"] = .integer(spentBefore)
      row["purchases_\(n)d"] = .integer(now.count)
      row["purchases_prev_\(n)d"] = .integer(before.count)
      if n == 90 { row["spend_trend"] = ratio(spent - spentBefore, spent + spentBefore) }
    }
    return row
  }

  private func gaps(_ h: TwinHistory) -> [String: TwinCell] {
    let n = Double(h.gaps.count), mean = Double(h.gaps.reduce(0, +)) / n
    var row: [String: TwinCell] = ["gap_mean_days": h.gaps.isEmpty ? .null : .real(mean), "gap_median_days": median(h.gaps.sorted())]
    let squares = h.gaps.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    row["gap_std_days"] = h.gaps.count < 2 ? .null : .real((squares / (n - 1)).squareRoot())
    row["gap_p90_days"] = cell(ninetieth(h.gaps))
    guard let last = h.days.last else {
      for name in ["rhythm_days", "overdue_days", "overdue_ratio", "lost_after_days", "regained_on"] { row[name] = .null }
      return row
    }
    let rhythm = rhythm(h.gaps, h.favouriteCategory), since = asOf - last
    row["rhythm_days"] = .integer(rhythm)
    row["overdue_days"] = .integer(since > rhythm ? since - rhythm : 0)
    row["overdue_ratio"] = ratio(since, rhythm)
    row["lost_after_days"] = .integer(limit(rhythm))
    row["regained_on"] = cell(comingAndGoing(h).came.dropFirst().last)
    return row
  }

  private func words(_ h: TwinHistory) -> [String: TwinCell] {
    let categories = h.purchases.compactMap(\.category), channels = h.purchases.compactMap(\.channel)
    return [
      "categories": categories.isEmpty ? .null : .integer(Set(categories).count), "favourite_category": cell(h.favouriteCategory),
      "favourite_category_share": ratio(categories.filter { $0 == h.favouriteCategory }.count, categories.count),
      "first_category": cell(
        mostFrequent(h.purchases.filter { calendar.day(ofSecond: $0.second) == h.days.first }.compactMap(\.category), precedes)),
      "first_channel": cell(channels.first), "last_channel": cell(channels.last),
      "channels": channels.isEmpty ? .null : .integer(Set(channels).count),
    ]
  }

  /// A purchase at 00:00:00 sharp has a day, but no known hour.
  private func habits(_ h: TwinHistory) -> [String: TwinCell] {
    let clocks = h.purchases.map { calendar.clock(ofSecond: $0.second) }.filter { $0 != 0 }
    let weekdays = h.purchases.map { calendar.weekday(calendar.day(ofSecond: $0.second)) }
    return [
      "favourite_hour": cell(mostFrequent(clocks.map { $0 / 3600 }, <)), "favourite_weekday": cell(mostFrequent(weekdays, <)),
      "weekend_share": ratio(weekdays.filter { $0 >= 6 }.count, weekdays.count),
    ]
  }
}

private func cell(_ value: Int?) -> TwinCell { value.map(TwinCell.integer) ?? .null }
private func cell(_ value: String?) -> TwinCell { value.map(TwinCell.text) ?? .null }

/// NULL where the denominator is 0.
private func ratio(_ a: Int, _ b: Int) -> TwinCell { b == 0 ? .null : .real(Double(a) / Double(b)) }

/// Of ascending values.
private func median(_ values: [Int]) -> TwinCell {
  if values.isEmpty { return .null }
  let half = values.count / 2
  return .real(values.count % 2 == 1 ? Double(values[half]) : (Double(values[half - 1]) + Double(values[half])) / 2)
}
