import Buffers
import Columns

/// Writes a segment anew without some of its rows. What is left keeps its dump, its lines and its order; blocks of buckets that lose no row
/// are copied as they are.
struct SegmentRewriter {
  let source: SegmentReader
  let dropped: RowSelection
  private var meta: SegmentMeta

  init(_ source: SegmentReader, without dropped: RowSelection) {
    self.source = source
    self.dropped = dropped
    meta = source.meta
    (meta.rowCount, meta.firstEventAt, meta.lastEventAt) = (0, nil, nil)
  }

  /// Writes beside `path`; the segment gets its name by `publish`.
  mutating func write(to path: String) throws(PipelineError) -> SegmentWriter {
    do {
      let file = try BlockFileWriter(path: path, magic: SegmentFormat.magic, version: SegmentFormat.version)
      for stripe in 0..<source.stripeCount {
        let blocks = try stripeBlocks(stripe)
        try file.append(blocks)
      }
      try file.finish(meta: meta.json)
      return SegmentWriter(rewritten: file, meta: meta)
    } catch let error as PipelineError {
      throw error
    } catch let fault as SystemFault {
      throw storeFault(fault)
    } catch {
      throw PipelineError(.internalError, "\(error)")
    }
  }

  private mutating func stripeBlocks(_ stripe: Int) throws(PipelineError) -> [PackedBlock] {
    var blocks: [PackedBlock] = []
    blocks.reserveCapacity(SegmentFormat.blocksPerStripe(meta.bucketCount))
    for bucket in 0..<meta.bucketCount {
      let first = blocks.count
      if let gone = dropped.rows[stripe][bucket] {
        blocks += try BucketCopy(source, stripe, bucket, without: gone).blocks()
      } else {
        for block in SegmentFormat.Block.allCases { blocks.append(try source.packed(source.block(stripe, bucket, block))) }
      }
      meta.rowCount += blocks[first + SegmentFormat.Block.times.rawValue].count
      try widenPeriod(stripe, bucket)
    }
    return blocks + (try identities(stripe))
  }

  private mutating func widenPeriod(_ stripe: Int, _ bucket: Int) throws(PipelineError) {
    let gone = Set(dropped.rows[stripe][bucket] ?? [])
    for (row, time) in try source.times(stripe: stripe, bucket: bucket).enumerated() where gone.isEmpty || !gone.contains(row) {
      meta.firstEventAt = min(meta.firstEventAt ?? time, time)
      meta.lastEventAt = max(meta.lastEventAt ?? time, time)
    }
  }

  /// The identities of the rows that stay, with the numbers that these have now.
  private func identities(_ stripe: Int) throws(PipelineError) -> [PackedBlock] {
    let block = source.identityBlock(stripe)
    if !meta.hasIdentity || dropped.rows[stripe].isEmpty {
      return [try source.packed(block), try source.packed(block + 1), try source.packed(block + 2)]
    }
    let offsets = try source.partitionOffsets(stripe: stripe)
    let hashes = try source.file.plain(block + 1, as: IdentityHash.self), rows = try source.file.plain(block + 2, as: UInt32.self)
    let numbers = newNumbers(stripe)
    guard hashes.count == rows.count, Int(offsets.last ?? 0) == rows.count, rows.allSatisfy({ Int($0) < numbers.count }) else {
      throw PipelineError(.badInput, "\(source.file.path): its identities do not fit its rows", fix: "remove it and load its dump again")
    }
    var kept: (offsets: [UInt32], hashes: [IdentityHash], rows: [UInt32]) = ([0], [], [])
    for partition in 0..<SegmentFormat.partitionCount {
      for i in Int(offsets[partition])..<Int(offsets[partition + 1]) {
        guard let number = numbers[Int(rows[i])] else { continue }
        kept.hashes.append(hashes[i])
        kept.rows.append(number)
      }
      kept.offsets.append(UInt32(kept.rows.count))
    }
    return [
      PackedBlock(bytes: rawBytes(kept.offsets), count: kept.offsets.count),
      PackedBlock(bytes: rawBytes(kept.hashes), count: kept.rows.count), PackedBlock(bytes: rawBytes(kept.rows), count: kept.rows.count),
    ]
  }

  /// For each row of a stripe, counted bucket by bucket, its new number; nil: it is left out.
  private func newNumbers(_ stripe: Int) -> [UInt32?] {
    let starts = source.bucketStarts(stripe: stripe)
    var numbers = [UInt32?](repeating: 0, count: starts.last ?? 0), next: UInt32 = 0
    for (bucket, rows) in dropped.rows[stripe] { for row in rows { numbers[starts[bucket] + row] = nil } }
    for row in numbers.indices where numbers[row] != nil {
      numbers[row] = next
      next += 1
    }
    return numbers
  }
}

/// The blocks of one bucket of one stripe, without some rows.
private struct BucketCopy {
  let source: SegmentReader
  let stripe: Int
  let bucket: Int
  let kept: [Int]

  init(_ source: SegmentReader, _ stripe: Int, _ bucket: Int, without gone: [Int]) {
    (self.source, self.stripe, self.bucket) = (source, stripe, bucket)
    let gone = Set(gone)
    kept = (0..<source.rowCount(stripe: stripe, bucket: bucket)).filter { !gone.contains($0) }
  }

  func blocks() throws(PipelineError) -> [PackedBlock] {
    let meta = source.meta
    return try customers() + [
      integers(.times, true), lineSteps(), integers(.kinds, true), integers(.amounts, true), integers(.discounts, meta.hasDiscount),
      integers(.costs, meta.hasCost), integers(.categories, meta.hasCategory), integers(.channels, meta.hasChannel),
      integers(.updates, meta.hasUpdates),
    ] + ids()
  }

  private func integers(_ block: SegmentFormat.Block, _ isThere: Bool) throws(PipelineError) -> PackedBlock {
    guard isThere else { return PackedBlock(bytes: [], count: kept.count) }
    let values = try source.file.integers(source.block(stripe, bucket, block), as: Int64.self)
    guard let last = kept.last else { return PackedBlock(PackedIntegers([Int64]().span)) }
    guard last < values.count else {
      throw PipelineError(
        .badInput, "\(source.file.path): the columns of bucket \(bucket) differ in length", fix: "remove it and load its dump again")
    }
    let chosen = kept.map { values[$0] }
    return PackedBlock(PackedIntegers(chosen.span))
  }

  private func lineSteps() throws(PipelineError) -> PackedBlock {
    let lines = try source.lines(stripe: stripe, bucket: bucket)
    var steps: [Int64] = [], last = source.meta.stripeFirstLines[stripe]
    for row in kept {
      steps.append(lines[row] &- last)
      last = lines[row]
    }
    return PackedBlock(PackedIntegers(steps.span))
  }

  /// The customers that still have a row, in the order they had.
  private func customers() throws(PipelineError) -> [PackedBlock] {
    let column = try source.customers(stripe: stripe, bucket: bucket)
    var isUsed = [Bool](repeating: false, count: column.lengths.count)
    for row in kept { isUsed[Int(column.codes[row])] = true }
    var numbers = [UInt32](repeating: 0, count: isUsed.count), lengths: [UInt32] = [], bytes: [UInt8] = [], start = 0
    for (code, length) in column.lengths.enumerated() {
      if isUsed[code] {
        numbers[code] = UInt32(lengths.count)
        lengths.append(length)
        bytes.append(contentsOf: column.bytes[start..<start + Int(length)])
      }
      start += Int(length)
    }
    let codes = kept.map { numbers[Int(column.codes[$0])] }
    return [
      PackedBlock(PackedIntegers(lengths.span)), PackedBlock(bytes: bytes, count: lengths.count), PackedBlock(PackedIntegers(codes.span)),
    ]
  }

  private func ids() throws(PipelineError) -> [PackedBlock] {
    let bytesBlock = source.block(stripe, bucket, .idBytes), isNumbered = source.file.entries[bytesBlock].count > 0
    if kept.isEmpty { return [PackedBlock(bytes: [], count: 0), PackedBlock(PackedIntegers([Int64]().span))] }
    if isNumbered { return [try source.packed(bytesBlock), try integers(.idNumbers, true)] }
    let lengths = try source.file.integers(source.block(stripe, bucket, .idNumbers), as: UInt32.self)
    let all = try source.file.plain(bytesBlock, as: UInt8.self)
    var starts = [0]
    for length in lengths { starts.append(starts[starts.count - 1] + Int(length)) }
    guard starts.last == all.count, let last = kept.last, last < lengths.count else {
      throw PipelineError(
        .badInput, "\(source.file.path): the ids of bucket \(bucket) differ in length", fix: "remove it and load its dump again")
    }
    let keptLengths = kept.map { lengths[$0] }
    return [
      PackedBlock(bytes: kept.flatMap { all[starts[$0]..<starts[$0 + 1]] }, count: 0), PackedBlock(PackedIntegers(keptLengths.span)),
    ]
  }
}

extension SegmentReader {
  /// A block as it stands, checked.
  fileprivate func packed(_ number: Int) throws(PipelineError) -> PackedBlock {
    try file.withBlock(number) { bytes, entry in
      var block = PackedBlock(bytes: values(bytes, count: bytes.byteCount, as: UInt8.self) ?? [], count: Int(entry.count))
      (block.base, block.width, block.hasNulls) = (entry.base, Int(entry.width), entry.hasNulls)
      return block
    }
  }
}
