import Columns

/// A customer most worth a call.
package struct CustomerAtRisk: Sendable, Hashable, Codable {
  package var customerId: String
  package var lifecycleStage: String
  package var valueTier: String
  package var churnRisk: Double
  package var clvMinor: Double
}

/// The customers of the two best tiers, not lost, who are lapsing or more likely than not to buy nothing within the risk horizon: those first
/// with the most value in doubt, CLV × churn risk; among equals by id. CLV holds P(alive) already, so those long gone do not come first. Empty
/// where one of the columns is missing.
package func customersAtRisk(_ customers: Table, byID: [UInt32], most count: Int) -> [CustomerAtRisk] {
  guard case .text(let ids)? = customers["customer_id"]?.values, case .double(let clv)? = customers["clv_minor"]?.values,
    case .double(let risk)? = customers["churn_risk"]?.values, case .code(let tiers, let tierNames)? = customers["value_tier"]?.values,
    case .code(let stages, let stageNames)? = customers["lifecycle_stage"]?.values, count > 0
  else { return [] }
  let lost = code("lost", stageNames), lapsing = code("lapsing", stageNames)
  var best: [(inDoubt: Double, row: Int)] = []
  for row in byID {
    let row = Int(row)
    // Tier 0 is none, 1 and 2 are A and B.
    guard tiers[row] == 1 || tiers[row] == 2, stages[row] != lost, stages[row] == lapsing || risk[row] >= 0.5 else { continue }
    let inDoubt = clv[row] * risk[row]
    if best.count == count, let last = best.last, inDoubt <= last.inDoubt { continue }
    let place = best.firstIndex { $0.inDoubt < inDoubt } ?? best.count
    best.insert((inDoubt, row), at: place)
    if best.count > count { best.removeLast() }
  }
  return best.map { _, row in
    CustomerAtRisk(
      customerId: ids[row], lifecycleStage: stageNames[Int(stages[row])], valueTier: tierNames[Int(tiers[row])], churnRisk: risk[row],
      clvMinor: clv[row])
  }
}

private func code(_ name: String, _ names: [String]) -> UInt16? { names.firstIndex(of: name).map { UInt16($0) } }
