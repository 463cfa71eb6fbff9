/// Weights for measuring again and again over customers drawn anew: the bootstrap's Poisson form, in which each is drawn Poisson(1) times.
///
/// Customers are drawn in 4,096 groups by a hash of their ids (few customers: nearly each alone), so that a measure costs one sum per group
/// and replicate, however many customers there are. The weights depend on nothing but the number of the group and of the replicate, so that
/// measures of two models can be compared replicate by replicate, and neither threads nor the order of rows matter.
package struct Bootstrap: Sendable {
  package static let groups = 4096
  package static let replicates = 200

  /// Of each group in a replicate.
  private let weights: [[UInt8]]

  package init() {
    weights = (0..<Self.replicates).map { replicate in
      (0..<Self.groups).map { Self.poisson(Self.mixed(UInt64(replicate) << 32 | UInt64($0))) }
    }
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

  /// Each replicate's weighted sum of the groups' terms. The groups' numbers ascend, so that the sums are always taken in one order.
  package func sums(_ terms: [SIMD8<Double>], ofGroups groups: [UInt16]) -> [SIMD8<Double>] {
    weights.map { weights in
      var sum = SIMD8<Double>()
      for i in groups.indices { sum += terms[i] * Double(weights[Int(groups[i])]) }
      return sum
    }
  }

  /// The area under the curve in each replicate; NaN where one has no event or no non-event.
  /// - Parameter group: of each row.
  package func areasUnderCurve(_ ranking: Ranking, isEvent: [Bool], group: [UInt16]) -> [Double] {
    // In the order of the ranking: group · 4 + event · 2 + end of a run.
    var packed = ranking.rows.map { UInt32(group[Int($0)]) << 2 | (isEvent[Int($0)] ? 2 : 0) }
    for end in ranking.ends { packed[Int(end) - 1] |= 1 }
    return weights.map { weights in
      var halves = 0, above = 0, events = 0, others = 0, nonEvents = 0
      for row in packed {
        let weight = Int(weights[Int(row >> 2)]), isEvent = Int(row >> 1 & 1)
        events &+= weight &* isEvent
        others &+= weight &* (1 &- isEvent)
        if row & 1 == 1 {
          halves &+= others &* (2 &* above &+ events)
          above &+= events
          nonEvents &+= others
          (events, others) = (0, 0)
        }
      }
      return above > 0 && nonEvents > 0 ? Double(halves) / (2 * Double(above) * Double(nonEvents)) : .nan
    }
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
