/// How long a dump must have been left alone before it is read.
enum Settle {
  static let secondsDefault: Int64 = 300
  static let expected = "0 or a time up to 7d, such as 5m"

  /// nil for what is neither 0 nor a time up to a week.
  static func seconds(_ text: String) -> Int64? {
    if text == "0" { return 0 }
    guard let span = TimeSpan(text), span.seconds <= 7 * 86_400 else { return nil }
    return span.seconds
  }

  static func text(_ seconds: Int64) -> String { seconds == 0 ? "0" : TimeSpan(seconds: seconds).text }
}
