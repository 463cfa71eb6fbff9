import Columns
import Foundation

/// The file of one dump's events: stripes of up to 2¹⁹ rows and a batch; in each stripe, for every bucket, one block a column; then the stripe's
/// identities, sorted into partitions. A version other than `version` is refused.
enum SegmentFormat {
  static let magic: UInt64 = 0x0A47_4553_5446_4C48  // "HLFTSEG\n"
  static let version: UInt32 = 1
  /// Identities are partitioned by the top 8 bits of their hash: a partition's table fits the second-level cache.
  static let partitionCount = 256

  /// The blocks of one bucket, in this order.
  enum Block: Int, CaseIterable {
    /// The bucket's distinct customers of this stripe, numbered from 0.
    case customerLengths, customerBytes
    /// Number of each row's customer.
    case customers
    /// Seconds since 1970, UTC.
    case times
    /// Line in the dump, as the difference from the row before in the bucket.
    case lineSteps
    /// 0 purchase, 1 refund.
    case kinds
    /// Minor units.
    case amounts, discounts, costs
    /// Numbers in the segment's word lists; 0 is NULL.
    case categories, channels
    case updates
    /// Transaction ids: the common prefix and the digits behind it as numbers (the bytes' block counts the digits), or, where they do
    /// not all look so, bytes and lengths.
    case idBytes, idNumbers
  }
  static let blocksPerBucket = Block.allCases.count
  static func blocksPerStripe(_ bucketCount: Int) -> Int { bucketCount * blocksPerBucket + 3 }
}

/// What a segment says of itself.
struct SegmentMeta: Codable, Sendable {
  var feed: String
  var sha256: String
  /// SHA-256 of the dump whose rejects these rows repair; nil: they are a dump of their own.
  var repairs: String?
  var bucketCount: Int
  var stripeCount: Int
  var rowCount: Int
  /// The line from which each stripe's steps count.
  var stripeFirstLines: [Int64] = []
  var hasIdentity: Bool
  var hasDiscount: Bool
  var hasCost: Bool
  var hasCategory: Bool
  var hasChannel: Bool
  var hasUpdates: Bool
  /// Number 0 is NULL.
  var categories: [String]
  var channels: [String]
  var firstEventAt: Int64?
  var lastEventAt: Int64?

  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  init?(json: String) {
    guard let meta = try? JSONDecoder().decode(SegmentMeta.self, from: Data(json.utf8)) else { return nil }
    self = meta
  }

  init(feed: String, bucketCount: Int, mapping: Set<String>) {
    self.feed = feed
    self.bucketCount = bucketCount
    (sha256, stripeCount, rowCount) = ("", 0, 0)
    hasIdentity = mapping.contains("identity")
    hasDiscount = mapping.contains("discount")
    hasCost = mapping.contains("cost")
    hasCategory = mapping.contains("category")
    hasChannel = mapping.contains("channel")
    hasUpdates = mapping.contains("updated_at")
    (categories, channels) = ([""], [""])
  }
}
