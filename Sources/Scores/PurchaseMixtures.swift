import Columns
import Foundation
import Models

/// The model of purchases asked about customers who are partly themselves and partly the mean customer. What moves a customer's scores are his
/// inputs: frequency, days since the last purchase, tenure, and each covariate that the model has.
struct PurchaseMixtures {
  /// Those without covariates.
  static let historyInputs = 3
  /// Of each row: frequency, days since the last purchase, tenure; and the mean customer's, in whole ones.
  let histories: [[Int32]]
  let means: [Int32]
  let covariates: CovariateMixtures?
  private let plain: PurchaseModel?
  private let horizons: PurchaseHorizons
  private let threads: Int

  /// nil: there is no model of purchases.
  /// - Parameter there: rows of the customers with a purchase, whom the mean customer is the mean of; one at least.
  init?(_ table: Table, _ fitted: FittedModels, there: [Int], _ options: ScoreOptions) throws(PipelineError) {
    let known = try PurchaseHistories(table)
    if let model = fitted.covariateModel {
      (covariates, plain) = (try CovariateMixtures(model, table, there: there), nil)
    } else if let model = fitted.purchaseModel {
      (covariates, plain) = (nil, model)
    } else {
      return nil
    }
    let quiet = zip(known.tenureDays, zip(known.frequency, known.recencyDays)).map { $0 - ($1.0 == 0 ? 0 : $1.1) }
    histories = [known.frequency, quiet, known.tenureDays]
    means = histories.map { values in
      Int32((Double(there.reduce(Int64(0)) { $0 + Int64(values[$1]) }) / Double(there.count)).rounded())
    }
    (horizons, threads) = (options.value.purchaseHorizons, options.threads)
  }

  var inputCount: Int { Self.historyInputs + (covariates?.model.levels.count ?? 0) }

  struct MixedScores {
    /// ln of the odds of the risk, and of CLV for a margin and an order value of 1: of distinct customers.
    var logOdds, logValue: [Double]
    /// Which of these each row is; nil: the one of its number.
    var placeOf: [UInt32]?

    /// Adds what is asked for, times the weight, to each row's sum.
    func add(_ scores: KeyPath<MixedScores, [Double]>, _ weight: Double, to sums: inout [Double]) {
      let scores = self[keyPath: scores]
      if let placeOf {
        for row in sums.indices { sums[row] += weight * scores[Int(placeOf[row])] }
      } else {
        for row in sums.indices { sums[row] += weight * scores[row] }
      }
    }
  }

  /// Of all rows, each with those of its own inputs whose bit is 1. A history may be of no real customer: whoever was quiet for longer than he is
  /// a customer bought on his first day last.
  func scores(_ mixture: Int) throws(PipelineError) -> MixedScores {
    let (models, groupOf) = try models(mixture >> Self.historyInputs), rowCount = histories[0].count
    let own = histories.indices.filter { mixture >> $0 & 1 == 1 }
    let distinct = DistinctRows(own.map { histories[$0] } + (groupOf.map { [$0] } ?? []), rowCount: rowCount)
    func picked(_ column: [Int32]) -> [Int32] { distinct.map { $0.firsts.map { column[Int($0)] } } ?? column }
    let columns = histories.indices.map { input in
      own.contains(input)
        ? picked(histories[input]) : [Int32](repeating: means[input], count: distinct?.firsts.count ?? rowCount)
    }
    let recency = zip(columns[2], columns[1]).map { max(0, $0 - $1) }
    let scores =
      if let groupOf {
        scorePurchases(
          models, groupOf: picked(groupOf), frequency: columns[0], recencyDays: recency, tenureDays: columns[2], isPresent: nil,
          horizons: horizons, threads: threads)
      } else {
        scorePurchases(
          models[0], frequency: columns[0], recencyDays: recency, tenureDays: columns[2], isPresent: nil, horizons: horizons,
          threads: threads)
      }
    return MixedScores(
      logOdds: scores.churnRisk.map { log(max($0, 1e-15)) - log(max(1 - $0, 1e-15)) },
      logValue: scores.discounted.map { log(max($0, 1e-300)) }, placeOf: distinct?.placeOf)
  }

  /// - Parameter own: bits of the covariates that are the customers' own.
  /// - Returns: models, and which one each row has; nil: there is one.
  private func models(_ own: Int) throws(PipelineError) -> (models: [PurchaseModel], groupOf: [Int32]?) {
    if let covariates { return try covariates.models(own) }
    return (plain.map { [$0] } ?? [], nil)
  }
}

/// Rows that hold other numbers than those before them.
private struct DistinctRows {
  private(set) var firsts: [UInt32] = []
  /// Which of `firsts` each row is like.
  private(set) var placeOf: [UInt32] = []

  /// nil: there may be so many that telling them apart saves nothing.
  init?(_ columns: [[Int32]], rowCount: Int) {
    var keys = [Int](repeating: 0, count: rowCount), keyCount = 1
    for column in columns {
      let least = column.min() ?? 0, range = Int(column.max() ?? 0) - Int(least) + 1
      let (product, isTooGreat) = keyCount.multipliedReportingOverflow(by: range)
      if isTooGreat || product > max(1 << 16, 8 * rowCount) { return nil }
      for row in keys.indices { keys[row] = keys[row] * range + Int(column[row] - least) }
      keyCount = product
    }
    var places = [UInt32](repeating: .max, count: keyCount)
    placeOf.reserveCapacity(rowCount)
    for (row, key) in keys.enumerated() {
      if places[key] == .max {
        places[key] = UInt32(firsts.count)
        firsts.append(UInt32(row))
      }
      placeOf.append(places[key])
    }
  }
}
