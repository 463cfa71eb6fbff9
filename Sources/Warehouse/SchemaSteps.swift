import GRDB

/// What each migration does. A released step makes the tables of its time: where one changes later, its former text is kept here.
enum SchemaSteps {
  static func first(_ connection: GRDB.Database) throws {
    for table in [ResultTables.publication, ResultTables.runs] { try connection.execute(sql: table.createSQL) }
    try connection.execute(
      sql: """
        CREATE TABLE "churn_metrics" (
          "as_of" TEXT NOT NULL, "month" TEXT NOT NULL, "is_complete" INTEGER NOT NULL, "opening_customers" INTEGER NOT NULL,
          "new_customers" INTEGER NOT NULL, "regained_customers" INTEGER NOT NULL, "lost_customers" INTEGER NOT NULL,
          "closing_customers" INTEGER NOT NULL, "lost_of_opening_customers" INTEGER NOT NULL, "active_customers" INTEGER NOT NULL,
          "purchases" INTEGER NOT NULL, "refunds" INTEGER NOT NULL, "gross_minor" INTEGER NOT NULL, "net_minor" INTEGER NOT NULL,
          "logo_churn_rate" REAL, PRIMARY KEY ("as_of", "month")
        ) STRICT, WITHOUT ROWID
        """)
  }

  /// `churn_metrics` is copied and made anew: renaming tables would rewrite the views, and adding columns would not give the very text of
  /// the definition, which is how a foreign change of a table is told.
  ///
  /// The day that is published already begins the log of changes: the next one is compared with what `customers` holds.
  static func nights(_ connection: GRDB.Database) throws {
    let added = [ResultTables.publishedDays, ResultTables.cohorts, ResultTables.segmentHistory, ResultTables.segmentChanges]
    for table in added { try connection.execute(sql: table.createSQL) }
    try connection.execute(
      sql: """
        CREATE TEMP TABLE churn_metrics_before AS SELECT * FROM main.churn_metrics;
        DROP TABLE main.churn_metrics;
        \(ResultTables.churnMetrics.createSQL);
        INSERT INTO main.churn_metrics SELECT *, NULL, NULL, NULL FROM temp.churn_metrics_before;
        DROP TABLE temp.churn_metrics_before;
        INSERT INTO main.published_days SELECT as_of, 'rfm_segment' FROM main.publication
        """)
  }

  static func models(_ connection: GRDB.Database) throws {
    try connection.execute(
      sql: """
        CREATE TABLE "models" (
          "as_of" TEXT NOT NULL, "model" TEXT NOT NULL, "fitted_as_of" TEXT NOT NULL, "parameters" TEXT, "log_likelihood" REAL,
          "gradient_norm" REAL, "iterations" INTEGER, "customers" INTEGER, "histories" INTEGER, "left_out_customers" INTEGER,
          "correlation" REAL, "warnings" TEXT NOT NULL, PRIMARY KEY ("as_of", "model")
        ) STRICT, WITHOUT ROWID
        """)
  }

  /// `models` is copied and made anew, as `churn_metrics` was.
  static func backtests(_ connection: GRDB.Database) throws {
    try connection.execute(
      sql: """
        CREATE TABLE "backtests" (
          "as_of" TEXT NOT NULL, "horizon_days" INTEGER NOT NULL, "origin" TEXT NOT NULL, "model" TEXT NOT NULL, "segment" TEXT NOT NULL,
          "customers" INTEGER NOT NULL, "buyers" INTEGER NOT NULL, "purchases" INTEGER NOT NULL, "revenue_minor" INTEGER NOT NULL,
          "purchases_expected" REAL, "revenue_expected_minor" REAL, "auc" REAL, "auc_low" REAL, "auc_high" REAL,
          "average_precision" REAL, "lift_5pct" REAL, "lift_10pct" REAL, "lift_20pct" REAL, "mp" REAL, "mp_share" REAL, "emp" REAL,
          "emp_share" REAL, "brier" REAL, "brier_low" REAL, "brier_high" REAL, "brier_reliability" REAL, "brier_resolution" REAL,
          "brier_uncertainty" REAL, "log_loss" REAL, "log_loss_low" REAL, "log_loss_high" REAL, "calibration" TEXT, "mae" REAL,
          "mae_low" REAL, "mae_high" REAL, "rmse" REAL, "rmse_low" REAL, "rmse_high" REAL, "bias_share" REAL, "bias_share_low" REAL,
          "bias_share_high" REAL, "revenue_mae_minor" REAL, "revenue_mae_minor_low" REAL, "revenue_mae_minor_high" REAL,
          "revenue_rmse_minor" REAL, "revenue_rmse_minor_low" REAL, "revenue_rmse_minor_high" REAL, "revenue_bias_share" REAL,
          "revenue_bias_share_low" REAL, "revenue_bias_share_high" REAL, "beats_baselines" INTEGER, "parameters" TEXT,
          "warnings" TEXT NOT NULL,
          PRIMARY KEY ("as_of", "horizon_days", "origin", "model", "segment")
        ) STRICT, WITHOUT ROWID;
        CREATE TEMP TABLE models_before AS SELECT * FROM main.models;
        DROP TABLE main.models;
        CREATE TABLE "models" (
          "as_of" TEXT NOT NULL, "model" TEXT NOT NULL, "fitted_as_of" TEXT NOT NULL, "parameters" TEXT, "log_likelihood" REAL,
          "gradient_norm" REAL, "iterations" INTEGER, "customers" INTEGER, "histories" INTEGER, "left_out_customers" INTEGER,
          "correlation" REAL, "warnings" TEXT NOT NULL, "status" TEXT NOT NULL, "trial" TEXT, "beats_baselines" INTEGER,
          PRIMARY KEY ("as_of", "model")
        ) STRICT, WITHOUT ROWID;
        INSERT INTO main.models SELECT *, 'named', NULL, NULL FROM temp.models_before;
        DROP TABLE temp.models_before
        """)
  }

  static func drift(_ connection: GRDB.Database) throws {
    try connection.execute(
      sql: """
        \(ResultTables.drift.createSQL);
        CREATE TEMP TABLE models_before AS SELECT * FROM main.models;
        DROP TABLE main.models;
        CREATE TABLE "models" (
          "as_of" TEXT NOT NULL, "model" TEXT NOT NULL, "fitted_as_of" TEXT NOT NULL, "parameters" TEXT, "log_likelihood" REAL,
          "gradient_norm" REAL, "iterations" INTEGER, "customers" INTEGER, "histories" INTEGER, "left_out_customers" INTEGER,
          "correlation" REAL, "warnings" TEXT NOT NULL, "status" TEXT NOT NULL, "trial" TEXT, "beats_baselines" INTEGER,
          "fit_reason" TEXT, PRIMARY KEY ("as_of", "model")
        ) STRICT, WITHOUT ROWID;
        INSERT INTO main.models SELECT *, NULL FROM temp.models_before;
        DROP TABLE temp.models_before
        """)
  }

  /// `models` is copied and made anew, as `churn_metrics` was.
  static func risk(_ connection: GRDB.Database) throws {
    try connection.execute(
      sql: """
        CREATE TEMP TABLE models_before AS SELECT * FROM main.models;
        DROP TABLE main.models;
        \(ResultTables.models.createSQL);
        INSERT INTO main.models SELECT *, NULL, NULL FROM temp.models_before;
        DROP TABLE temp.models_before
        """)
  }

  static func tenures(_ connection: GRDB.Database) throws {
    for table in [ResultTables.tenureCurves, ResultTables.tenureGroups, ResultTables.churnDrivers] {
      try connection.execute(sql: table.createSQL)
    }
  }
  /// Intervals of more measures; those measured before have none. `backtests` is copied and made anew, as `churn_metrics` was.
  static func backtestIntervals(_ connection: GRDB.Database) throws {
    let kept = backtestColumns
    try connection.execute(
      sql: """
        CREATE TEMP TABLE backtests_before AS SELECT * FROM main.backtests;
        DROP TABLE main.backtests;
        \(ResultTables.backtests.createSQL);
        INSERT INTO main.backtests (\(kept)) SELECT \(kept) FROM temp.backtests_before;
        DROP TABLE temp.backtests_before
        """)
  }

  /// Of `backtests` before it had intervals of all measures.
  private static let backtestColumns = """
    "as_of", "horizon_days", "origin", "model", "segment", "customers", "buyers", "purchases", "revenue_minor", "purchases_expected",
    "revenue_expected_minor", "auc", "auc_low", "auc_high", "average_precision", "lift_5pct", "lift_10pct", "lift_20pct", "mp",
    "mp_share", "emp", "emp_share", "brier", "brier_low", "brier_high", "brier_reliability", "brier_resolution", "brier_uncertainty",
    "log_loss", "log_loss_low", "log_loss_high", "calibration", "mae", "mae_low", "mae_high", "rmse", "rmse_low", "rmse_high",
    "bias_share", "bias_share_low", "bias_share_high", "revenue_mae_minor", "revenue_mae_minor_low", "revenue_mae_minor_high",
    "revenue_rmse_minor", "revenue_rmse_minor_low", "revenue_rmse_minor_high", "revenue_bias_share", "revenue_bias_share_low",
    "revenue_bias_share_high", "beats_baselines", "parameters", "warnings"
    """
}
