import Buffers
import Foundation

/// Scores of customers in the order of the rows; NaN where a row is absent or no possible history.
package struct PurchaseScores: Sendable {
  /// P(alive at the as-of day). BG/NBD gives 1 to everyone without a repeat purchase, NBD to everyone.
  package var pAlive: [Double]
  /// Purchase days expected within the risk horizon.
  package var expectedPurchases: [Double]
  /// P(no purchase within the risk horizon).
  package var churnRisk: [Double]
  /// Σ over steps of (CE(t_k) − CE(t_{k−1})) / (1+d)^(t_k/365) up to the value horizon: discounted purchases.
  package var discounted: [Double]
  /// The same without end, continuously discounted by ln(1+d) a year: ∫ CE′(t) (1+d)^(−t/365) dt; without a discount it may be infinite.
  package var discountedInfinite: [Double]
  /// Purchase days expected within the next days.
  package var expectedNext: [Double]
}

extension PurchaseScores {
  /// Takes the six columns out of an array that holds them in this order.
  init(filled columns: inout [[Double]]) {
    let next = columns.removeLast(), infinite = columns.removeLast(), discounted = columns.removeLast(), risk = columns.removeLast(),
      expected = columns.removeLast()
    self.init(
      pAlive: columns.removeLast(), expectedPurchases: expected, churnRisk: risk, discounted: discounted, discountedInfinite: infinite,
      expectedNext: next)
  }
}

/// P(alive), expected purchases, risk and discounted purchases of every customer.
///
/// Each is P(alive) times, or plus, what depends on (x, T) alone: that is worked out once for each distinct pair, with the formulas of
/// `PurchaseProcess`. P(alive) costs one exponential a customer.
package func scorePurchases(
  _ model: PurchaseModel, frequency: [Int32], recencyDays: [Int32], tenureDays: [Int32], isPresent: [Bool]?, horizons: PurchaseHorizons,
  threads: Int
) -> PurchaseScores {
  let count = frequency.count
  precondition(recencyDays.count == count && tenureDays.count == count && (isPresent?.count ?? count) == count)
  let customers = ScoredColumns(frequency: frequency, recencyDays: recencyDays, tenureDays: tenureDays, isPresent: isPresent)
  let table = OutlookTable(model, horizons, customers, threads: threads)
  var columns = filledColumns(6, rowCount: count, threads: threads) { rows, space in
    table.score(customers, rows, &space)
  }
  return PurchaseScores(filled: &columns)
}

/// The outlook of each (x, T) that occurs, and the odds of being dead as a function of x and t_x.
private struct OutlookTable: Sendable {
  /// Dense over x < `dense` and T ≤ `tenureMax`: (expected, discounted, infinite, next, P(no purchase)), filled up to a cache line.
  private let dense: Int, width: Int
  private let near: [Vector]
  /// Others: ascending x << 20 | T.
  private let farKeys: [UInt64]
  private let far: [Vector]
  private let odds: DeathOdds

  init(_ model: PurchaseModel, _ horizons: PurchaseHorizons, _ customers: ScoredColumns, threads: Int) {
    let steps = DiscountSteps(horizons)
    let rows = customers.frequency.count, chunk = max(1, (rows + max(1, threads) - 1) / max(1, threads))
    let chunks = (0..<(rows + chunk - 1) / chunk).map { $0 * chunk..<min(($0 + 1) * chunk, rows) }
    let most = parallelMap(chunks.count, threads: threads) { c in
      var tenure: Int32 = 0, frequency: Int32 = 0
      for row in chunks[c] where customers.isScored(row) {
        (tenure, frequency) = (max(tenure, customers.tenureDays[row]), max(frequency, customers.frequency[row]))
      }
      return (tenure: Int(tenure), frequency: Int(frequency))
    }
    let tenureMax = most.map(\.tenure).max() ?? 0, width = tenureMax + 1
    let dense = min(128, max(1, (1 << 20) / width), (most.map(\.frequency).max() ?? 0) + 1)
    let found = parallelMap(chunks.count, threads: threads) { c in
      var isThere = [Bool](repeating: false, count: dense * width), far: [UInt64] = []
      for row in chunks[c] where customers.isScored(row) {
        let x = Int(customers.frequency[row]), t = Int(customers.tenureDays[row])
        if x < dense { isThere[x * width + t] = true } else { far.append(UInt64(x << 20 | t)) }
      }
      return (isThere, far)
    }
    near = parallelMap(dense, threads: threads) { x in
      let isThere = (0..<width).map { t in found.contains { $0.0[x * width + t] } }
      guard isThere.contains(true) else { return [Vector](repeating: Vector(), count: width) }
      var row = InterpolatedOutlooks(model.outlooks(frequency: x, horizons, steps), frequency: x, byOctaves: true)
      return (0..<width).map { isThere[$0] ? row.at($0) : Vector() }
    }.flatMap { $0 }
    let farParts = countKeys(found.map(\.1), bitCount: 44, threads: threads).filter { !$0.keys.isEmpty }
    farKeys = farParts.flatMap(\.keys)
    let keys = farKeys
    far = parallelMap((keys.count + 63) / 64, threads: threads) { block in
      var row: InterpolatedOutlooks?
      return keys[block * 64..<min(block * 64 + 64, keys.count)].map { key in
        let x = Int(key >> 20)
        if row?.frequency != x { row = InterpolatedOutlooks(model.outlooks(frequency: x, horizons, steps), frequency: x, byOctaves: false) }
        return row?.at(Int(key & 0xFFFFF)) ?? Vector()
      }
    }.flatMap { $0 }
    odds = DeathOdds(model, frequencyCount: dense, tenureDaysMax: tenureMax)
    (self.width, self.dense) = (width, dense)
  }

  /// The six columns of a block of rows: first what is looked up, u and the outlook; then the arithmetic, eight rows at a time.
  func score(_ customers: ScoredColumns, _ rows: Range<Int>, _ space: inout MutableSpan<Double>) {
    let count = rows.count
    odds.fill(customers, rows, &space)
    for (place, row) in rows.enumerated() {
      if !customers.isScored(row) {
        for column in 0..<6 { space[place + column * count] = .nan }
        continue
      }
      let x = Int(customers.frequency[row]), t = Int(customers.tenureDays[row])
      let outlook = x < dense ? near[x * width + t] : self.far(x, t)
      space[place + count] = outlook[0]
      space[place + 2 * count] = outlook[4]
      space[place + 3 * count] = outlook[1]
      space[place + 4 * count] = outlook[2]
      space[place + 5 * count] = outlook[3]
    }
    var place = 0
    while place + 8 <= count {
      let u = eight(space, place), isNegative = u .< 0
      let e = exponential((-u).replacing(with: u, where: isNegative)), s = 1 / (1 + e)
      let dead = s.replacing(with: e * s, where: isNegative), alive = (e * s).replacing(with: s, where: isNegative)
      // u is NaN where a row has no history, and u − u is 0 elsewhere.
      let there = alive + (u - u)
      put(there, &space, place)
      put(there * eight(space, place + count), &space, place + count)
      put(dead + there * eight(space, place + 2 * count), &space, place + 2 * count)
      put(there * eight(space, place + 3 * count), &space, place + 3 * count)
      put(there * eight(space, place + 4 * count), &space, place + 4 * count)
      put(there * eight(space, place + 5 * count), &space, place + 5 * count)
      place += 8
    }
    for place in place..<count {
      let u = space[place], e = exponential(Vector(repeating: -abs(u)))[0], s = 1 / (1 + e)
      let alive = (u < 0 ? s : e * s) + (u - u), dead = u < 0 ? e * s : s
      space[place] = alive
      space[place + count] *= alive
      space[place + 2 * count] = dead + alive * space[place + 2 * count]
      space[place + 3 * count] *= alive
      space[place + 4 * count] *= alive
      space[place + 5 * count] *= alive
    }
  }

  private func far(_ x: Int, _ t: Int) -> Vector {
    let key = UInt64(x << 20 | t)
    var low = 0, high = farKeys.count
    while low < high {
      let middle = (low + high) / 2
      if farKeys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return far[low]
  }
}

@inline(__always)
private func eight(_ space: borrowing MutableSpan<Double>, _ i: Int) -> Vector {
  Vector(space[i], space[i + 1], space[i + 2], space[i + 3], space[i + 4], space[i + 5], space[i + 6], space[i + 7])
}

@inline(__always)
private func put(_ values: Vector, _ space: inout MutableSpan<Double>, _ i: Int) {
  space[i] = values[0]
  space[i + 1] = values[1]
  space[i + 2] = values[2]
  space[i + 3] = values[3]
  space[i + 4] = values[4]
  space[i + 5] = values[5]
  space[i + 6] = values[6]
  space[i + 7] = values[7]
}

/// The outlook of one x at any T, interpolated where there are many T to come.
private struct InterpolatedOutlooks {
  let frequency: Int
  private let exact: any FrequencyOutlooks
  private let byOctaves: Bool
  private var octaves: [Int: OutlookOctave] = [:]

  init(_ exact: any FrequencyOutlooks, frequency: Int, byOctaves: Bool) {
    (self.exact, self.frequency) = (exact, frequency)
    self.byOctaves = byOctaves && !exact.isClosedForm
  }

  /// (expected, discounted, infinite, next, P(no purchase), 0, 0, 0)
  mutating func at(_ tenureDays: Int) -> Vector {
    let time = exact.clockDays + Double(tenureDays)
    var there: Vector
    if byOctaves {
      let exponent = Int(time.exponent)
      let octave = octaves[exponent] ?? OutlookOctave(exact, exponent: exponent)
      octaves[exponent] = octave
      there = octave.at(significand: time.significand)
    } else {
      there = Vector(exact.at(time))
    }
    there[4] += exact.waiting(time)
    return there
  }
}
