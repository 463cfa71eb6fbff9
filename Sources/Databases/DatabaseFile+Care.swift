import Columns
import GRDB

extension DatabaseFile {
  /// What became of the log after a commit.
  package enum Checkpoint: Sendable, Equatable {
    /// All of it stands in the database, and the log is empty.
    case complete
    /// A reader still needs it; the next commit's checkpoint takes it along.
    case readerInTheWay
  }

  /// Moves the log into the database. Never waits long for readers: committed is committed.
  /// - Parameter emptying: cuts the log to 0 bytes, too. Closing the last connection removes it in any case.
  package func checkpoint(emptying: Bool = true) throws(PipelineError) -> Checkpoint {
    try withoutTransaction { connection in
      try connection.execute(sql: "PRAGMA busy_timeout = 200")
      defer { try? connection.execute(sql: "PRAGMA busy_timeout = \(Int(configuration.busySeconds * 1000))") }
      do {
        _ = try connection.checkpoint(emptying ? .truncate : .full)
        return .complete
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED {
        return .readerInTheWay
      }
    }
  }

  /// `PRAGMA quick_check`: one line a problem, at most 100; empty: sound.
  package func problems() throws(PipelineError) -> [String] {
    do {
      return try read { connection in
        try String.fetchAll(connection, sql: "PRAGMA quick_check").filter { $0 != "ok" }
      }
    } catch  where error.exit == .badInput {
      // Damage can be such that the check itself does not get through.
      return [error.message]
    }
  }

  /// Stops where `quick_check` finds anything.
  package func requireSound() throws(PipelineError) {
    let problems = try problems()
    if problems.isEmpty { return }
    throw PipelineError(
      .badInput, "\(configuration.title) \(path): the file is damaged", details: Array(problems.prefix(10)),
      fix: "move it and its -wal and -shm aside, then run again to build it anew, or restore a backup")
  }
}

extension DatabaseFile {
  /// Ends the building of a new file (`Journal.none`): its header then says WAL to whoever opens it.
  package func becomeWriteAhead() throws(PipelineError) {
    let mode = try withoutTransaction { try String.fetchOne($0, sql: "PRAGMA journal_mode = WAL") }
    if mode == "wal" { return }
    throw PipelineError(
      .inputOutput, "\(configuration.title) \(path): expected journal mode wal, found \(mode ?? "none")", fix: "name a path on a local disk"
    )
  }
}

extension DatabaseFile {
  /// Rewrites the whole file, so that nothing is left of deleted rows in free room, and empties the log, which still holds them.
  /// - Throws: 75 where a reader keeps the log from being emptied.
  package func leaveNothingBehind() throws(PipelineError) {
    try withoutTransaction { connection in
      // The copy may be larger than the memory.
      try connection.execute(sql: "PRAGMA secure_delete = ON; PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY")
    }
    if try checkpoint() == .complete { return }
    throw PipelineError(
      .locked, "\(configuration.title) \(path): another program reads it, and keeps deleted rows in \(path)-wal",
      fix: "end that program, then run again")
  }
}
