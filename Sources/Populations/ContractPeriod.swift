import Columns

/// How long what is paid for a contract lasts.
package enum ContractPeriod: Sendable, Hashable {
  /// By the calendar: each time on the same day of the month.
  case months(Int)
  case days(Int)

  private static let named: [(name: String, period: ContractPeriod)] = [
    ("week", .days(7)), ("month", .months(1)), ("quarter", .months(3)), ("year", .months(12)),
  ]

  /// `week`, `month`, `quarter`, `year`, or days from 5 to 400 as in `28d`; nil for anything else.
  package init?(_ text: String) {
    if let named = Self.named.first(where: { $0.name == text }) {
      self = named.period
    } else if text.hasSuffix("d"), text.utf8.count <= 4, let days = Int(text.dropLast()), (5...400).contains(days) {
      self = .days(days)
    } else {
      return nil
    }
  }

  var text: String {
    if let named = Self.named.first(where: { $0.period == self }) { return "a " + named.name }
    switch self {
    case .months(let count): return "\(count) months"
    case .days(let count): return "\(count) days"
    }
  }

  var meanDays: Double {
    switch self {
    case .months(let count): 365.25 / 12 * Double(count)
    case .days(let count): Double(count)
    }
  }

  /// A week, and never so many that two payments fall together.
  var lateDaysMost: Int { max(1, min(7, Int(meanDays / 4))) }

  /// When the period of that number, from 1 on, ends and the next begins.
  func end(_ number: Int, from first: Day) -> Day {
    switch self {
    case .days(let count): return first + number * count
    case .months(let count):
      let month = first.month + Int32(number * count), begin = Day.first(ofMonth: month)
      return begin + min(first.civil.day - 1, Day.first(ofMonth: month + 1) - begin - 1)
    }
  }
}
