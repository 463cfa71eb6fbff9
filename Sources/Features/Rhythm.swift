/// How often each gap between two purchase days occurs, by the customer's favourite category (0: none known). Gaps above 420 count as
/// 421: no period of a contract with its grace is longer, and no rhythm than 365 days.
struct GapCounts: Sendable {
  static let daysMost = 421
  private(set) var byCategory: [UInt16: [Int64]] = [:]

  /// The gaps between one customer's distinct purchase days, ascending.
  mutating func add(_ days: Span<Int32>, category: UInt16) {
    if days.count < 2 { return }
    Self.count(days, &byCategory[category, default: [Int64](repeating: 0, count: Self.daysMost + 1)])
  }

  private static func count(_ days: Span<Int32>, _ counts: inout [Int64]) {
    for i in 1..<days.count { counts[min(max(Int(days[i] &- days[i - 1]), 0), daysMost)] += 1 }
  }

  /// Of all categories together.
  var all: [Int64] {
    var all = [Int64](repeating: 0, count: Self.daysMost + 1)
    for counts in byCategory.values { for i in counts.indices { all[i] += counts[i] } }
    return all
  }

  mutating func add(_ other: GapCounts) {
    for (category, counts) in other.byCategory {
      if byCategory[category] == nil {
        byCategory[category] = counts
      } else {
        for i in counts.indices { byCategory[category]![i] += counts[i] }
      }
    }
  }
}

/// The rhythm that a customer of a category is expected to have before his own gaps say it.
struct RhythmPriors: Sendable {
  private let byCategory: [UInt16: Int32]
  private let everyone: Int32
  /// Gaps that a category, and a customer, must have to be taken at their own word.
  static let gapsMin = 5

  /// The 90th percentile (nearest rank) of a category's gaps where it has five, else everyone's, else the default.
  init(_ gaps: GapCounts, daysDefault: Int) {
    everyone = Self.percentile90(gaps.all) ?? Int32(clamping: daysDefault)
    byCategory = gaps.byCategory.filter { $0.key != 0 && $0.value.reduce(0, +) >= Int64(Self.gapsMin) }.compactMapValues(Self.percentile90)
  }

  private static func percentile90(_ counts: [Int64]) -> Int32? {
    let total = counts.reduce(0, +)
    guard total > 0 else { return nil }
    let rank = (total * 9 + 9) / 10
    var seen: Int64 = 0
    for (gap, count) in counts.enumerated() {
      seen += count
      if seen >= rank { return Int32(min(gap, 366)) }
    }
    return nil
  }

  /// H, in days, 14…365: the customer's own 90th percentile from 5 gaps on; below, his n gaps weigh n/5 and the prior the rest.
  func rhythm(gaps: Int, percentile90: Int32, category: UInt16) -> Int32 {
    let prior = byCategory[category] ?? everyone
    if gaps >= Self.gapsMin { return min(max(percentile90, 14), 365) }
    let n = Int64(gaps), five = Int64(Self.gapsMin)
    let shrunk = (n * Int64(min(percentile90, 366)) + (five - n) * Int64(prior)) * 2 + five
    return Int32(min(max(shrunk / (2 * five), 14), 365))
  }
}
