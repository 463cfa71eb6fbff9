import Backtests
import Columns
import Databases
import GRDB
import Scores

/// Writes a backtest into the table `backtests`, in one transaction, replacing the rows of its day and horizon. No other table is touched; where
/// there is no results database yet, one is made.
/// - Throws: 65 for a damaged or foreign database, 74 for the disk, 75 when another program writes.
/// - Returns: the rows written.
package func writeBacktest(_ backtest: Backtest, options: PublishOptions) throws(PipelineError) -> Int {
  let configuration = Schema.configuration(mode: options.mode, group: options.group)
  let database = try DatabaseFile.open(path: options.path, configuration: configuration)
  try database.migrate(Schema.migrations)
  let rows = backtest.rows
  try database.write { connection in
    _ = try database.pendingMigrations(connection, Schema.migrations)
    try Schema.requireKeptTables(connection, path: options.path)
    try connection.execute(
      sql: "DELETE FROM main.backtests WHERE as_of = ? AND horizon_days = ?",
      arguments: [backtest.asOf.description, backtest.horizonDays])
    let statement = try connection.cachedStatement(sql: ResultTables.backtests.insertSQL)
    for row in rows { try statement.execute(arguments: StatementArguments(row)) }
  }
  _ = try database.checkpoint()
  try database.close()
  return rows.count
}

extension Backtest {
  fileprivate var rows: [[(any DatabaseValueConvertible)?]] {
    origins.flatMap { origin in
      origin.models.flatMap { model in
        let key: [(any DatabaseValueConvertible)?] = [asOf.description, horizonDays, origin.origin.description, model.model]
        let all =
          key + ["all"] + cells(model.all) + [
            model.verdict.map { $0.beatsBaselines ? 1 : 0 }, model.parameters.map(parametersJSON),
            (model.warnings + (model.verdict?.reasons ?? [])).joined(separator: "; "),
          ]
        let segments = zip(rfmSegments, model.segments).map { segment, measures -> [(any DatabaseValueConvertible)?] in
          key + [segment.name] + cells(measures) + [nil, nil, ""]
        }
        return [all] + segments
      }
    }
  }

  private func cells(_ m: Measures) -> [(any DatabaseValueConvertible)?] {
    var cells: [(any DatabaseValueConvertible)?] = [
      m.customers, m.buyers, m.purchases, m.revenueMinor, m.purchasesExpected, m.revenueExpectedMinor,
    ]
    func add(_ estimate: Estimate?) { cells += [estimate?.value, estimate?.low, estimate?.high] }
    for estimate in [m.auc, m.averagePrecision, m.lift5, m.lift10, m.lift20, m.profit] { add(estimate) }
    cells.append(m.profitShare)
    add(m.expectedProfit)
    cells.append(m.expectedProfitShare)
    add(m.brier)
    cells += [m.reliability, m.resolution, m.uncertainty]
    add(m.logLoss)
    cells.append(m.deciles.map(calibration))
    for estimate in [m.mae, m.rmse, m.bias, m.revenueMaeMinor, m.revenueRmseMinor, m.revenueBias] { add(estimate) }
    return cells
  }

  private func calibration(_ deciles: [Decile]) -> String {
    let parts = deciles.map { decile in
      let counts = decile.purchases.map { ", \"purchases\": \($0)" } ?? ""
      return
        "{\"customers\": \(decile.customers), \"no_purchase\": \(decile.noPurchase), \"no_purchase_observed\": \(decile.noPurchaseObserved)"
        + counts + ", \"purchases_observed\": \(decile.purchasesObserved)}"
    }
    return "[" + parts.joined(separator: ", ") + "]"
  }
}
