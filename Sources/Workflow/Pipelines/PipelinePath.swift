/// A path or pattern as it was written, and as it can be opened from the current folder.
package struct PipelinePath: Sendable, Hashable {
  package var written: String
  package var path: String

  /// Relative paths of a pipeline file start at its folder.
  init(_ written: String, from folder: String) {
    self.written = written
    path = Paths.joined(folder, written)
  }

  /// Relative paths of the command line start at the current folder.
  package init(fromHere written: String) {
    self.written = written
    path = written
  }
}
