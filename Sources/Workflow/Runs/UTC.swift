import Columns
import Foundation

/// Times of day of the run itself. No result depends on them.
package enum UTC {
  /// Seconds since 1970.
  package static func now() -> Int64 { Int64(exactNow()) }

  /// Seconds since 1970, with what the clock tells below a second.
  package static func exactNow() -> Double { Date().timeIntervalSince1970 }

  /// `2026-11-21T22:04:02Z`
  package static func text(_ seconds: Int64) -> String {
    let (day, time) = parts(seconds)
    return "\(day)T\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
  }

  /// `20261121T220402Z`, for names of files.
  package static func compact(_ seconds: Int64) -> String { text(seconds).filter { $0 != "-" && $0 != ":" } }

  /// The calendar day of an event in a time zone; nil for a zone unknown here or a time out of the calendar.
  package static func localDay(_ seconds: Int64, timeZone: String) -> Day? {
    guard abs(seconds) < 1 << 38 else { return nil }
    if timeZone == "UTC" { return parts(seconds).day }
    guard let zone = TimeZone(identifier: timeZone) else { return nil }
    return parts(seconds + Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))).day
  }

  private static func parts(_ seconds: Int64) -> (day: Day, time: Int64) {
    let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    return (Day(Int32(clamping: day)), seconds - day * 86_400)
  }

  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
