/// A row that was read and refused.
package struct Reject: Sendable, Hashable {
  /// In the dump's text, from 1 (the header is line 1).
  package var line: Int64
  /// Offset of the row's first byte in the decompressed text.
  package var byteOffset: Int64
  /// The dump's own column name; empty when the row as a whole is at fault.
  package var column: String
  /// What was expected and what stood there, without the value itself.
  package var reason: String
  /// The row as it stood, cut after `rawBytesMax`.
  package var raw: [UInt8]

  package static let rawBytesMax = 4096

  package init(line: Int64, byteOffset: Int64, column: String, reason: String, raw: [UInt8]) {
    self.line = line
    self.byteOffset = byteOffset
    self.column = column
    self.reason = reason
    self.raw = raw
  }
}
