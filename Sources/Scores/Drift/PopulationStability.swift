import Foundation
import Models

/// How far one distribution over bins lies from an earlier one.
package struct PopulationStability: Sendable, Hashable {
  /// PSI = Σ (q − p) · ln(q / p) over the bins, p their shares then and q now. A bin that is empty on one side alone counts there as half a
  /// customer; one that is empty on both sides has no part. NaN where there is nobody on a side.
  ///
  /// Source: Lewis (1994), An Introduction to Credit Scoring; Siddiqi (2006), Credit Risk Scorecards.
  package let index: Double
  /// P(an index of this size or more) between two samples of the same customers-to-be: index ÷ (1/n + 1/m) is χ² with a degree of freedom
  /// less than there are bins. Source: Yurdakul and Naranjo (2020), Journal of Risk Model Validation 14(4).
  let chance: Double

  /// - Parameters: customers by bin, whole or weighted; both of one length.
  package init(then: [Double], now: [Double]) {
    let n = then.reduce(0, +), m = now.reduce(0, +)
    var index = 0.0, bins = 0
    for (before, after) in zip(then, now) where before > 0 || after > 0 {
      let p = max(before, 0.5) / n, q = max(after, 0.5) / m
      index += (q - p) * log(q / p)
      bins += 1
    }
    self.index = n > 0 && m > 0 ? index : .nan
    chance = bins > 1 && n > 0 && m > 0 ? chiSquareTail(index / (1 / n + 1 / m), freedom: bins - 1) : 1
  }
}

/// By the usual limits: Siddiqi (2006), Credit Risk Scorecards.
package enum DriftLevel: String, Sendable, Hashable, Codable {
  case stable, moving, shifted

  package static let movingFrom = 0.1, shiftedFrom = 0.25

  init(_ index: Double) { self = index >= Self.shiftedFrom ? .shifted : index >= Self.movingFrom ? .moving : .stable }
}
