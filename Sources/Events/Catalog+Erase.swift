import Columns
import Databases
import Foundation
import GRDB

extension Catalog {
  private static let markName = "erased_key_mark"

  /// Hashes of the erased customers' ids, and the mark of the key; nil before the first.
  func erased() throws(PipelineError) -> (hashes: Set<[UInt8]>, quick: Set<Int64>, mark: String?) {
    try read { connection in
      let hashes = try Data.fetchAll(connection, sql: "SELECT hash FROM erased").map { [UInt8]($0) }
      let quick = try Int64.fetchAll(connection, sql: "SELECT quick_hash FROM erased")
      return (
        Set(hashes), Set(quick), try String.fetchOne(connection, sql: "SELECT value FROM store WHERE key = ?", arguments: [Self.markName])
      )
    }
  }

  /// In one transaction: the new segments count, rejects that name the customer go, and so do the counts of his rows, to `filtered`.
  func erase(
    _ segments: [NewSegment], names: @Sendable ([UInt8]) -> Bool, hash: (slow: [UInt8], quick: Int64), mark: String, runID: String
  ) throws(PipelineError) {
    try write { connection in
      for segment in segments { try segment.takePlace(connection) }
      for row in try Row.fetchAll(connection, sql: "SELECT load_id, number, raw, repair_id FROM rejects") {
        guard names([UInt8](row["raw"] as Data? ?? Data())) else { continue }
        let (load, number): (Int64, Int64) = (row["load_id"], row["number"])
        try connection.execute(sql: "DELETE FROM rejects WHERE load_id = ? AND number = ?", arguments: [load, number])
        // A repaired one is counted with the load that repaired it.
        if row["repair_id"] as Int64? != nil { continue }
        try connection.execute(
          sql: "UPDATE loads SET rows_rejected = rows_rejected - 1, rows_filtered = rows_filtered + 1 WHERE id = ?", arguments: [load])
      }
      try connection.execute(sql: "INSERT OR IGNORE INTO erased VALUES (?, ?, ?)", arguments: [Data(hash.slow), hash.quick, runID])
      try connection.execute(sql: "INSERT OR REPLACE INTO store VALUES (?, ?)", arguments: [Self.markName, mark])
    }
  }
}
