import Buffers
import TestSupport
import Testing

@Suite struct BucketTests {
  /// Rows of id, number and word, with faults strewn in.
  private func rows(_ count: Int, _ random: inout Seeded) -> [[[UInt8]]] {
    (0..<count).map { i in
      let id = random.bytes(1 + Int(random.next() % 40), from: Array("abc".utf8))
      return [id, Array(random.next() % 11 == 0 ? "bad".utf8 : "\(i).5".utf8)]
    }
  }

  @Test(arguments: [1, 2, 64, 1024]) func `rows grouped by bucket are those of a plain grouping, in the order of the text`(bucketCount: Int)
    throws
  {
    var random = Seeded(UInt64(bucketCount))
    let rows = rows(30_000, &random)
    let buckets = Memory<UInt16>(capacity: FieldBatch.capacity), values = Memory<Int64>(capacity: FieldBatch.capacity)
    let order = BucketOrder(bucketCount: bucketCount), column = BucketedColumn<Int64>(bucketCount: bucketCount)
    let small = BucketedColumn<UInt16>(bucketCount: bucketCount), text = BucketedText(bucketCount: bucketCount)
    for _ in 0..<2 {
      var expected = [[(id: [UInt8], value: Int64)]](repeating: [], count: bucketCount), kept = 0
      try FieldTable(rows).eachBatch { batch, _, first in
        batch.parseDecimals(1, fractionDigits: 1, allowsNegative: false, nullValue: nil, into: values)
        batch.buckets(0, bucketCount: bucketCount, into: buckets)
        order.sort(batch, buckets: buckets)
        column.append(values, order)
        small.append(buckets, order)
        text.append(batch, 0, order)
        kept += order.rowCount
        for r in 0..<batch.rowCount where rows[first + r][1] != Array("bad".utf8) {
          let id = rows[first + r][0]
          expected[Int(xxhash64(id, seed: 42) % UInt64(bucketCount))].append((id, Int64(first + r) * 10 + 5))
        }
      }
      #expect(kept == expected.map(\.count).reduce(0, +))
      for b in 0..<bucketCount {
        #expect(column.count(b) == expected[b].count && small.count(b) == expected[b].count && text.count(b) == expected[b].count)
        let sameValues = column.withBucket(b) { found in found.indices.allSatisfy { found[$0] == expected[b][$0].value } }
        let sameBuckets = small.withBucket(b) { found in found.indices.allSatisfy { found[$0] == UInt16(b) } }
        let sameText = text.withBucket(b) { bytes, lengths in
          copyBytes(bytes) == Array(expected[b].map(\.id).joined())
            && lengths.indices.allSatisfy { lengths[$0] == UInt32(expected[b][$0].id.count) }
        }
        #expect(sameValues && sameBuckets && sameText)
      }
      // Emptied, they are filled again.
      column.removeAll()
      small.removeAll()
      text.removeAll()
      #expect(column.count(0) == 0 && text.count(bucketCount - 1) == 0)
    }
  }

  @Test(arguments: [2, 256]) func `identities sorted into partitions are all there, each with its row, by the top bits`(partitionCount: Int)
    throws
  {
    var random = Seeded(52)
    let rows = rows(20_000, &random), key = HashKey(k0: 5, k1: 6), bucketCount = 8
    let buckets = Memory<UInt16>(capacity: FieldBatch.capacity), hashes = Memory<IdentityHash>(capacity: FieldBatch.capacity)
    let order = BucketOrder(bucketCount: bucketCount), column = BucketedColumn<IdentityHash>(bucketCount: bucketCount)
    try FieldTable(rows).eachBatch { batch, _, _ in
      batch.buckets(0, bucketCount: bucketCount, into: buckets)
      batch.identities(0, hasSuffix: false, suffixes: buckets, key: key, into: hashes)
      order.sort(batch, buckets: buckets)
      column.append(hashes, order)
    }
    var all: [IdentityHash] = []
    for b in 0..<bucketCount { column.withBucket(b) { for i in $0.indices { all.append($0[i]) } } }
    let sorted = partition(column, bucketCount: bucketCount, partitionCount: partitionCount)
    #expect(sorted.offsets.count == partitionCount + 1 && sorted.offsets.last == 20_000 && sorted.hashes.count == 320_000)
    #expect(sorted.rows.sorted() == Array(0..<20_000))
    for p in 0..<partitionCount {
      for place in Int(sorted.offsets[p])..<Int(sorted.offsets[p + 1]) {
        let hash = all[Int(sorted.rows[place])]
        let bytes = sorted.hashes[place * 16..<place * 16 + 16].reversed().reduce(into: [UInt64]()) { words, byte in
          if words.isEmpty { words = [0, 0] }
          words[1] = words[1] << 8 | words[0] >> 56
          words[0] = words[0] << 8 | UInt64(byte)
        }
        #expect(bytes == [hash.low, hash.high] && Int(hash.high / (UInt64.max / UInt64(partitionCount) + 1)) == p)
      }
    }
  }

  // MARK: packing

  /// All at once, and each by itself.
  private func unpacked(_ packed: PackedIntegers) -> [Int64]? {
    // Safety: plain bytes.
    let all = unsafe unpackIntegers(
      packed.bytes.span.bytes, base: packed.base, width: packed.width, hasNulls: packed.hasNulls, count: packed.count, as: Int64.self)
    let each = (0..<packed.count).map { i in
      // Safety: as above.
      let bytes = unsafe packed.bytes.span.bytes.extracting(i * packed.width..<(i + 1) * packed.width)
      return unpackInteger(bytes, base: packed.base, width: packed.width, hasNulls: packed.hasNulls)
    }
    #expect(each == all)
    return all
  }

  @Test func `whole numbers of every width come back, with NULLs and without, at the edges of each width`() throws {
    var random = Seeded(53)
    let null = PackedIntegers.null
    for (range, width) in [
      (0, 0), (1, 1), (254, 1), (255, 1), (256, 2), (65_534, 2), (65_535, 2), (65_536, 4), (4_294_967_294, 4), (4_294_967_295, 4),
      (4_294_967_296, 8),
    ] {
      for base in [Int64.min + 1, -1000, 0, 1, 1_700_000_000, Int64.max - Int64(range)] {
        for hasNulls in [false, true] {
          for count in [1, 2, 3, 31, 32, 33, 100] {
            var values = (0..<count).map { _ in base + Int64(random.next() % (UInt64(range) + 1)) }
            values[0] = base
            if count > 1 { values[count - 1] = base + Int64(range) }
            if hasNulls { values.insert(null, at: count / 2) }
            let packed = PackedIntegers(values.span)
            #expect(unpacked(packed) == values)
            if !hasNulls && count > 1 { #expect(packed.width == width, "\(range)") }
            #expect(packed.bytes.count == packed.width * values.count)
          }
        }
      }
    }
    for values in [[], [null], [null, null], [Int64.max, Int64.min + 1], [Int64.max, null, Int64.min + 1], [Int64.max], [Int64.min + 1]]
      as [[Int64]]
    {
      #expect(unpacked(PackedIntegers(values.span)) == values, "\(values)")
    }
  }

  @Test func `narrow columns come back as the type they were`() {
    var random = Seeded(54)
    for most in [1, 255, 256, 65_535] as [UInt64] {
      let codes = (0..<99).map { _ in UInt16(random.next() % (most + 1)) }, packed = PackedIntegers(codes.span)
      // Safety: plain bytes.
      let found = unsafe unpackIntegers(
        packed.bytes.span.bytes, base: packed.base, width: packed.width, hasNulls: packed.hasNulls, count: 99, as: UInt16.self)
      #expect(found == codes)
    }
  }

  @Test func `bytes that do not fit the count or the width give nothing`() {
    let bytes = [UInt8](repeating: 1, count: 12)
    for (width, count) in [(4, 4), (4, 2), (3, 4), (8, 1), (5, 2), (0, 3), (1, -12)] {
      // Safety: plain bytes.
      let found = unsafe unpackIntegers(bytes.span.bytes, base: 0, width: width, hasNulls: false, count: count, as: Int64.self)
      #expect(found == nil)
    }
    // Safety: plain bytes.
    let one = unsafe unpackInteger(bytes.span.bytes, base: 0, width: 4, hasNulls: false)
    #expect(one == nil)
  }

  @Test(arguments: [
    (["T000000123", "T000000000", "T999999999"], "T", [123, 0, 999_999_999]), (["1", "2", "9"], "", [1, 2, 9]),
    (["a1b07", "a1b99"], "a1b", [7, 99]),
    (["x000000000000000001", "x999999999999999999"], "x", [1, 999_999_999_999_999_999]),
    (["12345678901234567890"], "12", [345_678_901_234_567_890]),
  ]) func `texts of one prefix and as many digits are numbers`(texts: [String], prefix: String, numbers: [Int64]) throws {
    let bytes = texts.flatMap { Array($0.utf8) }, lengths = texts.map { UInt32($0.utf8.count) }
    let numbered = numberedTexts(bytes.span, lengths: lengths.span)
    let found = try #require(numbered)
    #expect(found.prefix == Array(prefix.utf8) && found.numbers == numbers && found.digits == texts[0].utf8.count - prefix.utf8.count)
  }

  @Test(arguments: [
    [], [""], ["", ""], ["a"], ["a1", "b1"], ["a1", "a12"], ["a1", "a"], ["a1x", "a2x"], ["a12", "aa2"], ["1", ""], ["12", "1", "123"],
    ["a1", "aé"],
  ])
  func `texts that are not all so are none`(texts: [String]) {
    let bytes = texts.flatMap { Array($0.utf8) }, lengths = texts.map { UInt32($0.utf8.count) }
    let isNone = numberedTexts(bytes.span, lengths: lengths.span) == nil
    #expect(isNone)
  }
}
