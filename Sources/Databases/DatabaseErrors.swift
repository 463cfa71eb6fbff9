import Columns
import GRDB

extension PipelineError {
  /// SQLite's error as a user meets it: no values, only names of tables and columns; the exit code and what to do follow from the result
  /// code.
  package init(_ error: DatabaseError, title: String, path: String) {
    let words = "\(error.message ?? "no message") (SQLite \(error.extendedResultCode.rawValue))"
    let place = "\(title) \(path)"
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(.locked, "\(place): another program is writing to it: \(words)", fix: "wait until that program is done, then run again")
    case .SQLITE_FULL:
      self.init(.inputOutput, "\(place): no space left: \(words)", fix: "free disk space, then run again; nothing was changed")
    case .SQLITE_CORRUPT:
      self.init(
        .badInput, "\(place): the file is damaged: \(words)",
        fix: "move it and its -wal and -shm aside, then run again to build it anew, or restore a backup")
    case .SQLITE_NOTADB, .SQLITE_FORMAT:
      self.init(
        .badInput, "\(place): expected a SQLite database, found another kind of file: \(words)",
        fix: "name another path, or move that file aside")
    case .SQLITE_READONLY, .SQLITE_PERM:
      self.init(.inputOutput, "\(place): may not be written: \(words)", fix: "give this user the right to write to the file and its folder")
    case .SQLITE_CANTOPEN:
      self.init(
        .inputOutput, "\(place): can not be opened: \(words)",
        fix: "check that the folder exists and that this user may read and write the file and its folder")
    case .SQLITE_IOERR, .SQLITE_NOLFS, .SQLITE_PROTOCOL:
      self.init(
        .inputOutput, "\(place): the disk failed: \(words)", fix: "check the disk and its quota, then run again; nothing was changed")
    case .SQLITE_TOOBIG:
      self.init(
        .badInput, "\(place): a value is longer than SQLite can hold: \(words)", fix: "lower the longest field allowed in the dumps")
    case .SQLITE_ERROR where error.message == "unsupported file format":
      self.init(
        .badInput, "\(place): the file is damaged, or of a later SQLite: \(words)",
        fix: "move it and its -wal and -shm aside, then run again to build it anew, or restore a backup")
    default:
      self.init(
        .internalError, "\(place): \(words)", details: error.sql.map { ["statement: \($0)"] } ?? [],
        fix: "where another program changed the file, restore it from a backup; else this is a fault of holdfast: report it")
    }
  }

  /// Any error that left a database's block: ours as it is, SQLite's translated.
  package init(boundary error: any Error, title: String, path: String) {
    switch error {
    case let error as PipelineError: self = error
    case let error as DatabaseError: self.init(error, title: title, path: path)
    default: self.init(.internalError, "\(title) \(path): \(error)")
    }
  }
}
