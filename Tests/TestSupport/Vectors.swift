import Foundation

/// The public vectors under `Tests/Vectors`.
package enum Vectors {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Vectors").path

  package static func path(_ name: String) -> String { root + "/" + name }

  package static func read(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: path(name)))) }

  package static func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
  }

  /// The lines of an `expected.tsv` behind its header, as columns.
  package static func table(_ name: String) throws -> [[String]] {
    String(decoding: try read(name), as: UTF8.self).split(separator: "\n").dropFirst()
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
  }
}
