import Columns
import Foundation

/// The file of one dump's events: stripes of up to 2¹⁹ rows and a batch; in each stripe, for every bucket, one block a column; then the stripe's
/// identities, sorted into partitions; and, in a segment that holds more than one dump, for every bucket how many rows each of them has.
/// Newer versions are refused.
enum SegmentFormat {
  static let magic: UInt64 = 0x0A47_4553_5446_4C48  // "HLFTSEG\n"
  static let version: UInt32 = 1
  /// Of a segment that holds more than one load.
  static let mergedVersion: UInt32 = 2
  /// Identities are partitioned by the top 8 bits of their hash: a partition's table fits the second-level cache.
  static let partitionCount = 256
  /// About how many rows a full stripe has.
  static let stripeRows = 1 << 19
  /// No stripe has more rows.
  static let stripeRowsMax = 1 << 24

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
  static func blocksPerStripe(_ bucketCount: Int, isMerged: Bool) -> Int { bucketCount * blocksPerBucket + (isMerged ? 4 : 3) }
}

/// The rows of one load in a segment.
struct SegmentPart: Codable, Sendable, Hashable {
  var sha256: String
  /// As in `SegmentMeta`.
  var repairs: String?
  var rowCount: Int
  var firstEventAt: Int64?
  var lastEventAt: Int64?
  /// Of the dump that its rows stand in.
  var dumpSHA256: String { repairs ?? sha256 }
}

/// Rows of one part that stand one behind the other, in every bucket of a stripe.
struct SegmentPiece: Codable, Sendable, Hashable {
  var part: Int
  /// The line from which its steps count.
  var firstLine: Int64
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
  /// Of a segment that holds more than one load, by their first event; nil: it is the load of `sha256`.
  var parts: [SegmentPart]?
  /// With `parts`: for each stripe its pieces, in order.
  var pieces: [[SegmentPiece]]?

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

  /// The rows of a segment that was never merged.
  var wholePart: SegmentPart {
    SegmentPart(sha256: sha256, repairs: repairs, rowCount: rowCount, firstEventAt: firstEventAt, lastEventAt: lastEventAt)
  }

  /// Whether what it says of stripes and parts agrees with itself.
  func isSound(version: UInt32) -> Bool {
    guard bucketCount > 0, stripeCount >= 0 else { return false }
    guard let parts, let pieces else { return version == SegmentFormat.version && stripeFirstLines.count == stripeCount }
    return version == SegmentFormat.mergedVersion && pieces.count == stripeCount && !parts.isEmpty
      && pieces.allSatisfy { !$0.isEmpty && $0.allSatisfy { parts.indices.contains($0.part) } }
  }
}
