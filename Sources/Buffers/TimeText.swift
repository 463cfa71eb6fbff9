extension FieldBatch {
  struct Time {
    /// Since 1970; UTC unless `isLocal`.
    var seconds: Int64
    /// Midnight of the day as written.
    var daySeconds: Int64
    var isLocal: Bool
  }

  /// The plain reader of ISO 8601 that the fast path is checked against.
  static func slowTime(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<Time, Fault> {
    var at = 0
    // Safety: each index is compared with the count first.
    func number(_ digits: Int) -> Int? {
      guard at + digits <= bytes.count else { return nil }
      var value = 0
      for _ in 0..<digits {
        let byte = unsafe bytes[at]
        guard byte >= 48 && byte <= 57 else { return nil }
        value = value * 10 + Int(byte - 48)
        at += 1
      }
      return value
    }
    func accept(_ characters: String) -> UInt8? {
      guard at < bytes.count, unsafe characters.utf8.contains(bytes[at]) else { return nil }
      defer { at += 1 }
      return unsafe bytes[at]
    }
    let notTime = Result<Time, Fault>.failure(Fault(fault: .notTime)), noSuchTime = Result<Time, Fault>.failure(Fault(fault: .noSuchTime))

    guard let year = number(4), accept("-") != nil, let month = number(2), accept("-") != nil, let day = number(2) else { return notTime }
    guard (1...12).contains(month), day >= 1, day <= daysInMonth(year, month) else { return noSuchTime }
    let daySeconds = Int64(daysFromCivil(year, month, day)) * 86_400
    if at == bytes.count { return .success(Time(seconds: daySeconds, daySeconds: daySeconds, isLocal: true)) }

    guard accept("T ") != nil, let hour = number(2), accept(":") != nil, let minute = number(2) else { return notTime }
    var second = 0
    if accept(":") != nil {
      guard let value = number(2) else { return notTime }
      second = value
      if accept(".,") != nil {
        guard number(1) != nil else { return notTime }
        while number(1) != nil {}
      }
    }
    guard hour < 24, minute < 60, second < 60 else { return noSuchTime }
    let seconds = daySeconds + Int64(hour * 3600 + minute * 60 + second)
    if at == bytes.count { return .success(Time(seconds: seconds, daySeconds: daySeconds, isLocal: true)) }
    if accept("Z") != nil {
      return at == bytes.count ? .success(Time(seconds: seconds, daySeconds: daySeconds, isLocal: false)) : notTime
    }
    guard let sign = accept("+-"), let offsetHours = number(2) else { return notTime }
    let hasColon = accept(":") != nil
    let offsetMinutes = at == bytes.count && !hasColon ? 0 : number(2)
    guard let offsetMinutes, at == bytes.count else { return notTime }
    guard offsetHours <= 18, offsetMinutes < 60 else { return noSuchTime }
    let offset = Int64(offsetHours * 3600 + offsetMinutes * 60)
    return .success(Time(seconds: sign == UInt8(ascii: "-") ? seconds + offset : seconds - offset, daySeconds: daySeconds, isLocal: false))
  }

  static func daysInMonth(_ year: Int, _ month: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01. Source: Howard Hinnant, `days_from_civil`.
  static func daysFromCivil(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
