import Columns

/// What the model of purchases knows of each customer.
struct PurchaseHistories {
  var frequency: [Int32]
  var recencyDays: [Int32]
  var tenureDays: [Int32]
  /// nil: all have bought.
  var isPresent: [Bool]?

  init(_ table: Table) throws(PipelineError) {
    (frequency, isPresent) = try int32(table, "frequency")
    (recencyDays, _) = try int32(table, "recency_days")
    (tenureDays, _) = try int32(table, "tenure_days")
  }
}

func meanValues(_ table: Table, _ frequency: [Int32], _ minorUnits: Double) throws(PipelineError) -> [Double] {
  meanValues(repeatGrossMinor: try int64(table, "repeat_gross_minor").0, frequency: frequency, minorUnits: minorUnits)
}

/// Mean value of the purchase days but the first, in major units; 0 where there is none.
package func meanValues(repeatGrossMinor repeated: [Int64], frequency: [Int32], minorUnits: Double) -> [Double] {
  var means = [Double](repeating: 0, count: frequency.count)
  for row in frequency.indices where frequency[row] > 0 { means[row] = Double(repeated[row]) / (Double(frequency[row]) * minorUnits) }
  return means
}

func int32(_ table: Table, _ name: String) throws(PipelineError) -> ([Int32], isPresent: [Bool]?) {
  guard let column = table[name], case .int32(let values) = column.values else { throw lacking(name) }
  return (values, column.isPresent)
}

func int64(_ table: Table, _ name: String) throws(PipelineError) -> ([Int64], isPresent: [Bool]?) {
  guard let column = table[name], case .int64(let values) = column.values else { throw lacking(name) }
  return (values, column.isPresent)
}

func lacking(_ name: String) -> PipelineError {
  PipelineError(.badInput, "the features lack \(name), which the scores need", fix: "run `transform` again with this holdfast")
}
