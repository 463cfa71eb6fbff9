extension FieldBatch {
  /// Leaves out the sound rows whose field is empty: they are `.filtered`, whatever else is wrong with them.
  package func filterEmpty(_ field: Int) {
    // Safety: rows below the batch's count.
    for r in 0..<rowCount where unsafe starts[field][r] == ends[field][r] { fail(r, .filtered, field) }
  }

  /// 1 for rows whose field begins with one of the prefixes, else 0.
  package func matchPrefixes(_ field: Int, _ prefixes: [[UInt8]], into codes: borrowing Memory<UInt16>) {
    guard let chunk else { return }
    let text = unsafe chunk.base
    // Safety: located positions.
    for r in 0..<rowCount {
      let start = unsafe Int(starts[field][r]), count = unsafe Int(ends[field][r]) - start
      let bytes = unsafe UnsafeBufferPointer(start: text + start, count: count)
      unsafe codes.base[r] = prefixes.contains(where: { unsafe Self.stands($0, bytes, 0, count) }) ? 1 : 0
    }
  }

  /// 1 for negative values, else 0.
  package func matchNegatives(_ values: borrowing Memory<Int64>, into codes: borrowing Memory<UInt16>) {
    // Safety: rows below the capacity of both.
    for r in 0..<rowCount { unsafe codes.base[r] = values.base[r] < 0 ? 1 : 0 }
  }

  /// Negative values are `.negative`. NULLs stay.
  package func refuseNegatives(_ values: borrowing Memory<Int64>, _ field: Int) {
    // Safety: rows below the capacity of both.
    for r in 0..<rowCount where unsafe values.base[r] < 0 && values.base[r] != PackedIntegers.null { fail(r, .negative, field) }
  }

  /// Takes the sign off: in rows with code 1 the magnitude stands, in others a negative value is `.negative`. NULLs stay.
  package func unsign(_ values: borrowing Memory<Int64>, _ field: Int, where codes: borrowing Memory<UInt16>) {
    // Safety: rows below the capacity of both.
    for r in 0..<rowCount {
      let value = unsafe values.base[r]
      if value >= 0 || value == PackedIntegers.null { continue }
      if unsafe codes.base[r] == 0 { fail(r, .negative, field) }
      unsafe values.base[r] = -value
    }
  }

  /// Keyed hash of each row's identity by two fields and, unless `hasSuffix` is false, a further word.
  package func identities(
    _ field: Int, line: Int, hasSuffix: Bool, suffixes: borrowing Memory<UInt16>, key: HashKey, into hashes: borrowing Memory<IdentityHash>
  ) {
    guard let chunk else { return }
    let text = unsafe chunk.base
    // Safety: located positions.
    for r in 0..<rowCount {
      let start = unsafe Int(starts[field][r]), end = unsafe Int(ends[field][r])
      let lineStart = unsafe Int(starts[line][r]), lineEnd = unsafe Int(ends[line][r])
      let suffix = unsafe hasSuffix ? UInt64(suffixes.base[r]) : 0
      let lineHash = unsafe key.sip128(text + lineStart, lineEnd - lineStart, suffix: suffix)
      unsafe hashes.base[r] = key.sip128(text + start, end - start, suffix: lineHash.low)
    }
  }

  /// Keyed hash of each sound row's whole text and of how many rows of the same text the dump has had: rows that are equal byte by byte
  /// are so many rows, and the same dump delivered again has the same ones.
  package func identities(
    ofRowsIn index: RowIndex, occurrences: OccurrenceTable, key: HashKey, into hashes: borrowing Memory<IdentityHash>
  ) {
    guard let chunk else { return }
    let text = unsafe chunk.base
    // Safety: rows and positions as `locate` found them.
    for r in 0..<rowCount where unsafe faults.base[r] == 0 {
      let row = rows.lowerBound + r
      let first = unsafe Int(index.rowEnds.base[row] & ~RowIndex.rowFlag),
        last = unsafe Int(index.rowEnds.base[row + 1] & ~RowIndex.rowFlag)
      let from = unsafe Int(index.fieldEnds.base[first] & RowIndex.positionMask)
      var to = unsafe Int(index.fieldEnds.base[last] & RowIndex.positionMask) - 1
      if unsafe to > from && text[to - 1] == UInt8(ascii: "\r") { to -= 1 }
      let tag = unsafe key.sip128(text + from, to - from, suffix: 0).low
      unsafe hashes.base[r] = key.sip128(text + from, to - from, suffix: UInt64(occurrences.count(tag)))
    }
  }
}

/// How often each of many hashes was met: 12 bytes a slot, at most two slots in three full.
@safe package final class OccurrenceTable {
  private var tags = [UInt64](repeating: 0, count: 1 << 12)
  private var counts = [UInt32](repeating: 0, count: 1 << 12)
  private var used = 0

  package init() {}

  /// Counts `tag`; the first time it is 1.
  package func count(_ tag: UInt64) -> UInt32 {
    if used * 3 >= tags.count * 2 { grow() }
    let mask = tags.count - 1
    var slot = Int(truncatingIfNeeded: tag &>> 20) & mask
    while counts[slot] != 0 && tags[slot] != tag { slot = (slot + 1) & mask }
    if counts[slot] == 0 {
      tags[slot] = tag
      used += 1
    }
    // A dump has fewer rows than that.
    counts[slot] &+= 1
    return counts[slot]
  }

  private func grow() {
    let (oldTags, oldCounts) = (tags, counts)
    tags = [UInt64](repeating: 0, count: oldTags.count * 2)
    counts = [UInt32](repeating: 0, count: oldTags.count * 2)
    let mask = tags.count - 1
    for i in oldTags.indices where oldCounts[i] != 0 {
      var slot = Int(truncatingIfNeeded: oldTags[i] &>> 20) & mask
      while counts[slot] != 0 { slot = (slot + 1) & mask }
      tags[slot] = oldTags[i]
      counts[slot] = oldCounts[i]
    }
  }
}
