import Columns

/// How long events are kept: whole years of the calendar, or days.
package struct Retention: Sendable, Hashable {
  package let text: String
  private let count: Int
  private let isYears: Bool

  static let expected = "null, years from 1y to 99y or days from 365d to 36135d"

  /// nil for anything else: features look back a year.
  package init?(_ text: String) {
    guard let count = Int(text.dropLast()), text.utf8.dropLast().allSatisfy({ (48...57).contains($0) }) else { return nil }
    switch text.last {
    case "y" where (1...99).contains(count): isYears = true
    case "d" where (365...36_135).contains(count): isYears = false
    default: return nil
    }
    (self.text, self.count) = (text, count)
  }

  /// The first day that is kept: always the first of a month, so that the store is written anew once a month and not every night. Events
  /// are kept for at least as long as asked, and for less than a month more.
  package func firstDay(asOf: Day) -> Day {
    if isYears { return Day.first(ofMonth: asOf.month - Int32(12 * count)) }
    return Day.first(ofMonth: (asOf + -count).month)
  }
}
