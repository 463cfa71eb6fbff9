import Columns
import Databases
import Foundation
import GRDB
import Testing
import Warehouse

struct PublishTests {
  let folder = TemporaryFolder()
  var options: PublishOptions { PublishOptions(path: folder.database) }

  /// Every result table in the order of its key.
  static let results = [
    "publication", "customers", "segments", "churn_metrics", "cohorts", "segment_history", "segment_changes", "published_days", "models",
    "data_dictionary",
  ]

  func contents(_ path: String) throws -> [String] {
    let reader = try Reader(path)
    return try Self.results.flatMap { try reader.texts("SELECT '\($0)', * FROM \($0)") }
  }

  @Test func `the few rows arrive with their times, rates and raw bytes`() throws {
    let report = try publish(Sample.publication(), options: options) {}
    #expect(report.customers == 3 && report.databaseBytes > 0 && !report.isReaderInTheWay)
    let reader = try Reader(folder.database)
    #expect(
      try reader.texts("SELECT rows_read, rows_loaded, first_event_at, last_event_at FROM loads") == [
        "10|6|\"1970-01-01T00:00:00Z\"|\"2023-11-14T22:13:20Z\""
      ])
    #expect(
      try reader.texts("SELECT line, byte_offset, column_name, typeof(raw), hex(raw) FROM rejects") == [
        "3|47|\"amount\"|\"blob\"|\"2200FF0A\""
      ])
    #expect(try reader.texts("SELECT line, kept_line, differs FROM conflicts") == ["5|4|\"amount,category\""])
    #expect(
      try reader.texts("SELECT segment, customers_share, days_since_last_mean FROM segments") == [
        "\"champions\"|1.0|7.0", "\"lost\"|0.0|NULL",
      ])
    #expect(
      try reader.texts("SELECT as_of, month, logo_churn_rate FROM churn_metrics") == [
        "\"2025-01-01\"|\"2024-12\"|0.2", "\"2025-01-01\"|\"2025-01\"|0.2",
      ])
    #expect(
      try reader.texts("SELECT started_at, as_of, status, rows_read, rows_filtered, customers FROM runs") == [
        "\"2025-01-01T02:53:20Z\"|\"2025-01-01\"|\"published\"|10|1|3"
      ])
    #expect(try reader.texts("SELECT gross, net, logo_churn_pct FROM v_churn") == ["123.45|120.0|20.0", "123.45|120.0|20.0"])
    #expect(
      try reader.texts("SELECT customer_id, net, last_purchase, segment FROM v_customers WHERE customer_id = 'b'") == [
        "\"b\"|-0.05|\"1969-12-31\"|\"lost\""
      ])
    #expect(try reader.texts("SELECT segment, customers_pct, gross FROM v_segments") == ["\"champions\"|100.0|59.97", "\"lost\"|0.0|0.0"])
    #expect(try reader.texts("PRAGMA integrity_check") == ["\"ok\""])
    #expect(try reader.texts("PRAGMA journal_mode") == ["\"wal\""])
  }

  @Test func `the same publication gives the same contents, new, again, and into another file`() throws {
    let other = folder.path + "/other.sqlite"
    _ = try publish(Sample.publication(), options: options) {}
    let first = try contents(folder.database)
    _ = try publish(Sample.publication(runID: "run-2"), options: options) {}
    _ = try publish(Sample.publication(runID: "run-3"), options: PublishOptions(path: other)) {}
    #expect(try contents(folder.database) == first)
    #expect(try contents(other) == first)
    #expect(try Reader(folder.database).texts("SELECT count(*) FROM runs") == ["2"])
  }

  @Test func `an older day is refused and changes nothing; the same day replaces, a later one takes over`() throws {
    _ = try publish(Sample.publication("2025-02-01"), options: options) {}
    let before = try contents(folder.database)
    let error = #expect(throws: PipelineError.self) { try publish(Sample.publication("2025-01-31"), options: options) {} }
    #expect(error?.exit == .usage && error?.message.contains("2025-02-01") == true && error?.message.contains("2025-01-31") == true)
    #expect(try contents(folder.database) == before)
    _ = try publish(Sample.publication("2025-02-01", ids: ["z"]), options: options) {}
    #expect(try Reader(folder.database).texts("SELECT customer_id FROM customers") == ["\"z\""])
    _ = try publish(Sample.publication("2025-02-02", ids: ["y"]), options: options) {}
    let reader = try Reader(folder.database)
    #expect(try reader.texts("SELECT as_of, customers FROM publication") == ["\"2025-02-02\"|1"])
    #expect(try reader.texts("SELECT DISTINCT as_of FROM segments") == ["\"2025-02-02\""])
  }

  @Test func `churn metrics of another day stay, those of the same day are replaced`() throws {
    var publication = Sample.publication("2025-01-01")
    _ = try publish(publication, options: options) {}
    publication = Sample.publication("2025-01-02")
    _ = try publish(publication, options: options) {}
    publication.dated.churnMonths = [Sample.month(24_301)]
    _ = try publish(publication, options: options) {}
    #expect(
      try Reader(folder.database).texts("SELECT as_of, month FROM churn_metrics ORDER BY 1, 2")
        == ["\"2025-01-01\"|\"2024-12\"", "\"2025-01-01\"|\"2025-01\"", "\"2025-01-02\"|\"2025-02\""])
    #expect(try Reader(folder.database).texts("SELECT month FROM v_churn") == ["\"2025-02\""])
  }

  @Test func `what fails before the commit leaves the old results, or no file at all`() throws {
    let failure = PipelineError(.inputOutput, "the store could not be committed")
    #expect(throws: failure) { try publish(Sample.publication(), options: options) { () throws(PipelineError) in throw failure } }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/output") == [])
    _ = try publish(Sample.publication(), options: options) {}
    let before = try contents(folder.database)
    let next = Sample.publication("2025-01-02", ids: ["other"])
    #expect(throws: failure) { try publish(next, options: options) { () throws(PipelineError) in throw failure } }
    #expect(try contents(folder.database) == before)
  }

  @Test func `a load whose rows do not add up is refused by the database and nothing is published`() throws {
    _ = try publish(Sample.publication(), options: options) {}
    let before = try contents(folder.database)
    var next = Sample.publication("2025-01-02", ids: ["other"])
    next.loads[0].rowsFiltered += 1
    let error = #expect(throws: PipelineError.self) { try publish(next, options: options) {} }
    #expect(error?.exit == .internalError && error?.message.contains("rows_read") == true)
    #expect(try contents(folder.database) == before)
  }

  @Test func `a reader sees the old results until the commit, the new ones after, and its snapshot throughout`() throws {
    _ = try publish(Sample.publication(ids: ["old"]), options: options) {}
    let ids = "SELECT customer_id FROM customers"
    let path = folder.database
    let snapshot = try DatabaseQueue(path: path)
    try snapshot.writeWithoutTransaction { connection in
      try connection.execute(sql: "BEGIN; SELECT count(*) FROM customers")
      let report = try publish(Sample.publication(ids: ["new"]), options: options) { () throws(PipelineError) in
        #expect((try? Reader(path).texts(ids)) == ["\"old\""])
      }
      #expect(report.isReaderInTheWay)
      #expect(try Reader(path).texts(ids) == ["\"new\""])
      #expect(try String.fetchAll(connection, sql: ids) == ["old"])
      #expect(try String.fetchOne(connection, sql: "SELECT sum(customers) FROM publication") == "1")
      try connection.execute(sql: "COMMIT")
    }
    #expect(try publish(Sample.publication(ids: ["newest"]), options: options) {}.isReaderInTheWay == false)
  }

  @Test func `where others have the database open, the log stays, and is empty`() throws {
    _ = try publish(Sample.publication(ids: ["old"]), options: options) {}
    let idle = try DatabaseQueue(path: folder.database)
    #expect(try idle.read { try String.fetchAll($0, sql: "SELECT customer_id FROM customers") } == ["old"])
    #expect(try publish(Sample.publication(ids: ["new"]), options: options) {}.isReaderInTheWay == false)
    let log = try FileManager.default.attributesOfItem(atPath: folder.database + "-wal")[.size] as? Int
    #expect(log == 0)
    #expect(try idle.read { try String.fetchAll($0, sql: "SELECT customer_id FROM customers") } == ["new"])
    try idle.close()
    #expect(!FileManager.default.fileExists(atPath: folder.database + "-wal"))
  }

  @Test func `the file has its mode and folder mode whatever the umask, and no companion stays behind`() throws {
    let masks: [mode_t] = [0o077, 0o000]
    for mask in masks {
      let old = umask(mask)
      defer { umask(old) }
      let path = folder.path + "/\(mask)/results.sqlite"
      for _ in 1...2 {
        _ = try publish(Sample.publication(), options: PublishOptions(path: path)) {}
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
        #expect(try FileManager.default.attributesOfItem(atPath: folder.path + "/\(mask)")[.posixPermissions] as? Int == 0o750)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/\(mask)") == ["results.sqlite"])
      }
    }
  }

  @Test func `what a killed run left under the temporary name is swept`() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/output", withIntermediateDirectories: true)
    for name in [".new", ".new-wal", ".new-journal", "-wal"] {
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder.database + name))
    }
    _ = try publish(Sample.publication(), options: options) {}
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/output") == ["results.sqlite"])
    #expect(try Reader(folder.database).texts("SELECT count(*) FROM customers") == ["3"])
  }
}
