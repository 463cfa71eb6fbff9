/// Stages and tiers straight from their definitions.
extension Twin {
  /// The lifecycle stage of each customer.
  package func stages() -> [String: String] { events.mapValues { stage(TwinHistory($0, calendar)) } }

  private func stage(_ history: TwinHistory) -> String {
    guard let first = history.days.first, let last = history.days.last else { return "prospect" }
    let (came, lost) = comingAndGoing(history), rhythm = rhythm(history.gaps, history.favouriteCategory)
    if lost.count == came.count { return "lost" }
    if came.count > 1, let back = came.last, asOf - back < limit(rhythm) { return "regained" }
    if asOf - first <= rhythm { return "new" }
    return asOf - last > rhythm ? "lapsing" : "active"
  }
}

/// The tier of each value: all are sorted and walked through.
/// - Parameter values: by id.
package func twinTiers(_ values: [String: Double], shares: [Double]) -> [String: String] {
  // In 1024ths, so that a sum is exact.
  func parts(_ value: Double) -> Int128 { Int128((value * 1024).rounded()) }
  let total = values.values.map(parts).reduce(0, +)
  var before: Int128 = 0, tiers: [String: String] = [:]
  let sorted = values.sorted { a, b in a.value != b.value ? a.value > b.value : precedes(a.key, b.key) }
  for (id, value) in sorted where total > 0 {
    let passed = shares.filter { Double(before) >= (Double(total) * $0).rounded(.up) }.count
    tiers[id] = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"][passed]
    before += parts(value)
  }
  return tiers
}
