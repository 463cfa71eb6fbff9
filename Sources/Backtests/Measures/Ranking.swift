/// Rows in the order of falling risk, and where each run of equal risk ends. Rows of one run stand in ascending order.
package struct Ranking: Sendable {
  package private(set) var rows: [UInt32]
  /// Ascending places behind the runs; the last is the number of rows.
  package private(set) var ends: [UInt32]

  /// - Parameter risks: of all rows, none NaN: greater is riskier.
  package init(byFalling risks: [Double]) {
    let keys = risks.map { ~Self.ascendingKey($0) }
    rows = Self.sorted(keys)
    ends = []
    for place in rows.indices where place + 1 == rows.count || keys[Int(rows[place])] != keys[Int(rows[place + 1])] {
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

  /// Row numbers by ascending key, equal ones by row: a radix sort from the lowest digit up, which leaves out digits that all rows share.
  private static func sorted(_ keys: [UInt64]) -> [UInt32] {
    let digitBits: UInt64 = 11, mask: UInt64 = (1 << 11) - 1
    var rows = (0..<UInt32(keys.count)).map { $0 }, next = rows
    for shift in stride(from: UInt64(0), to: 64, by: Int(digitBits)) {
      var places = [UInt32](repeating: 0, count: 1 << Int(digitBits))
      for key in keys { places[Int((key >> shift) & mask)] += 1 }
      if places.contains(UInt32(keys.count)) { continue }
      var sum: UInt32 = 0
      for digit in places.indices { (places[digit], sum) = (sum, sum + places[digit]) }
      for row in rows {
        let digit = Int((keys[Int(row)] >> shift) & mask)
        next[Int(places[digit])] = row
        places[digit] += 1
      }
      swap(&rows, &next)
    }
    return rows
  }
}

/// A ranking with what came: customers and events by run of equal risk, the riskiest first. All measures of a ranking come from here.
package struct RankedEvents: Sendable {
  package private(set) var customers: [Int] = []
  package private(set) var events: [Int] = []
  package private(set) var customersInAll = 0
  package private(set) var eventsInAll = 0

  package init(_ ranking: Ranking, isEvent: [Bool]) {
    var start = 0
    for end in ranking.ends {
      var count = 0
      for place in start..<Int(end) where isEvent[Int(ranking.rows[place])] { count += 1 }
      customers.append(Int(end) - start)
      events.append(count)
      start = Int(end)
    }
    (customersInAll, eventsInAll) = (start, events.reduce(0, +))
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
