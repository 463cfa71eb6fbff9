import Columns
import Databases
import Foundation
import GRDB
import Testing

struct DatabaseFileTests {
  let folder = TemporaryFolder()
  let configuration = DatabaseConfiguration(title: "catalog", applicationID: 77, fileMode: 0o640, folderMode: 0o750)
  var path: String { folder.path + "/state/catalog.sqlite" }

  @Test func `a new database is opened hardened`() throws {
    let database = try DatabaseFile.open(path: path, configuration: configuration)
    #expect(database.isNew)
    let found = try database.read { connection in
      try [
        "journal_mode", "synchronous", "foreign_keys", "trusted_schema", "cell_size_check", "mmap_size", "page_size", "busy_timeout",
        "wal_autocheckpoint",
      ]
      .map { try String.fetchOne(connection, sql: "PRAGMA \($0)") ?? "none" }
    }
    #expect(found == ["wal", "2", "1", "0", "1", "0", "16384", "10000", "0"])
    #expect(throws: PipelineError.self, "a string in double quotes") {
      try database.read { try Row.fetchAll($0, sql: "SELECT \"no such column\"") }
    }
    #expect(throws: PipelineError.self, "defensive: no writing to the schema") {
      try database.write { try $0.execute(sql: "PRAGMA writable_schema = ON; CREATE TABLE t(a); UPDATE sqlite_schema SET sql = 'x'") }
    }
  }

  @Test func `file and folder have the modes asked for whatever the umask`() throws {
    let masks: [mode_t] = [0o077, 0o000, 0o022]
    for mask in masks {
      let old = umask(mask)
      defer { umask(old) }
      let state = folder.path + "/state\(mask)"
      let path = state + "/catalog.sqlite"
      let database = try DatabaseFile.open(path: path, configuration: configuration)
      try database.write { try $0.execute(sql: "CREATE TABLE t (a INTEGER) STRICT") }
      for (name, mode) in [(path, 0o640), (path + "-wal", 0o640), (path + "-shm", 0o640), (state, 0o750)] {
        #expect(try FileManager.default.attributesOfItem(atPath: name)[.posixPermissions] as? Int == mode, "\(name) under \(mask)")
      }
    }
  }

  @Test func `an unknown group is named and leaves no file behind`() throws {
    var wanted = configuration
    wanted.group = "no-such-group-here"
    let error = #expect(throws: PipelineError.self) { try DatabaseFile.open(path: path, configuration: wanted) }
    #expect(error?.exit == .badPipeline && error?.message.contains("no-such-group-here") == true)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `a block that throws leaves nothing, and its own error arrives`() throws {
    let database = try DatabaseFile.open(path: path, configuration: configuration)
    try database.write { try $0.execute(sql: "CREATE TABLE t (a INTEGER) STRICT") }
    let thrown = PipelineError(.checkFailed, "mine")
    let error = #expect(throws: PipelineError.self) {
      try database.write { connection in
        try connection.execute(sql: "INSERT INTO t VALUES (1)")
        throw thrown
      }
    }
    #expect(error == thrown)
    #expect(try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") } == 0)
  }

  @Test func `a planted trigger does not run, and a view in a table's place is refused`() throws {
    let database = try DatabaseFile.open(path: path, configuration: configuration)
    try database.write { try $0.execute(sql: "CREATE TABLE t (a INTEGER) STRICT; CREATE TABLE seen (a INTEGER) STRICT") }
    let other = try DatabaseQueue(path: path)
    try other.writeWithoutTransaction {
      try $0.execute(
        sql: "CREATE TRIGGER planted AFTER INSERT ON t BEGIN INSERT INTO seen VALUES (new.a); END; CREATE VIEW v AS SELECT 1 AS a")
    }
    try database.write { try $0.execute(sql: "INSERT INTO t VALUES (1)") }
    #expect(try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM seen") } == 0)
    #expect(throws: PipelineError.self) { try database.read { try Int.fetchOne($0, sql: "SELECT a FROM v") } }
  }

  @Test func `the log is emptied unless a reader needs it`() throws {
    let database = try DatabaseFile.open(path: path, configuration: configuration)
    try database.write { try $0.execute(sql: "CREATE TABLE t (a INTEGER) STRICT") }
    #expect(try database.checkpoint() == .complete)
    #expect(DatabaseFiles.size(path + "-wal") == 0)
    let reader = try DatabaseQueue(path: path)
    try reader.writeWithoutTransaction { connection in
      try connection.execute(sql: "BEGIN; SELECT count(*) FROM t")
      try database.write { try $0.execute(sql: "INSERT INTO t VALUES (1)") }
      #expect(try database.checkpoint() == .readerInTheWay)
      try connection.execute(sql: "COMMIT")
    }
    #expect(try database.checkpoint() == .complete)
  }

  @Test func `a log whose database is gone is not replayed into a new one`() throws {
    let first = try DatabaseFile.open(path: path, configuration: configuration)
    try first.write { try $0.execute(sql: "CREATE TABLE old (a INTEGER) STRICT") }
    let log = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
    try first.close()
    try FileManager.default.removeItem(atPath: path)
    try log.write(to: URL(fileURLWithPath: path + "-wal"))
    let second = try DatabaseFile.open(path: path, configuration: configuration)
    #expect(try second.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema") } == 0)
  }

  @Test func `free disk is asked for three times over`() throws {
    #expect(throws: Never.self) { try DatabaseFiles.requireFreeDisk(1, path: "/tmp/x", title: "catalog") }
    let error = #expect(throws: PipelineError.self) { try DatabaseFiles.requireFreeDisk(1 << 61, path: "/tmp/x", title: "catalog") }
    #expect(error?.exit == .inputOutput && error?.message.contains("/tmp/x") == true)
    #expect(throws: PipelineError.self, "overflow") { try DatabaseFiles.requireFreeDisk(.max, path: "/tmp/x", title: "catalog") }
  }
}

final class TemporaryFolder: Sendable {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString)").path
  deinit { try? FileManager.default.removeItem(atPath: path) }
}
