import Columns

extension FeatureSet {
  /// For each row of these customers, the row of the same customer in `other`; nil: he is not there.
  ///
  /// Both orders ascend by the ids' bytes, so that one pass over both finds all.
  package func rows(in other: FeatureSet) throws(PipelineError) -> [Int?] {
    guard case .text(let ids)? = customers["customer_id"]?.values, case .text(let otherIDs)? = other.customers["customer_id"]?.values else {
      throw PipelineError(.internalError, "features without customer_id")
    }
    var rows = [Int?](repeating: nil, count: customers.rowCount), place = 0
    for row in customersByID.lazy.map({ Int($0) }) {
      let id = ids.bytes(row)
      while place < other.customersByID.count {
        let there = Int(other.customersByID[place]), otherID = otherIDs.bytes(there)
        if id.elementsEqual(otherID) { rows[row] = there }
        if !otherID.lexicographicallyPrecedes(id) { break }
        place += 1
      }
    }
    return rows
  }
}
