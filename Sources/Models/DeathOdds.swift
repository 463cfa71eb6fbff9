import Foundation

/// ln of the odds of being dead, of columns of histories in whole days.
///
/// ln(a/(b+k−1)) + (r+x) · ln((α+T)/(α+t_x)) by tables of x and of days, or Pareto/NBD's integral for each row.
struct DeathOdds: Sendable {
  /// ln(α + t) for t = 0, 1 … days.
  private let logTimes: [Double]
  /// The first term by x; greater x are worked out as they come.
  private let terms: [Double]
  private let model: PurchaseModel
  private let r: Double
  /// Pareto/NBD's, which takes the place of the tables.
  private let integral: LeavingIntegral?

  init(_ model: PurchaseModel, frequencyCount: Int, tenureDaysMax: Int) {
    self.model = model
    r = model.parameters[0]
    if case .paretoNBD(let m) = model { integral = LeavingIntegral(m) } else { integral = nil }
    let alpha = model.parameters[1]
    logTimes = (0...tenureDaysMax).map { log(alpha + Double($0)) }
    terms = (0..<frequencyCount).map { model.logOdds(frequency: $0) }
  }

  /// - Parameter odds: the first `rows.count` elements are set where the row has a history.
  func fill(_ customers: ScoredColumns, _ rows: Range<Int>, _ odds: inout MutableSpan<Double>) {
    if let integral { return fill(integral, customers, rows, &odds) }
    for (place, row) in rows.enumerated() where customers.isScored(row) {
      let x = Int(customers.frequency[row]), t = Int(customers.tenureDays[row]), tx = x == 0 ? 0 : Int(customers.recencyDays[row])
      let term = x < terms.count ? terms[x] : model.logOdds(frequency: x)
      odds[place] = term + (r + Double(x)) * (logTimes[t] - logTimes[tx])
    }
  }

  /// Rows are gathered by the rule that each needs, whoever its neighbours are, and integrated eight at a time.
  private func fill(
    _ integral: LeavingIntegral, _ customers: ScoredColumns, _ rows: Range<Int>, _ odds: inout MutableSpan<Double>
  ) {
    var waiting = (Eight(), Eight(), Eight(), Eight())
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: 8) {
      let end = min(start + 8, rows.upperBound)
      var shapes = Vector(repeating: 1), from = Vector(), to = Vector()
      for row in start..<end where customers.isScored(row) {
        let lane = row - start, x = customers.frequency[row]
        (shapes[lane], to[lane]) = (r + Double(x), Double(customers.tenureDays[row]))
        if x > 0 { from[lane] = Double(customers.recencyDays[row]) }
      }
      let span = integral.span(shape: shapes, from: from, to: to)
      for row in start..<end where customers.isScored(row) {
        let lane = row - start, index = LeavingIntegral.ruleIndex(width: span.width[lane], decay: span.decay[lane])
        let history = SIMD4(shapes[lane], from[lane], span.width[lane], span.logGrowth[lane])
        switch index {
        case 0: waiting.0.add(history, row - rows.lowerBound, integral, .small, &odds)
        case 1: waiting.1.add(history, row - rows.lowerBound, integral, .middle, &odds)
        case 2: waiting.2.add(history, row - rows.lowerBound, integral, .great, &odds)
        default: waiting.3.add(history, row - rows.lowerBound, integral, .greatest, &odds)
        }
      }
    }
    waiting.0.flush(integral, .small, &odds)
    waiting.1.flush(integral, .middle, &odds)
    waiting.2.flush(integral, .great, &odds)
    waiting.3.flush(integral, .greatest, &odds)
  }
}

/// Up to eight histories that wait for their odds.
private struct Eight {
  private var shapes = Vector(repeating: 1), from = Vector(), widths = Vector(), growths = Vector()
  private var places = SIMD8<Int>()
  private var count = 0

  /// - Parameter history: R, t_x, and width and growth of the span.
  @inline(__always)
  mutating func add(
    _ history: SIMD4<Double>, _ place: Int, _ integral: LeavingIntegral, _ rule: LegendreRule, _ odds: inout MutableSpan<Double>
  ) {
    (shapes[count], from[count], widths[count], growths[count]) = (history.x, history.y, history.z, history.w)
    places[count] = place
    count += 1
    if count == 8 { flush(integral, rule, &odds) }
  }

  @inline(never)
  mutating func flush(_ integral: LeavingIntegral, _ rule: LegendreRule, _ odds: inout MutableSpan<Double>) {
    let values = growths + logarithm(integral.value(shape: shapes, from: from, width: widths, rule))
    for lane in 0..<count { odds[places[lane]] = values[lane] }
    count = 0
  }
}

extension PurchaseModel {
  /// What of ln of the odds depends on x alone; where nobody can be dead, far below 0.
  fileprivate func logOdds(frequency x: Int) -> Double {
    switch self {
    case .bgNBD(let m): m.logOdds(frequency: x)
    case .mbgNBD(let m): m.logOdds(frequency: x)
    case .nbd, .paretoNBD: -1e6
    }
  }
}
