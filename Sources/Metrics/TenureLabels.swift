import Columns
import Features

/// The group of each customer by one thing of his beginning. Without a purchase it means nothing.
struct TenureLabels: Sendable {
  /// `all`, `acquisition_quarter` or `acquisition_year`, `first_channel`, `first_category`.
  let name: String
  /// Those of time in its order, others by size; then all others, then those of whom it is not known.
  private(set) var names: [String]
  private(set) var groups: [UInt8]

  static let quarter = "acquisition_quarter", year = "acquisition_year"
  static let others = "(all others)", unknown = "(none)"
  private static let groupsMax = 15
  /// More than so many quarters are told by year.
  private static let quartersMax = 16

  /// Those that the dumps tell, and what they do not.
  static func all(_ beginnings: Beginnings) -> ([TenureLabels], notes: [String]) {
    var found = [TenureLabels(name: "all", names: ["all"], groups: [UInt8](repeating: 0, count: beginnings.bought.count))]
    var notes: [String] = []
    found.append(time(beginnings))
    for (name, codes, words, what) in [
      ("first_channel", beginnings.firstChannel, beginnings.channels, "channel"),
      ("first_category", beginnings.firstCategory, beginnings.categories, "category"),
    ] {
      if let labels = labels(name, codes, words, beginnings.bought) {
        found.append(labels)
      } else {
        notes.append("no tenure curves by \(name): no first purchase names a \(what)")
      }
    }
    return (found, notes)
  }

  /// By words, the most frequent ones; nil where nobody has one. Code 0 is none.
  private static func labels(_ name: String, _ codes: [UInt16], _ words: [String], _ bought: [Bool]) -> TenureLabels? {
    var counts = [Int64](repeating: 0, count: max(1, words.count))
    for row in codes.indices where bought[row] { counts[Int(codes[row])] += 1 }
    let met = counts.indices.dropFirst().filter { counts[$0] > 0 }
      .sorted { (counts[$1], words[$0], $0) < (counts[$0], words[$1], $1) }
    guard !met.isEmpty else { return nil }
    let kept = met.prefix(groupsMax)
    var names = kept.map { words[$0] }, groupOf = [UInt8](repeating: UInt8(names.count), count: counts.count)
    for (group, code) in kept.enumerated() { groupOf[code] = UInt8(group) }
    if met.count > kept.count { names.append(others) }
    groupOf[0] = UInt8(names.count)
    if counts[0] > 0 { names.append(unknown) }
    return TenureLabels(name: name, names: names, groups: codes.map { groupOf[Int($0)] })
  }

  /// By quarter of the first purchase or, where there are many, by year; of those the newest, and all others.
  private static func time(_ beginnings: Beginnings) -> TenureLabels {
    let days = beginnings.firstDay.indices.lazy.filter { beginnings.bought[$0] }.map { beginnings.firstDay[$0] }
    guard let first = days.min(), let last = days.max() else {
      return TenureLabels(name: quarter, names: [], groups: [UInt8](repeating: 0, count: beginnings.bought.count))
    }
    let quarters = (first...last).map { Day($0).month / 3 }
    let isYears = Int(quarters[quarters.count - 1] - quarters[0]) >= quartersMax
    let periods = isYears ? quarters.map { $0 / 4 } : quarters
    var isMet = [Int32: Bool](minimumCapacity: 64)
    for day in days { isMet[periods[Int(day - first)]] = true }
    let kept = isMet.keys.sorted().suffix(isYears ? groupsMax : quartersMax)
    var names = kept.map { isYears ? yearName($0) : "\(yearName($0 / 4))-Q\($0 % 4 + 1)" }
    let groupOf = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, UInt8($0)) })
    let groupOfDay = periods.map { groupOf[$0] ?? UInt8(names.count) }
    if isMet.count > kept.count { names.append(others) }
    let groups = beginnings.firstDay.indices.map { row in
      beginnings.bought[row] ? groupOfDay[Int(beginnings.firstDay[row] - first)] : 0
    }
    return TenureLabels(name: isYears ? year : quarter, names: names, groups: groups)
  }

  private static func yearName(_ year: Int32) -> String { String(Day.monthName(year * 12).prefix(4)) }
}
