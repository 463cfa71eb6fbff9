import Foundation

/// A folder that goes with the test.
final class Folder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "holdfast-populations-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)) }

  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

  /// The text of a dump, as the system's gzip reads it.
  func text(_ name: String) throws -> String {
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-dc", path + "/" + name]
    let pipe = Pipe()
    gzip.standardOutput = pipe
    try gzip.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    gzip.waitUntilExit()
    guard gzip.terminationStatus == 0, let text = String(data: data, encoding: .utf8) else { throw CocoaError(.fileReadCorruptFile) }
    return text
  }

  /// The lines of a dump behind its header, which is checked.
  func lines(_ name: String) throws -> [[String]] {
    let lines = try text(name).split(separator: "\n")
    guard lines.first == "transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind" else {
      throw CocoaError(.fileReadCorruptFile)
    }
    return lines.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }
}
