import Buffers
import Columns
import Dumps
import Events
import Foundation
import TestSupport

let header = "transaction_id,customer_id,occurred_at,amount,category,kind,updated_at\n"

/// A mapping of the seven columns above.
func mapping(identity: [String] = ["transaction_id", "kind"], purchases: [String] = ["purchase"]) -> TransactionMapping {
  TransactionMapping(discount: nil, cost: nil, channel: nil, updatedAt: "updated_at", purchaseKinds: purchases, identity: identity)
}

func row(
  _ id: String, _ customer: String = "c1", at: String = "2024-03-01T00:00:00Z", _ amount: String = "1.00", category: String = "",
  kind: String = "purchase", updated: String = ""
) -> String {
  "\(id),\(customer),\(at),\(amount),\(category),\(kind),\(updated)\n"
}

/// An event of a store, traced back to its dump and line.
struct StoredEvent: Hashable {
  var dump: String
  var line: Int64
  var id: String
  var customer: String
  var time: Int64
  var amount: Int64
  var category: String
  var kind: UInt8
}

/// A store in a folder of its own, with the dumps beside it.
final class Stores {
  let folder: TemporaryFolder
  let store: EventStore
  private var runs = 0

  init(buckets: Int = 4, zone: String = "UTC") throws {
    folder = try TemporaryFolder()
    store = try EventStore.open(directory: folder.path + "/state", parameters: StoreParameters(bucketCount: buckets, timeZone: zone))
  }

  /// The same store, opened anew, as the next run does.
  init(again other: Stores) throws {
    folder = other.folder
    runs = 1000 + other.runs
    try other.store.waitUntilCommitted()
    store = try EventStore.open(directory: folder.path + "/state", parameters: other.store.parameters)
  }

  func options(_ change: (inout ExtractOptions) -> Void = { _ in }) -> ExtractOptions {
    runs += 1
    var options = ExtractOptions(mapping: mapping(), threads: 2, runID: "run\(runs)")
    change(&options)
    return options
  }

  @discardableResult
  func extract(_ names: String..., change: (inout ExtractOptions) -> Void = { _ in }) throws -> [DumpOutcome] {
    let report = try store.extract(paths: names.map { folder.path + "/" + $0 }, options: options(change), progress: nil)
    try store.waitUntilCommitted()
    return report.outcomes
  }

  /// Writes a dump and loads it.
  @discardableResult
  func load(_ name: String, _ rows: [String], change: (inout ExtractOptions) -> Void = { _ in }) throws -> DumpOutcome {
    try folder.write(name, header + rows.joined())
    return try extract(name, change: change)[0]
  }

  /// Events that count, without those that lost against an equal identity, by dump and line.
  func events(deduplicated: Bool = false) throws -> [StoredEvent] {
    let segments = try store.segments()
    let lost = deduplicated ? try deduplicate(segments, feed: EventStore.feed, threads: 2).dropped : []
    let names = Dictionary(uniqueKeysWithValues: try store.loads().map { ($0.sha256, String($0.path.split(separator: "/").last ?? "")) })
    var events: [StoredEvent] = []
    for (s, segment) in segments.enumerated() {
      for stripe in 0..<segment.stripeCount {
        let starts = segment.bucketStarts(stripe: stripe), dropped = Set(deduplicated ? lost[s][stripe] : [])
        for bucket in 0..<store.parameters.bucketCount {
          let columns = try segment.events(stripe: stripe, bucket: bucket), lines = try segment.lines(stripe: stripe, bucket: bucket)
          let dumps = try segment.dumps(stripe: stripe, bucket: bucket)
          let column = try segment.customers(stripe: stripe, bucket: bucket)
          var customers: [String] = [], at = 0
          for length in column.lengths {
            customers.append(String(decoding: column.bytes[at..<at + Int(length)], as: UTF8.self))
            at += Int(length)
          }
          for i in columns.times.indices where !dropped.contains(UInt32(starts[bucket] + i)) {
            events.append(
              StoredEvent(
                dump: names[dumps[i]] ?? "?", line: lines[i],
                id: String(decoding: try segment.id(stripe: stripe, bucket: bucket, index: i), as: UTF8.self),
                customer: customers[Int(column.codes[i])], time: columns.times[i], amount: columns.amounts[i],
                category: columns.categories.isEmpty ? "" : segment.categories[Int(columns.categories[i])], kind: columns.kinds[i]))
          }
        }
      }
    }
    return events.sorted { ($0.dump, $0.line) < ($1.dump, $1.line) }
  }

  var segmentNames: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/state/events/transactions"))?.sorted() ?? []
  }
}
