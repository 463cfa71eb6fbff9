import Buffers
import Columns
import Foundation
import Models

/// Whether what the models read is still what it was on the day of their fit.
///
/// A tenure grows by a day every night, and with it what a customer had time for: purchase days, and the time from the first to the newest.
/// That is no change of anybody's behaviour, and the models take T as given. So each input is compared among customers of equal tenure: the
/// customers of today are weighted, tenth by tenth, so that their tenures are those of the fit's day; who is older than anybody was then is
/// left out. T itself is no reason for a new fit. In its place stands what the models foretold: purchase days since the fit, expected
/// against seen.
package struct InputDrift: Sendable, Hashable {
  /// By column, at equal tenure.
  package var columns: [String: PopulationStability] = [:]
  package var purchases: PurchasesSince?

  /// What chance gives more often than this is no drift.
  static let chanceMax = 0.001
  /// Bins of tenure with customers on both days hold this share of the fit's customers, at least.
  private static let coveredMin = 0.5

  /// - Parameters:
  ///   - days: since the fit.
  ///   - model: of purchases, as fitted then; nil: none.
  init(_ now: CustomerInputs, since then: FitPopulation, days: Int, model: PurchaseModel?, threads: Int) {
    purchases = model.flatMap { PurchasesSince(now, $0, then, days: days) }
    let tenures = now.tenures(in: then.spread("tenure_days"), upTo: then.tenureDaysMax)
    let found = parallelMap(now.columns.count, threads: threads) { i -> PopulationStability? in
      let column = now.columns[i]
      guard let spread = then.spread(column.name), let before = then.inputs.first(where: { $0.column == column.name }),
        let after = InputSpread(column, in: spread, tenures: tenures)
      else { return nil }
      return Self.stability(before.customers, after.customers)
    }
    for (column, stability) in zip(now.columns, found) { columns[column.name] = stability }
  }

  /// By bin of tenure, then bin of the column; nil where too few tenures are met on both days.
  static func stability(_ then: [[Int64]], _ now: [[Int64]]) -> PopulationStability? {
    let bins = then.first?.count ?? 0, all = then.joined().reduce(0, +)
    var before = [Double](repeating: 0, count: bins), after = before, covered: Int64 = 0, met: Int64 = 0
    for (then, now) in zip(then, now) {
      let (n, m) = (then.reduce(0, +), now.reduce(0, +))
      guard n > 0, m > 0 else { continue }
      covered += n
      met += m
      for bin in 0..<bins {
        before[bin] += Double(then[bin])
        after[bin] += Double(now[bin]) * Double(n) / Double(m)
      }
    }
    guard all > 0, Double(covered) >= coveredMin * Double(all) else { return nil }
    // As many customers as there are, not as many as they stand for.
    return PopulationStability(then: before, now: after.map { $0 * Double(met) / Double(covered) })
  }

  /// Why the fit does not serve any more; empty: it does.
  /// - Parameter limit: of the index, and of |ln(seen ÷ expected)| of the purchases.
  package func reasons(limit: Double) -> [String] {
    var reasons = columns.filter { $1.index >= limit && $1.chance < Self.chanceMax }.sorted { $0.key < $1.key }
      .map { "\($0) has shifted, PSI \(fixed($1.index, 2)) at equal tenure" }
    if let purchases, purchases.isOff(by: limit) { reasons.append(purchases.words) }
    return reasons
  }

  /// The same where it does: what was looked at.
  package var words: String {
    let indices = columns.sorted { $0.key < $1.key }.prefix(3).map { "\($0) \(fixed($1.index, 2))" }.joined(separator: ", ")
    let parts = [indices.isEmpty ? "" : "PSI " + indices, purchases?.words ?? ""].filter { !$0.isEmpty }
    return parts.isEmpty ? "nobody to compare with" : parts.joined(separator: "; ")
  }
}

/// Purchase days, but everybody's first, of the customers known on the day of a fit, after that day.
package struct PurchasesSince: Sendable, Hashable, Codable {
  package var days: Int
  package var customers: Int64
  package var seen: Int64
  /// Σ E[X(T + days)] − E[X(T)] by the model, T as it was on the day of the fit.
  package var expected: Double
  /// Of what is seen, where the model holds: purchases of a customer are Poisson with a rate ~ Gamma(r, ·), so that with a mean of e they
  /// have the variance e + e²/r; leaving is left out.
  package var standardError: Double

  /// Customers may have come, by late dumps, or gone, by retention or `erase`, by this share.
  private static let customersOffMax = 0.01

  init?(_ now: CustomerInputs, _ model: PurchaseModel, _ then: FitPopulation, days: Int) {
    guard days > 0, let r = model.parameters.first else { return nil }
    let known = now.purchases(sinceDays: days)
    guard then.buyers > 0, abs(Double(known.buyers - then.buyers)) <= Self.customersOffMax * Double(then.buyers) else { return nil }
    (self.days, customers, seen) = (days, known.buyers, known.repeatDays - then.repeatDays)
    var expected = 0.0, variance = 0.0
    for (tenure, count) in now.customersByTenure().enumerated().dropFirst(days) where count > 0 {
      let before = tenure > days ? model.expectedPurchases(ofNewCustomerWithin: Double(tenure - days)) : 0
      let increment = max(0, model.expectedPurchases(ofNewCustomerWithin: Double(tenure)) - before)
      expected += Double(count) * increment
      variance += Double(count) * (increment + increment * increment / r)
    }
    guard expected.isFinite, variance.isFinite else { return nil }
    (self.expected, standardError) = (expected, variance.squareRoot())
  }

  /// Whether more or less than expected was seen: by more than the limit, and by more than three standard errors.
  package func isOff(by limit: Double) -> Bool {
    let isFar = seen <= 0 || expected <= 0 ? Double(seen) != expected : abs(log(Double(seen) / expected)) >= limit
    return isFar && abs(Double(seen) - expected) > 3 * standardError
  }

  /// By the limits of the index; stable where chance gives as much.
  package var level: DriftLevel {
    isOff(by: DriftLevel.shiftedFrom) ? .shifted : isOff(by: DriftLevel.movingFrom) ? .moving : .stable
  }

  package var words: String { "\(seen) repeat purchase days seen, \(Int64(expected.rounded())) expected" }
}
