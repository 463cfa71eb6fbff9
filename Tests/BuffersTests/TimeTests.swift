import Buffers
import Foundation
import TestSupport
import Testing

/// A time as the kernel gives it: seconds, and whether they are of a clock on some wall.
private struct Moment: Equatable, Sendable {
  var seconds: Int64
  var isLocal: Bool
}

private func times(_ texts: [String], nullValue: Int64? = nil, isQuoted: Bool = false) throws -> [Parsed<Moment>] {
  let values = Memory<Int64>(capacity: FieldBatch.capacity), isLocal = Memory<Bool>(capacity: FieldBatch.capacity)
  return try parsed(texts, isQuoted: isQuoted) { batch, field in
    batch.parseTimes(field, nullValue: nullValue, into: values, isLocal: isLocal)
    return { Moment(seconds: values[$0], isLocal: isLocal[$0]) }
  }
}

private func padded(_ value: Int, _ width: Int = 2) -> String {
  String(repeating: "0", count: max(0, width - String(value).count)) + String(value)
}

@Suite struct TimeTests {
  @Test func `every day from 1900 to 2100 is the day after the day before, at every length of a time`() throws {
    var texts: [String] = [], expected: [Int64] = [], day: Int64 = -25_567
    for year in 1900...2100 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      for (month, count) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
        for date in 1...count {
          texts.append("\(year)-\(padded(month + 1))-\(padded(date))")
          expected.append(day * 86_400)
          day += 1
        }
      }
    }
    #expect(day == 47_847)
    for (end, seconds, isLocal) in [("", 0, true), ("T23:59:59Z", 86_399, false), (" 12:30", 45_000, true)] {
      let found = try times(texts.map { $0 + end })
      #expect(found == expected.map { .value(Moment(seconds: $0 + Int64(seconds), isLocal: isLocal)) })
    }
  }

  @Test func `all 86,400 seconds of a day read alike by the fast path and by the plain one`() throws {
    let clocks = (0..<86_400).map { padded($0 / 3600) + ":" + padded($0 / 60 % 60) + ":" + padded($0 % 60) }
    let start: Int64 = 1_709_251_200
    let expected = (0..<86_400).map { Parsed.value(Moment(seconds: start + $0, isLocal: false)) }
    let fast = try times(clocks.map { "2024-03-01T" + $0 + "Z" }), plain = try times(clocks.map { "2024-03-01 " + $0 + "+00:00" })
    #expect(fast == expected)
    #expect(plain == expected)
  }

  @Test func `20 characters with one or two of them changed are read as the calendar says or refused`() throws {
    var random = Seeded(21), texts: [String] = [], expected: [Parsed<Moment>] = []
    let alphabet = Array("00112233456789:-TZ. /;".utf8)
    for round in 0..<15_000 {
      // A sound neighbour fills the fast path's memory of the day.
      if round % 3 == 0 {
        texts.append("2024-02-29T10:20:30Z")
        expected.append(.value(Moment(seconds: 1_709_202_030, isLocal: false)))
      }
      var bytes = Array("2024-02-29T10:20:30Z".utf8)
      for _ in 0...Int(random.next() % 2) { bytes[Int(random.next() % 20)] = alphabet[Int(random.next() % UInt64(alphabet.count))] }
      texts.append(String(decoding: bytes, as: UTF8.self))
      expected.append(Self.slow(bytes))
    }
    let found = try times(texts)
    for i in texts.indices {
      // Another length of fraction or offset may come about: what is no such form is refused by both.
      if found[i] != expected[i] { Issue.record("\(texts[i]): \(found[i]), expected \(expected[i])") }
    }
  }

  /// The oracle: `YYYY-MM-DD[T ]HH:MM:SSZ`, its forms of 20 characters with a fraction or an offset, and a calendar counted by years.
  private static func slow(_ bytes: [UInt8]) -> Parsed<Moment> {
    let text = Array(String(decoding: bytes, as: UTF8.self))
    func number(_ range: Range<Int>) -> Int? {
      guard range.allSatisfy({ text[$0].isASCII && text[$0].isNumber }) else { return nil }
      return Int(String(text[range]))
    }
    guard let year = number(0..<4), text[4] == "-", let month = number(5..<7), text[7] == "-", let day = number(8..<10) else { return .fault(.notTime) }
    let lengths = [31, year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...12).contains(month), day >= 1, day <= lengths[month - 1] else { return .fault(.noSuchTime) }
    guard "T ".contains(text[10]), let hour = number(11..<13), text[13] == ":", let minute = number(14..<16) else { return .fault(.notTime) }
    // Behind the minute: `:30Z`, or nothing that fits into four more characters but an offset of hours alone.
    var second = 0, isLocal = false
    if text[16] == ":" {
      guard let value = number(17..<19) else { return .fault(.notTime) }
      second = value
      guard text[19] == "Z" else {
        return .fault(hour < 24 && minute < 60 && second < 60 ? .notTime : ".,".contains(text[19]) ? .notTime : .noSuchTime)
      }
    } else {
      guard hour < 24, minute < 60 else { return .fault(.noSuchTime) }
      return .fault(.notTime)
    }
    isLocal = false
    guard hour < 24, minute < 60, second < 60 else { return .fault(.noSuchTime) }
    var days = 0
    for y in 1970..<max(year, 1970) { days += y % 400 == 0 || (y % 4 == 0 && y % 100 != 0) ? 366 : 365 }
    for y in year..<max(year, 1970) { days -= y % 400 == 0 || (y % 4 == 0 && y % 100 != 0) ? 366 : 365 }
    days += lengths.prefix(month - 1).reduce(0, +) + day - 1
    return .value(Moment(seconds: Int64(days * 86_400 + hour * 3600 + minute * 60 + second), isLocal: isLocal))
  }

  @Test(arguments: [
    ("2024-02-29T00:00:00Z", 1_709_164_800, false), ("2000-02-29", 951_782_400, true), ("2024-03-01T12:30:00.999999999Z", 1_709_296_200, false),
    ("2024-03-01T12:30:00,5Z", 1_709_296_200, false), ("2024-03-01T12:30:00.1", 1_709_296_200, true), ("2024-03-01T12:30Z", 1_709_296_200, false),
    ("2024-03-01T12:30:00+01:00", 1_709_292_600, false), ("2024-03-01T12:30:00-0130", 1_709_301_600, false), ("2024-03-01 12:30:00+05", 1_709_278_200, false),
    ("2024-03-01T12:30+14:00", 1_709_245_800, false), ("1970-01-01T00:00:00Z", 0, false), ("1969-12-31T23:59:59Z", -1, false),
    ("0001-01-01T00:00:00Z", -62_135_596_800, false), ("9999-12-31T23:59:59Z", 253_402_300_799, false), ("2024-01-01T00:30:00+01:00", 1_704_065_400, false),
  ]) func `times with fractions, offsets and none at all`(text: String, seconds: Int, isLocal: Bool) throws {
    // Once alone and once behind a time of the same day.
    let expected = Parsed.value(Moment(seconds: Int64(seconds), isLocal: isLocal))
    #expect(try times([text], isQuoted: true) == [expected])
    #expect(try times([text.prefix(10) + "T01:02:03Z", text], isQuoted: true).last == expected)
  }

  @Test(arguments: [
    ("2023-02-29T00:00:00Z", FieldFault.noSuchTime), ("1900-02-29", .noSuchTime), ("2024-04-31", .noSuchTime), ("2024-13-01", .noSuchTime),
    ("2024-00-10", .noSuchTime), ("2024-01-00", .noSuchTime), ("2024-01-01T24:00:00Z", .noSuchTime), ("2024-01-01T23:60:00Z", .noSuchTime),
    ("2024-01-01T23:59:60Z", .noSuchTime), ("2024-01-01T12:00:00+19:00", .noSuchTime), ("2024-01-01T12:00:00+01:60", .noSuchTime),
    ("2024-1-1", .notTime), ("24-01-01", .notTime), ("20240101", .notTime), ("01.02.2024", .notTime), ("2024-01-01T", .notTime), ("2024-01-01Z", .notTime),
    ("2024-01-01T12", .notTime), ("2024-01-01T12:0", .notTime), ("2024-01-01T12:00:00.Z", .notTime), ("2024-01-01T12:00:00z", .notTime),
    ("2024-01-01t12:00:00Z", .notTime), ("2024-01-01T12:00:00+1:00", .notTime), ("2024-01-01T12:00:00+01:0", .notTime),
    ("2024-01-01T12:00:00+01:", .notTime), ("2024-01-01T12:00:00+", .notTime), ("2024-01-01T12:00:00ZZ", .notTime), ("2024-01-01T12:00:00 Z", .notTime),
    (" 2024-01-01", .notTime), ("2024-01-01 ", .notTime), ("+2024-01-01", .notTime), ("-2024-01-01", .notTime), ("2024-01-01T12:00:00+010", .notTime),
    ("occurred_at", .notTime), ("", .empty), ("2024-W01-1", .notTime), ("２０２４-01-01", .notTime),
  ]) func `what is no time of the calendar is refused, alone and behind a sound one`(text: String, fault: FieldFault) throws {
    #expect(try times([text], isQuoted: true) == [.fault(fault)])
    #expect(try times(["2024-01-01T12:00:00Z", text], isQuoted: true).last == .fault(fault))
  }

  @Test func `a day of NUL bytes is no day, not even where nothing stood before it`() throws {
    let text = String(repeating: "\0", count: 10) + "T12:00:00Z"
    #expect(try times([text]) == [.fault(.notTime)])
  }

  @Test func `an empty time is NULL where that is allowed`() throws {
    #expect(try times(["", "2024-01-01"], nullValue: PackedIntegers.null).first == .value(Moment(seconds: PackedIntegers.null, isLocal: false)))
  }
}
