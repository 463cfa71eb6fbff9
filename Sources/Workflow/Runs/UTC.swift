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

  /// Seconds since 1970 of what `compact` made; nil for anything else.
  package static func seconds(compact text: some StringProtocol) -> Int64? {
    let digits = Array(text.utf8)
    guard digits.count == 16, digits[8] == UInt8(ascii: "T"), digits[15] == UInt8(ascii: "Z") else { return nil }
    func number(_ range: Range<Int>) -> Int64? { Int64(String(decoding: digits[range], as: UTF8.self)) }
    let date = "\(String(decoding: digits[0..<4], as: UTF8.self))-\(String(decoding: digits[4..<6], as: UTF8.self))-"
    guard let day = Day(date + String(decoding: digits[6..<8], as: UTF8.self)), let hour = number(9..<11), let minute = number(11..<13),
      let second = number(13..<15)
    else { return nil }
    return Int64(day.number) * 86_400 + hour * 3600 + minute * 60 + second
  }

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
