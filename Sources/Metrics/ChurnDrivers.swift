import Buffers
import Columns
import Features
import Foundation
import Models

/// What of a customer's beginning goes with leaving sooner or later: Cox's model of the time to the first loss, on what was known on the
/// first purchase day. Nothing later is an input.
package struct ChurnDrivers: Sendable {
  package struct Driver: Sendable {
    /// `first_channel` and the like; `first_order_doublings`; `first_discount_tenths`.
    package var covariate: String
    /// The group that is compared; empty for numbers.
    package var level: String
    /// With which it is compared; empty for numbers.
    package var baseline: String
    /// ln of the hazard ratio, and its standard error.
    package var coefficient: Double
    package var standardError: Double
    /// Grambsch and Therneau's: a small p says that the effect changes with tenure.
    package var proportionality: SurvivalTest
  }
  package var drivers: [Driver]
  /// Of the fit.
  package var customers: Int
  package var lost: Int
  package var concordance: Double

  /// Rows that are fitted to, about: those with the least hashes of their ids.
  static let sampleSize = 20_000
  /// A group with fewer losses counts as the baseline.
  private static let lossesMin = 10

  init(_ beginnings: Beginnings, _ lives: TenureLives, _ groupings: [TenureLabels], ids: TextColumn) throws(ModelError) {
    let rows = Self.sample(lives, ids)
    let sampled = Lifetimes(durations: rows.map { lives.days[$0] }, hasEnded: rows.map { lives.isLost[$0] })
    var covariates = groupings.filter { $0.name != "all" }.flatMap { Self.levels($0, rows, sampled) }
    covariates += Self.numbers(beginnings, rows)
    guard !covariates.isEmpty else { throw ModelError(message: "all customers began alike, or too few were lost") }
    let fit = try fitCox(sampled, covariates: covariates.map(\.values))
    drivers = covariates.enumerated().map { i, covariate in
      Driver(
        covariate: covariate.name, level: covariate.level, baseline: covariate.baseline, coefficient: fit.coefficients[i],
        standardError: fit.standardErrors[i], proportionality: fit.proportionality[i])
    }
    (customers, lost, concordance) = (rows.count, sampled.hasEnded.count { $0 }, fit.concordance)
  }

  /// In the order of the hashes, which neither buckets nor threads change.
  private static func sample(_ lives: TenureLives, _ ids: TextColumn) -> [Int] {
    let all = lives.days.indices.filter { lives.days[$0] >= 0 }
    let limit = all.count > sampleSize ? UInt64.max / UInt64(all.count) * UInt64(sampleSize) : .max
    var taken: [(hash: UInt64, row: Int)] = []
    for row in all {
      let hash = xxhash64(ids.bytes, in: Int(ids.offsets[row])..<Int(ids.offsets[row + 1]), seed: 20_011)
      if hash <= limit { taken.append((hash, row)) }
    }
    return taken.sorted { $0 < $1 }.map(\.row)
  }

  private struct Covariate {
    var name: String
    var level = ""
    var baseline = ""
    var values: [Double]
  }

  /// 0 and 1 for each group but the largest; groups with too few losses count as that one.
  private static func levels(_ labels: TenureLabels, _ rows: [Int], _ lives: Lifetimes) -> [Covariate] {
    var customers = [Int](repeating: 0, count: 256), losses = customers
    for (place, row) in rows.enumerated() {
      customers[Int(labels.groups[row])] += 1
      losses[Int(labels.groups[row])] += lives.hasEnded[place] ? 1 : 0
    }
    guard let largest = labels.names.indices.max(by: { (losses[$0], $1) < (losses[$1], $0) }) else { return [] }
    return labels.names.indices.filter { $0 != largest && losses[$0] >= lossesMin }.map { group in
      Covariate(
        name: labels.name, level: labels.names[group], baseline: labels.names[largest],
        values: rows.map { labels.groups[$0] == UInt8(group) ? 1 : 0 })
    }
  }

  /// The size of the first order in doublings, its discount in tenths of the list; what is not told counts as the mean. Left out where it does
  /// not vary.
  private static func numbers(_ beginnings: Beginnings, _ rows: [Int]) -> [Covariate] {
    let orders = rows.map { log2(Double(max(1, beginnings.firstOrderMinor[$0]))) }
    let shares = rows.map { 10 * beginnings.firstDiscountShare[$0] }
    let known = shares.filter { !$0.isNaN }, mean = known.reduce(0, +) / Double(max(1, known.count))
    return [
      Covariate(name: "first_order_doublings", values: orders),
      Covariate(name: "first_discount_tenths", values: shares.map { $0.isNaN ? mean : $0 }),
    ].filter { Set($0.values).count > 1 }
  }
}
