import Buffers
import Columns
import Features
import Models

/// P(no purchase within the horizon), learned from what became of the customers of an earlier day: a logistic regression on a static list of
/// features and on the purchase model's outlook of that day, calibrated on folds by customer.
package struct LearnedChurn: Sendable, Hashable, Codable {
  package var horizonDays: Int
  /// The earlier day, whose customers it was trained on.
  package var trainedAsOf: Day
  /// Fitted as of that day; its outlook is an input, then and later.
  package var purchases: ModelRecord
  /// Names of the inputs, in the order of the coefficients; a NULL counts as the mean.
  package var inputs: [String] = []
  /// nil: it could not be fitted, see warnings.
  package var fit: LogisticFit?
  package var calibration = Calibration.platt(slope: 1, intercept: 0)
  package var customers = 0
  /// Of them, those without a purchase within the horizon.
  package var leftCustomers = 0
  package var warnings: [String] = []

  /// Trains on the customers of `earlier` who had a purchase by then.
  ///
  /// Rows are taken in the order of the ids and folds go by a hash of the id, so that neither buckets nor threads nor the run leave a trace.
  /// - Parameters:
  ///   - earlier: features as of D − horizon, of the events known by then; all columns, or those of `featureColumns`.
  ///   - bought: of each row of `earlier.customers`, whether there was a purchase in (D − horizon, D]; see `purchases(of:within:)`.
  /// - Throws: 65 where a column is missing.
  package static func train(
    _ earlier: FeatureSet, bought: [Bool], horizonDays: Int, threads: Int
  ) throws(PipelineError) -> LearnedChurn {
    let record = try fitPurchaseModel(earlier.customers, .bgNBD, threads)
    var model = LearnedChurn(horizonDays: horizonDays, trainedAsOf: earlier.asOf, purchases: record)
    let table = earlier.customers, everBought = table["frequency"]?.isPresent
    let rows = earlier.customersByID.map { Int($0) }.filter { everBought?[$0] ?? true }
    let outcome = rows.map { !bought[$0] }
    (model.customers, model.leftCustomers) = (rows.count, outcome.count { $0 })
    let all = try ChurnInputColumns(table, ChurnInput.all, model.purchases.purchaseModel, horizonDays: horizonDays, threads: threads)
    var columns = all.columns.map { column in rows.map { column[$0] } }
    for j in columns.indices { fillWithMean(&columns[j]) }
    let usable = independent(columns)
    model.inputs = usable.map { ChurnInput.all[$0].name }
    columns = usable.map { columns[$0] }
    let rarer = min(model.leftCustomers, rows.count - model.leftCustomers)
    guard rarer >= 10 * max(1, usable.count) else {
      model.warnings.append(
        "too little to learn from: as of \(earlier.asOf) there were \(rows.count) customers, of whom \(model.leftCustomers) bought nothing in the "
          + "\(horizonDays) days after; 10 customers of either kind are asked for each of \(max(1, usable.count)) inputs")
      return model
    }
    do throws(ModelError) {
      let fit = try fitLogistic(columns, outcome: outcome, threads: threads)
      model.fit = fit
      model.calibration = try calibrate(columns, outcome, near: fit, folds: folds(table, rows), threads: threads)
    } catch {
      model.fit = nil
      model.warnings.append(error.message)
    }
    return model
  }

  /// The columns of features that training and scoring read.
  package static var featureColumns: Set<String> { ChurnInput.featureColumns }

  /// For each row of `earlier`, whether the same customer made a purchase after its day, up to the day of `later`.
  package static func purchases(of earlier: FeatureSet, within later: FeatureSet) throws(PipelineError) -> [Bool] {
    let (lastDay, hasBought) = try int32(later.customers, "last_purchase")
    return try earlier.rows(in: later).map { row in
      row.map { (hasBought?[$0] ?? true) && lastDay[$0] > earlier.asOf.number } ?? false
    }
  }

  /// P(no purchase in the `horizonDays` after the features' day) of each row; NaN where the customer never bought, or nothing could be fitted.
  /// - Throws: 65 where a column is missing.
  package func probabilities(_ features: FeatureSet, threads: Int) throws(PipelineError) -> [Double] {
    var scores = [Double](repeating: .nan, count: features.customers.rowCount)
    guard let fit else { return scores }
    let columns = try filledInputs(features.customers, threads: threads), everBought = features.customers["frequency"]?.isPresent
    let logOdds = fit.logOdds(columns)
    for row in scores.indices where everBought?[row] ?? true { scores[row] = calibration.probability(logOdds[row]) }
    return scores
  }

  /// The inputs of all rows, in the order of the coefficients; NULL as the mean of the training.
  func filledInputs(_ table: Table, threads: Int) throws(PipelineError) -> [[Double]] {
    let known = inputs.compactMap { name in ChurnInput.all.first { $0.name == name } }
    var columns = try ChurnInputColumns(table, known, purchases.purchaseModel, horizonDays: horizonDays, threads: threads).columns
    for j in columns.indices {
      let mean = fit?.means[j] ?? 0
      for row in columns[j].indices where columns[j][row].isNaN { columns[j][row] = mean }
    }
    return columns
  }
}

private let foldCount = 5

/// The fold of each row: a hash of the customer's id, whatever the run.
private func folds(_ table: Table, _ rows: [Int]) -> [Int] {
  guard case .text(let ids)? = table["customer_id"]?.values else { return rows.map { _ in 0 } }
  return rows.map { row in
    Int(xxhash64(Array(ids.bytes[Int(ids.offsets[row])..<Int(ids.offsets[row + 1])]), seed: 5) % UInt64(foldCount))
  }
}

/// Scores of each customer by a fit that has not seen him, then Platt's or the isotonic calibration on all of them: whichever loses less on folds that it
/// has not seen either.
private func calibrate(
  _ columns: [[Double]], _ outcome: [Bool], near: LogisticFit, folds: [Int], threads: Int
) throws(ModelError) -> Calibration {
  var scores = [Double](repeating: 0, count: outcome.count)
  for fold in 0..<foldCount {
    let fit = try fitLogistic(columns, outcome: outcome, takes: folds.map { $0 != fold }, near: near, threads: threads)
    let all = fit.logOdds(columns)
    for row in scores.indices where folds[row] == fold { scores[row] = all[row] }
  }
  func isotonicCurve(_ rows: [Int]) -> Calibration { .isotonic(rows.map { scores[$0] }, outcome: rows.map { outcome[$0] }) }
  // Sorted once: a part of it is sorted too.
  let rising = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] < scores[$1] : $0 < $1 }
  var platt = 0.0, isotonic = 0.0
  for fold in 0..<foldCount {
    let others = scores.indices.filter { folds[$0] != fold }, held = scores.indices.filter { folds[$0] == fold }
    let known = others.map { scores[$0] }, ends = others.map { outcome[$0] }
    let unseen = held.map { scores[$0] }, outcomes = held.map { outcome[$0] }, weight = Double(held.count)
    platt += weight * (try Calibration.platt(known, outcome: ends, threads: threads)).logLoss(unseen, outcome: outcomes)
    isotonic += weight * isotonicCurve(rising.filter { folds[$0] != fold }).logLoss(unseen, outcome: outcomes)
  }
  if isotonic < platt { return isotonicCurve(rising) }
  return try Calibration.platt(scores, outcome: outcome, threads: threads)
}

/// NaN becomes the mean of the others; a column without any becomes 0.
private func fillWithMean(_ column: inout [Double]) {
  var sum = 0.0, count = 0.0
  for value in column where !value.isNaN {
    sum += value
    count += 1
  }
  let mean = count > 0 ? sum / count : 0
  for row in column.indices where column[row].isNaN { column[row] = mean }
}

/// The columns that vary and hardly follow from those before them: what is left of each beside them is above a tenth of its variance (a
/// variance inflation factor below 10). With more of them alike, one outweighs another, and reasons get signs that nobody understands.
private func independent(_ columns: [[Double]]) -> [Int] {
  let means = columns.map { $0.reduce(0, +) / Double(max(1, $0.count)) }
  func product(_ i: Int, _ j: Int) -> Double {
    let (a, b) = (columns[i], columns[j]), (ma, mb) = (means[i], means[j])
    var sum = 0.0
    for row in a.indices { sum += (a[row] - ma) * (b[row] - mb) }
    return sum
  }
  // Cholesky's decomposition, a column left out where its pivot vanishes.
  var kept: [Int] = [], factors: [[Double]] = []
  for j in columns.indices {
    let own = product(j, j)
    var line: [Double] = []
    for (k, i) in kept.enumerated() {
      let rest = (0..<k).reduce(product(j, i)) { $0 - line[$1] * factors[k][$1] }
      line.append(rest / factors[k][k])
    }
    let left = line.reduce(own) { $0 - $1 * $1 }
    guard own > 1e-9 * Double(columns[j].count), left > 0.1 * own else { continue }
    kept.append(j)
    factors.append(line + [left.squareRoot()])
  }
  return kept
}
