extension FieldBatch {
  /// Finds the fields of rows that are lines of JSON.
  package func locate(_ index: RowIndex, _ chunk: TextChunk, first: Int, count: Int, paths: JSONPaths) {
    begin(index, chunk, first: first, count: count)
    jsonProblems.removeAll(keepingCapacity: true)
    // Safety: row numbers lie below what `index` wrote, and the batch's capacity.
    for r in 0..<count {
      unsafe faults.base[r] = 0
      unsafe faultFields.base[r] = -1
      clear(r)
      let row = unsafe Int(index.rowEnds.base[first + r])
      let from = unsafe Int(index.fieldEnds.base[row]), to = unsafe Int(index.fieldEnds.base[row + 1]) - 1
      locate(r, from, to, chunk, paths)
    }
    for (field, original) in paths.aliases { copyPlaces(field, from: original) }
    if let texts { prepare(texts) }
  }

  /// One line of JSON.
  func locate(_ r: Int, _ from: Int, _ to: Int, _ chunk: TextChunk, _ paths: JSONPaths) {
    paths.startRow()
    var scanner = unsafe JSONScanner(chunk.base, from: from, to: to)
    if scanner.row(r, self, paths, chunk) { return }
    // A text that is no JSON is nothing else before that.
    unsafe faults.base[r] = 0
    fail(r, .notJSON, -1)
    jsonProblems[r] = scanner.problem
    clear(r)
  }

  /// Field `field` of row `row` stands at from ..< to.
  func place(_ row: Int, _ field: Int, _ from: Int, _ to: Int) {
    // Safety: the scanner's own positions; rows below the capacity.
    unsafe starts[field][row] = UInt32(truncatingIfNeeded: from)
    unsafe ends[field][row] = UInt32(truncatingIfNeeded: to)
    if to - from > fieldBytesMax { fail(row, .tooLong, field) }
  }
}

/// What is wrong with a text as JSON by RFC 8259; nil for sound JSON.
package func jsonProblem(_ bytes: [UInt8]) -> JSONProblem? {
  var padded = bytes
  padded.append(contentsOf: repeatElement(0, count: TextChunk.slack))
  return unsafe padded.withUnsafeMutableBufferPointer { buffer in
    // Safety: the array is not empty; the scanner reads its first `count` bytes.
    guard let base = buffer.baseAddress else { return nil }
    var scanner = unsafe JSONScanner(base, from: 0, to: bytes.count)
    return scanner.document() ? nil : scanner.problem
  }
}
