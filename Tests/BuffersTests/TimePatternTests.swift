import Buffers
import Foundation
import TestSupport
import Testing

private func times(_ texts: [String], _ format: TimeFormat) throws -> [Parsed<Int64>] {
  try parsed(texts, isQuoted: true) { batch, field in
    let values = Memory<Int64>(capacity: FieldBatch.capacity), isLocal = Memory<Bool>(capacity: FieldBatch.capacity)
    batch.parseTimes(field, as: format, nullValue: nil, into: values, isLocal: isLocal)
    let copy = (0..<batch.rowCount).map { values[$0] }
    return { copy[$0] }
  }
}

private func seconds(_ text: String) throws -> Int64 {
  Int64(try #require(ISO8601DateFormatter().date(from: text)).timeIntervalSince1970)
}

@Suite struct `Times by a pattern` {
  @Test(arguments: [
    ("dd.mm.yyyy", "29.02.2024", "2024-02-29T00:00:00Z"), ("dd.MM.yyyy", "01.12.1999", "1999-12-01T00:00:00Z"),
    ("MM/dd/yyyy HH:mm", "12/31/2023 23:59", "2023-12-31T23:59:00Z"), ("d/M/yy H:mm", "1/2/09 8:26", "2009-02-01T08:26:00Z"),
    ("d/M/yy H:mm", "31/12/68 0:00", "2068-12-31T00:00:00Z"), ("d/M/yy H:mm", "31/12/69 0:00", "1969-12-31T00:00:00Z"),
    ("dd.mm.yyyy HH:mm:ss", "05.06.2020 07:08:09", "2020-06-05T07:08:09Z"),
    ("HH:mm:ss dd.mm.yyyy", "07:08:09 05.06.2020", "2020-06-05T07:08:09Z"),
    ("yyyyMMdd", "20240229", "2024-02-29T00:00:00Z"), ("yyyyMMddTHHmmss", "20240229T010203", "2024-02-29T01:02:03Z"),
    ("YYYY-MM-DD", "2024-02-29", "2024-02-29T00:00:00Z"), ("M/d/yyyy h:mm a", "2/9/2024 12:05 AM", "2024-02-09T00:05:00Z"),
    ("M/d/yyyy h:mm a", "2/9/2024 1:05 pm", "2024-02-09T13:05:00Z"), ("d MMM yyyy", "7 Sep 2024", "2024-09-07T00:00:00Z"),
    ("yyyy-MM-dd HH:mm:ss.S", "2024-02-09 01:02:03.987", "2024-02-09T01:02:03Z"),
    ("yyyy-MM-dd HH:mm:ssX", "2024-02-09 01:02:03+01:00", "2024-02-09T00:02:03Z"),
    ("yyyy-MM-dd HH:mm X", "2024-02-09 01:02 -0530", "2024-02-09T06:32:00Z"), ("yyyy'y'MM'm'dd", "2024y02m09", "2024-02-09T00:00:00Z"),
  ]) func `read`(pattern: String, text: String, iso: String) throws {
    #expect(try times([text], .pattern(try TimePattern(pattern))) == [.value(try seconds(iso))])
  }

  @Test(arguments: [
    ("dd.MM.yyyy", "30.02.2024", FieldFault.noSuchTime), ("dd.MM.yyyy", "00.01.2024", .noSuchTime),
    ("dd.MM.yyyy", "01.13.2024", .noSuchTime),
    ("dd.MM.yyyy", "1.01.2024", .notTime), ("dd.MM.yyyy", "01.01.24", .notTime), ("dd.MM.yyyy", "01.01.2024 ", .notTime),
    ("dd.MM.yyyy", "01/01/2024", .notTime),
    ("d/M/yy H:mm", "1/2/09 24:00", .noSuchTime), ("d/M/yy H:mm", "1/2/09 8:60", .noSuchTime), ("d/M/yy H:mm", "1/2/2009 8:30", .notTime),
    ("h:mm a d/M/yy", "13:00 PM 1/2/09", .noSuchTime), ("d MMM yyyy", "7 Sex 2024", .notTime), ("dd.MM.yyyy", "0a.01.2024", .notTime),
    ("yyyy-MM-dd", "0000-01-01", .noSuchTime), ("yyyy-MM-ddX", "2024-01-01+19", .notTime),
  ]) func `refuse`(pattern: String, text: String, fault: FieldFault) throws {
    #expect(try times([text], .pattern(try TimePattern(pattern))) == [.fault(fault)])
  }

  @Test(arguments: [
    ("", "it has no year"), ("dd.yyyy", "it has no month"), ("MM.yyyy", "it has no day"), ("dd.MM.yyyy MM", "it has two of month"),
    ("dd.MM.yyyy mm", "it has minutes without hours, or seconds without minutes"),
    ("dd.MM.yyyy hh:mm", "h needs a (AM or PM), and a needs h"),
    ("dMyyyy", "digits follow a part of one or two digits; double its letter"), ("dd.MM.yyy", "yyy means nothing in a time"),
    ("dd.MM.yyyy 'x", "a quote is not closed"), ("dd.MM.yyyy Q", "Q means nothing in a time"),
  ]) func `are refused where they are ambiguous or mean nothing`(pattern: String, message: String) {
    let problem = #expect(throws: TimePattern.PatternProblem.self) { try TimePattern(pattern) }
    #expect(problem?.message == message)
  }

  @Test func `agree with ISO 8601 on random times`() throws {
    var draws = Seeded(3)
    let pattern = TimeFormat.pattern(try TimePattern("yyyy-MM-ddTHH:mm:ssX"))
    let texts = (0..<3000).map { _ -> String in
      let parts = [
        Int.random(in: 0...13, using: &draws), Int.random(in: 0...32, using: &draws), Int.random(in: 0...24, using: &draws),
        Int.random(in: 0...60, using: &draws),
      ]
      .map { $0 < 10 ? "0\($0)" : "\($0)" }
      return "\(Int.random(in: 1000...2999, using: &draws))-\(parts[0])-\(parts[1])T\(parts[2]):\(parts[3]):00Z"
    }
    #expect(try times(texts, pattern) == (try times(texts, .iso)))
  }
}

@Suite struct `Times since 1970` {
  @Test func `are seconds or milliseconds, fractions cut off`() throws {
    #expect(
      try times(["0", "1709294400", "1709294400.9", "-1", "-0.5", "253402300799"], .epochSeconds)
        == [.value(0), .value(1_709_294_400), .value(1_709_294_400), .value(-1), .value(-1), .value(253_402_300_799)])
    #expect(try times(["1709294400999", "-1", "0"], .epochMillis) == [.value(1_709_294_400), .value(-1), .value(0)])
  }

  @Test func `that no calendar has, or that are no numbers, are refused`() throws {
    #expect(
      try times(["253402300800", "99999999999999999999999", "1e9", "-", "1.", " 1", "1709294400Z"], .epochSeconds)
        == [
          .fault(.noSuchTime), .fault(.noSuchTime), .fault(.notTime), .fault(.notTime), .fault(.notTime), .fault(.notTime),
          .fault(.notTime),
        ])
    #expect(try times(["1709294400999000"], .epochMillis) == [.fault(.noSuchTime)])
  }
}
