/// Rows in the order of falling risk, and where each run of equal risk ends. Rows of one run stand in ascending order.
package struct Ranking: Sendable {
  package private(set) var rows: [UInt32]
  /// Ascending places behind the runs; the last is the number of rows.
  package private(set) var ends: [UInt32]

  /// - Parameter risks: of all rows, none NaN: greater is riskier.
  package init(byFalling risks: [Double]) {
    let sorted = Self.sorted(risks.enumerated().map { Entry(key: ~Self.ascendingKey($1), row: UInt32($0)) })
    rows = sorted.map(\.row)
    ends = []
    for place in sorted.indices where place + 1 == sorted.count || sorted[place].key != sorted[place + 1].key {
      ends.append(UInt32(place + 1))
    }
  }

  private init(rows: [UInt32], ends: [UInt32]) { (self.rows, self.ends) = (rows, ends) }

  /// The same order of the rows of each group alone; `groups` gives every row's, below `count`.
  package func split(by groups: [UInt8], into count: Int) -> [Ranking] {
    var parts = [Ranking](repeating: Ranking(rows: [], ends: []), count: count)
    var start = 0
    for end in ends {
      for place in start..<Int(end) { parts[Int(groups[Int(rows[place])])].rows.append(rows[place]) }
      for g in parts.indices where parts[g].rows.count > Int(parts[g].ends.last ?? 0) { parts[g].ends.append(UInt32(parts[g].rows.count)) }
      start = Int(end)
    }
    return parts
  }

  /// A whole number that grows with the value; −0 is taken as 0.
  private static func ascendingKey(_ value: Double) -> UInt64 {
    let bits = (value == 0 ? 0 : value).bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }

  private struct Entry {
    var key: UInt64
    var row: UInt32
  }

  /// By ascending key, equal ones as they stood: a radix sort from the lowest digit up, which leaves out digits that all rows share.
  private static func sorted(_ entries: [Entry]) -> [Entry] {
    let digitBits: UInt64 = 11, mask: UInt64 = (1 << 11) - 1, digits = 6, width = 1 << Int(digitBits)
    var counts = [UInt32](repeating: 0, count: digits * width)
    for entry in entries {
      for digit in 0..<digits { counts[digit * width + Int(entry.key >> (UInt64(digit) * digitBits) & mask)] += 1 }
    }
    var entries = entries, next = entries
    for digit in 0..<digits {
      var places = Array(counts[digit * width..<(digit + 1) * width]), sum: UInt32 = 0
      if places.contains(UInt32(entries.count)) { continue }
      for value in places.indices { (places[value], sum) = (sum, sum + places[value]) }
      for entry in entries {
        let value = Int(entry.key >> (UInt64(digit) * digitBits) & mask)
        next[Int(places[value])] = entry
        places[value] += 1
      }
      swap(&entries, &next)
    }
    return entries
  }
}

/// A ranking with what came: customers and events by run of equal risk, the riskiest first. All measures of a ranking come from here.
package struct RankedEvents: Sendable {
  package private(set) var customers: [Int] = []
  package private(set) var events: [Int] = []
  package private(set) var customersInAll = 0
  package private(set) var eventsInAll = 0

  package init() {}

  package init(_ ranking: Ranking, isEvent: [Bool]) {
    self.init(ranking.rows.map { isEvent[Int($0)] ? 1 : 0 }, ends: ranking.ends)
  }

  /// - Parameters:
  ///   - marks: of the customers as they are ranked: an odd one is an event.
  ///   - ends: of the runs, as in `Ranking`.
  init(_ marks: [UInt16], ends: [UInt32]) {
    customers.reserveCapacity(ends.count)
    events.reserveCapacity(ends.count)
    var start = 0
    for end in ends {
      var count = 0
      for place in start..<Int(end) { count += Int(marks[place] & 1) }
      append(customers: Int(end) - start, events: count)
      start = Int(end)
    }
  }

  /// The next run.
  mutating func append(customers count: Int, events eventCount: Int) {
    customers.append(count)
    events.append(eventCount)
    customersInAll += count
    eventsInAll += eventCount
  }

  /// Area under the receiver operating characteristic: the probability that an event ranks above a non-event, ties counting half.
  /// NaN without an event or without a non-event.
  package var areaUnderCurve: Double {
    var halves: Int128 = 0, eventsAbove: Int128 = 0
    for run in events.indices {
      let nonEvents = Int128(customers[run] - events[run])
      halves += nonEvents * (2 * eventsAbove + Int128(events[run]))
      eventsAbove += Int128(events[run])
    }
    let pairs = Int128(eventsInAll) * Int128(customersInAll - eventsInAll)
    return pairs > 0 ? Double(halves) / (2 * Double(pairs)) : .nan
  }

  /// Average precision: Σ over runs of the share of all events that the run adds × the share of events down to its end. NaN without an event.
  package var averagePrecision: Double {
    var sum = 0.0, above = 0, eventsAbove = 0
    for run in events.indices {
      above += customers[run]
      eventsAbove += events[run]
      if events[run] > 0 { sum += Double(events[run]) * Double(eventsAbove) / Double(above) }
    }
    return eventsInAll > 0 ? sum / Double(eventsInAll) : .nan
  }

  /// Share of events among the riskiest `share` of the customers ÷ share of events among all; a run that the border cuts gives its mean.
  /// NaN without an event.
  package func lift(at share: Double) -> Double {
    let wanted = share * Double(customersInAll)
    var above = 0.0, eventsAbove = 0.0
    for run in events.indices where above < wanted {
      let taken = min(Double(customers[run]), wanted - above)
      eventsAbove += Double(events[run]) * taken / Double(customers[run])
      above += taken
    }
    return eventsInAll > 0 && wanted > 0 ? eventsAbove / wanted / (Double(eventsInAll) / Double(customersInAll)) : .nan
  }
}
