import Columns
import Foundation
import GRDB
import Scores
import Testing
import Warehouse

import struct TestSupport.Seeded

/// Segments by customer; nil: the customer is there and has none.
private typealias Segments = [String: String?]

struct SegmentChangesTests {
  let folder = TemporaryFolder()
  var options: PublishOptions { PublishOptions(path: folder.database) }
  private let words = ["Champions", "Loyal", "Lost", ""]

  private func table(_ segments: Segments, ids: [String], dictionary: [String]) -> Table {
    let codes = ids.map { id in UInt16(dictionary.firstIndex { $0 == segments[id] ?? nil } ?? 0) }
    return Table(
      rowCount: ids.count,
      columns: [
        Column(ColumnDefinition("customer_id", .text, "The customer"), .text(TextColumn(ids))),
        Column(
          ColumnDefinition("rfm_segment", .text, "Segment", nullWhen: "no purchase"), .code(codes, dictionary: dictionary),
          isPresent: ids.map { (segments[$0] ?? nil) != nil }),
      ])
  }

  private func publish(_ day: String, _ segments: Segments, columns: [String]? = nil, turn: Int = 0) throws {
    let ids = segments.keys.sorted(by: >), dictionary = Array(words[(turn % 4)...] + words[..<(turn % 4)])
    var publication = Sample.publication(day)
    publication.customers = table(segments, ids: ids, dictionary: dictionary)
    publication.customersByID = Sample.order(of: ids)
    _ = try Warehouse.publish(publication, options: PublishOptions(path: folder.database, columns: columns)) {}
  }

  private func backfill(_ day: String, _ segments: Segments) throws {
    let ids = segments.keys.sorted()
    try Warehouse.backfill(
      Sample.dated(day), customers: table(segments, ids: ids, dictionary: words), customersByID: Sample.order(of: ids), options: options)
  }

  private func rows(_ filter: String = "1") throws -> [String] {
    try Reader(folder.database).queue.read {
      try String.fetchAll(
        $0,
        sql: """
          SELECT as_of || ' ' || customer_id || ' ' || coalesce(from_value, '-') || ' ' || coalesce(to_value, '-') FROM segment_changes
          WHERE kind = 'rfm_segment' AND \(filter)
          """)
    }
  }

  private func difference(_ day: String, _ old: Segments, _ new: Segments) -> [String] {
    Set(old.keys).union(new.keys).sorted().compactMap { id in
      let from = old[id] ?? nil, to = new[id] ?? nil
      return from == to ? nil : "\(day) \(id) \(from ?? "-") \(to ?? "-")"
    }
  }

  @Test(arguments: 1...12)
  func `after any nights, repeats and backfills each day's rows lead from the published day before to it`(seed: UInt64) throws {
    var numbers = Seeded(seed), history: [String: Segments] = [:], newest = 10
    func segments() -> Segments {
      var segments: Segments = [:]
      for id in ["a", "b", "b ", "bb", "c", "ä", "zz"] where numbers.next() % 4 != 0 {
        let word = words[Int(numbers.next() % 4)]
        segments.updateValue(numbers.next() % 5 == 0 ? nil : word, forKey: id)
      }
      return segments
    }
    func name(_ day: Int) -> String { Day(20_000 + Int32(day)).description }
    for turn in 0..<30 {
      let state = segments()
      var day = newest
      switch turn == 0 ? 0 : numbers.next() % 3 {
      case 0: day += 1 + Int(numbers.next() % 3)
      case 1: day = newest
      default: day = Int(numbers.next() % UInt64(newest))
      }
      if day < newest { try backfill(name(day), state) } else { try publish(name(day), state, turn: turn) }
      history[name(day)] = state
      newest = max(newest, day)
      let days = history.keys.sorted()
      let expected = zip(days, days.dropFirst()).flatMap { difference($1, history[$0] ?? [:], history[$1] ?? [:]) }
      #expect(try rows() == expected)
      #expect(try Reader(folder.database).texts("SELECT as_of FROM published_days").count == days.count)
      #expect(try Reader(folder.database).texts("SELECT DISTINCT as_of FROM segment_history").count == days.count)
    }
  }

  @Test func `new customers come from NULL, those who are gone go to NULL, and NULL to NULL is no change`() throws {
    try publish("2025-01-01", ["stays": "Lost", "goes": "Loyal", "none": nil, "gone without": nil])
    #expect(try rows() == [])
    try publish("2025-01-02", ["stays": "Lost", "new": "Champions", "none": nil, "new without": nil])
    #expect(try rows() == ["2025-01-02 goes Loyal -", "2025-01-02 new - Champions"])
  }

  @Test func `a night that does not publish the column interrupts the log, which begins anew behind it`() throws {
    try publish("2025-01-01", ["a": "Lost"])
    try publish("2025-01-03", ["a": "Loyal"])
    try publish("2025-01-05", ["a": "Lost"], columns: ["customer_id"])
    #expect(try rows() == ["2025-01-03 a Lost Loyal"])
    try publish("2025-01-07", ["a": "Champions"])
    try publish("2025-01-09", ["a": "Loyal"])
    #expect(try rows() == ["2025-01-03 a Lost Loyal", "2025-01-09 a Champions Loyal"])
    // No way leads back beyond the gap; behind it the log takes the new day in.
    try backfill("2025-01-06", ["a": "Lost"])
    #expect(try rows("as_of > '2025-01-05'") == ["2025-01-07 a Lost Champions", "2025-01-09 a Champions Loyal"])
    try backfill("2025-01-04", ["a": "Lost"])
    #expect(try rows("as_of > '2025-01-05'") == ["2025-01-07 a Lost Champions", "2025-01-09 a Champions Loyal"])
    #expect(
      try Reader(folder.database).texts("SELECT tracked FROM published_days ORDER BY as_of") == [
        "\"rfm_segment\"", "\"rfm_segment\"", "\"\"", "\"\"", "\"rfm_segment\"", "\"rfm_segment\"", "\"rfm_segment\"",
      ])
  }

  @Test func `a backfill leaves customers, segments and the other days alone, and refuses what is not older`() throws {
    try publish("2025-01-01", ["a": "Lost"])
    try publish("2025-01-10", ["a": "Loyal"])
    let reader = try Reader(folder.database)
    let kept = ["customers", "segments", "publication", "runs", "loads", "data_dictionary"].map { "SELECT * FROM \($0)" }
    let dated = ["churn_metrics", "cohorts", "segment_history"].map { "SELECT * FROM \($0) WHERE as_of <> '2025-01-05'" }
    let before = try (kept + dated).map { try reader.texts($0) }
    try backfill("2025-01-05", ["a": "Champions"])
    #expect(try (kept + dated).map { try reader.texts($0) } == before)
    #expect(try reader.texts("SELECT count(*) FROM segment_history WHERE as_of = '2025-01-05'") == ["2"])
    for day in ["2025-01-10", "2025-01-11"] {
      let error = #expect(throws: PipelineError.self) { try backfill(day, [:]) }
      #expect(error?.exit == .usage && error?.message.contains("2025-01-10") == true && error?.fix.contains("--as-of \(day)") == true)
    }
    #expect(try PublishedDays.read(path: folder.database).dated.count == 3)
  }

  @Test func `without a published day there is nothing to fill in before`() throws {
    let error = #expect(throws: PipelineError.self) { try backfill("2025-01-01", ["a": "Lost"]) }
    #expect(error?.exit == .noInput && !FileManager.default.fileExists(atPath: folder.database))
  }

  @Test func `a database of the version before is upgraded, keeps its months, and its customers begin the log`() throws {
    try publish("2025-01-01", ["a": "Lost", "b": "Loyal"])
    let reader = try Reader(folder.database), schema = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
    let fresh = try reader.texts(schema)
    try reader.execute(
      """
      DROP TABLE published_days; DROP TABLE cohorts; DROP TABLE segment_history; DROP TABLE segment_changes; DROP TABLE models;
      DROP TABLE checks; DROP TABLE backtests; DROP TABLE drift; DROP TABLE tenure_curves; DROP TABLE tenure_groups;
      DROP TABLE churn_drivers; DROP VIEW v_cohorts; DROP VIEW v_churn;
      ALTER TABLE churn_metrics DROP COLUMN net_revenue_retention_rate;
      ALTER TABLE churn_metrics DROP COLUMN gross_revenue_retention_rate;
      ALTER TABLE churn_metrics DROP COLUMN false_lost_rate;
      CREATE VIEW v_churn AS SELECT month, lost_customers FROM churn_metrics;
      PRAGMA user_version = 1
      """)
    let days = try PublishedDays.read(path: folder.database)
    #expect(days.newest == Day("2025-01-01") && days.dated.isEmpty)
    try backfill("2024-12-01", ["a": "Lost", "b": "Lost"])
    #expect(try reader.texts("SELECT sum(lost_customers) FROM v_churn") == ["12"])
    try publish("2025-01-02", ["a": "Champions", "b": "Loyal"])
    #expect(try rows() == ["2025-01-01 b Lost Loyal", "2025-01-02 a Lost Champions"])
    #expect(
      try reader.texts("SELECT as_of, month, lost_customers, false_lost_rate FROM churn_metrics WHERE as_of > '2025'") == [
        "\"2025-01-01\"|\"2024-12\"|3|NULL", "\"2025-01-01\"|\"2025-01\"|3|NULL",
        "\"2025-01-02\"|\"2024-12\"|3|\(1.0 / 3)", "\"2025-01-02\"|\"2025-01\"|3|\(1.0 / 3)",
      ])
    #expect(try reader.texts(schema) == fresh)
  }
}
