import Columns
import Dumps
import Events
import Foundation

/// Dumps and a store in a folder that goes with the test.
package final class StoreFolder {
  package let path: String

  package init() throws {
    path = NSTemporaryDirectory() + "holdfast-stages-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a plain dump; returns its path.
  @discardableResult
  package func write(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
    return path + "/" + name
  }

  /// A new store with these dumps; every row of them that can be read.
  package func store(
    _ dumps: [String], mapping: TransactionMapping = TransactionMapping(), buckets: Int = 64, zone: String = "UTC", threads: Int = 2
  ) throws -> EventStore {
    let store = try EventStore.open(
      directory: path + "/" + UUID().uuidString, parameters: StoreParameters(bucketCount: buckets, timeZone: zone))
    let options = ExtractOptions(mapping: mapping, limits: RejectLimits(rowsMax: .max), threads: threads, runID: "test")
    for outcome in try store.extract(paths: dumps, options: options, progress: nil).outcomes {
      if let error = outcome.error { throw error }
    }
    try store.waitUntilCommitted()
    return store
  }
}

/// The root of the package.
package let packageRoot = (0..<3).reduce(URL(fileURLWithPath: #filePath)) { path, _ in path.deletingLastPathComponent() }.path

package func fixture(_ folder: String) throws -> [String] {
  let root = packageRoot + "/fixtures/" + folder
  return try FileManager.default.contentsOfDirectory(atPath: root).filter { $0.hasSuffix(".csv.gz") }.sorted().map { root + "/" + $0 }
}

/// What CDNOW's dumps have.
package let cdnowMapping = TransactionMapping(discount: nil, cost: nil, category: nil, channel: nil, kind: nil)
