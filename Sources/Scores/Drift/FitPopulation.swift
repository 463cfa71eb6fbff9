import Buffers
import Columns

/// The customers that models were fitted to, as far as later days are compared with them.
package struct FitPopulation: Sendable, Hashable, Codable {
  package var customers: Int64
  /// Of them, those with a purchase; their purchase days but the first; and the longest time since a first purchase.
  package var buyers: Int64
  package var repeatDays: Int64
  package var tenureDaysMax: Int32
  package var columns: [ColumnSpread]
  /// What the models read, by tenure.
  package var inputs: [InputSpread]

  /// - Parameter counts: of features and scores, and of what the models read.
  init(_ features: CustomerInputs, _ counts: [ColumnCounts], threads: Int) {
    customers = Int64(features.rowCount)
    (buyers, repeatDays, tenureDaysMax) = features.purchases(sinceDays: 0)
    columns = counts.map { ColumnSpread($0) }
    inputs = []
    let tenures = features.tenures(in: spread("tenure_days"), upTo: tenureDaysMax)
    let spreads = features.columns.map { column in spread(column.name) }
    inputs = parallelMap(spreads.count, threads: threads) { i in
      spreads[i].flatMap { InputSpread(features.columns[i], in: $0, tenures: tenures) }
    }.compactMap { $0 }
  }

  package func spread(_ column: String) -> ColumnSpread? { columns.first { $0.column == column } }

  /// Whether it is one of ours: nothing foreign that could be counted with.
  var isSound: Bool {
    let counts = [customers, buyers, repeatDays]
    return counts.allSatisfy { (0...Int64(Int32.max) << 20).contains($0) } && tenureDaysMax >= 0 && columns.allSatisfy(\.isSound)
      && columns.allSatisfy { $0.customers.reduce(0, +) == customers }
      && inputs.allSatisfy { input in spread(input.column).map { input.isSound(bins: $0.binCount) } ?? false }
  }
}

/// How the customers of each bin of tenure are spread over the bins of another column.
package struct InputSpread: Sendable, Hashable, Codable {
  package var column: String
  /// By bin of `tenure_days`, then bin of the column.
  package var customers: [[Int64]]

  /// nil where the column holds something else than these bins.
  init?(_ column: Column, in spread: ColumnSpread, tenures: [UInt8]) {
    guard let binOfPlace = spread.bins(nil) else { return nil }
    self.column = column.name
    let bins = spread.binCount, missing = UInt8(bins - 1)
    var grid = [Int64](repeating: 0, count: 256 * bins)
    func count(_ place: (Int) -> Int) {
      for row in tenures.indices {
        let bin = column.isPresent?[row] ?? true ? binOfPlace[place(row)] : missing
        grid[Int(tenures[row]) * bins + Int(bin)] += 1
      }
    }
    switch column.values {
    case .int32(let values): count { ValueClasses.place(Double(values[$0])) }
    case .int64(let values): count { ValueClasses.place(Double(values[$0])) }
    case .double(let values): count { ValueClasses.place(values[$0]) }
    case .text, .code: return nil
    }
    let tenureBins = tenures.reduce(0) { $1 == CustomerInputs.noTenure ? $0 : max($0, Int($1) + 1) }
    customers = (0..<tenureBins).map { Array(grid[$0 * bins..<($0 + 1) * bins]) }
  }

  func isSound(bins: Int) -> Bool {
    customers.count <= 64 && customers.allSatisfy { $0.count == bins && $0.allSatisfy { (0...Int64(Int32.max)).contains($0) } }
  }
}
