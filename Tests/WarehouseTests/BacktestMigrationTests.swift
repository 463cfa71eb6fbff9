import Backtests
import Columns
import GRDB
import Testing
import Warehouse

/// Results databases of former versions that hold backtests.
struct BacktestMigrationTests {
  let folder = TemporaryFolder()
  var options: PublishOptions { PublishOptions(path: folder.database) }

  /// As a database has it that a binary of the versions 5 to 7 made.
  static let formerTable = """
    CREATE TABLE "backtests" (
      "as_of" TEXT NOT NULL, "horizon_days" INTEGER NOT NULL, "origin" TEXT NOT NULL, "model" TEXT NOT NULL, "segment" TEXT NOT NULL,
      "customers" INTEGER NOT NULL, "buyers" INTEGER NOT NULL, "purchases" INTEGER NOT NULL, "revenue_minor" INTEGER NOT NULL,
      "purchases_expected" REAL, "revenue_expected_minor" REAL, "auc" REAL, "auc_low" REAL, "auc_high" REAL, "average_precision" REAL,
      "lift_5pct" REAL, "lift_10pct" REAL, "lift_20pct" REAL, "mp" REAL, "mp_share" REAL, "emp" REAL, "emp_share" REAL, "brier" REAL,
      "brier_low" REAL, "brier_high" REAL, "brier_reliability" REAL, "brier_resolution" REAL, "brier_uncertainty" REAL, "log_loss" REAL,
      "log_loss_low" REAL, "log_loss_high" REAL, "calibration" TEXT, "mae" REAL, "mae_low" REAL, "mae_high" REAL, "rmse" REAL,
      "rmse_low" REAL, "rmse_high" REAL, "bias_share" REAL, "bias_share_low" REAL, "bias_share_high" REAL, "revenue_mae_minor" REAL,
      "revenue_mae_minor_low" REAL, "revenue_mae_minor_high" REAL, "revenue_rmse_minor" REAL, "revenue_rmse_minor_low" REAL,
      "revenue_rmse_minor_high" REAL, "revenue_bias_share" REAL, "revenue_bias_share_low" REAL, "revenue_bias_share_high" REAL,
      "beats_baselines" INTEGER, "parameters" TEXT, "warnings" TEXT NOT NULL,
      PRIMARY KEY ("as_of", "horizon_days", "origin", "model", "segment")
    ) STRICT, WITHOUT ROWID
    """

  /// What the version had not: tables, and columns of others.
  static let later = [
    5: "DROP TABLE drift; DROP TABLE tenure_curves; DROP TABLE tenure_groups; DROP TABLE churn_drivers; "
      + "ALTER TABLE models DROP COLUMN fit_reason; " + riskColumns,
    7: riskColumns,
  ]

  private static let riskColumns = "ALTER TABLE models DROP COLUMN risk_status; ALTER TABLE models DROP COLUMN risk_trial"

  /// Makes the database what `version` would have left, with a model and four rows of backtests: one with a value of its own in each column, one
  /// with as many NULLs as may be, and those of another horizon and another day.
  private func becomeFormer(_ version: Int) throws -> (columns: [String], rows: [String]) {
    let reader = try Reader(folder.database)
    try reader.execute(
      """
      DROP TABLE backtests; \(Self.later[version] ?? ""); \(Self.formerTable); PRAGMA user_version = \(version);
      INSERT INTO models (as_of, model, fitted_as_of, parameters, warnings, status) VALUES ('2024-12-01', 'nbd', '2024-12-01', '{}', '', 'named')
      """)
    let found = try reader.rows("SELECT name, type FROM pragma_table_info('backtests') ORDER BY cid").map { row in
      (name: String.fromDatabaseValue(row[0]) ?? "", type: String.fromDatabaseValue(row[1]) ?? "")
    }
    func insert(_ asOf: String, _ horizon: Int, full: Bool) throws {
      let cells = found.enumerated().map { place, column in
        switch (column.name, column.type) {
        case ("as_of", _): "'\(asOf)'"
        case ("horizon_days", _): "\(horizon)"
        case ("origin", _): "'2024-10-03'"
        case ("model", _): full ? "'bg_nbd'" : "'recency'"
        case ("segment", _): "'all'"
        case ("customers", _), ("buyers", _), ("purchases", _), ("revenue_minor", _): "\(1000 * place)"
        case ("warnings", _): full ? "'dropout: α → ∞; so it is'" : "''"
        case (_, "REAL"): full ? "\(Double(place) + 1.0 / 3)" : "NULL"
        case (_, "INTEGER"): full ? "1" : "NULL"
        default: full ? "'{\"place\": \(place)}'" : "NULL"
        }
      }
      try reader.execute("INSERT INTO backtests VALUES (\(cells.joined(separator: ", ")))")
    }
    try insert("2025-01-01", 90, full: true)
    try insert("2025-01-01", 90, full: false)
    try insert("2025-01-01", 30, full: true)
    try insert("2024-12-01", 90, full: true)
    let columns = found.map(\.name)
    return (columns, try reader.texts(Self.select(columns)))
  }

  private static func select(_ columns: [String]) -> String { "SELECT \(columns.joined(separator: ", ")) FROM backtests" }

  @Test(arguments: [5, 7]) func `rows of former versions stay to the last bit through a night, and what they did not measure is NULL`(
    version: Int
  ) throws {
    _ = try publish(Sample.publication("2025-01-01"), options: options) {}
    let reader = try Reader(folder.database), newest = try reader.texts("PRAGMA user_version")
    let schema = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name", fresh = try reader.texts(schema)
    let former = try becomeFormer(version)
    #expect(former.rows.count == 4)
    _ = try publish(Sample.publication("2025-01-02"), options: options) {}
    #expect(try reader.texts(Self.select(former.columns)) == former.rows)
    let added = try reader.texts("SELECT name FROM pragma_table_info('backtests')").map { String($0.dropFirst().dropLast()) }
      .filter { !former.columns.contains($0) }
    #expect(added.count >= 12 && added.contains("emp_low") && added.contains("lift_20pct_high"))
    #expect(try reader.texts("SELECT count(coalesce(\(added.joined(separator: ", ")))) FROM backtests") == ["0"])
    #expect(try reader.texts("SELECT as_of, model, parameters FROM models") == ["\"2024-12-01\"|\"nbd\"|\"{}\""])
    #expect(try reader.texts(schema) == fresh)
    #expect(try reader.texts("PRAGMA user_version") == newest)
  }

  @Test(arguments: [5, 7]) func `a backtest into a former version's database replaces the rows of its own day and horizon alone`(
    version: Int
  ) throws {
    _ = try publish(Sample.publication("2025-01-01"), options: options) {}
    let former = try becomeFormer(version)
    #expect(try writeBacktest(Backtest(asOf: try #require(Day("2025-01-01")), horizonDays: 90, origins: []), options: options) == 0)
    // In the order of the key.
    #expect(try Reader(folder.database).texts(Self.select(former.columns)) == [former.rows[0], former.rows[1]])
  }
}
