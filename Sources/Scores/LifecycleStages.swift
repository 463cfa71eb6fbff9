import Columns
import Features

/// The stages of a customer's life.
enum LifecycleStage: UInt16, CaseIterable {
  case prospect, new, active, lapsing, lost, regained

  /// Of who has bought; days since or until today, H and L.
  init(tenure: Int32, since: Int32, sinceRegained: Int32?, rhythm: Int32, limit: Int32) {
    if since >= limit {
      self = .lost
    } else if let sinceRegained, sinceRegained < limit {
      self = .regained
    } else if tenure <= rhythm {
      self = .new
    } else {
      self = since > rhythm ? .lapsing : .active
    }
  }
}

/// Names of the stages, as in `lifecycle_stage`.
package let lifecycleStageNames = LifecycleStage.allCases.map { "\($0)" }

/// Where each customer stands: the first that holds of lost, regained, new, lapsing, active.
///
/// Lost is who was lost by the churn metrics' count and is not back, so that all others with a purchase are their closing. Who came back stays
/// regained as long as he could be lost by that purchase alone; after H days without a purchase a new customer is lapsing.
func lifecycleStages(_ features: FeatureSet) throws(PipelineError) -> Column {
  let table = features.customers
  let (tenure, bought) = try int32(table, "tenure_days"), (since, _) = try int32(table, "days_since_last")
  let (rhythm, _) = try int32(table, "rhythm_days"), (limit, _) = try int32(table, "lost_after_days")
  let (regainedOn, wasRegained) = try int32(table, "regained_on")
  let asOf = features.asOf.number
  var stages = [UInt16](repeating: LifecycleStage.prospect.rawValue, count: table.rowCount)
  for row in stages.indices where bought?[row] ?? true {
    let sinceRegained = wasRegained?[row] ?? true ? asOf &- regainedOn[row] : nil
    let stage = LifecycleStage(
      tenure: tenure[row], since: since[row], sinceRegained: sinceRegained, rhythm: rhythm[row], limit: limit[row])
    stages[row] = stage.rawValue
  }
  let meaning =
    "prospect: no purchase; lost: none in the last lost_after_days; regained: came back within lost_after_days; new: first purchase within the "
    + "rhythm; lapsing: none in longer than the rhythm; else active; the first that holds of lost, regained, new, lapsing"
  return Column(ColumnDefinition("lifecycle_stage", .text, meaning), .code(stages, dictionary: lifecycleStageNames))
}
