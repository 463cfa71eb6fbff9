import Columns

/// Purchases and refunds in the order of time: row `i` of the population, before duplicated and malformed rows are put between.
struct TransactionTimeline: Sendable {
  /// Seconds since the start of the window in the upper half; below, the purchase, with the top bit set for its refund.
  /// Ascending by time, at one second by purchase, refunds last.
  let keys: [UInt64]
  /// The customer of each purchase.
  let customers: [UInt32]

  static let refundBit: UInt64 = 1 << 31

  func seconds(ofRow row: Int) -> UInt32 { UInt32(truncatingIfNeeded: keys[row] >> 32) }
  func purchase(ofRow row: Int) -> Int { Int(keys[row] & (Self.refundBit - 1)) }
  func isRefund(row: Int) -> Bool { keys[row] & Self.refundBit != 0 }

  init(_ plan: PopulationPlan, _ lives: CustomerLives) {
    let windowSeconds = (plan.end - plan.start) * 86_400
    var keys = [UInt64]()
    keys.reserveCapacity(plan.rows)
    var customers = [UInt32]()
    customers.reserveCapacity(plan.purchases)
    var times = [UInt32]()
    for customer in 0..<plan.customers {
      Self.drawTimes(of: customer, lives, Draws(seed: plan.seed, .purchases), windowSeconds, into: &times)
      for time in times {
        keys.append(UInt64(time) << 32 | UInt64(customers.count))
        customers.append(UInt32(customer))
      }
    }
    Self.appendRefunds(plan, windowSeconds, to: &keys)
    Self.sortByTime(&keys)
    self.keys = keys
    self.customers = customers
  }

  /// Of a population drawn from a model: the days are given, the hours drawn.
  init(_ plan: PopulationPlan, _ baskets: Baskets) {
    var keys = [UInt64]()
    keys.reserveCapacity(plan.rows)
    let draws = Draws(seed: plan.seed, .purchases)
    for (purchase, day) in baskets.days.enumerated() {
      var second = Self.secondOfDay(purchase: purchase, draws)
      // The second one of a day, at the same second: beside it.
      let isSecond = purchase > 0 && baskets.days[purchase - 1] == day && baskets.customers[purchase - 1] == baskets.customers[purchase]
      if isSecond && keys[purchase - 1] >> 32 == UInt64(day) * 86_400 + UInt64(second) { second = second == 0 ? 1 : second - 1 }
      keys.append((UInt64(day) * 86_400 + UInt64(second)) << 32 | UInt64(purchase))
    }
    Self.sortByTime(&keys)
    self.keys = keys
    customers = baskets.customers
  }

  /// The first purchase on the day when the life starts, the others evenly over it; at an hour around three in the afternoon.
  /// No two purchases of a customer share a second (but for the very last of the window), so that "the last one" is always one.
  private static func drawTimes(of customer: Int, _ lives: CustomerLives, _ draws: Draws, _ windowSeconds: Int, into times: inout [UInt32])
  {
    times.removeAll(keepingCapacity: true)
    let first = Int(lives.firstPurchases[customer])
    let start = Double(lives.starts[customer])
    let length = Double(lives.ends[customer]) - start
    for purchase in first..<Int(lives.firstPurchases[customer + 1]) {
      let position = UInt64(purchase) * UInt64(Sale.drawsPerPurchase)
      let moment = purchase == first ? start : start + draws.uniform(position) * length
      let day = UInt32(moment / 86_400)
      times.append(day * 86_400 + secondOfDay(purchase: purchase, draws))
    }
    times.sort()
    for index in times.indices.dropFirst() where times[index] <= times[index - 1] {
      times[index] = min(times[index - 1] + 1, UInt32(windowSeconds - 1))
    }
  }

  /// Around three in the afternoon; where that would be another day, at any time.
  private static func secondOfDay(purchase: Int, _ draws: Draws) -> UInt32 {
    let position = UInt64(purchase) * UInt64(Sale.drawsPerPurchase)
    let second = 15 * 3600 + draws.standardNormal(position + 1) * 3.5 * 3600
    return second >= 0 && second < 86_400 ? UInt32(second) : UInt32(draws.whole(position + 2, below: 86_400))
  }

  /// Of a random purchase, one hour to 30 days later, never after the window.
  private static func appendRefunds(_ plan: PopulationPlan, _ windowSeconds: Int, to keys: inout [UInt64]) {
    let draws = Draws(seed: plan.seed, .refunds)
    let delays = UInt64(plan.purchases)
    choose(plan.refunds, of: plan.purchases, by: draws) { purchase in
      let delay = 3600 + draws.whole(delays + UInt64(purchase), below: 30 * 86_400 - 3600)
      let time = min((keys[purchase] >> 32) + delay, UInt64(windowSeconds - 1))
      keys.append(time << 32 | refundBit | UInt64(purchase))
    }
  }

  /// Radix sort by the upper half, 11 bits a pass; equal times keep their order, which is that of the purchases, then the refunds.
  private static func sortByTime(_ keys: inout [UInt64]) {
    var sorted = [UInt64](repeating: 0, count: keys.count)
    for shift in [32, 43, 54] as [UInt64] {
      var places = [Int](repeating: 0, count: 2049)
      for key in keys { places[Int(key >> shift & 2047) + 1] += 1 }
      if places.contains(keys.count) { continue }
      for digit in 1...2048 { places[digit] += places[digit - 1] }
      for key in keys {
        let digit = Int(key >> shift & 2047)
        sorted[places[digit]] = key
        places[digit] += 1
      }
      swap(&keys, &sorted)
    }
  }
}
