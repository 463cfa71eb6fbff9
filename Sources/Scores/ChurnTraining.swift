import Buffers
import Columns
import Features
import Models

/// The customers of an earlier day who had a purchase by then, in the order of their ids, and what became of them.
struct ChurnTraining: Sendable {
  let horizonDays: Int
  let asOf: Day
  /// Fitted as of that day.
  let purchases: ModelRecord
  /// Whether they bought nothing within the horizon.
  let outcome: [Bool]
  /// Fold of each: a hash of the id, so that neither buckets nor threads nor the run leave a trace.
  let folds: [Int]
  /// Every input of each; NaN: NULL.
  let columns: [[Double]]
  var leftCustomers: Int { outcome.count { $0 } }
  /// Those of the outcome that fewer have.
  var rarerCustomers: Int { min(leftCustomers, outcome.count - leftCustomers) }

  static let foldCount = 5

  /// - Parameter bought: of each row of `earlier.customers`, whether there was a purchase within the horizon.
  init(_ earlier: FeatureSet, bought: [Bool], horizonDays: Int, threads: Int) throws(PipelineError) {
    let table = earlier.customers, everBought = table["frequency"]?.isPresent
    let rows = earlier.customersByID.map { Int($0) }.filter { everBought?[$0] ?? true }
    (self.horizonDays, asOf) = (horizonDays, earlier.asOf)
    purchases = try fitPurchaseModel(table, .bgNBD, threads)
    outcome = rows.map { !bought[$0] }
    let all = try ChurnInputColumns(table, ChurnInput.all, purchases.purchaseModel, horizonDays: horizonDays, threads: threads)
    columns = all.columns.map { column in rows.map { column[$0] } }
    guard case .text(let ids)? = table["customer_id"]?.values else { throw lacking("customer_id") }
    folds = rows.map { row in
      Int(xxhash64(Array(ids.bytes[Int(ids.offsets[row])..<Int(ids.offsets[row + 1])]), seed: 5) % UInt64(Self.foldCount))
    }
  }

  /// Platt's or the isotonic calibration of scores by fits that have not seen the customer: whichever loses less on folds that it has not seen
  /// either.
  func calibrated(_ scores: [Double], threads: Int) throws(ModelError) -> (calibration: Calibration, measures: OutOfFold) {
    func isotonicCurve(_ rows: [Int]) -> Calibration { .isotonic(rows.map { scores[$0] }, outcome: rows.map { outcome[$0] }) }
    // Sorted once: a part of it is sorted too.
    let rising = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] < scores[$1] : $0 < $1 }
    var platt = 0.0, isotonic = 0.0
    for fold in 0..<Self.foldCount {
      let others = scores.indices.filter { folds[$0] != fold }, held = scores.indices.filter { folds[$0] == fold }
      let known = others.map { scores[$0] }, ends = others.map { outcome[$0] }
      let unseen = held.map { scores[$0] }, outcomes = held.map { outcome[$0] }, weight = Double(held.count)
      platt += weight * (try Calibration.platt(known, outcome: ends, threads: threads)).logLoss(unseen, outcome: outcomes)
      isotonic += weight * isotonicCurve(rising.filter { folds[$0] != fold }).logLoss(unseen, outcome: outcomes)
    }
    let measures = OutOfFold(logLoss: min(platt, isotonic) / Double(scores.count), auc: areaUnderCurve(scores, outcome))
    if isotonic < platt { return (isotonicCurve(rising), measures) }
    return (try Calibration.platt(scores, outcome: outcome, threads: threads), measures)
  }
}

/// How well customers are told apart by fits that have not seen them.
struct OutOfFold: Sendable, Hashable {
  /// Mean of −ln of the calibrated probability of what came.
  var logLoss: Double
  var auc: Double

  var named: [String: Double] { ["log_loss": logLoss, "auc": auc] }
}

/// The share of pairs of unlike outcome that the scores put in the right order, a tie for half (Mann and Whitney 1947).
package func areaUnderCurve(_ scores: [Double], _ outcome: [Bool]) -> Double {
  let order = scores.indices.sorted { scores[$0] < scores[$1] }
  var right = 0.0, negativesBelow = 0.0, place = 0
  while place < order.count {
    var end = place, positives = 0.0, negatives = 0.0
    while end < order.count, scores[order[end]] == scores[order[place]] {
      if outcome[order[end]] { positives += 1 } else { negatives += 1 }
      end += 1
    }
    right += positives * (negativesBelow + negatives / 2)
    (negativesBelow, place) = (negativesBelow + negatives, end)
  }
  return right / (negativesBelow * (Double(order.count) - negativesBelow))
}
