extension FieldBatch {
  /// Times by a format other than ISO 8601 into seconds since 1970, as `parseTimes` does.
  package func parseTimes(
    _ field: Int, as format: TimeFormat, nullValue: Int64?, into values: borrowing Memory<Int64>, isLocal: borrowing Memory<Bool>
  ) {
    guard let chunk else { return }
    precondition(values.capacity >= rowCount && isLocal.capacity >= rowCount)
    let text = unsafe chunk.base, starts = unsafe starts[field], ends = unsafe ends[field]
    // Safety: located positions.
    for r in 0..<rowCount {
      let start = unsafe Int(starts[r]), length = unsafe Int(ends[r]) - start
      unsafe values.base[r] = 0
      unsafe isLocal.base[r] = false
      if length == 0 {
        if let nullValue { unsafe values.base[r] = nullValue } else { fail(r, .empty, field) }
        continue
      }
      let bytes = unsafe UnsafeBufferPointer(start: text + start, count: length)
      let result =
        switch format {
        case .iso: unsafe Self.slowTime(bytes)
        case .pattern(let pattern): unsafe Self.time(bytes, pattern.elements)
        case .epochSeconds: unsafe Self.epoch(bytes, perSecond: 1)
        case .epochMillis: unsafe Self.epoch(bytes, perSecond: 1000)
        }
      switch result {
      case .success(let time):
        unsafe values.base[r] = time.seconds
        unsafe isLocal.base[r] = time.isLocal
      case .failure(let fault): fail(r, fault.fault, field)
      }
    }
  }

  /// Years 1…9999, as the patterns can write them.
  private static let epochRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  static func epoch(_ bytes: UnsafeBufferPointer<UInt8>, perSecond: Int64) -> Result<Time, Fault> {
    // Safety: indices lie below the count.
    var i = 0, value: Int64 = 0, digits = 0
    let isNegative = unsafe bytes[0] == UInt8(ascii: "-")
    if isNegative { i = 1 }
    while i < bytes.count, unsafe bytes[i] >= 48 && bytes[i] <= 57 {
      // More digits than any time has, yet no overflow.
      if digits > 17 { return .failure(Fault(fault: .noSuchTime)) }
      value = unsafe value * 10 + Int64(bytes[i] - 48)
      digits += 1
      i += 1
    }
    var hasFraction = false
    if digits > 0, i + 1 < bytes.count, unsafe bytes[i] == UInt8(ascii: ".") {
      i += 1
      while i < bytes.count, unsafe bytes[i] >= 48 && bytes[i] <= 57 {
        hasFraction = unsafe hasFraction || bytes[i] != 48
        i += 1
      }
    }
    guard digits > 0, i == bytes.count else { return .failure(Fault(fault: .notTime)) }
    // Before 1970, too, a fraction is cut off towards the second that had begun.
    let isCut = hasFraction || value % perSecond != 0
    let seconds = isNegative ? -(value / perSecond) - (isCut ? 1 : 0) : value / perSecond
    guard epochRange.contains(seconds) else { return .failure(Fault(fault: .noSuchTime)) }
    return .success(Time(seconds: seconds, daySeconds: 0, isLocal: false))
  }

  static func time(_ bytes: UnsafeBufferPointer<UInt8>, _ elements: [TimePattern.Element]) -> Result<Time, Fault> {
    var cursor = unsafe TimeCursor(bytes: bytes)
    for element in elements where !cursor.read(element) { return .failure(Fault(fault: .notTime)) }
    guard cursor.isAtEnd else { return .failure(Fault(fault: .notTime)) }
    guard let time = cursor.time else { return .failure(Fault(fault: .noSuchTime)) }
    return .success(time)
  }
}

/// A walk through one field along a pattern.
@safe private struct TimeCursor {
  // Safety: each index is compared with the count first.
  let bytes: UnsafeBufferPointer<UInt8>
  let count: Int
  var at = 0
  var year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0
  var isAfternoon: Bool?
  var hasOffset = false

  init(bytes: UnsafeBufferPointer<UInt8>) {
    unsafe self.bytes = bytes
    count = bytes.count
  }

  var isAtEnd: Bool { at == count }

  private mutating func digit() -> Int? {
    guard at < count, unsafe bytes[at] >= 48 && bytes[at] <= 57 else { return nil }
    defer { at += 1 }
    return unsafe Int(bytes[at] - 48)
  }

  private mutating func number(_ digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let next = digit() else { return nil }
      value = value * 10 + next
    }
    return value
  }

  /// Two digits, or, unless `hasTwo`, one.
  private mutating func short(_ hasTwo: Bool) -> Int? {
    guard let first = digit() else { return nil }
    guard let second = digit() else { return hasTwo ? nil : first }
    return first * 10 + second
  }

  private mutating func letter(_ offset: Int) -> UInt8 { at + offset < count ? unsafe bytes[at + offset] | 0x20 : 0 }

  /// Takes what the element stands for; false where something else stands there.
  mutating func read(_ element: TimePattern.Element) -> Bool {
    switch element {
    case .literal(let byte):
      guard at < count, unsafe bytes[at] == byte else { return false }
      at += 1
      return true
    case .year4:
      guard let value = number(4) else { return false }
      year = value
      return true
    case .year2:
      guard let value = number(2) else { return false }
      year = value < 69 ? 2000 + value : 1900 + value
      return true
    case .month(let hasTwo):
      guard let value = short(hasTwo) else { return false }
      month = value
      return true
    case .day(let hasTwo):
      guard let value = short(hasTwo) else { return false }
      day = value
      return true
    case .hour(let hasTwo), .hour12(let hasTwo):
      guard let value = short(hasTwo) else { return false }
      hour = value
      return true
    case .minute(let hasTwo):
      guard let value = short(hasTwo) else { return false }
      minute = value
      return true
    case .second(let hasTwo):
      guard let value = short(hasTwo) else { return false }
      second = value
      return true
    case .fraction:
      guard digit() != nil else { return false }
      while digit() != nil {}
      return true
    case .monthName: return readMonthName()
    case .halfDay: return readHalfDay()
    case .offset: return readOffset()
    }
  }

  private mutating func readMonthName() -> Bool {
    let names: StaticString = "janfebmaraprmayjunjulaugsepoctnovdec"
    for m in 0..<12 where (0..<3).allSatisfy({ unsafe letter($0) == names.utf8Start[3 * m + $0] }) {
      month = m + 1
      at += 3
      return true
    }
    return false
  }

  private mutating func readHalfDay() -> Bool {
    guard letter(1) == UInt8(ascii: "m"), letter(0) == UInt8(ascii: "a") || letter(0) == UInt8(ascii: "p") else { return false }
    isAfternoon = letter(0) == UInt8(ascii: "p")
    at += 2
    return true
  }

  private mutating func readOffset() -> Bool {
    guard at < count else { return false }
    let sign = unsafe bytes[at]
    at += 1
    hasOffset = true
    if sign == UInt8(ascii: "Z") { return true }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let hours = number(2) else { return false }
    var minutes = 0
    if at < count, unsafe bytes[at] == UInt8(ascii: ":") || (bytes[at] >= 48 && bytes[at] <= 57) {
      if unsafe bytes[at] == UInt8(ascii: ":") { at += 1 }
      guard let value = number(2), value < 60 else { return false }
      minutes = value
    }
    guard hours <= 18 else { return false }
    offset = (hours * 3600 + minutes * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
    return true
  }

  /// nil where there is no such day or time.
  var time: FieldBatch.Time? {
    guard year >= 1, (1...12).contains(month), day >= 1, day <= FieldBatch.daysInMonth(year, month) else { return nil }
    var hour = hour
    if let isAfternoon {
      guard (1...12).contains(hour) else { return nil }
      hour = hour % 12 + (isAfternoon ? 12 : 0)
    }
    guard hour < 24, minute < 60, second < 60 else { return nil }
    let daySeconds = Int64(FieldBatch.daysFromCivil(year, month, day)) * 86_400
    let seconds = daySeconds + Int64(hour * 3600 + minute * 60 + second - offset)
    return FieldBatch.Time(seconds: seconds, daySeconds: daySeconds, isLocal: !hasOffset)
  }
}
