import Buffers
import Dumps

/// Whether an amount is what its row comes to, or the total of a transaction that each of its rows repeats.
struct AmountCheck {
  /// Rows with amount, quantity and unit price, and those where amount = quantity × unit price, to half a cent.
  private(set) var compared = 0
  private(set) var equal = 0
  /// Transactions of several rows with different contents, and those with one amount in all rows.
  private(set) var transactions = 0
  private(set) var constant = 0

  var isProduct: Bool { compared > 0 && equal * 10 >= compared * 9 }
  var isRepeatedTotal: Bool { transactions >= 5 && constant * 10 >= transactions * 8 && !isProduct }

  private static let rowsMax = 50_000

  init(_ table: SampleTable, amount: ColumnProfile, quantity: ColumnProfile?, price: ColumnProfile?, id: ColumnProfile?) {
    let readings = [amount, quantity, price].map {
      $0.map { NumberReading($0.numbers.best.format, fractionDigits: 6, takesExponents: true) }
    }
    func value(_ place: Int, _ column: ColumnProfile?, _ row: Int) -> Double? {
      guard let column, let reading = readings[place] else { return nil }
      return reading.value(SampleText.trimmed(table.value(column.index, row))).map { Double($0) / 1e6 }
    }
    var amounts: [ArraySlice<UInt8>: (first: Double, rows: Int, isConstant: Bool)] = [:]
    for row in 0..<min(Self.rowsMax, table.rowCount) {
      guard let paid = value(0, amount, row) else { continue }
      if let pieces = value(1, quantity, row), let each = value(2, price, row) {
        compared += 1
        if abs(pieces * each - paid) <= 0.0051 + abs(paid) * 1e-9 { equal += 1 }
      }
      guard let id else { continue }
      let key = table.value(id.index, row)
      if let known = amounts[key] {
        amounts[key] = (known.first, known.rows + 1, known.isConstant && known.first == paid)
      } else {
        amounts[key] = (paid, 1, true)
      }
    }
    let several = amounts.values.filter { $0.rows > 1 }
    (transactions, constant) = (several.count, several.count { $0.isConstant })
  }
}
