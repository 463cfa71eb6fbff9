import Buffers
import Columns
import Features
import Models
import Scores

/// The customers of an origin, in ascending order of their ids: what was known of them then, and what came within the horizon. Who had no
/// purchase by then has no part.
struct Origin: Sendable {
  let horizonDays: Int
  /// Of `known.customers`.
  var rows: [Int] = []
  var frequency: [Int32] = [], recencyDays: [Int32] = [], tenureDays: [Int32] = [], sinceLast: [Int32] = []
  var repeatGrossMinor: [Int64] = []
  /// Number of each customer's RFM segment, from 1 in the order of `rfmSegments`.
  var segment: [UInt8] = []
  let outcomes: Outcomes

  /// - Parameters:
  ///   - known: the features as of the origin.
  ///   - later: as of the horizon's end, from the same store: what is more of it than of `known` came in between.
  /// - Throws: 65 where a column is missing or a customer of the origin is not there later.
  init(known: FeatureSet, later: FeatureSet, threads: Int) throws(PipelineError) {
    horizonDays = later.asOf - known.asOf
    let options = ScoreOptions(columns: [], threads: threads)
    guard case .code(let segments, _)? = try score(known, options, models: nil).columns.first(where: { $0.name == "rfm_segment" })?.values,
      case .text(let ids)? = known.customers["customer_id"]?.values
    else { throw Self.unfit("there are no segments or ids") }
    let laterRows = try known.rows(in: later)
    let x = try Self.days(known, "frequency"), tx = try Self.days(known, "recency_days"), t = try Self.days(known, "tenure_days")
    let since = try Self.days(known, "days_since_last"), laterX = try Self.days(later, "frequency")
    let repeated = try Self.money(known, "repeat_gross_minor")
    let gross = try Self.money(known, "gross_minor"), laterGross = try Self.money(later, "gross_minor")
    let bought = known.customers["frequency"]?.isPresent
    var purchases: [Int32] = [], revenue: [Int64] = [], groups: [UInt16] = []
    for row in known.customersByID.lazy.map({ Int($0) }) where bought?[row] ?? true {
      guard let laterRow = laterRows[row] else { throw Self.unfit("a customer of the origin is not there later") }
      rows.append(row)
      frequency.append(x[row])
      recencyDays.append(tx[row])
      tenureDays.append(t[row])
      sinceLast.append(since[row])
      repeatGrossMinor.append(repeated[row])
      segment.append(UInt8(truncatingIfNeeded: segments[row]))
      purchases.append(laterX[laterRow] - x[row])
      revenue.append(laterGross[laterRow] - gross[row])
      groups.append(UInt16(truncatingIfNeeded: xxhash64(Array(ids.bytes(row))) % UInt64(Bootstrap.groups)))
    }
    outcomes = Outcomes(purchases: purchases, revenueMinor: revenue, group: groups)
  }

  private static func days(_ features: FeatureSet, _ name: String) throws(PipelineError) -> [Int32] {
    guard case .int32(let values)? = features.customers[name]?.values else { throw unfit("there is no \(name)") }
    return values
  }

  private static func money(_ features: FeatureSet, _ name: String) throws(PipelineError) -> [Int64] {
    guard case .int64(let values)? = features.customers[name]?.values else { throw unfit("there is no \(name)") }
    return values
  }

  private static func unfit(_ reason: String) -> PipelineError {
    PipelineError(.badInput, "the features do not serve a backtest: \(reason)", fix: "run `transform` again with this holdfast")
  }
}

/// Columns that a backtest asks transform for, beside what is always there.
package let backtestFeatures = ["frequency", "recency_days", "tenure_days", "repeat_gross_minor"]
