/// Weights for measuring again and again over customers drawn anew: the bootstrap's Poisson form, in which each is drawn Poisson(1) times.
///
/// Customers are drawn in 256 groups by a hash of their ids (few customers: nearly each alone), so that a measure costs one sum per group
/// and replicate, however many customers there are. The weights depend on nothing but the number of the group and of the replicate, so that
/// measures of two models can be compared replicate by replicate, and neither threads nor the order of rows matter.
package struct Bootstrap: Sendable {
  package static let groups = 256
  package static let replicates = 200

  /// Five vectors are summed at once, which is what registers hold.
  private static let lanes = 8, stripe = 5, vectors = replicates / lanes
  /// By group, then replicate.
  private let weights: [SIMD8<Float>]

  package init() {
    weights = (0..<Self.groups).flatMap { group in
      (0..<Self.vectors).map { v in
        var weights = SIMD8<Float>()
        for lane in 0..<Self.lanes {
          weights[lane] = Float(Self.poisson(Self.mixed(UInt64(v * Self.lanes + lane) << 32 | UInt64(group))))
        }
        return weights
      }
    }
  }

  /// How often a group is drawn in a replicate.
  package func weight(ofGroup group: Int, replicate: Int) -> Int {
    Int(weights[group * Self.vectors + replicate / Self.lanes][replicate % Self.lanes])
  }

  /// SplitMix64's finalizer (Steele, Lea and Flood 2014).
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = (value &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A Poisson(1) number out of 64 even bits.
  private static func poisson(_ bits: UInt64) -> UInt8 {
    let even = Double(bits >> 11) * 0x1p-53
    var number: UInt8 = 0, term = 0.367_879_441_171_442_33, sum = term
    while even >= sum && number < 20 {
      number += 1
      term /= Double(number)
      sum += term
    }
    return number
  }

  /// Each replicate's weighted sum of the groups' terms.
  /// - Parameter terms: of every group.
  package func sums(_ terms: [SIMD8<Double>]) -> [SIMD8<Double>] {
    (0..<Self.replicates).map { replicate in
      var sum = SIMD8<Double>()
      for group in terms.indices { sum += terms[group] * Double(weight(ofGroup: group, replicate: replicate)) }
      return sum
    }
  }

  /// Each replicate's weighted sum of whole numbers: (group, count) pairs.
  ///
  /// Exact below 2²⁴; above, what is lost is far less than replicates differ by.
  func sums(_ counts: [SIMD2<UInt32>], into sums: inout [Float]) {
    let weights = weights.span
    for start in stride(from: 0, to: Self.vectors, by: Self.stripe) {
      var a = SIMD8<Float>(), b = a, c = a, d = a, e = a
      for pair in counts {
        let from = Int(pair.x) * Self.vectors + start, count = Float(pair.y)
        a += weights[from] * count
        b += weights[from + 1] * count
        c += weights[from + 2] * count
        d += weights[from + 3] * count
        e += weights[from + 4] * count
      }
      for (v, sum) in [a, b, c, d, e].enumerated() {
        for lane in 0..<Self.lanes { sums[(start + v) * Self.lanes + lane] = sum[lane] }
      }
    }
  }

  /// The ranking as each replicate draws it, in bins: a run of equal risk is in one bin, and so are runs that begin in the same 512th of the
  /// customers.
  /// - Parameters:
  ///   - marks: of the customers as they are ranked, group · 2, and 1 more for an event.
  ///   - ends: of the runs, as in `Ranking`.
  package func binned(_ marks: [UInt16], ends: [UInt32]) -> BinnedReplicates {
    var binned = BinnedReplicates(), sums = [Float](repeating: 0, count: Self.replicates)
    var counts = [UInt32](repeating: 0, count: 2 * Self.groups), others: [SIMD2<UInt32>] = [], events: [SIMD2<UInt32>] = []
    var start = 0, run = 0
    while run < ends.count {
      let bin = start * BinnedReplicates.most / marks.count
      var end = Int(ends[run])
      while run + 1 < ends.count, end * BinnedReplicates.most / marks.count == bin {
        run += 1
        end = Int(ends[run])
      }
      run += 1
      for place in start..<end { counts[Int(marks[place])] += 1 }
      (others, events) = ([], [])
      var eventsHere = 0
      for group in 0..<Self.groups {
        let (other, event) = (counts[2 * group], counts[2 * group + 1])
        if other > 0 { others.append(SIMD2(UInt32(group), other)) }
        if event > 0 { events.append(SIMD2(UInt32(group), event)) }
        eventsHere += Int(event)
        (counts[2 * group], counts[2 * group + 1]) = (0, 0)
      }
      self.sums(others, into: &sums)
      binned.others += sums
      self.sums(events, into: &sums)
      binned.events += sums
      binned.whole.append(customers: end - start, events: eventsHere)
      start = end
    }
    return binned
  }
}

/// A ranking in bins, and how many customers each replicate draws of each bin.
package struct BinnedReplicates: Sendable {
  static let most = 512

  /// With each customer once.
  package fileprivate(set) var whole = RankedEvents()
  /// By bin, then replicate.
  fileprivate var others: [Float] = [], events: [Float] = []

  package func drawn(_ replicate: Int) -> RankedEvents {
    var drawn = RankedEvents()
    for place in stride(from: replicate, to: events.count, by: Bootstrap.replicates) {
      let caught = Int(events[place]), all = caught + Int(others[place])
      if all > 0 { drawn.append(customers: all, events: caught) }
    }
    return drawn
  }
}

/// A measure, and what 95 of 100 bootstrap replicates lie within.
package struct Estimate: Sendable, Hashable, Codable {
  package var value: Double
  package var low, high: Double

  /// nil where the value is not finite. Replicates that are not finite, since one drew no event, do not count.
  package init?(_ value: Double, replicates: [Double]) {
    guard value.isFinite else { return nil }
    self.value = value
    let sorted = replicates.filter(\.isFinite).sorted()
    let cut = sorted.count / 40
    (low, high) = sorted.isEmpty ? (value, value) : (sorted[cut], sorted[sorted.count - 1 - cut])
  }
}
