/// Names of the tiers, the best first.
package let valueTierNames = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"]

/// The tier of each customer, from 1, the best; 0 for those without a value, and for all where the values add up to 0.
///
/// With the customers in descending order of value, equal ones by id, a customer is in tier k where those before him hold at least k − 1 of
/// the `shares` of the total, and not the next. Values count in 1024ths, so that sums are whole numbers and exact in any order.
///
/// No sort of all: values fall into classes of equal leading bits (within 1/16 of each other), whose sums tell the few classes that a tier
/// ends in; only those are sorted.
/// - Parameters:
///   - values: 0 or more where present.
///   - byID: row numbers in the order of ids.
package func valueTiers(_ values: [Double], _ isPresent: [Bool]?, shares: [Double], byID: [UInt32]) -> [UInt16] {
  var sums = [Int64](repeating: 0, count: classCount), carries = sums
  func isCounted(_ row: Int) -> Bool { (isPresent?[row] ?? true) && values[row] >= 0 }
  for row in values.indices where isCounted(row) {
    let place = valueClass(values[row])
    let (sum, overflow) = sums[place].addingReportingOverflow(FixedPointSum.fixed(values[row], 1024))
    sums[place] = sum
    if overflow { carries[place] += 1 }
  }
  // What overflowed is 2⁶⁴ short.
  let totals = sums.indices.map { Int128(sums[$0]) + Int128(carries[$0]) << 64 }
  let total = totals.reduce(0, +)
  var tiers = [UInt16](repeating: 0, count: values.count)
  guard total > 0 else { return tiers }
  var ladder = TierLadder(ends: shares.map { Int128((Double(total) * $0).rounded(.up)) })

  // The tier of a whole class, or 0 for one that a tier ends in, with what the classes before it hold.
  var tierOfClass = [UInt16](repeating: 0, count: classCount)
  var split: [(place: Int, before: Int128)] = []
  for place in totals.indices.reversed() {
    let tier = ladder.tier
    let before = ladder.sum
    if ladder.wouldStay(adding: totals[place]) {
      ladder.add(totals[place])
      tierOfClass[place] = tier
    } else {
      ladder.add(totals[place])
      split.append((place, before))
    }
  }
  for row in values.indices where isCounted(row) { tiers[row] = tierOfClass[valueClass(values[row])] }

  var members = [Int: [(value: Double, row: Int)]](minimumCapacity: split.count)
  for row in byID {
    let row = Int(row)
    guard tiers[row] == 0, isCounted(row) else { continue }
    members[valueClass(values[row]), default: []].append((values[row], row))
  }
  for (place, before) in split {
    ladder.restart(at: before)
    // In the order of ids before; the sort keeps that order among equals.
    for (value, row) in (members[place] ?? []).sorted(by: { $0.value > $1.value }) {
      tiers[row] = ladder.tier
      ladder.add(Int128(FixedPointSum.fixed(value, 1024)))
    }
  }
  return tiers
}

private let classCount = 1 << 15

/// Sign bit apart, exponent and the first bits of the fraction: greater for greater values.
@inline(__always) private func valueClass(_ value: Double) -> Int { Int((value.bitPattern & (.max >> 1)) >> 48) }

/// Walks up the cumulated value.
private struct TierLadder {
  /// Rising.
  let ends: [Int128]
  private(set) var sum: Int128 = 0
  private var passed = 0

  init(ends: [Int128]) { self.ends = ends }

  /// Of the next customer.
  var tier: UInt16 { UInt16(passed + 1) }

  /// Whether all customers of the next class, which holds this much, are of one tier.
  func wouldStay(adding value: Int128) -> Bool { passed == ends.count || sum + value < ends[passed] }

  mutating func add(_ value: Int128) {
    sum += value
    while passed < ends.count, sum >= ends[passed] { passed += 1 }
  }

  mutating func restart(at start: Int128) {
    (sum, passed) = (0, 0)
    add(start)
  }
}
