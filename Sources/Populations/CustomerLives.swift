import Columns

/// Who buys, from when to when, and how often: the truth behind every feed.
///
/// 30 % are there already at the start of the window, the others arrive evenly over it. A life is exponential with mean 300 days, cut off by
/// the window; purchases come at a rate that is lognormal (σ = 1.3), which makes their numbers heavy-tailed. Customers are numbered from 0,
/// in no order.
struct CustomerLives: Sendable {
  /// Seconds since the start of the window; `starts[i] < ends[i]`.
  let starts: [UInt32]
  let ends: [UInt32]
  /// The channel in which a customer mostly buys.
  let preferredChannels: [UInt8]
  /// Customer `i` makes the purchases `firstPurchases[i] ..< firstPurchases[i + 1]`, at least one.
  let firstPurchases: [UInt32]

  init(_ plan: PopulationPlan) {
    let draws = Draws(seed: plan.seed, .customers)
    let window = Double((plan.end - plan.start) * 86_400)
    var starts = [UInt32](), ends = [UInt32](), preferred = [UInt8](), cumulativeWeights = [Double]()
    starts.reserveCapacity(plan.customers)
    ends.reserveCapacity(plan.customers)
    preferred.reserveCapacity(plan.customers)
    cumulativeWeights.reserveCapacity(plan.customers)
    var weight = 0.0
    for customer in 0..<plan.customers {
      let position = UInt64(customer) * 8
      let wasThere = draws.uniform(position) < 0.30
      let arrival = wasThere ? draws.standardExponential(position + 1) * 20 * 86_400 : draws.uniform(position + 1) * (window - 86_400)
      let start = min(arrival, window - 86_400).rounded(.down)
      let end = min(start + 3600 + draws.standardExponential(position + 2) * 300 * 86_400, window - 1).rounded(.down)
      starts.append(UInt32(start))
      ends.append(UInt32(end))
      preferred.append(Channels.drawn(draws.uniform(position + 3)))
      weight += exponential(1.3 * draws.standardNormal(position + 4)) * (end - start)
      cumulativeWeights.append(weight)
    }
    self.starts = starts
    self.ends = ends
    preferredChannels = preferred
    firstPurchases = Self.shareOut(plan, cumulativeWeights)
  }

  /// One purchase for each customer, the others by weight: an exact multinomial draw.
  private static func shareOut(_ plan: PopulationPlan, _ cumulativeWeights: [Double]) -> [UInt32] {
    let count = plan.customers
    let total = cumulativeWeights[count - 1]
    // Where the search begins, for each of `count` equal shares of the weight: a draw then looks at two customers on average.
    var guide = [UInt32](repeating: 0, count: count)
    var customer = 0
    for share in 0..<count {
      let weight = Double(share) / Double(count) * total
      while customer < count - 1 && cumulativeWeights[customer] <= weight { customer += 1 }
      guide[share] = UInt32(customer)
    }
    let draws = Draws(seed: plan.seed, .purchaseOwners)
    // `purchases[i + 1]` counts those of customer i, then becomes where the next one's begin.
    var purchases = [UInt32](repeating: 1, count: count + 1)
    purchases[0] = 0
    for draw in 0..<(plan.purchases - count) {
      let share = draws.uniform(UInt64(draw))
      var owner = Int(guide[min(count - 1, Int(share * Double(count)))])
      while owner < count - 1 && cumulativeWeights[owner] <= share * total { owner += 1 }
      purchases[owner + 1] += 1
    }
    for index in 1...count { purchases[index] += purchases[index - 1] }
    return purchases
  }
}
