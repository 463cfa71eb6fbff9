import Foundation

/// A value of a table's cell. Days and months count as the table counts them: since 1970-01-01, and since January of year 0.
package enum TwinCell: Hashable {
  case null
  case integer(Int)
  case real(Double)
  case text(String)
}

/// Everything that the stages must find in some rows, as of a day: straight from the definitions, slowly.
package struct Twin {
  package let asOf: Int
  /// L for all; nil: 2 H within 60…365.
  package let horizon: Int?
  /// H of a customer when nobody has a gap.
  package let rhythmDefault: Int
  package let calendar: TwinCalendar
  /// Visible events by customer, refunds too, in the order of time, then identity.
  package let events: [String: [TwinRow]]
  /// Rows that repeated an identity.
  package let duplicates: Int
  /// Those that differed from the one that stands.
  package let conflicts: Int
  let priors: TwinPriors

  /// - Parameter asOf: `YYYY-MM-DD`.
  package init(rows: [TwinRow], asOf: String, horizon: Int? = nil, rhythmDefault: Int = 90, zone: String = "UTC") throws {
    let calendar = TwinCalendar(zone: zone)
    guard let day = calendar.day(asOf) else { throw TwinFault(text: asOf) }
    (self.asOf, self.horizon, self.rhythmDefault, self.calendar) = (day, horizon, rhythmDefault, calendar)
    let (standing, duplicates, conflicts) = Self.standing(rows)
    (self.duplicates, self.conflicts) = (duplicates, conflicts)
    var events: [String: [TwinRow]] = [:]
    for row in standing where calendar.day(ofSecond: row.second) <= day { events[row.customer, default: []].append(row) }
    for customer in events.keys {
      events[customer]?.sort { a, b in
        a.second != b.second ? a.second < b.second : a.id != b.id ? precedes(a.id, b.id) : !a.isRefund && b.isRefund
      }
    }
    self.events = events
    priors = TwinPriors(events.values.map { TwinHistory($0, calendar) }, rhythmDefault: rhythmDefault)
  }

  /// Of the rows with one id and kind the newest update stands, then the smallest row.
  private static func standing(_ rows: [TwinRow]) -> ([TwinRow], duplicates: Int, conflicts: Int) {
    struct Identity: Hashable {
      var id: [UInt8]
      var isRefund: Bool
    }
    var groups: [Identity: [TwinRow]] = [:]
    for row in rows { groups[Identity(id: Array(row.id.utf8), isRefund: row.isRefund), default: []].append(row) }
    var conflicts = 0
    let standing = groups.values.compactMap { group -> TwinRow? in
      guard let winner = group.min(by: stands) else { return nil }
      conflicts += group.filter { $0 != winner }.count
      return winner
    }
    return (standing, rows.count - standing.count, conflicts)
  }

  private static func stands(_ a: TwinRow, _ b: TwinRow) -> Bool {
    if a.updated != b.updated { return (a.updated ?? .min) > (b.updated ?? .min) }
    if a.customer != b.customer { return precedes(a.customer, b.customer) }
    for (x, y) in [(a.second, b.second), (a.isRefund ? 1 : 0, b.isRefund ? 1 : 0), (a.amount, b.amount)] where x != y { return x < y }
    for (x, y) in [(a.discount, b.discount), (a.cost, b.cost)] where x != y { return (x ?? .min) < (y ?? .min) }
    if a.category != b.category { return precedes(a.category ?? "", b.category ?? "") }
    return precedes(a.channel ?? "", b.channel ?? "")
  }

  /// H from these gaps: the customer's own from five on, shrunk to the others' below.
  func rhythm(_ gaps: [Int], _ category: String?) -> Int {
    if gaps.count >= 5 { return min(max(ninetieth(gaps) ?? 0, 14), 365) }
    let n = Double(gaps.count), own = Double(min(ninetieth(gaps) ?? 0, 366)), prior = Double(priors.days(category))
    let shrunk = (n * own + (5 - n) * prior) / 5
    return min(max(Int((shrunk + 0.5).rounded(.down)), 14), 365)
  }

  func limit(_ rhythm: Int) -> Int { horizon ?? min(max(2 * rhythm, 60), 365) }
}

/// The smallest value that at least nine tenths of all do not exceed: nearest rank.
func ninetieth(_ values: [Int]) -> Int? {
  values.sorted().first { candidate in 10 * values.filter { $0 <= candidate }.count >= 9 * values.count }
}

/// Strings in the order of their bytes.
package func precedes(_ a: String, _ b: String) -> Bool { Array(a.utf8).lexicographicallyPrecedes(Array(b.utf8)) }

/// What the gaps of others say: a category's where it has five, else everyone's, else the default. Gaps above a year count as 366 days.
struct TwinPriors {
  private var byCategory: [String: Int] = [:]
  private let everyone: Int

  init(_ histories: [TwinHistory], rhythmDefault: Int) {
    var all: [Int] = [], groups: [String: [Int]] = [:]
    for history in histories {
      let gaps = history.gaps.map { min($0, 366) }
      all += gaps
      if let category = history.favouriteCategory { groups[category, default: []] += gaps }
    }
    everyone = Self.ninetiethOfMany(all) ?? rhythmDefault
    for (category, gaps) in groups where gaps.count >= 5 { byCategory[category] = Self.ninetiethOfMany(gaps) }
  }

  func days(_ category: String?) -> Int { category.flatMap { byCategory[$0] } ?? everyone }

  private static func ninetiethOfMany(_ values: [Int]) -> Int? {
    values.isEmpty ? nil : values.sorted()[Int((0.9 * Double(values.count)).rounded(.up)) - 1]
  }
}

/// Days, months and clocks of the pipeline's zone.
package final class TwinCalendar {
  private let zone: TimeZone
  private var utc = Calendar(identifier: .gregorian)
  private var civil: [Int: (year: Int, month: Int, day: Int, weekday: Int)] = [:]

  init(zone: String) {
    self.zone = TimeZone(identifier: zone) ?? .current
    utc.timeZone = TimeZone(secondsFromGMT: 0) ?? .current
  }

  /// Seconds of the wall clock since 1970.
  func local(_ second: Int) -> Int { second + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))) }
  package func day(ofSecond second: Int) -> Int { Int((Double(local(second)) / 86_400).rounded(.down)) }
  func clock(ofSecond second: Int) -> Int { local(second) - day(ofSecond: second) * 86_400 }

  package func day(_ text: String) -> Int? {
    let parts = text.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3 else { return nil }
    return utc.date(from: DateComponents(year: parts[0], month: parts[1], day: parts[2])).map { Int($0.timeIntervalSince1970) / 86_400 }
  }

  private func parts(_ day: Int) -> (year: Int, month: Int, day: Int, weekday: Int) {
    if let known = civil[day] { return known }
    let found = utc.dateComponents([.year, .month, .day, .weekday], from: Date(timeIntervalSince1970: Double(day) * 86_400))
    let parts = (found.year ?? 0, found.month ?? 0, found.day ?? 0, found.weekday ?? 0)
    civil[day] = parts
    return parts
  }

  package func month(_ day: Int) -> Int { parts(day).year * 12 + parts(day).month - 1 }
  /// 1 Monday … 7 Sunday.
  func weekday(_ day: Int) -> Int { (parts(day).weekday + 5) % 7 + 1 }
  func isLastOfMonth(_ day: Int) -> Bool { month(day + 1) != month(day) }
}
