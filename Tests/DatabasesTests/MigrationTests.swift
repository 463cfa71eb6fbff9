import Columns
import Databases
import Foundation
import GRDB
import Testing

struct MigrationTests {
  let folder = TemporaryFolder()
  let configuration = DatabaseConfiguration(title: "catalog", applicationID: 77)
  var path: String { folder.path + "/catalog.sqlite" }

  static let first = Migration("loads") { try $0.execute(sql: "CREATE TABLE loads (a INTEGER NOT NULL) STRICT") }
  static let second = Migration("paths") { try $0.execute(sql: "ALTER TABLE loads ADD COLUMN path TEXT") }

  @Test func `an older database is upgraded and keeps its rows`() throws {
    let old = try DatabaseFile.open(path: path, configuration: configuration)
    try old.migrate([Self.first])
    try old.write { try $0.execute(sql: "INSERT INTO loads VALUES (7)") }
    try old.close()
    let new = try DatabaseFile.open(path: path, configuration: configuration)
    try new.migrate([Self.first, Self.second])
    try new.migrate([Self.first, Self.second])
    let row = try new.read {
      try Row.fetchOne(
        $0,
        sql: "SELECT a, path, (SELECT user_version FROM pragma_user_version), (SELECT application_id FROM pragma_application_id) FROM loads"
      )
    }
    #expect(row.map { Array($0.databaseValues) } == [7.databaseValue, .null, 2.databaseValue, 77.databaseValue])
  }

  @Test func `a newer database is refused by name and version`() throws {
    let database = try DatabaseFile.open(path: path, configuration: configuration)
    try database.migrate([Self.first, Self.second])
    let error = #expect(throws: PipelineError.self) { try database.migrate([Self.first]) }
    #expect(error?.exit == .badInput)
    #expect(error?.message.contains("catalog \(path)") == true && error?.message.contains("version 2") == true)
    #expect(error?.message.contains("up to 1 (\"loads\")") == true)
  }

  @Test func `another program's database is refused`() throws {
    let other = try DatabaseQueue(
      path: {
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        return path
      }())
    try other.writeWithoutTransaction { try $0.execute(sql: "CREATE TABLE theirs (a)") }
    let database = try DatabaseFile.open(path: path, configuration: configuration)
    let error = #expect(throws: PipelineError.self) { try database.migrate([Self.first]) }
    #expect(error?.exit == .badInput && error?.message.contains("another program") == true)
  }

  @Test func `a step that fails leaves the version before it`() throws {
    let database = try DatabaseFile.open(path: path, configuration: configuration)
    try database.migrate([Self.first])
    let broken = Migration("broken") { try $0.execute(sql: "CREATE TABLE half (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1)") }
    #expect(throws: PipelineError.self) { try database.migrate([Self.first, broken]) }
    let found = try database.read { connection in
      (try Int.fetchOne(connection, sql: "PRAGMA user_version"), try connection.tableExists("half"))
    }
    #expect(found == (1, false))
  }

  @Test func `damage is found before a migration and by the check`() throws {
    let database = try DatabaseFile.open(path: path, configuration: configuration)
    try database.migrate([Self.first])
    try database.write { connection in
      for number in 0..<20_000 { try connection.execute(sql: "INSERT INTO loads VALUES (?)", arguments: [number]) }
    }
    #expect(try database.checkpoint() == .complete)
    #expect(try database.problems() == [])
    try database.close()
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    for page in 3..<6 {
      try file.seek(toOffset: UInt64(page * 16384))
      try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
    }
    try file.close()
    let damaged = try DatabaseFile.open(path: path, configuration: configuration)
    #expect(try !damaged.problems().isEmpty)
    let error = #expect(throws: PipelineError.self) { try damaged.migrate([Self.first, Self.second]) }
    #expect(error?.exit == .badInput && error?.message.contains(path) == true)
    #expect(try damaged.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 1)
  }
}
