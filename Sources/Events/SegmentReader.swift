import Buffers
import Columns

/// The events of one dump or, after `compact`, of several, mapped. Blocks are unpacked bucket by bucket, on any thread.
package final class SegmentReader: Sendable {
  let file: BlockFile
  let meta: SegmentMeta
  /// The loads whose rows it holds; one, where it was never merged.
  let parts: [SegmentPart]
  package var path: String { file.path }
  package var stripeCount: Int { meta.stripeCount }
  package var rowCount: Int { meta.rowCount }
  package var hasDiscount: Bool { meta.hasDiscount }
  package var hasCost: Bool { meta.hasCost }
  package var hasCategory: Bool { meta.hasCategory }
  package var hasChannel: Bool { meta.hasChannel }
  /// Number 0 is NULL.
  package var categories: [String] { meta.categories }
  package var channels: [String] { meta.channels }
  package var firstEventAt: Int64? { meta.firstEventAt }
  package var lastEventAt: Int64? { meta.lastEventAt }

  package init(path: String) throws(PipelineError) {
    file = try BlockFile(path: path, magic: SegmentFormat.magic, versions: SegmentFormat.version...SegmentFormat.mergedVersion)
    guard let meta = SegmentMeta(json: file.meta), meta.isSound(version: file.version),
      file.entries.count == meta.stripeCount * SegmentFormat.blocksPerStripe(meta.bucketCount, isMerged: meta.parts != nil),
      // A block of equal values takes no bytes, however many there are: a few must not stand for the whole memory.
      file.entries.allSatisfy({ $0.width != 0 || $0.byteCount != 0 || $0.count <= SegmentFormat.stripeRowsMax })
    else {
      throw PipelineError(.badInput, "\(path): its description does not fit its blocks", fix: BlockFile.fix)
    }
    self.meta = meta
    parts = meta.parts ?? [meta.wholePart]
  }

  func block(_ stripe: Int, _ bucket: Int, _ block: SegmentFormat.Block) -> Int {
    firstBlock(stripe) + bucket * SegmentFormat.blocksPerBucket + block.rawValue
  }

  package func rowCount(stripe: Int, bucket: Int) -> Int { Int(file.entries[block(stripe, bucket, .times)].count) }

  private func integers<T: FixedWidthInteger & BitwiseCopyable>(
    _ stripe: Int, _ bucket: Int, _ column: SegmentFormat.Block, as type: T.Type, rows: Int
  ) throws(PipelineError) -> [T] {
    let values = try file.integers(block(stripe, bucket, column), as: T.self)
    guard values.count == rows else {
      throw PipelineError(
        .badInput, "\(file.path): the columns of bucket \(bucket) differ in length", fix: BlockFile.fix)
    }
    return values
  }

  /// The customers of one bucket: their ids back to back, and the number of each event's customer among them.
  package func customers(stripe: Int, bucket: Int) throws(PipelineError) -> CustomerColumn {
    let lengths = try file.integers(block(stripe, bucket, .customerLengths), as: UInt32.self)
    let bytes = try file.plain(block(stripe, bucket, .customerBytes), as: UInt8.self)
    let codes = try integers(stripe, bucket, .customers, as: UInt32.self, rows: rowCount(stripe: stripe, bucket: bucket))
    let total = lengths.reduce(UInt64(0)) { $0 + UInt64($1) }
    guard total == UInt64(bytes.count), codes.allSatisfy({ Int($0) < lengths.count }) else { throw doesNotFit(bucket) }
    return CustomerColumn(lengths: lengths, bytes: bytes, codes: codes)
  }

  package func times(stripe: Int, bucket: Int) throws(PipelineError) -> [Int64] {
    try integers(stripe, bucket, .times, as: Int64.self, rows: rowCount(stripe: stripe, bucket: bucket))
  }

  /// The values of one bucket's events, in the order of the dump. Columns that the dump does not have are empty.
  package func events(stripe: Int, bucket: Int) throws(PipelineError) -> EventColumns {
    let n = rowCount(stripe: stripe, bucket: bucket)
    var events = EventColumns()
    events.times = try times(stripe: stripe, bucket: bucket)
    events.kinds = try integers(stripe, bucket, .kinds, as: UInt8.self, rows: n)
    events.amounts = try integers(stripe, bucket, .amounts, as: Int64.self, rows: n)
    if hasDiscount { events.discounts = try integers(stripe, bucket, .discounts, as: Int64.self, rows: n) }
    if hasCost { events.costs = try integers(stripe, bucket, .costs, as: Int64.self, rows: n) }
    if hasCategory { events.categories = try integers(stripe, bucket, .categories, as: UInt16.self, rows: n) }
    if hasChannel { events.channels = try integers(stripe, bucket, .channels, as: UInt16.self, rows: n) }
    guard events.categories.allSatisfy({ Int($0) < categories.count }), events.channels.allSatisfy({ Int($0) < channels.count }) else {
      throw doesNotFit(bucket)
    }
    return events
  }

  private func doesNotFit(_ bucket: Int) -> PipelineError {
    PipelineError(
      .badInput, "\(file.path): bucket \(bucket) names customers or words that are not there", fix: BlockFile.fix)
  }

  func updates(stripe: Int, bucket: Int) throws(PipelineError) -> [Int64] {
    if !meta.hasUpdates { return [] }
    return try integers(stripe, bucket, .updates, as: Int64.self, rows: rowCount(stripe: stripe, bucket: bucket))
  }

  /// When one event was, in seconds since 1970, UTC. The block's checksum is not looked at.
  package func time(stripe: Int, bucket: Int, index: Int) -> Int64? { value(stripe, bucket, .times, index) }

  /// The transaction id of one event, as bytes. The block's checksum is not looked at.
  package func id(stripe: Int, bucket: Int, index: Int) throws(PipelineError) -> [UInt8] {
    let bytesBlock = block(stripe, bucket, .idBytes), digits = Int(file.entries[bytesBlock].count)
    var found: [UInt8]?
    // More than 18 are never packed so.
    if 1...18 ~= digits {
      let prefix = file.slice(bytesBlock, from: 0, to: Int(file.entries[bytesBlock].byteCount), as: UInt8.self)
      let text = file.integer(block(stripe, bucket, .idNumbers), at: index).map { Array(String($0).utf8) }
      if let prefix, let text { found = prefix + [UInt8](repeating: 48, count: max(0, digits - text.count)) + text }
    } else {
      let lengths = try file.integers(block(stripe, bucket, .idNumbers), as: Int64.self)
      let from = lengths.prefix(index).reduce(0, &+)
      if lengths.indices.contains(index), from >= 0 {
        found = file.slice(bytesBlock, from: Int(from), to: Int(from &+ lengths[index]), as: UInt8.self)
      }
    }
    guard let found else {
      throw PipelineError(.badInput, "\(file.path): event \(index) of bucket \(bucket) has no id", fix: BlockFile.fix)
    }
    return found
  }

  // MARK: identities

  func partitionOffsets(stripe: Int) throws(PipelineError) -> [UInt32] {
    if !meta.hasIdentity { return [] }
    let offsets = try file.plain(identityBlock(stripe), as: UInt32.self)
    guard offsets.count == SegmentFormat.partitionCount + 1, zip(offsets, offsets.dropFirst()).allSatisfy(<=) else {
      throw PipelineError(
        .badInput, "\(file.path): the partitions of its identities are not in order", fix: BlockFile.fix)
    }
    return offsets
  }

  func identityBlock(_ stripe: Int) -> Int {
    firstBlock(stripe) + meta.bucketCount * SegmentFormat.blocksPerBucket
  }

  private func firstBlock(_ stripe: Int) -> Int { stripe * SegmentFormat.blocksPerStripe(meta.bucketCount, isMerged: isMerged) }

  /// The first row of each bucket, rows counted through the stripe; one more than there are buckets.
  package func bucketStarts(stripe: Int) -> [Int] {
    var starts = [0]
    for bucket in 0..<meta.bucketCount { starts.append(starts[bucket] + rowCount(stripe: stripe, bucket: bucket)) }
    return starts
  }

  /// One value of a column, without a look at the block's checksum.
  func value(_ stripe: Int, _ bucket: Int, _ column: SegmentFormat.Block, _ index: Int) -> Int64? {
    file.integer(block(stripe, bucket, column), at: index)
  }

  func bytes(_ stripe: Int, _ bucket: Int, _ column: SegmentFormat.Block, from: Int, to: Int) -> [UInt8]? {
    file.slice(block(stripe, bucket, column), from: from, to: to, as: UInt8.self)
  }

  /// The id of one customer of a bucket, without a look at the blocks' checksums.
  func customerID(_ stripe: Int, _ bucket: Int, _ code: Int) throws(PipelineError) -> [UInt8]? {
    let lengths = block(stripe, bucket, .customerLengths)
    guard let length = file.integer(lengths, at: code) else { return nil }
    var from = Int64(code).multipliedReportingOverflow(by: length)
    // Ids that are not all of one length have to be added up.
    if file.entries[lengths].width != 0 {
      from = (try file.integers(lengths, as: Int64.self).prefix(code).reduce(0, &+), false)
    }
    guard length >= 0, from.partialValue >= 0, !from.overflow else { return nil }
    return bytes(stripe, bucket, .customerBytes, from: Int(from.partialValue), to: Int(from.partialValue &+ length))
  }
}

/// Who the events of one bucket of one stripe belong to: `codes[i]` counts into `lengths`.
package struct CustomerColumn: Sendable {
  package var lengths: [UInt32]
  package var bytes: [UInt8]
  package var codes: [UInt32]
}

/// The events of one bucket of one stripe, a column each. `PackedIntegers.null` is NULL; word 0 is NULL.
package struct EventColumns: Sendable {
  package var times: [Int64] = []
  package var kinds: [UInt8] = []
  package var amounts: [Int64] = []
  package var discounts: [Int64] = []
  package var costs: [Int64] = []
  package var categories: [UInt16] = []
  package var channels: [UInt16] = []
}
