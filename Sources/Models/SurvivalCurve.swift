import Foundation

/// How long each of some customers was watched, in whole units of time ≥ 0, and whether what ends a life came at the end of it.
package struct Lifetimes: Sendable {
  package var durations: [Int32]
  /// false: still alive when last seen (censored).
  package var hasEnded: [Bool]

  /// - Precondition: columns of one length, no duration below 0.
  package init(durations: [Int32], hasEnded: [Bool]) {
    precondition(durations.count == hasEnded.count && durations.allSatisfy { $0 >= 0 })
    (self.durations, self.hasEnded) = (durations, hasEnded)
  }
}

/// Survival from life to life's end: Kaplan–Meier and Nelson–Aalen at each time that somebody's life ended.
///
///  S(t) = Π over t_i ≤ t of (1 − d_i/n_i)              Kaplan and Meier (1958)
///  V(t) = Σ d_i / (n_i (n_i − d_i)), Greenwood's sum
///  limits: S(t)^exp(± z √V(t) / ln S(t))               log-log; Kalbfleisch and Prentice (2002), 1.4
///  H(t) = Σ d_i / n_i, at tied times Σ over k < d_i of 1/(n_i − k)     Nelson (1972) with Fleming and Harrington's ties
///
/// d_i lives ended at t_i of n_i watched until then; who was last seen at t_i was watched until then.
package struct SurvivalCurve: Sendable {
  /// Ascending; where a life ended beyond the age reached.
  package private(set) var times: [Int32] = []
  package private(set) var atRisk: [Int64] = []
  package private(set) var events: [Int64] = []
  package private(set) var survival: [Double] = []
  /// NaN where S is 0 or 1: no limits.
  package private(set) var low: [Double] = []
  package private(set) var high: [Double] = []
  package private(set) var cumulativeHazard: [Double] = []
  /// All who were watched beyond the age reached.
  package private(set) var count: Int64 = 0

  /// - Parameters:
  ///   - age: only lives beyond it count, and S starts with 1 there: the curve of those who reached that age. 0 at the beginning counts all.
  ///   - level: of the confidence limits, each time by itself.
  package init(_ lives: Lifetimes, reached age: Int32? = nil, level: Double = 0.95) {
    self.init(SurvivalCounts(lives), reached: age, level: level)
  }

  package init(_ counts: SurvivalCounts, reached age: Int32? = nil, level: Double = 0.95) {
    let z = normalQuantile(level: level), age = age ?? -1
    var product = 1.0, variance = 0.0, hazard = 0.0
    let beyond = counts.times.firstIndex { $0 > age } ?? counts.times.count
    var left = counts.watched[beyond...].reduce(0, +)
    count = left
    for i in beyond..<counts.times.count {
      let ended = counts.ended[i]
      if ended > 0 {
        let n = Double(left), d = Double(ended)
        product = ended == left ? 0 : product * (1 - d / n)
        variance += d / (n * (n - d))
        for k in 0..<ended { hazard += 1 / Double(left - k) }
        times.append(counts.times[i])
        atRisk.append(left)
        events.append(ended)
        survival.append(product)
        cumulativeHazard.append(hazard)
        let spread = z * variance.squareRoot() / log(product)
        low.append(product > 0 ? pow(product, exp(-spread)) : .nan)
        high.append(product > 0 ? pow(product, exp(spread)) : .nan)
      }
      left -= counts.watched[i]
    }
  }

  /// The first time at which at most `share` survive; nil where more do to the end.
  package func time(survivingAtMost share: Double) -> Int32? { survival.firstIndex { $0 <= share }.map { times[$0] } }

  /// ∫ S(u) du from 0 to `time`: what is lived of it on average.
  package func restrictedMean(to time: Int32) -> Double {
    var area = 0.0, from: Int32 = 0, level = 1.0
    for (at, left) in zip(times, survival) where at < time {
      area += level * Double(at - from)
      (from, level) = (at, left)
    }
    return area + level * Double(time - from)
  }

  /// S(t); 1 before the first event.
  package func survival(at time: Int32) -> Double { times.lastIndex { $0 <= time }.map { survival[$0] } ?? 1 }
}

/// How many were last seen, and how many lives ended, at each distinct time, ascending.
package struct SurvivalCounts: Sendable {
  private(set) var times: [Int32] = []
  private(set) var watched: [Int64] = []
  private(set) var ended: [Int64] = []

  /// - Parameters: by time from 0 on: how many were last seen then, and of how many of them it was the end.
  package init(watched: ArraySlice<Int64>, ended: ArraySlice<Int64>) {
    precondition(watched.count == ended.count)
    for ((time, watched), ended) in zip(watched.enumerated(), ended) where watched > 0 {
      times.append(Int32(time))
      self.watched.append(watched)
      self.ended.append(ended)
    }
  }

  init(_ lives: Lifetimes) {
    for row in lives.durations.indices.sorted(by: { lives.durations[$0] < lives.durations[$1] }) {
      if times.last != lives.durations[row] {
        times.append(lives.durations[row])
        watched.append(0)
        ended.append(0)
      }
      watched[watched.count - 1] += 1
      if lives.hasEnded[row] { ended[ended.count - 1] += 1 }
    }
  }
}
