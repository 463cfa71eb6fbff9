extension FieldBatch {
  /// Decimal numbers with "." into whole minor units: `12.5` with 2 digits is 1250.
  ///
  /// Accepted: digits, optionally one "." with at least one digit on each side; a leading "-" only where `allowsNegative`. Digits behind
  /// `fractionDigits` must be 0. No exponent, no sign "+", no spaces, no thousands marks. Values outside ±(2⁶³ − 2) are `.outOfRange`.
  /// An empty field is `nullValue` where that is given, else `.empty`.
  /// - Parameter values: receives one value a row; rows with a fault receive 0.
  package func parseDecimals(
    _ field: Int, fractionDigits: Int, allowsNegative: Bool, nullValue: Int64?, into values: borrowing Memory<Int64>
  ) {
    guard let chunk else { return }
    precondition((0...4).contains(fractionDigits) && values.capacity >= rowCount)
    let text = unsafe chunk.base, starts = unsafe starts[field], ends = unsafe ends[field], out = unsafe values.base
    // Safety: located positions; 8 bytes before any field are readable.
    for r in 0..<rowCount {
      let start = unsafe Int(starts[r]), end = unsafe Int(ends[r])
      let length = end - start
      if fractionDigits == 2 && length >= 4 && length <= 8 {
        // The field's bytes at the top of a word, "0" below; then "." taken out and 8 digits weighed at once.
        let keep = UInt64(64 - 8 * length)
        let word = unsafe Hashing.load64(text, end - 8)
        let padded = ((word &>> keep) &<< keep) | (0x3030_3030_3030_3030 & ((1 &<< keep) &- 1))
        let digits = (padded & 0xFFFF_0000_0000_0000) | ((padded & 0x0000_00FF_FFFF_FFFF) &<< 8) | 0x30
        if (padded &>> 40) & 0xFF == 0x2E && Self.areDigits(digits) {
          unsafe out[r] = Int64(Self.weigh(digits))
          continue
        }
      }
      unsafe out[r] = 0
      if length == 0 {
        if let nullValue { unsafe out[r] = nullValue } else { fail(r, .empty, field) }
        continue
      }
      switch unsafe Self.slowDecimal(UnsafeBufferPointer(start: text + start, count: length), fractionDigits, allowsNegative) {
      case .success(let value): unsafe out[r] = value
      case .failure(let fault): fail(r, fault.fault, field)
      }
    }
  }

  struct Fault: Error { var fault: FieldFault }

  @inline(__always) static func areDigits(_ word: UInt64) -> Bool {
    (word & 0xF0F0_F0F0_F0F0_F0F0) | (((word &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0) &>> 4) == 0x3333_3333_3333_3333
  }

  /// Eight ASCII digits, the first in the lowest byte, as a number.
  @inline(__always) static func weigh(_ word: UInt64) -> UInt64 {
    var v = word & 0x0F0F_0F0F_0F0F_0F0F
    v = (v &* 10) &+ (v &>> 8)
    let low = (v & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
    let high = ((v &>> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
    return (low &+ high) &>> 32
  }

  static func slowDecimal(_ bytes: UnsafeBufferPointer<UInt8>, _ fractionDigits: Int, _ allowsNegative: Bool) -> Result<Int64, Fault> {
    // Safety: indices below the count.
    var i = 0
    let isNegative = unsafe bytes[0] == UInt8(ascii: "-")
    if isNegative { i = 1 }
    var value: Int64 = 0, whole = 0, decimals = 0, seenPoint = false, tooMany = false, overflow = false
    while i < bytes.count {
      let byte = unsafe bytes[i]
      i += 1
      if byte == UInt8(ascii: ".") && !seenPoint {
        seenPoint = true
        continue
      }
      guard byte >= 48 && byte <= 57 else { return .failure(Fault(fault: .notDecimal)) }
      if seenPoint { decimals += 1 } else { whole += 1 }
      if decimals > fractionDigits {
        if byte != 48 { tooMany = true }
        continue
      }
      let (product, o1) = value.multipliedReportingOverflow(by: 10)
      let (sum, o2) = product.addingReportingOverflow(Int64(byte - 48))
      overflow = overflow || o1 || o2
      value = sum
    }
    guard whole > 0 && (!seenPoint || decimals > 0) else { return .failure(Fault(fault: .notDecimal)) }
    if tooMany { return .failure(Fault(fault: .tooManyDecimals)) }
    for _ in min(decimals, fractionDigits)..<fractionDigits {
      let (product, o) = value.multipliedReportingOverflow(by: 10)
      overflow = overflow || o
      value = product
    }
    if overflow || value == Int64.max { return .failure(Fault(fault: .outOfRange)) }
    if isNegative && value != 0 {
      if !allowsNegative { return .failure(Fault(fault: .negative)) }
      value = -value
    }
    return .success(value)
  }

  /// ISO 8601 times into seconds since 1970 as written: `2024-03-01T12:30:00Z`.
  ///
  /// Accepted: `YYYY-MM-DD`, then optionally `T` or a space and `HH:MM`, `:SS`, a fraction (cut off), and `Z` or `±HH:MM`, `±HHMM`, `±HH`.
  /// - Parameters:
  ///   - values: seconds; where an offset stands they are UTC, else local to whoever wrote them.
  ///   - isLocal: true where neither `Z` nor an offset stands.
  package func parseTimes(_ field: Int, nullValue: Int64?, into values: borrowing Memory<Int64>, isLocal: borrowing Memory<Bool>) {
    guard let chunk else { return }
    precondition(values.capacity >= rowCount && isLocal.capacity >= rowCount)
    let text = unsafe chunk.base, starts = unsafe starts[field], ends = unsafe ends[field], out = unsafe values.base
    // No tail of two characters is `.max`: nothing is known at first.
    var cachedHead: UInt64 = 0, cachedTail = UInt64.max, cachedSeconds: Int64 = 0
    // Safety: located positions; 24 bytes behind any field's start are readable.
    for r in 0..<rowCount {
      let start = unsafe Int(starts[r]), length = unsafe Int(ends[r]) - start
      if unsafe length == 20 && text[start + 19] == UInt8(ascii: "Z") && text[start + 10] == UInt8(ascii: "T") {
        let head = unsafe Hashing.load64(text, start), tail = unsafe Hashing.load64(text, start + 8) & 0xFFFF
        if head == cachedHead && tail == cachedTail, let clock = unsafe Self.clock(Hashing.load64(text, start + 11)) {
          unsafe out[r] = cachedSeconds + clock
          unsafe isLocal.base[r] = false
          continue
        }
      }
      unsafe out[r] = 0
      unsafe isLocal.base[r] = false
      if length == 0 {
        if let nullValue { unsafe out[r] = nullValue } else { fail(r, .empty, field) }
        continue
      }
      switch unsafe Self.slowTime(UnsafeBufferPointer(start: text + start, count: length)) {
      case .success(let time):
        unsafe out[r] = time.seconds
        unsafe isLocal.base[r] = time.isLocal
        if length >= 10 {
          unsafe cachedHead = Hashing.load64(text, start)
          unsafe cachedTail = Hashing.load64(text, start + 8) & 0xFFFF
          cachedSeconds = time.daySeconds
        }
      case .failure(let fault): fail(r, fault.fault, field)
      }
    }
  }

  /// `HH:MM:SS` in a word, as seconds of the day; nil where it is not a time of day.
  @inline(__always) static func clock(_ word: UInt64) -> Int64? {
    guard word & 0x0000_FF00_00FF_0000 == 0x0000_3A00_003A_0000 else { return nil }
    let digits = (word & 0xFFFF_00FF_FF00_FFFF) | 0x0000_3000_0030_0000
    guard areDigits(digits) else { return nil }
    let v = digits & 0x0F0F_0F0F_0F0F_0F0F
    let pairs = (v &* 10) &+ (v &>> 8)
    let h = Int64(pairs & 0xFF), m = Int64((pairs &>> 24) & 0xFF), s = Int64((pairs &>> 48) & 0xFF)
    guard h < 24 && m < 60 && s < 60 else { return nil }
    return h &* 3600 &+ m &* 60 &+ s
  }
}
