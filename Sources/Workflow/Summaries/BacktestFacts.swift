import Backtests
import Columns
import Models
import Scores

/// What a backtest found, for machines and for the page.
package struct BacktestFacts: Encodable {
  /// Raised when a key changes its meaning or goes.
  package var schemaVersion = 2
  package var runId: String
  package var pipeline: String
  package var asOf: String
  package var horizonDays: Int
  /// One in how many customers was looked at, by a hash of the id.
  package var sampledOneIn: Int
  package var currency: String
  package var fractionDigits: Int
  package var replicates = Bootstrap.replicates
  /// The model that ranks customers best on the mean over origins; nil: none could be measured.
  package var best: String?
  package var origins: [Origin]
  package var database: String
  package var rows: Int

  package struct Origin: Encodable {
    package var origin: String
    package var customers: Int
    package var buyers: Int
    package var models: [Model]
  }

  package struct Model: Encodable {
    package var model: String
    package var isBaseline: Bool
    /// nil: a baseline, or too few customers.
    package var beatsBaselines: Bool?
    /// Where it does not beat them, why; and what to know before trusting it.
    package var reasons: [String]
    package var warnings: [String]
    package var parameters: [String: Double]?
    package var all: Measures
    package var segments: [Segment]
  }

  package struct Segment: Encodable {
    package var segment: String
    package var measures: Measures
  }

  init(_ job: Job, _ backtest: Backtest, rows: Int) {
    runId = job.ledger.runID
    pipeline = job.pipeline.name
    (asOf, horizonDays) = (backtest.asOf.description, backtest.horizonDays)
    sampledOneIn = backtest.sampledOneIn
    (currency, fractionDigits) = (job.pipeline.transactions.currency, job.pipeline.transactions.mapping.fractionDigits)
    origins = backtest.origins.map(Origin.init)
    (database, self.rows) = (job.pipeline.database.path, rows)
    best = Self.best(origins)
  }

  /// Of those measured at every origin.
  private static func best(_ origins: [Origin]) -> String? {
    let candidates =
      PurchaseModelName.allCases.map(\.rawValue) + [
        ModelRecord.covariatesName, ModelRecord.contractsName, ModelRecord.survivalName, ModelRecord.learnedName, ModelRecord.treesName,
      ]
    let means = candidates.compactMap { name -> (model: String, auc: Double)? in
      let found = origins.compactMap { $0.model(name)?.all.auc?.value }
      return found.count == origins.count && !found.isEmpty ? (name, found.reduce(0, +)) : nil
    }
    return means.max { $0.auc < $1.auc }?.model
  }
}

extension BacktestFacts.Origin {
  init(_ tested: OriginBacktest) {
    origin = tested.origin.description
    (customers, buyers) = (tested.models.first?.all.customers ?? 0, tested.models.first?.all.buyers ?? 0)
    models = tested.models.map { model in
      BacktestFacts.Model(
        model: model.model, isBaseline: model.isBaseline, beatsBaselines: model.verdict?.beatsBaselines,
        reasons: model.verdict?.reasons ?? [], warnings: model.warnings,
        parameters: model.parameters.map { Dictionary(uniqueKeysWithValues: $0.map { ($0.name, $0.value) }) }, all: model.all,
        segments: zip(rfmSegments, model.segments).map { BacktestFacts.Segment(segment: $0.name, measures: $1) })
    }
  }

  package func model(_ name: String) -> BacktestFacts.Model? { models.first { $0.model == name } }
}
