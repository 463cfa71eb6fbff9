import Columns
import Foundation
import GRDB

/// What the catalog keeps so that rejects can be repaired: the names of every dump's columns, and which load repaired which reject.
enum CatalogRepairs {
  static let migrationSQL = """
    ALTER TABLE loads ADD COLUMN header BLOB;
    ALTER TABLE loads ADD COLUMN repairs_id INTEGER REFERENCES loads (id) ON DELETE CASCADE;
    ALTER TABLE rejects ADD COLUMN repair_id INTEGER REFERENCES loads (id) ON DELETE SET NULL;
    """

  static let loadsSQL = """
    SELECT loads.*, dump.sha256 AS repairs FROM loads LEFT JOIN loads AS dump ON dump.id = loads.repairs_id
    ORDER BY loads.feed, loads.path, loads.sha256
    """

  /// Column names as they are kept: with a NUL between, which no name of a table holds.
  static func bytes(_ names: [[UInt8]]?) -> Data? { names.map { Data($0.joined(separator: [0])) } }

  static func names(_ bytes: Data?) -> [[UInt8]]? {
    bytes.map { $0.split(separator: 0, omittingEmptySubsequences: false).map { [UInt8]($0) } }
  }

  /// - Returns: the row's id.
  static func insert(_ entry: Catalog.Entry, _ connection: Database) throws -> Int64 {
    let load = entry.load
    try connection.execute(
      sql: """
        INSERT INTO loads VALUES (
          NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM loads WHERE feed = ? AND sha256 = ?))
        """,
      arguments: [
        load.feed, load.path, load.sha256, load.fileBytes, load.textBytes, Int64(entry.textCRC), entry.mapping, load.rowsRead,
        load.rowsLoaded, load.rowsRejected, load.rowsFiltered, load.firstEventAt, load.lastEventAt, load.runID, entry.segment,
        bytes(entry.header), load.feed, entry.repairs,
      ])
    return connection.lastInsertedRowID
  }
}

extension Catalog {
  /// Makes the segment of repaired rejects exist, and takes them off the list, in one transaction.
  func insert(_ entry: Entry, repairing lines: [Int64]) throws(PipelineError) {
    try write { connection in
      let id = try CatalogRepairs.insert(entry, connection)
      let statement = try connection.makeStatement(
        sql: "UPDATE rejects SET repair_id = ? WHERE line = ? AND load_id = (SELECT repairs_id FROM loads WHERE id = ?)")
      for line in lines { try statement.execute(arguments: [id, line, id]) }
    }
  }

  /// Lines of a dump's rejects, and whether each was repaired.
  func rejectLines(feed: String, sha256: String) throws(PipelineError) -> [Int64: Bool] {
    try read { connection in
      let rows = try Row.fetchAll(
        connection,
        sql: "SELECT line, repair_id IS NOT NULL AS done FROM rejects JOIN loads ON loads.id = load_id WHERE feed = ? AND sha256 = ?",
        arguments: [feed, sha256])
      return Dictionary(rows.map { ($0["line"], $0["done"]) }, uniquingKeysWith: { a, _ in a })
    }
  }
}

extension LoadRecord {
  /// Counts rejects of this dump that were repaired as loaded.
  mutating func countAsLoaded(_ repair: LoadRecord) {
    rowsLoaded += repair.rowsLoaded
    rowsFiltered += repair.rowsFiltered
    rowsRejected -= repair.rowsRead
    if let first = repair.firstEventAt { firstEventAt = min(firstEventAt ?? first, first) }
    if let last = repair.lastEventAt { lastEventAt = max(lastEventAt ?? last, last) }
  }
}
