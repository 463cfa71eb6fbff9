import Columns
import Events
import Features
import Metrics
import Scores
import Warehouse

/// What a run that published tells: the same facts for people and, with `--json`, for machines.
package struct RunFacts: Codable, Sendable {
  package struct Rows: Codable, Sendable {
    package var dumps = 0
    package var read: Int64 = 0
    package var kept: Int64 = 0
    package var rejected: Int64 = 0
    package var duplicate: Int64 = 0
    package var filtered: Int64 = 0
  }
  package struct Segment: Codable, Sendable {
    package var segment: String
    package var customers: Int64
    /// Of all customers, 0…1.
    package var share: Double
    package var netMinor: Int64
  }
  package struct Month: Codable, Sendable {
    package var month: String
    package var opening: Int64
    package var new: Int64
    package var regained: Int64
    package var lost: Int64
    package var closing: Int64
    package var logoChurnRate: Double?
  }
  /// One fitted model.
  package struct Model: Codable, Sendable {
    package var model: String
    package var fittedAsOf: String
    /// nil: the fit failed.
    package var parameters: [String: Double]?
    package var customers: Int64?
    package var warnings: [String]
    /// Of models of purchases among which a backtest chose.
    package var isWinner: Bool?
    package var beatsBaselines: Bool?
  }
  /// Which model `churn_risk` is by, and why.
  package struct Risk: Codable, Sendable {
    package var model: String
    package var reason: String
  }
  package struct Tenure: Codable, Sendable {
    package var customers: Int64
    package var lost: Int64
    /// nil: fewer than half are lost so far.
    package var medianDays: Int32?
    package var restrictedMeanDays: Double?
    /// By grouping: p of the log-rank test.
    package var logRankP: [String: Double]
  }
  /// How the customers differ from those of the fit in use or, where that was made tonight, of the one before it.
  package struct Drift: Codable, Sendable {
    package struct Column: Codable, Sendable {
      package var column: String
      package var psi: Double
    }
    package var fittedAsOf: String
    package var columns: Int
    /// Those that are not stable, the farthest first.
    package var shifted: [Column]
    package var moving: [Column]
  }
  package var runId: String
  package var pipeline: String
  package var asOf: String
  package var seconds: Double
  package var stages: [RunResults.Stage]
  /// Number of dumps by outcome.
  package var dumps: [String: Int]
  /// Of the dumps that this run loaded, and of all dumps in the store.
  package var rowsOfRun: Rows
  package var rowsOfStore: Rows
  package var customers: Int
  package var currency: String
  package var fractionDigits: Int
  package var segments: [Segment]
  /// The last complete months, at most 6, oldest first.
  package var churn: [Month]
  package var models: [Model]
  /// Absent: the pipeline leaves it to the model of purchases.
  package var risk: Risk?
  /// Why the models were fitted anew, or kept; absent: they are fitted every night, or no column asks for one.
  package var fitReason: String?
  package var drift: Drift?
  package var outlook: Outlook?
  /// The ten customers most worth a call: the first of `v_at_risk`.
  package var atRisk: [CustomerAtRisk]
  package var riskHorizonDays: Int
  /// How long all customers stay; absent: not asked for.
  package var tenure: Tenure?
  package var database: String
  package var databaseBytes: Int64
  /// Commands to try, ready for a shell.
  package var queries: [String]
}

extension RunFacts {
  static let monthsMax = 6
  static let atRiskMax = 10

  init(job: Job, outcomes: [DumpOutcome], features: FeatureSet, published: Published) {
    let results = job.ledger.current
    let feed = job.pipeline.transactions
    let everyone = max(1, features.customers.rowCount)
    runId = results.runId
    pipeline = results.pipeline
    asOf = features.asOf.description
    stages = results.stages
    seconds = results.stages.reduce(0) { $0 + $1.seconds }
    dumps = Dictionary(grouping: outcomes, by: \.kind.word).mapValues(\.count)
    rowsOfRun = Rows(features.loads.filter { $0.runID == results.runId })
    rowsOfStore = Rows(features.loads)
    customers = published.report.customers
    currency = feed.currency
    fractionDigits = feed.mapping.fractionDigits
    segments = published.segments.map {
      Segment(segment: $0.segment, customers: $0.customers, share: Double($0.customers) / Double(everyone), netMinor: $0.netMinor)
    }
    churn = published.churnMonths.filter(\.isComplete).suffix(Self.monthsMax).map(Month.init)
    models = published.models.map { fitted in fitted.models.map { Model($0, fitted.asOf) } } ?? []
    if let model = published.models?.riskRecord?.model, let reason = published.models?.riskReason {
      risk = Risk(model: model, reason: reason)
    }
    fitReason = job.pipeline.fit == .nightly && job.invocation.model == nil ? nil : published.use?.reason
    drift = published.use?.drift.map(Drift.init)
    outlook = published.outlook
    atRisk = published.atRisk
    riskHorizonDays = job.pipeline.value.riskHorizonDays
    database = job.pipeline.database.path
    databaseBytes = published.report.databaseBytes
    tenure = published.tenures.flatMap(Tenure.init)
    queries = Queries.all(database: database, columns: published.columns)
  }
}

extension RunFacts.Model {
  init(_ record: ModelRecord, _ asOf: Day) {
    self.init(
      model: record.model, fittedAsOf: asOf.description, parameters: record.parameters, customers: record.customers,
      warnings: record.warnings, isWinner: record.trial?.isWinner, beatsBaselines: record.trial?.beatsBaselines)
  }
}

extension RunFacts.Tenure {
  fileprivate init?(_ tenures: Tenures) {
    guard let all = tenures.groupings.first?.groups.first else { return nil }
    self.init(
      customers: all.customers, lost: all.lost, medianDays: all.medianDays, restrictedMeanDays: all.restrictedMeanDays,
      logRankP: Dictionary(uniqueKeysWithValues: tenures.groupings.compactMap { grouping in grouping.test.map { (grouping.name, $0.p) } }))
  }
}

extension RunFacts.Drift {
  fileprivate init(_ report: DriftReport) {
    func columns(_ level: DriftLevel) -> [Column] {
      report.columns.filter { $0.level == level }.sorted { ($1.index, $0.column) < ($0.index, $1.column) }
        .map { Column(column: $0.column, psi: $0.index) }
    }
    self.init(
      fittedAsOf: report.fittedAsOf.description, columns: report.columns.count, shifted: columns(.shifted), moving: columns(.moving))
  }
}

extension RunFacts.Month {
  init(_ month: ChurnMonth) {
    self.init(
      month: Day.monthName(month.month), opening: month.opening, new: month.new, regained: month.regained, lost: month.lost,
      closing: month.closing, logoChurnRate: month.logoChurnRate)
  }
}

extension RunFacts.Rows {
  init(_ loads: [LoadRecord]) {
    dumps = loads.count
    for load in loads {
      read += load.rowsRead
      kept += load.rowsLoaded
      rejected += load.rowsRejected
      duplicate += load.rowsDuplicate
      filtered += load.rowsFiltered
    }
  }
}
