/// How a database of ours is opened and, where it does not exist, created.
package struct DatabaseConfiguration: Sendable {
  /// What the user calls it, for messages: `results database`, `catalog`.
  package var title: String
  /// Stands in the file's header (`PRAGMA application_id`); a file that bears another is refused.
  package var applicationID: Int32
  package var isReadOnly: Bool
  /// Of the file and SQLite's two companions (`-wal`, `-shm` take it over), whatever the umask.
  package var fileMode: UInt16
  /// Of folders that had to be created, whatever the umask.
  package var folderMode: UInt16
  /// Group that a created file is given; nil: the process's own.
  package var group: String?
  /// Bytes, of a database that is created; an existing one keeps its own.
  package var pageBytes: Int
  package var cacheKiB: Int
  /// How long to wait for another writer before it is an error.
  package var busySeconds: Double
  /// Off where a database declares no foreign keys, so that a planted one neither deletes rows nor stops a run.
  package var enforcesForeignKeys: Bool
  /// A view that stands in place of a table of ours is an error. Off only for readers that show views.
  package var refusesViews: Bool

  package init(
    title: String, applicationID: Int32, isReadOnly: Bool = false, fileMode: UInt16 = 0o600, folderMode: UInt16 = 0o700,
    group: String? = nil, pageBytes: Int = 16384, cacheKiB: Int = 16384, busySeconds: Double = 10,
    enforcesForeignKeys: Bool = true, refusesViews: Bool = true
  ) {
    self.title = title
    self.applicationID = applicationID
    self.isReadOnly = isReadOnly
    self.fileMode = fileMode
    self.folderMode = folderMode
    self.group = group
    self.pageBytes = pageBytes
    self.cacheKiB = cacheKiB
    self.busySeconds = busySeconds
    self.enforcesForeignKeys = enforcesForeignKeys
    self.refusesViews = refusesViews
  }
}
