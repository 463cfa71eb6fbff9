/// The transactions of buyers drawn from a model: most purchase days have one, one in ten has two that share the day's value.
struct Baskets {
  /// By customer, then day; all three columns are of one length.
  private(set) var customers: [UInt32] = []
  private(set) var days: [Int32] = []
  /// In minor units, ≥ 1.
  private(set) var amounts: [UInt32] = []

  init(_ buyers: Buyers, seed: UInt64) {
    let draws = Draws(seed: seed, .baskets)
    let capacity = buyers.days.count + buyers.days.count / 8
    customers.reserveCapacity(capacity)
    days.reserveCapacity(capacity)
    amounts.reserveCapacity(capacity)
    for customer in buyers.buyers.indices {
      for index in buyers.firsts[customer]..<buyers.firsts[customer + 1] {
        let value = buyers.valuesMinor[index]
        let isSplit = value >= 2 && draws.uniform(2 * UInt64(index)) < 0.1
        let share = isSplit ? 1 + UInt32(draws.whole(2 * UInt64(index) + 1, below: UInt64(value - 1))) : value
        append(customer, buyers.days[index], share)
        if isSplit { append(customer, buyers.days[index], value - share) }
      }
    }
  }

  private mutating func append(_ customer: Int, _ day: Int32, _ amount: UInt32) {
    customers.append(UInt32(customer))
    days.append(day)
    amounts.append(amount)
  }
}
