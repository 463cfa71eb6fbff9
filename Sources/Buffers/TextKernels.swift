extension FieldBatch {
  /// True where bytes are neither NUL nor outside valid UTF-8.
  @inline(__always)
  static func isText(_ base: UnsafeMutablePointer<UInt8>, _ start: Int, _ count: Int) -> Bool {
    // Safety: located positions; whole words are read only below the field's end or inside the slack before it.
    var i = 0
    while i + 8 <= count {
      let word = unsafe Hashing.load64(base, start + i)
      // A byte with its top bit set, or a zero byte, leaves a bit here.
      if (word | ((word &- 0x0101_0101_0101_0101) & ~word)) & 0x8080_8080_8080_8080 != 0 { return unsafe isTextSlow(base, start, count) }
      i += 8
    }
    while i < count {
      let byte = unsafe base[start + i]
      if byte == 0 || byte >= 0x80 { return unsafe isTextSlow(base, start, count) }
      i += 1
    }
    return true
  }

  static func isTextSlow(_ base: UnsafeMutablePointer<UInt8>, _ start: Int, _ count: Int) -> Bool {
    // Safety: located positions.
    let bytes = unsafe UnsafeBufferPointer(start: base + start, count: count)
    if unsafe bytes.contains(0) { return false }
    return unsafe String(validating: bytes, as: UTF8.self) != nil
  }

  /// Refuses empty fields and those that are no text (NUL, invalid UTF-8).
  package func checkIdentifiers(_ field: Int) {
    guard let chunk else { return }
    let text = unsafe chunk.base
    // Safety: located positions.
    for r in 0..<rowCount {
      let start = unsafe Int(starts[field][r]), end = unsafe Int(ends[field][r])
      if start == end {
        fail(r, .empty, field)
      } else if unsafe !Self.isText(text, start, end - start) {
        fail(r, .invalidText, field)
      }
    }
  }

  /// Bucket of each row's customer: XXH64 of the id with seed 42 (Spark's `xxhash64`), modulo a power of two.
  package func buckets(_ field: Int, bucketCount: Int, into buckets: borrowing Memory<UInt16>) {
    guard let chunk else { return }
    precondition(bucketCount > 0 && bucketCount <= 65_536 && bucketCount.nonzeroBitCount == 1)
    let text = unsafe chunk.base, mask = UInt64(bucketCount - 1)
    // Safety: located positions.
    for r in 0..<rowCount {
      let start = unsafe Int(starts[field][r]), end = unsafe Int(ends[field][r])
      unsafe buckets.base[r] = UInt16(truncatingIfNeeded: Hashing.xxh64(text + start, end - start, seed: Hashing.customerSeed) & mask)
    }
  }

  /// Translates numbers in place: `table[codes[row]]`; where the table has none, the row is refused and gets 0.
  package func translate(_ codes: borrowing Memory<UInt16>, _ field: Int, by table: [UInt16?]) {
    for r in 0..<rowCount {
      // Safety: rows below the capacity of both; the number is compared with the table's length by the subscript.
      if let value = unsafe table[Int(codes.base[r])] {
        unsafe codes.base[r] = value
      } else {
        unsafe codes.base[r] = 0
        fail(r, .unknownWord, field)
      }
    }
  }

  /// Turns wall-clock seconds into UTC by `toUTC`, NULLs left alone.
  package func shift(_ values: borrowing Memory<Int64>, where isLocal: borrowing Memory<Bool>, by toUTC: (Int64) -> Int64) {
    // Safety: rows below the capacity of both.
    for r in 0..<rowCount where unsafe isLocal.base[r] && values.base[r] != PackedIntegers.null {
      unsafe values.base[r] = toUTC(values.base[r])
    }
  }

  /// Keyed hash of each row's identity: the bytes of a field, and a further word (0 unless `hasSuffix`).
  package func identities(
    _ field: Int, hasSuffix: Bool, suffixes: borrowing Memory<UInt16>, key: HashKey, into hashes: borrowing Memory<IdentityHash>
  ) {
    guard let chunk else { return }
    let text = unsafe chunk.base
    // Safety: located positions.
    for r in 0..<rowCount {
      let start = unsafe Int(starts[field][r]), end = unsafe Int(ends[field][r])
      let suffix = unsafe hasSuffix ? UInt64(suffixes.base[r]) : 0
      unsafe hashes.base[r] = key.sip128(text + start, end - start, suffix: suffix)
    }
  }
}

/// Few distinct strings, numbered in the order in which they first appear. Number 0 is the empty string: NULL.
@safe package final class WordList {
  package static let countMax = 65_535
  /// The word for each code.
  package private(set) var words: [[UInt8]] = [[]]
  private var slots: [UInt16]
  private var prefixes: [UInt64] = [0]
  private let secret = UInt64.random(in: .min ... .max) | 1
  /// True once a word found no number any more: all such rows carry code 0.
  package private(set) var isFull = false

  package init() { slots = [UInt16](repeating: 0, count: 256) }

  /// Codes of one field of a batch; a field that is no text is a fault, an empty one is 0.
  package func encode(_ batch: FieldBatch, _ field: Int, into codes: borrowing Memory<UInt16>) {
    guard let chunk = batch.chunk else { return }
    let text = unsafe chunk.base, starts = unsafe batch.starts[field], ends = unsafe batch.ends[field], out = unsafe codes.base
    // Words of up to 15 bytes that were met last: most fields need no look at the table.
    var recent = [RecentWord](repeating: RecentWord(), count: 64)
    // Safety: located positions; 8 bytes behind any field's start are readable.
    for r in 0..<batch.rowCount {
      let start = unsafe Int(starts[r]), length = unsafe Int(ends[r]) - start
      if length == 0 {
        unsafe out[r] = 0
        continue
      }
      var prefix = unsafe Hashing.load64(text, start)
      var rest: UInt64 = 0
      if length < 8 {
        prefix &= (1 &<< UInt64(8 * length)) &- 1
      } else if length < 16 {
        unsafe rest = Hashing.load64(text, start + 8) & ((1 &<< UInt64(8 * (length - 8))) &- 1)
      }
      let place = Int(truncatingIfNeeded: (prefix &* 0x9E37_79B9_7F4A_7C15) &>> 58)
      if length < 16 && recent[place].prefix == prefix && recent[place].rest == rest && recent[place].length == length {
        unsafe out[r] = recent[place].code
        continue
      }
      let code = unsafe number(text + start, length, prefix)
      unsafe out[r] = code ?? 0
      if let code {
        recent[place] = RecentWord(prefix: prefix, rest: rest, length: length, code: code)
      } else {
        batch.fail(r, .invalidText, field)
      }
    }
  }

  private struct RecentWord {
    var prefix: UInt64 = 0
    /// Bytes 8…15.
    var rest: UInt64 = 0
    var length = 0
    var code: UInt16 = 0
  }

  private func number(_ word: UnsafeMutablePointer<UInt8>, _ length: Int, _ prefix: UInt64) -> UInt16? {
    // Safety: `length` bytes of a located field.
    let mask = slots.count - 1
    var hash = (prefix ^ UInt64(length)) &* secret
    if length > 8 { hash ^= unsafe Hashing.xxh64(word, length, seed: secret) }
    var slot = Self.slot(hash, secret) & mask
    while true {
      let code = Int(slots[slot])
      if code == 0 { return unsafe add(word, length, prefix, slot) }
      if unsafe prefixes[code] == prefix && words[code].count == length && (length <= 8 || matches(code, word)) { return UInt16(code) }
      slot = (slot + 1) & mask
    }
  }

  @inline(__always)
  private static func slot(_ hash: UInt64, _ secret: UInt64) -> Int {
    Int(truncatingIfNeeded: ((hash ^ (hash &>> 32)) &* secret) &>> 40)
  }

  private func matches(_ code: Int, _ word: UnsafeMutablePointer<UInt8>) -> Bool {
    // Safety: both have `words[code].count` bytes.
    for (i, byte) in words[code].enumerated() where unsafe word[i] != byte { return false }
    return true
  }

  private func add(_ word: UnsafeMutablePointer<UInt8>, _ length: Int, _ prefix: UInt64, _ slot: Int) -> UInt16? {
    // Safety: `length` bytes of a located field.
    guard unsafe FieldBatch.isText(word, 0, length) else { return nil }
    if words.count > Self.countMax {
      isFull = true
      return 0
    }
    let code = UInt16(words.count)
    unsafe words.append(Array(UnsafeBufferPointer(start: word, count: length)))
    prefixes.append(prefix)
    slots[slot] = code
    if words.count * 2 > slots.count { rehash() }
    return code
  }

  private func rehash() {
    slots = [UInt16](repeating: 0, count: slots.count * 4)
    let mask = slots.count - 1
    for code in 1..<words.count {
      var word = words[code]
      let length = word.count
      word.append(contentsOf: repeatElement(0, count: 8))
      var hash = (prefixes[code] ^ UInt64(length)) &* secret
      // Safety: `length` bytes of the array.
      if length > 8 { hash ^= unsafe word.withUnsafeBufferPointer { unsafe Hashing.xxh64($0.baseAddress!, length, seed: secret) } }
      var slot = Self.slot(hash, secret) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt16(code)
    }
  }
}
