import Columns
import Models

extension ChurnTraining {
  /// A regression on the inputs that neither agree nor follow from each other.
  func logistic(threads: Int) -> (model: LearnedChurn, measures: OutOfFold?) {
    var model = LearnedChurn(of: self), columns = columns
    for j in columns.indices { fillWithMean(&columns[j]) }
    let usable = independent(columns)
    model.inputs = usable.map { ChurnInput.all[$0].name }
    columns = usable.map { columns[$0] }
    guard rarerCustomers >= 10 * max(1, usable.count) else {
      model.warnings.append(
        "too little to learn from: as of \(asOf) there were \(outcome.count) customers, of whom \(leftCustomers) bought nothing in the "
          + "\(horizonDays) days after; 10 customers of either kind are asked for each of \(max(1, usable.count)) inputs")
      return (model, nil)
    }
    do throws(ModelError) {
      let fit = try fitLogistic(columns, outcome: outcome, threads: threads)
      model.fit = fit
      let (calibration, measures) = try calibrated(outOfFold(columns, near: fit, threads: threads), threads: threads)
      model.calibration = calibration
      return (model, measures)
    } catch {
      model.fit = nil
      model.warnings.append(error.message)
      return (model, nil)
    }
  }

  /// Scores of each customer by a fit that has not seen him.
  private func outOfFold(_ columns: [[Double]], near: LogisticFit, threads: Int) throws(ModelError) -> [Double] {
    var scores = [Double](repeating: 0, count: outcome.count)
    for fold in 0..<Self.foldCount {
      let fit = try fitLogistic(columns, outcome: outcome, takes: folds.map { $0 != fold }, near: near, threads: threads)
      let all = fit.logOdds(columns)
      for row in scores.indices where folds[row] == fold { scores[row] = all[row] }
    }
    return scores
  }
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
