import Buffers
import Columns
import Databases

/// `STATE/catalog.seal`: length and SHA-256 of the catalog as the last run left it. SQLite has no checksums of its own, and a flipped bit
/// in a count or a path is no damage in its eyes.
///
/// The seal is taken away, durably, before the first change, and set anew when the log is empty: an interrupted run leaves none, and then
/// SQLite's own check has to do.
struct CatalogSeal: Sendable {
  private let catalog: String
  private let path: String

  init(catalog: String) {
    self.catalog = catalog
    path = DatabaseFiles.folder(of: catalog) + "/catalog.seal"
  }

  /// What stands in a seal.
  private func text() throws(SystemFault) -> String {
    let bytes = try FileIdentity.of(catalog)?.identity.byteCount ?? 0
    return "holdfast catalog\n\(bytes) bytes\nSHA-256 \(try InputFile.sha256(of: catalog))\n"
  }

  /// - Returns: whether there is a seal.
  /// - Throws: 65 where it is broken.
  func check() throws(PipelineError) -> Bool {
    do {
      guard try FileIdentity.of(path) != nil, try FileIdentity.of(catalog) != nil else { return false }
      let wanted = Array(try text().utf8)
      if try SmallFile.read(path, bytesMax: 1024) == wanted { return true }
    } catch { throw storeFault(error) }
    throw PipelineError(
      .badInput, "catalog \(catalog): the file is damaged, or was changed by another program: its checksum is not the one in \(path)",
      fix: Self.fix)
  }

  func remove() throws(PipelineError) {
    do throws(SystemFault) {
      try removeFile(path)
      try syncFolder(of: path)
    } catch { throw storeFault(error) }
  }

  func set() throws(PipelineError) {
    do { try SmallFile.replace(path, with: Array(try text().utf8)) } catch { throw storeFault(error) }
  }

  /// What to do about a catalog that is damaged or gone.
  static let fix =
    "restore the state folder from a backup, or move it aside and run again: every dump that is still there is read again"
    + " (erase again who was erased)"
}
