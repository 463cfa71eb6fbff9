import Buffers
import Columns
import Dumps

/// Packs stripes and writes them, one behind the other, into a temporary file that gets its name only when it is whole.
final class SegmentWriter {
  private let file: BlockFileWriter
  private(set) var meta: SegmentMeta
  private let secret = HashKey.random()
  private let threads: Int
  private let lineOf: (@Sendable (Int64) -> Int64)?

  var temporaryPath: String { file.temporaryPath }

  /// - Parameter lineOf: the line that a row is said to stand in, given the one it was read from; rising. nil: the same.
  init(path: String, meta: SegmentMeta, threads: Int, lineOf: (@Sendable (Int64) -> Int64)? = nil) throws(PipelineError) {
    self.meta = meta
    self.lineOf = lineOf
    self.threads = threads
    do {
      file = try BlockFileWriter(path: path, magic: SegmentFormat.magic, version: SegmentFormat.version)
    } catch { throw storeFault(error) }
  }

  /// A file that is whole already.
  init(rewritten file: BlockFileWriter, meta: SegmentMeta) {
    (self.file, self.meta, threads, lineOf) = (file, meta, 1, nil)
  }

  func append(_ stripe: TransactionStripe) throws(PipelineError) {
    // The first line may be far down the file; kept with the steps it would widen every block.
    var firstLine = Int64.max
    for b in 0..<stripe.bucketCount where stripe.lines.count(b) > 0 {
      firstLine = min(firstLine, stripe.lines.withBucket(b) { $0[0] })
    }
    firstLine = lineOf?(firstLine) ?? firstLine
    meta.stripeFirstLines.append(firstLine)
    let buckets = PackedBuckets(stripe, meta: meta, firstLine: firstLine, lineOf: lineOf, secret: secret)
    let written = BlocksInTurn(file), bucketCount = stripe.bucketCount
    // The identities are of all buckets, take longest, and so come first; in the file they are last.
    inParallel(bucketCount + 1, threads: threads) { i in
      if i == 0 {
        written.put(buckets.identities(), at: bucketCount)
      } else {
        written.put(buckets.pack(i - 1), at: i - 1)
      }
    }
    if let (first, last) = try written.finish() {
      meta.firstEventAt = min(meta.firstEventAt ?? first, first)
      meta.lastEventAt = max(meta.lastEventAt ?? last, last)
    }
    file.startWriteback()
    meta.stripeCount += 1
    meta.rowCount += stripe.rowCount
  }

  func finish(facts: DumpFacts, categories: WordList, channels: WordList) throws(PipelineError) {
    meta.sha256 = facts.sha256
    meta.categories = categories.words.map { String(decoding: $0, as: UTF8.self) }
    meta.channels = channels.words.map { String(decoding: $0, as: UTF8.self) }
    do { try file.finish(meta: meta.json) } catch { throw storeFault(error) }
  }

  /// Makes the segment durable under its name.
  func publish(as path: String) throws(SystemFault) { try file.publish(as: path) }
}

func storeFault(_ fault: SystemFault) -> PipelineError {
  PipelineError(
    .inputOutput, "event store: \(fault)", details: ["what was published before stays as it is"],
    fix: fault.code == 28 || fault.code == 122
      ? "free disk space, then run again" : "check the disk and the rights of the state folder, then run again")
}

private struct PackedBucket: Sendable {
  var blocks: [PackedBlock]
  /// The first and the last event.
  var period: (Int64, Int64)?
}

/// Writes buckets in their order as soon as their turn has come, whichever is packed first: what is written makes room for what is packed next.
private final class BlocksInTurn: @unchecked Sendable {
  private let turns = InTurn<PackedBucket>()
  // Touched by the one thread whose turn it is, and by `finish` after all.
  private let file: BlockFileWriter
  private var period: (Int64, Int64)?
  private var fault: SystemFault?

  init(_ file: BlockFileWriter) { self.file = file }

  func put(_ bucket: PackedBucket, at place: Int) {
    turns.put(bucket, at: place) { bucket in
      if fault != nil { return }
      do throws(SystemFault) { try file.append(bucket.blocks) } catch { fault = error }
      if let (first, last) = bucket.period { period = period.map { (min($0.0, first), max($0.1, last)) } ?? (first, last) }
    }
  }

  /// The period of all events.
  func finish() throws(PipelineError) -> (Int64, Int64)? {
    if let fault { throw storeFault(fault) }
    return period
  }
}

/// Packs one bucket of a stripe at a time; the buckets are independent, so several threads may each pack another one.
private struct PackedBuckets: @unchecked Sendable {
  // The stripe is only read while it is packed, and `append` returns before it is written again.
  private let stripe: TransactionStripe
  private let meta: SegmentMeta
  private let firstLine: Int64
  private let lineOf: (@Sendable (Int64) -> Int64)?
  private let secret: HashKey

  init(_ stripe: TransactionStripe, meta: SegmentMeta, firstLine: Int64, lineOf: (@Sendable (Int64) -> Int64)?, secret: HashKey) {
    self.stripe = stripe
    self.meta = meta
    self.firstLine = firstLine
    self.lineOf = lineOf
    self.secret = secret
  }

  func pack(_ b: Int) -> PackedBucket {
    let count = stripe.times.count(b)
    var table = TextTable(expected: count / 2, secret: secret)
    var codes: [UInt32] = []
    stripe.customers.withBucket(b) { bytes, lengths in table.encode(bytes, lengths: lengths, into: &codes) }
    var lengths: [UInt32] = []
    lengths.reserveCapacity(table.count)
    for i in 0..<table.count { lengths.append(table.offsets[i + 1] - table.offsets[i]) }

    var period: (Int64, Int64)?
    let times = stripe.times.withBucket(b) { values in
      let packed = PackedIntegers(values)
      for i in values.indices { period = period.map { (min($0.0, values[i]), max($0.1, values[i])) } ?? (values[i], values[i]) }
      return packed
    }
    let blocks: [PackedBlock] = [
      PackedBlock(PackedIntegers(lengths.span)),
      PackedBlock(bytes: table.bytes, count: table.count),
      PackedBlock(PackedIntegers(codes.span)),
      PackedBlock(times),
      PackedBlock(PackedIntegers(steps(b).span)),
      PackedBlock(stripe.kinds.withBucket(b) { PackedIntegers($0) }),
      PackedBlock(stripe.amounts.withBucket(b) { PackedIntegers($0) }),
      money(stripe.discounts, meta.hasDiscount, b),
      money(stripe.costs, meta.hasCost, b),
      words(stripe.categories, meta.hasCategory, b),
      words(stripe.channels, meta.hasChannel, b),
      money(stripe.updates, meta.hasUpdates, b),
    ]
    return PackedBucket(blocks: blocks + ids(b), period: period)
  }

  /// Offsets of the partitions, hashes, and the rows (counted through the stripe, bucket by bucket) that they belong to.
  func identities() -> PackedBucket {
    guard meta.hasIdentity else { return PackedBucket(blocks: [PackedBlock](repeating: PackedBlock(bytes: [], count: 0), count: 3)) }
    let sorted = partition(stripe.hashes, bucketCount: stripe.bucketCount, partitionCount: SegmentFormat.partitionCount)
    return PackedBucket(blocks: [
      PackedBlock(bytes: rawBytes(sorted.offsets), count: sorted.offsets.count),
      PackedBlock(bytes: sorted.hashes, count: stripe.rowCount),
      PackedBlock(bytes: rawBytes(sorted.rows), count: stripe.rowCount),
    ])
  }

  private func steps(_ b: Int) -> [Int64] {
    stripe.lines.withBucket(b) { lines in
      var steps: [Int64] = []
      steps.reserveCapacity(lines.count)
      var last = firstLine
      for i in lines.indices {
        let line = lineOf?(lines[i]) ?? lines[i]
        steps.append(line - last)
        last = line
      }
      return steps
    }
  }

  private func money(_ column: BucketedColumn<Int64>, _ isThere: Bool, _ b: Int) -> PackedBlock {
    if isThere { return PackedBlock(column.withBucket(b) { PackedIntegers($0) }) }
    return PackedBlock(bytes: [], count: stripe.times.count(b))
  }

  private func words(_ column: BucketedColumn<UInt16>, _ isThere: Bool, _ b: Int) -> PackedBlock {
    if isThere { return PackedBlock(column.withBucket(b) { PackedIntegers($0) }) }
    return PackedBlock(bytes: [], count: stripe.times.count(b))
  }

  private func ids(_ b: Int) -> [PackedBlock] {
    stripe.ids.withBucket(b) { bytes, lengths in
      if let (prefix, digits, numbers) = numberedTexts(bytes, lengths: lengths) {
        return [PackedBlock(bytes: prefix, count: digits), PackedBlock(PackedIntegers(numbers.span))]
      }
      return [PackedBlock(bytes: copyBytes(bytes), count: 0), PackedBlock(PackedIntegers(lengths))]
    }
  }
}
