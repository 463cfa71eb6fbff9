/// A length of time in whole units, as pipeline files and flags write it: `30s`, `5m`, `26h`, `3d`.
package struct TimeSpan: Sendable, Hashable, Comparable {
  package var seconds: Int64

  package init(seconds: Int64) { self.seconds = seconds }

  private static let units: [(letter: Character, seconds: Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

  /// nil for anything but a whole number from 1 to 100,000 with a unit.
  package init?(_ text: String) {
    let digits = text.dropLast()
    guard let unit = Self.units.first(where: { $0.letter == text.last }), digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      let count = Int64(digits), (1...100_000).contains(count)
    else { return nil }
    seconds = count * unit.seconds
  }

  /// In the largest unit that leaves a whole number.
  package var text: String {
    let unit = Self.units.first { seconds % $0.seconds == 0 } ?? ("s", 1)
    return "\(seconds / unit.seconds)\(unit.letter)"
  }

  /// For people: minutes below two hours, then hours.
  package static func spoken(_ seconds: Int64) -> String {
    seconds < 120 ? "\(seconds) s" : seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
  }

  package static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.seconds < b.seconds }
}
