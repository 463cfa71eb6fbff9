/// What became of the rows of one dump: loaded + rejected + duplicate + filtered = read, always.
package struct LoadRecord: Sendable, Hashable, Codable {
  package var feed: String
  /// As the user named it when it was first loaded.
  package var path: String
  /// Of the file's bytes, lower-case hexadecimal.
  package var sha256: String
  package var fileBytes: Int64
  package var textBytes: Int64
  package var rowsRead: Int64
  package var rowsLoaded: Int64
  package var rowsRejected: Int64
  /// Rows that lost against an equal identity in this or another dump.
  package var rowsDuplicate: Int64
  package var rowsFiltered: Int64
  /// Seconds since 1970 of the earliest and newest event; nil when none was stored.
  package var firstEventAt: Int64?
  package var lastEventAt: Int64?
  /// The run that loaded it.
  package var runID: String

  package init(
    feed: String, path: String, sha256: String, fileBytes: Int64, textBytes: Int64, rowsRead: Int64, rowsLoaded: Int64,
    rowsRejected: Int64, rowsDuplicate: Int64, rowsFiltered: Int64, firstEventAt: Int64?, lastEventAt: Int64?, runID: String
  ) {
    self.feed = feed
    self.path = path
    self.sha256 = sha256
    self.fileBytes = fileBytes
    self.textBytes = textBytes
    self.rowsRead = rowsRead
    self.rowsLoaded = rowsLoaded
    self.rowsRejected = rowsRejected
    self.rowsDuplicate = rowsDuplicate
    self.rowsFiltered = rowsFiltered
    self.firstEventAt = firstEventAt
    self.lastEventAt = lastEventAt
    self.runID = runID
  }
}

/// A row that was repeated with other content: the row that lost, and the one that stands.
package struct ConflictRecord: Sendable, Hashable, Codable {
  package var feed: String
  package var sha256: String
  package var line: Int64
  package var keptSHA256: String
  package var keptLine: Int64
  /// Names of the fields that differ, comma separated.
  package var differs: String

  package init(feed: String, sha256: String, line: Int64, keptSHA256: String, keptLine: Int64, differs: String) {
    self.feed = feed
    self.sha256 = sha256
    self.line = line
    self.keptSHA256 = keptSHA256
    self.keptLine = keptLine
    self.differs = differs
  }
}
