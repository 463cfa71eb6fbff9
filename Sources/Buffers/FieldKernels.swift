/// Why a field or a row was refused. The first fault of a row stands.
package enum FieldFault: UInt8, Sendable, CaseIterable {
  case none = 0
  case fieldCount, malformedQuote, tooLong, empty, invalidText
  case notDecimal, tooManyDecimals, outOfRange, negative
  case notTime, noSuchTime, unknownWord
  /// No currency, and one without an exchange rate.
  case unknownCurrency, noRate
  /// JSON: the row is no object by RFC 8259, a mapped key stands in it twice, a mapped value is an object or a list.
  case notJSON, repeatedKey, notScalar
  /// Not a fault: the pipeline file leaves such rows out.
  case filtered
}

/// The fields of up to `capacity` rows, located in the text and turned into columns: each kernel is one loop over one field.
///
/// Locate first; then parse each field. A kernel leaves rows that are already faulty alone, so `faults` keeps the first fault in the
/// order of the calls.
@safe package final class FieldBatch {
  package static let capacity = 2048
  package let fieldCount: Int
  package private(set) var rowCount = 0
  /// One `FieldFault` a row, raw; 0 is none.
  let faults = Memory<UInt8>(capacity: FieldBatch.capacity)
  let faultFields = Memory<Int8>(capacity: FieldBatch.capacity)
  private let firstFields = Memory<UInt32>(capacity: FieldBatch.capacity)

  let columnCount: Int
  let columns: [Int]
  let fieldBytesMax: Int
  let texts: PreparedTexts?
  /// What is wrong with rows that are no JSON, by row.
  var jsonProblems: [Int: JSONProblem] = [:]
  package func jsonProblem(_ row: Int) -> JSONProblem? { jsonProblems[row] }
  // Safety: written by `locate`, read by the kernels, both for rows below `rowCount` only.
  let starts: [UnsafeMutablePointer<UInt32>]
  let ends: [UnsafeMutablePointer<UInt32>]
  private(set) var rows = 0..<0
  private(set) var chunk: TextChunk?

  /// - Parameters:
  ///   - columns: for each field, its place in the dump's header; −1 for a field that `preparation` has a constant for.
  ///   - columnCount: columns of the header; a row with more or fewer is refused.
  package init(columns: [Int], columnCount: Int, fieldBytesMax: Int, preparation: FieldPreparation = FieldPreparation()) {
    precondition(columns.count < 128 && columns.allSatisfy { $0 >= -1 && $0 < columnCount })
    precondition(columns.indices.allSatisfy { columns[$0] >= 0 || preparation.constants[$0] != nil })
    texts = PreparedTexts(preparation)
    self.columns = columns
    self.columnCount = columnCount
    self.fieldBytesMax = fieldBytesMax
    fieldCount = columns.count
    unsafe starts = columns.map { _ in UnsafeMutablePointer.allocate(capacity: FieldBatch.capacity) }
    unsafe ends = columns.map { _ in UnsafeMutablePointer.allocate(capacity: FieldBatch.capacity) }
  }

  deinit {
    // Safety: allocated in init, used by no one else.
    for f in 0..<fieldCount {
      unsafe starts[f].deallocate()
      unsafe ends[f].deallocate()
    }
  }

  /// Finds the fields of rows `first ..< first + count` of the indexed chunk, one field at a time.
  package func locate(_ index: RowIndex, _ chunk: TextChunk, first: Int, count: Int) {
    begin(index, chunk, first: first, count: count)
    let fieldEnds = unsafe index.fieldEnds.base, rowEnds = unsafe index.rowEnds.base + first
    let wanted = UInt32(truncatingIfNeeded: columnCount), faults = unsafe faults.base, faultFields = unsafe faultFields.base
    let firstFields = unsafe firstFields.base
    var unusual: [Int] = []
    // Safety: row and field numbers lie below what `index` wrote; text positions inside the chunk.
    for r in 0..<count {
      let begin = unsafe rowEnds[r], firstField = begin & ~RowIndex.rowFlag
      unsafe faults[r] = 0
      unsafe faultFields[r] = -1
      unsafe firstFields[r] = firstField
      let fields = unsafe (rowEnds[r + 1] & ~RowIndex.rowFlag) &- firstField
      if fields != wanted || begin != firstField { unusual.append(r) }
    }
    // A row of another shape is read as some row of the usual one here, and put right below.
    if unusual.count < count {
      let usual = unusual.enumerated().first { $0.offset != $0.element }?.offset ?? unusual.count
      for r in unusual { unsafe firstFields[r] = firstFields[usual] }
      for f in 0..<fieldCount where columns[f] >= 0 {
        unsafe locate(fieldEnds + columns[f], isLast: columns[f] == columnCount - 1, f, chunk.base)
      }
    }
    for r in unusual { unsafe locateUnusual(r, fieldEnds, rowEnds[r], rowEnds[r + 1] & ~RowIndex.rowFlag, chunk.base) }
    for r in 0..<count where unsafe faults[r] == FieldFault.fieldCount.rawValue || faults[r] == FieldFault.malformedQuote.rawValue {
      clear(r)
    }
    if let texts { prepare(texts) }
  }

  func begin(_ index: RowIndex, _ chunk: TextChunk, first: Int, count: Int) {
    precondition(count <= Self.capacity && first >= 0 && first + count <= index.rowCount)
    self.chunk = chunk
    rowCount = count
    rows = first..<first + count
  }

  /// One field of all rows: starts and ends from the separators.
  private func locate(_ separators: UnsafeMutablePointer<UInt32>, isLast: Bool, _ f: Int, _ text: UnsafeMutablePointer<UInt8>) {
    // Safety: as in `locate(_:_:first:count:)`.
    let starts = unsafe starts[f], ends = unsafe ends[f], firstFields = unsafe firstFields.base
    var longest: UInt32 = 0
    for r in 0..<rowCount {
      let at = unsafe Int(firstFields[r])
      let start = unsafe separators[at] & RowIndex.positionMask, end = unsafe (separators[at + 1] & RowIndex.positionMask) &- 1
      unsafe starts[r] = start
      unsafe ends[r] = end
      longest = max(longest, end &- start)
    }
    if isLast {
      for r in 0..<rowCount where unsafe ends[r] > starts[r] && text[Int(ends[r]) - 1] == UInt8(ascii: "\r") { unsafe ends[r] &-= 1 }
    }
    if Int(longest) > fieldBytesMax {
      for r in 0..<rowCount where unsafe Int(ends[r]) - Int(starts[r]) > fieldBytesMax { fail(r, .tooLong, f) }
    }
  }

  /// A row with quotes, or with too few or too many fields.
  private func locateUnusual(
    _ r: Int, _ fieldEnds: UnsafeMutablePointer<UInt32>, _ begin: UInt32, _ stop: UInt32, _ text: UnsafeMutablePointer<UInt8>
  ) {
    // Safety: rows below the capacity.
    unsafe faults.base[r] = 0
    unsafe faultFields.base[r] = -1
    let firstField = begin & ~RowIndex.rowFlag
    if Int(stop &- firstField) != columnCount { return fail(r, .fieldCount, -1) }
    unsafe locateQuoted(r, fieldEnds + Int(firstField), text)
  }

  /// Leaves a row whose fields could not be told apart with empty ones.
  func clear(_ row: Int) {
    // Safety: rows below the capacity.
    for f in 0..<fieldCount {
      unsafe starts[f][row] = UInt32(TextChunk.slack)
      unsafe ends[f][row] = UInt32(TextChunk.slack)
    }
  }

  /// What is wrong with a row, and at which field (index into the list given to `init`; −1: the row as a whole); nil for a sound row.
  package func fault(ofRow row: Int) -> (fault: FieldFault, field: Int)? {
    precondition(row >= 0 && row < rowCount)
    guard let fault = FieldFault(rawValue: faults[row]), fault != .none else { return nil }
    return (fault, Int(faultFields[row]))
  }

  /// The first row from `row` on that has a fault.
  package func nextFault(from row: Int) -> Int? {
    // Safety: rows below the batch's count.
    for r in max(0, row)..<max(rowCount, row) where unsafe faults.base[r] != 0 { return r }
    return nil
  }

  /// Refuses a row for what the caller found in a field.
  package func reject(_ row: Int, _ fault: FieldFault, _ field: Int) {
    precondition(row >= 0 && row < rowCount)
    fail(row, fault, field)
  }

  @inline(__always)
  func fail(_ row: Int, _ fault: FieldFault, _ field: Int) {
    // Safety: rows below the capacity.
    if unsafe faults.base[row] == 0 {
      unsafe faults.base[row] = fault.rawValue
      unsafe faultFields.base[row] = Int8(truncatingIfNeeded: field)
    }
  }

  /// A row with quotes: the quotes go, doubled ones become one in the arena behind the text.
  private func locateQuoted(_ r: Int, _ row: UnsafeMutablePointer<UInt32>, _ text: UnsafeMutablePointer<UInt8>) {
    // Safety: as in `locate`; the arena holds every unescaped field of the chunk, since none grows.
    for c in 0..<columnCount where unsafe row[c + 1] & RowIndex.malformedFlag != 0 {
      fail(r, .malformedQuote, columns.firstIndex(of: c) ?? -1)
      return
    }
    for f in 0..<fieldCount {
      let c = columns[f]
      if c < 0 { continue }
      if let first = columns.firstIndex(of: c), first < f {
        // Two fields of one column: unescaped a second time it would need room that the arena does not have.
        unsafe starts[f][r] = starts[first][r]
        unsafe ends[f][r] = ends[first][r]
        continue
      }
      var start = unsafe Int(row[c] & RowIndex.positionMask), end = unsafe Int(row[c + 1] & RowIndex.positionMask) - 1
      if unsafe c == columnCount - 1 && end > start && text[end - 1] == UInt8(ascii: "\r") { end -= 1 }
      if unsafe row[c + 1] & RowIndex.quotedFlag != 0 {
        start += 1
        end -= 1
        let quote = unsafe text[start - 1]
        if unsafe UnsafeBufferPointer(start: text + start, count: end - start).contains(quote) {
          (start, end) = unsafe unescape(text, start, end, quote)
        }
      }
      unsafe starts[f][r] = UInt32(truncatingIfNeeded: start)
      unsafe ends[f][r] = UInt32(truncatingIfNeeded: end)
      if end - start > fieldBytesMax { fail(r, .tooLong, f) }
    }
  }

  private func unescape(_ text: UnsafeMutablePointer<UInt8>, _ start: Int, _ end: Int, _ quote: UInt8) -> (Int, Int) {
    guard let chunk else { return (start, end) }
    let begin = chunk.arenaEnd
    var out = begin, i = start
    while i < end {
      let byte = unsafe text[i]
      unsafe text[out] = byte
      out += 1
      i += byte == quote ? 2 : 1
    }
    chunk.arenaEnd = out
    return (begin, out)
  }

  /// Row `row` of the batch as it stands in the text, without its line break, and its place: offset from the start of the chunk's own
  /// text (negative for what was carried over) and line breaks before it.
  package func raw(_ row: Int, of index: RowIndex) -> (bytes: [UInt8], offset: Int, line: Int) {
    guard let chunk else { return ([], 0, 0) }
    // Safety: as in `locate`.
    let first = unsafe Int(index.rowEnds.base[rows.lowerBound + row] & ~RowIndex.rowFlag)
    let last = unsafe Int(index.rowEnds.base[rows.lowerBound + row + 1] & ~RowIndex.rowFlag)
    let from = unsafe Int(index.fieldEnds.base[first] & RowIndex.positionMask)
    var to = unsafe Int(index.fieldEnds.base[last] & RowIndex.positionMask) - 1
    if unsafe to > from && chunk.base[to - 1] == UInt8(ascii: "\r") { to -= 1 }
    return (
      chunk.copy(from: from, to: min(to, from + 4096)), from - chunk.dataStart, unsafe Int(index.rowLines.base[rows.lowerBound + row])
    )
  }

  /// How many fields row `row` has, and whether it is an empty line.
  package func shape(_ row: Int, of index: RowIndex) -> (fields: Int, isBlank: Bool) {
    let (bytes, _, _) = raw(row, of: index)
    // Safety: as in `locate`.
    let fields = unsafe Int(
      (index.rowEnds.base[rows.lowerBound + row + 1] & ~RowIndex.rowFlag) - (index.rowEnds.base[rows.lowerBound + row] & ~RowIndex.rowFlag))
    return (fields, bytes.isEmpty && fields == 1)
  }

  /// The bytes of one field.
  package func bytes(_ field: Int, _ row: Int) -> [UInt8] {
    guard let chunk, row < rowCount else { return [] }
    // Safety: located positions.
    return unsafe chunk.copy(from: Int(starts[field][row]), to: Int(ends[field][row]))
  }

  /// Line breaks between the start of the chunk and each row of the batch, into `lines`, plus `base`.
  package func lines(of index: RowIndex, base: Int64, into lines: borrowing Memory<Int64>) {
    for r in 0..<rowCount { unsafe lines.base[r] = base &+ Int64(index.rowLines.base[rows.lowerBound + r]) }
  }
}
