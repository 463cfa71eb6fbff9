import Foundation

/// What a model has to be better than to be worth its while.
enum Baseline: String, CaseIterable {
  /// Who bought last buys first. It foretells neither chances nor counts.
  case recency
  /// Everyone goes on as before: x purchase days in T days; P(none) = exp(−x/T · horizon).
  case pastRate = "past_rate"
  /// Everyone buys as all together did; P(none) is the share of those a horizon ago who bought nothing since.
  case alike

  func forecast(_ origin: Origin) -> Forecast {
    let horizon = Double(origin.horizonDays)
    switch self {
    case .recency: return Forecast(risk: origin.sinceLast.map(Double.init))
    case .pastRate:
      func past(_ amount: Double, _ row: Int) -> Double {
        origin.tenureDays[row] > 0 ? amount / Double(origin.tenureDays[row]) * horizon : 0
      }
      let purchases = origin.frequency.indices.map { past(Double(origin.frequency[$0]), $0) }
      return Forecast(
        risk: purchases.map { -$0 }, noPurchase: purchases.map { exp(-$0) }, purchases: purchases,
        revenueMinor: origin.repeatGrossMinor.indices.map { past(Double(origin.repeatGrossMinor[$0]), $0) })
    case .alike:
      let days = max(1, origin.tenureDays.reduce(Int64(0)) { $0 + Int64($1) })
      let bought = origin.frequency.reduce(Int64(0)) { $0 + Int64($1) }
      let spent = origin.repeatGrossMinor.reduce(Int128(0)) { $0 + Int128($1) }
      let each = Double(bought) / Double(days) * horizon, revenue = Double(spent) / Double(days) * horizon
      func everyone(_ value: Double) -> [Double] { [Double](repeating: value, count: origin.frequency.count) }
      return Forecast(
        risk: everyone(0), noPurchase: everyone(shareWithout(origin) ?? exp(-each)), purchases: everyone(each),
        revenueMinor: everyone(revenue))
    }
  }

  /// Of the customers a horizon before the origin, those who bought nothing up to it; nil where there were none.
  private func shareWithout(_ origin: Origin) -> Double? {
    var then = 0, without = 0
    for row in origin.tenureDays.indices where Int(origin.tenureDays[row]) >= origin.horizonDays {
      then += 1
      without += Int(origin.sinceLast[row]) >= origin.horizonDays ? 1 : 0
    }
    return then > 0 ? Double(without) / Double(then) : nil
  }
}
