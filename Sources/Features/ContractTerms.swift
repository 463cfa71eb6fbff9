/// What is asked for of contracts: customers who pay every period.
package struct ContractWish: Sendable, Hashable {
  package enum Period: Sendable, Hashable {
    /// As the gaps between purchases say.
    case auto
    /// A calendar's, or so many days.
    case days(Double)

    /// By the names that pipeline files have for them; a month is a twelfth of 365.25 days.
    package static let named: [(name: String, days: Double)] = [
      ("week", 7), ("month", 365.25 / 12), ("quarter", 365.25 / 4), ("year", 365.25),
    ]
  }
  package var period = Period.auto
  /// Days for which a payment may be late; nil: `ContractTerms.grace(ofDays:)`.
  package var graceDays: Int?

  /// As pipeline files write it.
  package var text: String {
    let grace = graceDays.map { "\($0)d" } ?? "auto"
    guard case .days(let days) = period else { return "period: auto, grace: \(grace)" }
    let named = Period.named.first { $0.days == days }?.name
    return "period: \(named ?? "\(Int(days))d"), grace: \(grace)"
  }

  package init(period: Period = .auto, graceDays: Int? = nil) { (self.period, self.graceDays) = (period, graceDays) }
}

/// How often customers pay, and how late, as the gaps between the purchase days of all customers tell.
package struct ContractTerms: Sendable, Hashable, Codable {
  /// 5 to 400; a month is 365.25 / 12.
  package var periodDays: Double
  /// A payment that is later than so many days after its period's end does not come: the contract has ended.
  package var graceDays: Int
  /// Gaps that were looked at, and the share of them that lie within the tolerance about the period.
  package var gaps: Int64
  package var regularShare: Double
  /// By days from one payment on: of the regular gaps, the share that is longer. Up to the last day of the grace, where it is 0.
  package var laterShares: [Double]

  package static let periodDays = 5...400
  /// Of all gaps, that must be of one period for the transactions to be like those of contracts.
  package static let regularShareLeast = 0.9
  /// Fewer tell nothing.
  package static let gapsLeast: Int64 = 50

  /// A third of the period, 15 days at most: long enough for a month of 28 or 31 days, a weekend, and a card that is charged again, and short
  /// enough that no gap is of two periods. It is the tolerance within which a gap is regular, too, whatever the grace.
  package static func grace(ofDays period: Double) -> Int { max(1, min(15, Int(period / 3))) }

  /// Half a period, since a later payment would be the next one's, and no more than the gaps that are counted tell.
  package static func graceMost(ofDays period: Double) -> Int { max(1, min(Int(period / 2), GapCounts.daysMost - 1 - Int(period))) }

  /// After a payment, the last day on which the next one is still one for the same contract.
  package var lastDay: Int { Int(periodDays) + graceDays }

  /// Whether the transactions are like those of contracts.
  package var areRegular: Bool { gaps >= Self.gapsLeast && regularShare >= Self.regularShareLeast }

  /// Why they are, or are not, in words.
  package var words: String {
    let share = "\((regularShare * 1000).rounded() / 10)".replacing(".0", with: "")
    return gaps < Self.gapsLeast
      ? "\(gaps) gaps between purchase days are too few to tell a period"
      : "\(share) % of the gaps between purchase days are of \(periodName)"
  }

  /// `a month`, or in days.
  package var periodName: String {
    if let named = ContractWish.Period.named.first(where: { $0.days == periodDays }) { return "a " + named.name }
    return "\(periodDays) days".replacing(".0 ", with: " ")
  }

  /// - Parameter gaps: how many gaps between two purchase days of a customer are of so many days, the last place holding longer ones too.
  package init(_ gaps: [Int64], _ wish: ContractWish) {
    switch wish.period {
    case .days(let days): periodDays = days
    case .auto: periodDays = Self.period(of: gaps)
    }
    let window = Self.window(periodDays, gaps)
    self.gaps = gaps.reduce(0, +)
    regularShare = self.gaps > 0 ? Double(gaps[window].reduce(0, +)) / Double(self.gaps) : 0
    graceDays = min(wish.graceDays ?? Self.grace(ofDays: periodDays), Self.graceMost(ofDays: periodDays))
    laterShares = []
    // Payments in time or within the grace: of those, how many come later than each day.
    let paid = gaps[window.lowerBound...min(lastDay, gaps.count - 1)]
    let all = paid.reduce(0, +)
    var later = all
    for day in 0...lastDay {
      if paid.indices.contains(day) { later -= paid[day] }
      laterShares.append(all > 0 ? Double(later) / Double(all) : 0)
    }
  }

  /// The days about a period whose gaps are of it.
  private static func window(_ period: Double, _ gaps: [Int64]) -> ClosedRange<Int> {
    let tolerance = Double(grace(ofDays: period)), last = gaps.count - 1
    let low = min(max(1, Int((period - tolerance).rounded(.up))), last)
    return low...min(max(low, Int(period + tolerance)), last)
  }

  /// Of the calendar's periods, 28 and 30 days and, where none of them has nine gaps in ten, the most frequent gap, the one that has; of several
  /// the one nearest to the mean of its gaps. Where none has, the one with most.
  private static func period(of gaps: [Int64]) -> Double {
    let total = max(1, gaps.reduce(0, +)), common = ContractWish.Period.named.map(\.days) + [14, 28, 30, 365.25 / 2]
    func share(_ period: Double) -> Double { Double(gaps[window(period, gaps)].reduce(0, +)) / Double(total) }
    func distance(_ period: Double) -> Double {
      let window = window(period, gaps), count = gaps[window].reduce(0, +)
      let sum = window.reduce(0.0) { $0 + Double($1) * Double(gaps[$1]) }
      return abs(sum / Double(max(1, count)) - period)
    }
    let regular = common.filter { share($0) >= regularShareLeast }.min { distance($0) < distance($1) }
    if let regular { return regular }
    let days = periodDays.lowerBound...min(periodDays.upperBound, gaps.count - 1)
    let modal = Double(days.max { (gaps[$0], $1) < (gaps[$1], $0) } ?? days.lowerBound)
    return (common + [modal]).max { share($0) < share($1) } ?? modal
  }
}
