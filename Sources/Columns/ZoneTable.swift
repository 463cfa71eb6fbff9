import Foundation

/// The offsets of a time zone from UTC, as a table of steps from 1900 to 2200.
package struct ZoneTable: Sendable {
  package let name: String
  /// `starts[i]` is the UTC second from which `offsets[i]` seconds hold; `starts[0]` is the beginning of time.
  private let starts: [Int64]
  private let offsets: [Int64]
  package var isUTC: Bool { offsets == [0] }

  /// nil for a name that the system's zone data do not know.
  package init?(name: String) {
    guard let zone = TimeZone(identifier: name) else { return nil }
    self.name = name
    let first = Int64(-2_208_988_800), last = Int64(7_258_118_400)
    var starts = [Int64.min], offsets = [Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(first))))]
    var at = Date(timeIntervalSince1970: Double(first))
    while let next = zone.nextDaylightSavingTimeTransition(after: at), next.timeIntervalSince1970 < Double(last), next > at {
      let offset = Int64(zone.secondsFromGMT(for: next))
      if offset != offsets.last {
        starts.append(Int64(next.timeIntervalSince1970))
        offsets.append(offset)
      }
      at = next
    }
    self.starts = starts
    self.offsets = offsets
  }

  private func step(_ utc: Int64) -> Int {
    var low = 0, high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= utc { low = middle } else { high = middle }
    }
    return low
  }

  /// Seconds east of UTC at a UTC second.
  package func offset(atUTC utc: Int64) -> Int64 { offsets.count == 1 ? offsets[0] : offsets[step(utc)] }

  /// The UTC second of a wall-clock second. A time that comes twice is the earlier; one that does not exist is read with the offset
  /// before the gap.
  package func utc(fromLocal local: Int64) -> Int64 {
    if offsets.count == 1 { return local &- offsets[0] }
    let near = step(local &- 86_400)
    var answer = local &- offsets[near]
    for i in near..<min(near + 3, starts.count) {
      let candidate = local &- offsets[i]
      if step(candidate) == i { return candidate }
      if candidate >= starts[min(i + 1, starts.count - 1)] { answer = candidate }
    }
    return answer
  }

  /// Local seconds of many UTC seconds, in place.
  package func shiftToLocal(_ seconds: inout [Int64]) {
    if isUTC { return }
    var low = Int64.max, high = Int64.min, offset: Int64 = 0
    for i in seconds.indices {
      let utc = seconds[i]
      if utc < low || utc >= high {
        let at = step(utc)
        (low, high, offset) = (starts[at], at + 1 < starts.count ? starts[at + 1] : .max, offsets[at])
      }
      seconds[i] = utc &+ offset
    }
  }
}
