import Columns
import Foundation
import GRDB
import Testing
import Warehouse

struct SchemaTests {
  let folder = TemporaryFolder()
  var options: PublishOptions { PublishOptions(path: folder.database) }

  @Test func `the data dictionary describes every column of every table and view, and nothing else`() throws {
    for columns in [nil, ["segment"]] as [[String]?] {
      _ = try publish(Sample.publication(), options: PublishOptions(path: folder.database, columns: columns)) {}
      let reader = try Reader(folder.database)
      let present = try reader.texts(
        "SELECT s.name, i.cid + 1, i.name FROM sqlite_schema s, pragma_table_info(s.name) i WHERE s.type IN ('table', 'view') ORDER BY 1, 2"
      )
      #expect(try reader.texts("SELECT table_name, position, column_name FROM data_dictionary ORDER BY 1, 2") == present)
      let types = try reader.texts(
        """
        SELECT d.table_name, d.column_name FROM data_dictionary d JOIN sqlite_schema s ON s.name = d.table_name AND s.type = 'table'
        JOIN pragma_table_info(d.table_name) i ON i.name = d.column_name WHERE i.type <> d.type
        """)
      #expect(types == [])
      #expect(try reader.texts("SELECT table_name, column_name FROM data_dictionary WHERE meaning = ''") == [])
    }
  }

  @Test func `tables are strict, and result tables carry neither a clock nor a run`() throws {
    _ = try publish(Sample.publication(), options: options) {}
    let reader = try Reader(folder.database)
    #expect(
      try reader.texts(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'") == [])
    #expect(
      try reader.texts(
        "SELECT DISTINCT table_name FROM data_dictionary WHERE column_name IN ('run_id', 'started_at', 'finished_at') ORDER BY 1")
        == ["\"checks\"", "\"loads\"", "\"runs\""])
  }

  @Test func `a database of a newer version is refused and left as it is`() throws {
    _ = try publish(Sample.publication(), options: options) {}
    try Reader(folder.database).execute("PRAGMA user_version = 99")
    let error = #expect(throws: PipelineError.self) { try publish(Sample.publication("2026-01-01"), options: options) {} }
    #expect(error?.exit == .badInput && error?.message.contains("version 99") == true && error?.message.contains(folder.database) == true)
    #expect(try Reader(folder.database).texts("SELECT as_of FROM publication") == ["\"2025-01-01\""])
    #expect(throws: PipelineError.self) { try ResultsStatus.read(path: folder.database) }
  }

  @Test func `planted triggers run nothing`() throws {
    _ = try publish(Sample.publication(), options: options) {}
    let reader = try Reader(folder.database)
    try reader.execute("CREATE TABLE seen (what TEXT)")
    for table in ["customers", "runs", "segments", "data_dictionary"] {
      for event in ["INSERT", "DELETE"] {
        try reader.execute(
          "CREATE TRIGGER planted_\(table)_\(event) AFTER \(event) ON \(table) BEGIN INSERT INTO seen VALUES ('\(event)'); END")
      }
    }
    _ = try publish(Sample.publication("2025-01-02"), options: options) {}
    #expect(try reader.texts("SELECT * FROM seen") == [])
    #expect(try reader.texts("SELECT as_of FROM publication") == ["\"2025-01-02\""])
  }

  @Test(arguments: ["customers", "segments", "v_churn"])
  func `a view or a table in the place of one of ours is named`(name: String) throws {
    _ = try publish(Sample.publication(), options: options) {}
    let isView = name.hasPrefix("v_")
    try Reader(folder.database).execute(
      isView ? "DROP VIEW \(name); CREATE TABLE \(name) (a)" : "DROP TABLE \(name); CREATE VIEW \(name) AS SELECT 1 AS customer_id")
    let error = #expect(throws: PipelineError.self) { try publish(Sample.publication(), options: options) {} }
    #expect(error?.exit == .badInput && error?.message.contains(name) == true)
  }

  @Test func `a generated column in customers goes with its table; in another table it is named`() throws {
    _ = try publish(Sample.publication(), options: options) {}
    let reader = try Reader(folder.database)
    try reader.execute("ALTER TABLE customers ADD COLUMN planted TEXT GENERATED ALWAYS AS (hex(customer_id))")
    _ = try publish(Sample.publication(), options: options) {}
    #expect(try reader.texts("SELECT count(*) FROM pragma_table_xinfo('customers') WHERE name = 'planted'") == ["0"])
    try reader.execute("ALTER TABLE runs ADD COLUMN planted TEXT GENERATED ALWAYS AS (hex(run_id))")
    let error = #expect(throws: PipelineError.self) { try publish(Sample.publication(), options: options) {} }
    #expect(error?.exit == .badInput && error?.message.contains("table runs") == true)
  }

  @Test func `a table of an earlier version is made anew with the columns of this one`() throws {
    _ = try publish(Sample.publication(), options: options) {}
    let reader = try Reader(folder.database)
    let definition = "SELECT sql FROM sqlite_schema WHERE name = 'segments'"
    let before = try reader.texts(definition)
    try reader.execute("ALTER TABLE segments ADD COLUMN former TEXT")
    #expect(try reader.texts(definition) != before)
    _ = try publish(Sample.publication("2025-01-02"), options: options) {}
    #expect(try reader.texts(definition) == before)
    #expect(try reader.texts("SELECT as_of, segment FROM segments") == ["\"2025-01-02\"|\"champions\"", "\"2025-01-02\"|\"lost\""])
  }

  @Test func `tables and foreign keys of an analyst are left alone`() throws {
    _ = try publish(Sample.publication(), options: options) {}
    let reader = try Reader(folder.database)
    try reader.execute(
      "CREATE TABLE notes (customer_id TEXT REFERENCES customers ON DELETE CASCADE, note TEXT); INSERT INTO notes VALUES ('a', 'call back')"
    )
    _ = try publish(Sample.publication(ids: ["x"]), options: options) {}
    #expect(try reader.texts("SELECT * FROM notes") == ["\"a\"|\"call back\""])
  }

  @Test func `a damaged file is named, by publish or by the check`() throws {
    _ = try publish(Sample.publication(ids: (0..<20_000).map { "id-\($0)" }), options: options) {}
    #expect(try ResultsStatus.problems(path: folder.database) == [])
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.database))
    let pages = try Int(file.seekToEnd()) / 16384
    for page in pages / 2..<pages {
      try file.seek(toOffset: UInt64(page * 16384))
      try file.write(contentsOf: Data(repeating: 0xA5, count: 64))
    }
    try file.close()
    #expect(try !ResultsStatus.problems(path: folder.database).isEmpty)
    let error = #expect(throws: PipelineError.self) { try publish(Sample.publication("2025-01-02"), options: options) {} }
    #expect(error?.exit == .badInput && error?.message.contains(folder.database) == true)
  }

  @Test func `status tells the newest publication and the last runs`() throws {
    let missing = #expect(throws: PipelineError.self) { try ResultsStatus.read(path: folder.database) }
    #expect(missing?.exit == .noInput)
    for number in 1...3 { _ = try publish(Sample.publication("2025-01-0\(number)", runID: "run-\(number)"), options: options) {} }
    let status = try ResultsStatus.read(path: folder.database, runsMax: 2)
    #expect(status.newest?.asOf == Day(year: 2025, month: 1, day: 3) && status.newest?.customers == 3 && status.newest?.currency == "EUR")
    #expect(status.runs.map(\.runID) == ["run-3", "run-2"] && status.runs[0].rowsLoaded == 6)
  }
}
