import Columns
import Features

/// The stages of a customer's life, in their order.
package let lifecycleStageNames = ["prospect", "new", "active", "lapsing", "lost", "regained"]

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
  var stages = [UInt16](repeating: 0, count: table.rowCount)
  for row in stages.indices where bought?[row] ?? true {
    stages[row] =
      if since[row] >= limit[row] { 4 } else if wasRegained?[row] ?? true, asOf &- regainedOn[row] < limit[row] {
        5
      } else if tenure[row]
        <= rhythm[row]
      { 1 } else if since[row] > rhythm[row] { 3 } else { 2 }
  }
  let meaning =
    "prospect: no purchase; lost: none in the last lost_after_days; regained: came back within lost_after_days; new: first purchase within the "
    + "rhythm; lapsing: none in longer than the rhythm; else active; the first that holds"
  return Column(ColumnDefinition("lifecycle_stage", .text, meaning), .code(stages, dictionary: lifecycleStageNames))
}
