import Columns

/// How many customers have which value of a column: of numbers by `ValueClasses`, of words by their code.
struct ColumnCounts: Sendable {
  let name: String
  /// nil: the column holds numbers.
  let words: [String]?
  private(set) var places: [Int64]
  /// Customers without a value.
  private(set) var missing: Int64
  /// nil for words, and where nobody has a value.
  private(set) var mean: Double?

  /// nil for a column whose values tell customers or days apart: ids, dates and months.
  init?(_ column: Column) {
    name = column.name
    let kind = column.definition.kind
    guard kind == .integer || kind == .real || kind == .text else { return nil }
    switch column.values {
    case .int32(let values):
      words = nil
      var sum: Int64 = 0
      places = countPlaces(values.count, column.isPresent, ValueClasses.count) { row in
        sum &+= Int64(values[row])
        return ValueClasses.place(Double(values[row]))
      }
      mean = Double(sum)
    case .int64(let values):
      words = nil
      var sum: Int128 = 0
      places = countPlaces(values.count, column.isPresent, ValueClasses.count) { row in
        sum &+= Int128(values[row])
        return ValueClasses.place(Double(values[row]))
      }
      mean = Double(sum)
    case .double(let values):
      words = nil
      // As `FixedPointSum`, but cut off where that rounds, which takes as long as all the rest.
      let unit = column.definition.unit == "minor" ? 1024.0 : 4_294_967_296.0, limit = 4_611_686_018_427_387_904.0
      var sum: Int128 = 0
      places = countPlaces(values.count, column.isPresent, ValueClasses.count) { row in
        let value = values[row]
        sum &+= value.isFinite ? Int128(Int64(min(max(value * unit, -limit), limit))) : 0
        return ValueClasses.place(value)
      }
      mean = Double(sum) / unit
    case .code(let codes, let dictionary):
      words = dictionary
      places = countPlaces(codes.count, column.isPresent, dictionary.count) { Int(codes[$0]) }
    case .text: return nil
    }
    missing = places.removeLast()
    let present = Int64(column.count) - missing
    mean = present > 0 ? mean.map { $0 / Double(present) } : nil
  }

  var present: Int64 { places.reduce(0, +) }
}

/// How often each place occurs, and behind them the rows without a value (whose value is 0 and adds nothing to a sum).
@inline(__always)
private func countPlaces(_ rows: Int, _ isPresent: [Bool]?, _ placeCount: Int, _ place: (Int) -> Int) -> [Int64] {
  // Two tables by turns: the same value in row after row would wait for its own count.
  var even = [UInt32](repeating: 0, count: placeCount + 1), odd = even
  if let isPresent {
    for row in 0..<rows {
      let found = place(row)
      even[isPresent[row] ? found : placeCount] &+= 1
    }
  } else {
    var row = 0
    while row + 1 < rows {
      even[place(row)] &+= 1
      odd[place(row + 1)] &+= 1
      row += 2
    }
    if row < rows { even[place(row)] &+= 1 }
  }
  return even.indices.map { Int64(even[$0]) + Int64(odd[$0]) }
}
