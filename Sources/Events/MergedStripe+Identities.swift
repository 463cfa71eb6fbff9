import Buffers
import Columns

extension MergedStripe {
  func ids(_ b: Int, _ kept: [[Int]]) throws(PipelineError) -> [PackedBlock] {
    if let numbered = try numberedIDs(b, kept) { return numbered }
    var bytes: [UInt8] = [], lengths: [UInt32] = []
    for (input, kept) in zip(inputs, kept) {
      let ids = try input.segment.ids(stripe: input.stripe, bucket: b)
      guard kept.last ?? -1 < ids.count else { throw differs(input, b) }
      for row in kept {
        let id = ids.bytes[ids.starts[row]..<ids.starts[row + 1]]
        bytes.append(contentsOf: id)
        lengths.append(UInt32(id.count))
      }
    }
    if let (prefix, digits, numbers) = numberedTexts(bytes.span, lengths: lengths.span) {
      return [PackedBlock(bytes: prefix, count: digits), PackedBlock(PackedIntegers(numbers.span))]
    }
    return [PackedBlock(bytes: bytes, count: 0), PackedBlock(PackedIntegers(lengths.span))]
  }

  /// Where the ids of all inputs are numbers behind the same prefix, as mostly they are; nil elsewhere.
  private func numberedIDs(_ b: Int, _ kept: [[Int]]) throws(PipelineError) -> [PackedBlock]? {
    var prefix: PackedBlock?
    for (input, kept) in zip(inputs, kept) where !kept.isEmpty {
      let block = try input.segment.packed(input.segment.block(input.stripe, b, .idBytes))
      guard block.count > 0, prefix.map({ $0.count == block.count && $0.bytes == block.bytes }) ?? true else { return nil }
      prefix = block
    }
    guard let prefix else { return nil }
    return [prefix, try integers(b, .idNumbers, true, kept)]
  }

  /// The identities of the rows that stay, with the numbers that these have now: in each partition one input behind the other.
  func identities(_ buckets: [Bucket]) throws(PipelineError) -> [PackedBlock] {
    if !hasIdentity { return [PackedBlock](repeating: PackedBlock(bytes: [], count: 0), count: 3) }
    var starts = [0]
    for bucket in buckets { starts.append(starts[starts.count - 1] + bucket.rows) }
    var sorted: [(offsets: [UInt32], hashes: [IdentityHash], rows: [UInt32])] = []
    for (i, input) in inputs.enumerated() {
      let numbers = newNumbers(i, buckets, &starts), block = input.segment.identityBlock(input.stripe)
      let offsets = try input.segment.partitionOffsets(stripe: input.stripe)
      let hashes = try input.segment.file.plain(block + 1, as: IdentityHash.self)
      let rows = try input.segment.file.plain(block + 2, as: UInt32.self)
      guard hashes.count == rows.count, Int(offsets.last ?? 0) == rows.count, rows.allSatisfy({ Int($0) < numbers.count }) else {
        throw PipelineError(
          .badInput, "\(input.segment.file.path): its identities do not fit its rows", fix: BlockFile.fix)
      }
      sorted.append((offsets, hashes, rows.map { numbers[Int($0)] }))
    }
    var kept: (offsets: [UInt32], hashes: [IdentityHash], rows: [UInt32]) = ([0], [], [])
    for partition in 0..<SegmentFormat.partitionCount {
      for input in sorted {
        for k in Int(input.offsets[partition])..<Int(input.offsets[partition + 1]) where input.rows[k] != Self.leftOut {
          kept.hashes.append(input.hashes[k])
          kept.rows.append(input.rows[k])
        }
      }
      kept.offsets.append(UInt32(kept.rows.count))
    }
    return [
      PackedBlock(bytes: rawBytes(kept.offsets), count: kept.offsets.count),
      PackedBlock(bytes: rawBytes(kept.hashes), count: kept.rows.count), PackedBlock(bytes: rawBytes(kept.rows), count: kept.rows.count),
    ]
  }

  private static let leftOut = UInt32.max

  /// For each row of an input, counted bucket by bucket, its new number.
  /// - Parameter starts: where the input's rows of each bucket begin in the new stripe; moved behind them.
  private func newNumbers(_ i: Int, _ buckets: [Bucket], _ starts: inout [Int]) -> [UInt32] {
    let old = inputs[i].segment.bucketStarts(stripe: inputs[i].stripe)
    var numbers = [UInt32](repeating: Self.leftOut, count: old.last ?? 0)
    for (b, bucket) in buckets.enumerated() {
      for (k, row) in bucket.kept[i].enumerated() { numbers[old[b] + row] = UInt32(starts[b] + k) }
      starts[b] += bucket.kept[i].count
    }
    return numbers
  }
}

extension SegmentReader {
  /// The transaction ids of one bucket's events, back to back.
  fileprivate func ids(stripe: Int, bucket: Int) throws(PipelineError) -> (bytes: [UInt8], starts: [Int], count: Int) {
    let bytesBlock = block(stripe, bucket, .idBytes), digits = Int(file.entries[bytesBlock].count)
    let bytes = try file.plain(bytesBlock, as: UInt8.self)
    let numbers = try file.integers(block(stripe, bucket, .idNumbers), as: Int64.self)
    if digits > 0 {
      var all: [UInt8] = [], starts = [0]
      for number in numbers {
        let text = Array(String(number).utf8)
        all += bytes + [UInt8](repeating: 48, count: max(0, digits - text.count)) + text
        starts.append(all.count)
      }
      return (all, starts, numbers.count)
    }
    var starts = [0]
    for length in numbers { starts.append(starts[starts.count - 1] &+ Int(length)) }
    guard starts.last == bytes.count, numbers.allSatisfy({ $0 >= 0 }) else {
      throw PipelineError(.badInput, "\(file.path): the ids of bucket \(bucket) differ in length", fix: BlockFile.fix)
    }
    return (bytes, starts, numbers.count)
  }
}
