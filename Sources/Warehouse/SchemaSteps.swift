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
        \(ResultTables.backtests.createSQL);
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
        \(ResultTables.models.createSQL);
        INSERT INTO main.models SELECT *, NULL FROM temp.models_before;
        DROP TABLE temp.models_before
        """)
  }

  static func tenures(_ connection: GRDB.Database) throws {
    for table in [ResultTables.tenureCurves, ResultTables.tenureGroups, ResultTables.churnDrivers] {
      try connection.execute(sql: table.createSQL)
    }
  }
}
