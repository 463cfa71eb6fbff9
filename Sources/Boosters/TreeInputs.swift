/// Rows of inputs as the library takes them: row after row, NaN where a value is missing.
package struct TreeInputs: Sendable {
  let values: [Float]
  package let rows: Int
  package let width: Int

  /// - Parameter columns: of one length, one an input; at least one.
  package init(_ columns: [[Double]]) {
    (rows, width) = (columns.first?.count ?? 0, columns.count)
    var values = [Float](repeating: .nan, count: rows * width)
    for (j, column) in columns.enumerated() { for row in column.indices { values[row * width + j] = Float(column[row]) } }
    self.values = values
  }

  /// Some of the rows, in the order given.
  package func picked(_ some: [Int]) -> TreeInputs {
    TreeInputs(values: some.flatMap { values[$0 * width..<($0 + 1) * width] }, rows: some.count, width: width)
  }

  private init(values: [Float], rows: Int, width: Int) { (self.values, self.rows, self.width) = (values, rows, width) }
}
