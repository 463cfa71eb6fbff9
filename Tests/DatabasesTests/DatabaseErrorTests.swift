import Columns
import Databases
import Foundation
import GRDB
import Testing

struct DatabaseErrorTests {
  let folder = TemporaryFolder()
  var configuration = DatabaseConfiguration(title: "catalog", applicationID: 77, busySeconds: 0.05)
  var path: String { folder.path + "/catalog.sqlite" }

  static let exits: [(ResultCode, PipelineError.Exit)] = [
    (.SQLITE_BUSY, .locked), (.SQLITE_LOCKED, .locked), (.SQLITE_FULL, .inputOutput), (.SQLITE_IOERR_WRITE, .inputOutput),
    (.SQLITE_READONLY, .inputOutput), (.SQLITE_CANTOPEN, .inputOutput), (.SQLITE_CORRUPT, .badInput), (.SQLITE_NOTADB, .badInput),
    (.SQLITE_CONSTRAINT_CHECK, .internalError),
  ]

  @Test(arguments: exits.indices)
  func `each result code ends the process in its own way and says what to do`(index: Int) {
    let (code, exit) = Self.exits[index]
    let error = PipelineError(DatabaseError(resultCode: code, message: "words"), title: "catalog", path: "/state/catalog.sqlite")
    #expect(error.exit == exit)
    #expect(error.message.contains("catalog /state/catalog.sqlite") && error.message.contains("words"))
    #expect(exit == .internalError || !error.fix.isEmpty)
  }

  @Test func `another writer is waited for, then named`() throws {
    let database = try DatabaseFile.open(path: path, configuration: configuration)
    try DatabaseQueue(path: path).writeWithoutTransaction { connection in
      try connection.execute(sql: "BEGIN IMMEDIATE")
      let error = #expect(throws: PipelineError.self) { try database.write { _ in } }
      #expect(error?.exit == .locked)
      try connection.execute(sql: "ROLLBACK")
    }
    #expect(throws: Never.self) { try database.write { _ in } }
  }

  @Test func `a file that is no database is refused by name and left as it is`() throws {
    try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
    let text = Data(repeating: 0x41, count: 20_000)
    try text.write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: PipelineError.self) { try DatabaseFile.open(path: path, configuration: configuration) }
    #expect(error?.exit == .badInput && error?.message.contains(path) == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == text)
  }

  @Test func `a missing file is no input for a reader`() throws {
    var reading = configuration
    reading.isReadOnly = true
    let error = #expect(throws: PipelineError.self) { try DatabaseFile.open(path: path, configuration: reading) }
    #expect(error?.exit == .noInput)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `a folder in the file's place can not be opened`() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let error = #expect(throws: PipelineError.self) { try DatabaseFile.open(path: path, configuration: configuration) }
    #expect(error?.exit == .inputOutput)
  }
}
