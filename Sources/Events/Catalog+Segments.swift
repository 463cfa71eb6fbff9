import Columns
import GRDB

extension Catalog {
  /// A segment that was written anew: which loads it holds, and what is left of each.
  struct NewSegment: Sendable {
    var name: String
    var parts: [SegmentPart]

    /// The loads are found here from now on. Rows that are no longer there count as filtered.
    func takePlace(_ connection: Database) throws {
      let statement = try connection.makeStatement(
        sql: """
          UPDATE loads SET segment = ?, rows_filtered = rows_filtered + rows_stored - ?, rows_stored = ?, first_event_at = ?,
            last_event_at = ? WHERE sha256 = ?
          """)
      for part in parts {
        try statement.execute(arguments: [name, part.rowCount, part.rowCount, part.firstEventAt, part.lastEventAt, part.sha256])
      }
    }
  }

  /// In one transaction: all of the new segments count, and those whose loads they hold no longer do.
  func replace(by segments: [NewSegment]) throws(PipelineError) {
    try write { connection in for segment in segments { try segment.takePlace(connection) } }
  }
}
