import Columns

/// Models fitted to what was known at origins of the past, and measured by what came after: what a run of `backtest` finds.
package struct Backtest: Sendable {
  /// What came is known up to this day.
  package var asOf: Day
  package var horizonDays: Int
  /// One in how many customers was looked at.
  package var sampledOneIn: Int
  /// The oldest first.
  package var origins: [OriginBacktest]

  package init(asOf: Day, horizonDays: Int, sampledOneIn: Int = 1, origins: [OriginBacktest]) {
    (self.asOf, self.horizonDays, self.sampledOneIn, self.origins) = (asOf, horizonDays, sampledOneIn, origins)
  }
}

package struct OriginBacktest: Sendable {
  package var origin: Day
  /// Models of purchases first, then the learned churn model, then the baselines.
  package var models: [TestedModel]

  package func model(_ name: String?) -> TestedModel? { models.first { $0.model == name } }
}

/// A model or a baseline at one origin.
package struct TestedModel: Sendable {
  /// As in the table `models`, `churn_logistic` being the learned one; or `recency`, `past_rate`, `alike`.
  package var model: String
  package var isBaseline: Bool
  /// nil: a baseline, or the fit failed.
  package var parameters: [(name: String, value: Double)]?
  package var logLikelihood: Double?
  /// Of all customers.
  package var all: Measures
  /// In the order of `rfmSegments`.
  package var segments: [Measures]
  package var replicates: Replicates
  package var verdict: Verdict?
  package var warnings: [String]
}

/// Whether a model did better than every baseline: none ranks customers better beyond chance, and none that foretells chances or counts is
/// closer to what came.
package struct Verdict: Sendable, Hashable {
  package var beatsBaselines: Bool
  /// Where it did not, in words.
  package var reasons: [String]
}
