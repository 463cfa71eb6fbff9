/// Scores of customers who belong to groups with a model each: those of `scorePurchases` by the customer's own group.
/// - Parameter groupOf: number of each row's model.
package func scorePurchases(
  _ models: [PurchaseModel], groupOf: [Int32], frequency: [Int32], recencyDays: [Int32], tenureDays: [Int32], isPresent: [Bool]?,
  horizons: PurchaseHorizons, threads: Int
) -> PurchaseScores {
  precondition(groupOf.count == frequency.count)
  let nothing = [Double](repeating: .nan, count: frequency.count)
  var scores = PurchaseScores(
    pAlive: nothing, expectedPurchases: nothing, churnRisk: nothing, discounted: nothing, discountedInfinite: nothing, expectedNext: nothing
  )
  for (group, rows) in rowsByGroup(groupOf, groupCount: models.count).enumerated() where !rows.isEmpty {
    func picked<T>(_ column: [T]) -> [T] { rows.map { column[Int($0)] } }
    let part = scorePurchases(
      models[group], frequency: picked(frequency), recencyDays: picked(recencyDays), tenureDays: picked(tenureDays),
      isPresent: isPresent.map { picked($0) }, horizons: horizons, threads: threads)
    func put(_ values: [Double], _ column: inout [Double]) { for (place, row) in rows.enumerated() { column[Int(row)] = values[place] } }
    put(part.pAlive, &scores.pAlive)
    put(part.expectedPurchases, &scores.expectedPurchases)
    put(part.churnRisk, &scores.churnRisk)
    put(part.discounted, &scores.discounted)
    put(part.discountedInfinite, &scores.discountedInfinite)
    put(part.expectedNext, &scores.expectedNext)
  }
  return scores
}

/// The rows of each group, ascending.
package func rowsByGroup(_ groupOf: [Int32], groupCount: Int) -> [[UInt32]] {
  var counts = [Int](repeating: 0, count: groupCount)
  for group in groupOf { counts[Int(group)] += 1 }
  var rows = counts.map { count in
    var rows: [UInt32] = []
    rows.reserveCapacity(count)
    return rows
  }
  for (row, group) in groupOf.enumerated() { rows[Int(group)].append(UInt32(row)) }
  return rows
}
