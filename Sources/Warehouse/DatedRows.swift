import Columns
import GRDB
import Metrics
import Scores

/// What is kept of one day in the tables that have the day in their key.
package struct DatedResults: Sendable {
  package var asOf: Day
  package var churnMonths: [ChurnMonth]
  package var cohorts: [CohortMonth]
  package var segments: [SegmentSummary]
  /// What the columns of value were computed with; nil: none was asked for.
  package var models: FittedModels?
  /// Why these models, and how the day differs from that of their fit; nil: as `models`.
  package var use: FitUse?
  /// nil: not asked for.
  package var tenures: Tenures?

  package init(
    asOf: Day, churnMonths: [ChurnMonth], cohorts: [CohortMonth], segments: [SegmentSummary], models: FittedModels? = nil,
    use: FitUse? = nil, tenures: Tenures? = nil
  ) {
    self.asOf = asOf
    self.churnMonths = churnMonths
    self.cohorts = cohorts
    self.segments = segments
    self.models = models
    self.use = use
    self.tenures = tenures
  }
}

/// Writes the dated tables but `segment_changes`, each time replacing exactly the rows of the day.
struct DatedRows {
  let connection: GRDB.Database
  let results: DatedResults
  private var day: String { results.asOf.description }

  init(_ connection: GRDB.Database, _ results: DatedResults) {
    self.connection = connection
    self.results = results
  }

  func write() throws {
    try replace(
      ResultTables.churnMetrics,
      results.churnMonths.lazy.map { month in
        [
          day, Day.monthName(month.month), month.isComplete ? 1 : 0, month.opening, month.new, month.regained, month.lost, month.closing,
          month.lostOfOpening, month.active, month.purchases, month.refunds, month.grossMinor, month.netMinor, month.logoChurnRate,
          month.netRevenueRetentionRate, month.grossRevenueRetentionRate, month.falseLostRate,
        ]
      })
    try replace(
      ResultTables.cohorts,
      results.cohorts.lazy.map { cohort in
        [
          day, Day.monthName(cohort.cohort), cohort.age, cohort.size, cohort.customers, cohort.grossMinor, cohort.netMinor,
        ]
      })
    try replace(ResultTables.segmentHistory, Self.segmentRows(results.segments, day: day))
    try replace(ResultTables.models, results.models.map(modelRows) ?? [])
    let tenures = results.tenures.map { TenureRows(tenures: $0, day: day) }
    try replace(ResultTables.tenureCurves, tenures?.curves ?? [])
    try replace(ResultTables.tenureGroups, tenures?.groups ?? [])
    try replace(ResultTables.churnDrivers, tenures?.drivers ?? [])
    try replace(ResultTables.drift, results.use?.drift.map { driftRows($0, asOf: day) } ?? [])
  }

  private func modelRows(_ fitted: FittedModels) -> [[(any DatabaseValueConvertible)?]] {
    fitted.models.map { model in
      [
        day, model.model, fitted.asOf.description, model.parameters.map { _ in parametersJSON(model.orderedParameters) },
        model.logLikelihood,
        model.gradientNorm, model.iterations, model.customers, model.histories, model.customersLeftOut, model.correlation,
        model.warnings.joined(separator: "; "), model.trial.map { $0.isWinner ? "winner" : "loser" } ?? "named", model.trial.map(json),
        model.trial?.beatsBaselines.map { $0 ? 1 : 0 }, results.use?.reason,
        model.riskTrial.map { $0.isWinner ? "winner" : "loser" } ?? (model.model == fitted.riskRecord?.model ? "named" : nil),
        model.riskTrial.map(json),
      ]
    }
  }

  private func json(_ trial: ModelTrial) -> String {
    var parts: [String] = []
    if let origin = trial.origin, let days = trial.horizonDays { parts = ["\"origin\": \"\(origin)\"", "\"horizon_days\": \(days)"] }
    if let beats = trial.beatsBaselines { parts.append("\"beats_baselines\": \(beats ? 1 : 0)") }
    parts += trial.measures.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    if let reason = trial.reason { parts.append("\"reason\": \"\(reason)\"") }
    return "{" + parts.joined(separator: ", ") + "}"
  }

  private func replace(_ table: TableDefinition, _ rows: some Sequence<[(any DatabaseValueConvertible)?]>) throws {
    try connection.execute(sql: "DELETE FROM main.\(table.name.quoted) WHERE as_of = ?", arguments: [day])
    let statement = try connection.cachedStatement(sql: table.insertSQL)
    for row in rows { try statement.execute(arguments: StatementArguments(row)) }
  }

  /// Of `segments` and of `segment_history`.
  static func segmentRows(_ segments: [SegmentSummary], day: String) -> [[(any DatabaseValueConvertible)?]] {
    let all = segments.reduce(Int64(0)) { $0 &+ $1.customers }
    return segments.map { segment in
      let customers = Double(segment.customers)
      return [
        day, segment.segment, segment.meaning, segment.customers, all > 0 ? customers / Double(all) : nil, segment.purchases,
        segment.grossMinor, segment.netMinor, segment.customers > 0 ? Double(segment.daysSinceLastSum) / customers : nil,
      ]
    }
  }
}
