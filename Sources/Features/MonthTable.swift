import Columns

/// Months of days.
struct MonthTable {
  /// Months of the days from 1990 to 2059, where almost all days lie.
  private static let firstDay = Day(year: 1990, month: 1, day: 1).number
  private static let table: [Int32] = (firstDay..<Day(year: 2060, month: 1, day: 1).number).map { Day($0).month }
  private let table = Self.table
  private let firstDay = Self.firstDay

  /// As `Day.month` counts.
  @inline(__always)
  func month(of day: Int32) -> Int32 {
    let place = Int(day) - Int(firstDay)
    return place >= 0 && place < table.count ? table[place] : Day(day).month
  }
}
