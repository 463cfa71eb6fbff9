import Columns
import Features
import Models

/// How long customers stay: curves from the first purchase to the first loss, by how they began.
///
/// A customer's tenure ends on the day of his first loss: d + L, when he did not buy in (d, d + L], as in `churn_metrics`. That day, not his
/// last purchase, since a loss is known on it and not before: until the as-of day everybody is watched, and who is not lost by then is
/// censored there. (Dated to the last purchase, the losses of the last L days would be missing, and the curves would rise at their end.) A
/// customer who comes back stays lost: the first loss ends the tenure.
///
/// Where customers have contracts, the tenure ends with the last period that was paid. Whether the next payment comes is known when its grace is
/// over: until so many days before the as-of day everybody is watched.
package struct Tenures: Sendable {
  package var groupings: [TenureGrouping]
  /// nil: not asked for, or they could not be fitted: see `notes`.
  package var drivers: ChurnDrivers?
  /// What is missing, and why.
  package var notes: [String] = []
}

/// Customers by one thing of their beginning.
package struct TenureGrouping: Sendable {
  package var name: String
  package var groups: [TenureGroup]
  /// Log-rank: whether the groups leave at the same hazard; nil: fewer than two groups, or nobody was lost.
  package var test: SurvivalTest?
}

package struct TenureGroup: Sendable {
  package var name: String
  package var customers: Int64
  package var lost: Int64
  /// The day by which half of them are lost; nil: not yet.
  package var medianDays: Int32?
  /// Mean days of the first `Tenures.restrictedDays`; nil: nobody was watched so long.
  package var restrictedMeanDays: Double?
  package var months: [TenureMonth]
}

/// A group at the end of a month of 30 days after the first purchase.
package struct TenureMonth: Sendable, Hashable {
  package var month: Int
  /// Days after the first purchase; of the last month up to the last day that anybody was watched.
  package var days: Int
  /// Neither lost nor censored before that day.
  package var atRisk: Int64
  /// Since the month before.
  package var lost: Int64
  package var survival: Double
  /// 95 % limits, log-log; nil: nobody or everybody is lost.
  package var low: Double?
  package var high: Double?
  /// Nelson and Aalen's.
  package var cumulativeHazard: Double
}

extension Tenures {
  package static let monthDays = 30, restrictedDays: Int32 = 365

  /// - Parameters:
  ///   - drivers: whether they are asked for.
  ///   - contract: with which the beginnings' tenures end; nil: with losses.
  package init(_ beginnings: Beginnings, asOf: Day, ids: TextColumn, drivers: Bool, contract: ContractTerms? = nil) {
    let lives = TenureLives(beginnings, asOf: asOf, graceDays: contract?.graceDays ?? 0)
    let (grouped, notes) = TenureLabels.all(beginnings)
    (groupings, self.notes) = (grouped.map { TenureGrouping($0, lives) }, notes)
    guard drivers else { return }
    do throws(ModelError) {
      self.drivers = try ChurnDrivers(beginnings, lives, grouped, ids: ids)
    } catch {
      self.notes.append("no drivers of leaving: \(error.message)")
    }
  }
}

extension TenureGrouping {
  init(_ labels: TenureLabels, _ lives: TenureLives) {
    name = labels.name
    let width = Int(lives.longest) + 1
    var watched = [Int64](repeating: 0, count: width * labels.names.count), ended = watched
    for row in lives.days.indices where lives.days[row] >= 0 {
      let place = Int(labels.groups[row]) * width + Int(lives.days[row])
      watched[place] += 1
      ended[place] += lives.isLost[row] ? 1 : 0
    }
    let counts = labels.names.indices.map { g in
      (watched: watched[g * width..<(g + 1) * width], ended: ended[g * width..<(g + 1) * width])
    }
    let survival = counts.map { SurvivalCounts(watched: $0.watched, ended: $0.ended) }
    test = survival.count > 1 ? logRank(survival) : nil
    groups = labels.names.indices.map { g in
      TenureGroup(labels.names[g], SurvivalCurve(survival[g]), Array(counts[g].watched), Array(counts[g].ended))
    }
  }
}

extension TenureGroup {
  /// - Parameters: by day.
  fileprivate init(_ name: String, _ curve: SurvivalCurve, _ watched: [Int64], _ ended: [Int64]) {
    (self.name, customers, lost) = (name, watched.reduce(0, +), ended.reduce(0, +))
    medianDays = curve.time(survivingAtMost: 0.5)
    let longest = watched.lastIndex { $0 > 0 } ?? 0
    restrictedMeanDays = longest >= Int(Tenures.restrictedDays) ? curve.restrictedMean(to: Tenures.restrictedDays) : nil
    months = []
    var atRisk = customers, day = 0, event = 0
    for month in 0...(longest + Tenures.monthDays - 1) / Tenures.monthDays {
      let end = min(month * Tenures.monthDays, longest)
      // Losses of the last day count; who is lost or censored on it was at risk until then.
      var gone = month == 0 ? ended[0] : 0
      while day < end {
        atRisk -= watched[day]
        day += 1
        gone += ended[day]
      }
      while event < curve.times.count, Int(curve.times[event]) <= end { event += 1 }
      func at(_ values: [Double]) -> Double? { event > 0 && values[event - 1].isFinite ? values[event - 1] : nil }
      months.append(
        TenureMonth(
          month: month, days: end, atRisk: atRisk, lost: gone, survival: at(curve.survival) ?? 1, low: at(curve.low), high: at(curve.high),
          cumulativeHazard: at(curve.cumulativeHazard) ?? 0))
    }
  }
}
