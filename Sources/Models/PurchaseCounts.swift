import Buffers

/// Distinct purchase histories (x, t_x, T) in whole days, ascending by x, then T, then t_x, with the number of customers that share each.
///
/// x: repeat purchase days; t_x: days from the first to the last; T: days from the first to the as-of day. A row takes part where
/// 0 ≤ x < 2²⁴ and 0 ≤ t_x ≤ T < 2²⁰ (t_x of x = 0 is not looked at); others are counted in `rowsLeftOut`.
package struct PurchaseCounts: Sendable {
  /// Customers with one and the same x: `vectors` of the columns below.
  struct Group: Sendable {
    var frequency: Int
    var customers: Int64
    var vectors: Range<Int>
  }

  /// Ascending by x.
  var groups: [Group] = []
  // Eight histories an element; a group's last one is filled up with histories of no customer.
  var recency: [SIMD8<Int32>] = []
  var tenure: [SIMD8<Int32>] = []
  var customersOf: [SIMD8<Int32>] = []
  /// For each T in days: customers, and the sum of their x.
  var customersByTenure: [Int64] = []
  var purchasesByTenure: [Int64] = []

  package private(set) var customers: Int64 = 0
  /// Distinct (x, t_x, T).
  package private(set) var histories = 0
  /// Rows that are present, but no possible history.
  package private(set) var rowsLeftOut: Int64 = 0
  /// Σ x.
  package var repeatPurchases: Int64 { purchasesByTenure.reduce(0, +) }

  package init(frequency: [Int32], recencyDays: [Int32], tenureDays: [Int32], isPresent: [Bool]?, threads: Int) {
    let columns = HistoryColumns(frequency: frequency, recencyDays: recencyDays, tenureDays: tenureDays, isPresent: isPresent)
    let blocks = (frequency.count + Self.blockRows - 1) / Self.blockRows
    let summaries = parallelMap(blocks, threads: threads) { columns.summary(ofBlock: $0) }
    let layout = summaries.reduce(HistorySummary()) { $0.joined($1) }
    let chunks = parallelMap(blocks, threads: threads) { columns.keys(ofBlock: $0, layout) }
    reserve(layout)
    for part in countKeys(chunks, bitCount: layout.bitCount, threads: threads) {
      for i in part.keys.indices {
        let (x, tx, t) = layout.history(part.keys[i])
        append(x, tx, t, Int32(clamping: part.counts[i]))
      }
    }
    finish()
    rowsLeftOut = layout.rowsLeftOut
  }

  static let blockRows = 1 << 16

  private init() {}

  private mutating func reserve(_ layout: HistorySummary) {
    customersByTenure = [Int64](repeating: 0, count: layout.tenureMax + 1)
    purchasesByTenure = customersByTenure
  }

  /// The next history in ascending order.
  private mutating func append(_ x: Int, _ tx: Int32, _ t: Int32, _ count: Int32) {
    histories += 1
    customers += Int64(count)
    customersByTenure[Int(t)] += Int64(count)
    purchasesByTenure[Int(t)] += Int64(count) * Int64(x)
    if groups.last?.frequency != x {
      closeGroup()
      groups.append(Group(frequency: x, customers: 0, vectors: recency.count..<recency.count))
    }
    groups[groups.count - 1].customers += Int64(count)
    pending.0[lanes] = tx
    pending.1[lanes] = t
    pending.2[lanes] = count
    lanes += 1
    if lanes == 8 { flush() }
  }

  private var pending = (SIMD8<Int32>(), SIMD8<Int32>(), SIMD8<Int32>())
  private var lanes = 0

  private mutating func flush() {
    recency.append(pending.0)
    tenure.append(pending.1)
    customersOf.append(pending.2)
    pending = (SIMD8(), SIMD8(), SIMD8())
    lanes = 0
  }

  private mutating func closeGroup() {
    if lanes > 0 { flush() }
    if let last = groups.last { groups[groups.count - 1].vectors = last.vectors.lowerBound..<recency.count }
  }

  private mutating func finish() {
    closeGroup()
  }

  /// Every `step`-th customer in the order of the histories: the same ones whatever the order of the rows.
  func sample(everyCustomer step: Int64) -> PurchaseCounts {
    var result = PurchaseCounts()
    result.customersByTenure = [Int64](repeating: 0, count: customersByTenure.count)
    result.purchasesByTenure = result.customersByTenure
    var seen: Int64 = 0
    func taken(_ count: Int64) -> Int32 {
      defer { seen += count }
      return Int32(clamping: (seen + count) / step - seen / step)
    }
    for group in groups {
      for v in group.vectors {
        for lane in 0..<8 {
          let some = taken(Int64(customersOf[v][lane]))
          if some > 0 { result.append(group.frequency, recency[v][lane], tenure[v][lane], some) }
        }
      }
    }
    result.finish()
    return result
  }
}

/// What a block of rows needs in a packed key.
private struct HistorySummary: Sendable {
  var frequencyMax = 0, recencyMax = 0, tenureMax = 0
  var rowsLeftOut: Int64 = 0

  func joined(_ other: HistorySummary) -> HistorySummary {
    HistorySummary(
      frequencyMax: max(frequencyMax, other.frequencyMax), recencyMax: max(recencyMax, other.recencyMax),
      tenureMax: max(tenureMax, other.tenureMax), rowsLeftOut: rowsLeftOut + other.rowsLeftOut)
  }

  private static func bits(_ value: Int) -> Int { Int.bitWidth - value.leadingZeroBitCount }
  var tenureShift: UInt64 { UInt64(Self.bits(recencyMax)) }
  var frequencyShift: UInt64 { tenureShift + UInt64(Self.bits(tenureMax)) }
  var bitCount: Int { Int(frequencyShift) + Self.bits(frequencyMax) }

  @inline(__always)
  func history(_ key: UInt64) -> (x: Int, tx: Int32, t: Int32) {
    let tx = key & ((1 << tenureShift) - 1), t = (key & ((1 << frequencyShift) - 1)) >> tenureShift
    return (Int(truncatingIfNeeded: key >> frequencyShift), Int32(truncatingIfNeeded: tx), Int32(truncatingIfNeeded: t))
  }
}

/// The customers' columns, of one length.
private struct HistoryColumns: Sendable {
  let frequency, recencyDays, tenureDays: [Int32]
  let isPresent: [Bool]?

  init(frequency: [Int32], recencyDays: [Int32], tenureDays: [Int32], isPresent: [Bool]?) {
    let count = frequency.count
    precondition(recencyDays.count == count && tenureDays.count == count && (isPresent?.count ?? count) == count)
    (self.frequency, self.recencyDays, self.tenureDays, self.isPresent) = (frequency, recencyDays, tenureDays, isPresent)
  }

  private func rows(_ block: Int) -> Range<Int> {
    block * PurchaseCounts.blockRows..<min((block + 1) * PurchaseCounts.blockRows, frequency.count)
  }

  func summary(ofBlock block: Int) -> HistorySummary {
    var x: Int32 = 0, tx: Int32 = 0, t: Int32 = 0, leftOut = 0
    for row in rows(block) {
      let there = isPresent?[row] ?? true, sound = isHistory(frequency[row], recencyDays[row], tenureDays[row])
      leftOut += there && !sound ? 1 : 0
      if there && sound {
        x = max(x, frequency[row])
        tx = max(tx, frequency[row] == 0 ? 0 : recencyDays[row])
        t = max(t, tenureDays[row])
      }
    }
    return HistorySummary(frequencyMax: Int(x), recencyMax: Int(tx), tenureMax: Int(t), rowsLeftOut: Int64(leftOut))
  }

  func keys(ofBlock block: Int, _ layout: HistorySummary) -> [UInt64] {
    let tenureShift = layout.tenureShift, frequencyShift = layout.frequencyShift
    var keys: [UInt64] = []
    keys.reserveCapacity(rows(block).count)
    for row in rows(block) where (isPresent?[row] ?? true) && isHistory(frequency[row], recencyDays[row], tenureDays[row]) {
      let x = UInt64(truncatingIfNeeded: frequency[row])
      let tx = x == 0 ? 0 : UInt64(truncatingIfNeeded: recencyDays[row])
      keys.append(x &<< frequencyShift | UInt64(truncatingIfNeeded: tenureDays[row]) &<< tenureShift | tx)
    }
    return keys
  }
}

/// Whether (x, t_x, T) can be a customer's history, within the bounds that keep a key in 64 bits.
@inline(__always)
func isHistory(_ x: Int32, _ tx: Int32, _ t: Int32) -> Bool {
  x >= 0 && x < 1 << 24 && t >= 0 && t < 1 << 20 && (x == 0 || (tx >= 0 && tx <= t))
}
