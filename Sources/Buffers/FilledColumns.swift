/// New columns of `rowCount` numbers each, filled a block of rows at a time on up to `threads` threads.
///
/// `body` gets the rows of a block, and a space for `columnCount` · block rows, the first column's rows first, then the second's; it must
/// write all of it.
package func filledColumns(
  _ columnCount: Int, rowCount: Int, blockRows: Int = 4096, threads: Int, _ body: @Sendable (Range<Int>, inout MutableSpan<Double>) -> Void
) -> [[Double]] {
  if rowCount == 0 { return [[Double]](repeating: [], count: columnCount) }
  var columns = (0..<columnCount).map { _ in unsafe [Double](unsafeUninitializedCapacity: rowCount) { _, count in count = rowCount } }
  unsafe withPointers(&columns, 0, []) { pointers in
    // Safety: each block of each column is written by one thread, whole, from a space of the same length.
    nonisolated(unsafe) let pointers = unsafe pointers
    inParallel((rowCount + blockRows - 1) / blockRows, threads: threads) { block in
      let rows = block * blockRows..<min((block + 1) * blockRows, rowCount)
      unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: columnCount * rows.count) { space in
        unsafe space.initialize(repeating: 0)
        var span = unsafe MutableSpan(_unsafeElements: space)
        body(rows, &span)
        for c in 0..<columnCount {
          unsafe (pointers[c] + rows.lowerBound).update(from: space.baseAddress! + c * rows.count, count: rows.count)
        }
      }
    }
  }
  return columns
}

/// Calls `body` with a pointer to the elements of each array, all at once.
private func withPointers(
  _ arrays: inout [[Double]], _ index: Int, _ pointers: [UnsafeMutablePointer<Double>], _ body: ([UnsafeMutablePointer<Double>]) -> Void
) {
  if index == arrays.count { return unsafe body(pointers) }
  var array: [Double] = []
  swap(&array, &arrays[index])
  // Safety: the pointers are used while every array's closure is still open.
  unsafe array.withUnsafeMutableBufferPointer { buffer in
    if let base = buffer.baseAddress { unsafe withPointers(&arrays, index + 1, pointers + [base], body) }
  }
  swap(&array, &arrays[index])
}
