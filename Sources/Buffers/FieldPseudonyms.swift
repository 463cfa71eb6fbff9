extension FieldBatch {
  /// Bytes of a pseudonym: 32 hexadecimal digits.
  static let pseudonymBytes = 32
  /// Fields that may be replaced in one batch.
  package static let pseudonymFields = 2
  /// Room for them in a chunk, behind all text.
  static let pseudonymRoom = pseudonymFields * capacity * pseudonymBytes + TextChunk.slack

  /// Puts pseudonyms in place of one field of all sound rows: from here on, every kernel sees them alone.
  /// - Parameter place: 0 ..< `pseudonymFields`, another for each field of a batch.
  package func pseudonymize(_ field: Int, place: Int, _ key: KeyedHash) {
    guard let chunk else { return }
    precondition(field >= 0 && field < fieldCount && place >= 0 && place < Self.pseudonymFields)
    let room = chunk.pseudonymStart + place * Self.capacity * Self.pseudonymBytes
    // Safety: located positions; the room of this place holds 32 bytes for each row of a batch, and only the batch at hand uses it.
    let text = unsafe chunk.base, starts = unsafe starts[field], ends = unsafe ends[field], faults = unsafe faults.base
    for r in 0..<rowCount where unsafe faults[r] == 0 {
      let from = unsafe Int(starts[r]), to = room + r * Self.pseudonymBytes
      unsafe key.writeHexadecimal(text + from, Int(ends[r]) - from, to: text + to)
      unsafe starts[r] = UInt32(truncatingIfNeeded: to)
      unsafe ends[r] = UInt32(truncatingIfNeeded: to + Self.pseudonymBytes)
    }
  }
}
