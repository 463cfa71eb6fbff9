import Buffers
import Columns
import Events
import TestSupport
import Testing

/// Found by a fuzzer: numbers in a segment's directory that no checksum speaks against, since whoever wrote them summed them.
@Suite struct `A segment whose directory` {
  private func word(_ bytes: [UInt8], _ offset: Int) -> Int {
    Int(truncatingIfNeeded: (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) })
  }

  /// The segment with words of the directory's entry `entry` changed, under right checksums.
  private func changed(_ bytes: [UInt8], entry: Int, _ words: [Int: UInt64]) -> [UInt8] {
    var bytes = bytes
    let trailer = bytes.count - 64, directory = word(bytes, trailer)
    func put(_ value: UInt64, _ offset: Int) { bytes.replaceSubrange(offset..<offset + 8, with: rawBytes([value])) }
    for (word, value) in words { put(value, directory + 48 * entry + 8 * word) }
    put(xxhash64(Array(bytes[directory..<trailer])), trailer + 32)
    put(xxhash64(Array(bytes[trailer..<trailer + 56])), trailer + 56)
    return bytes
  }

  @Test(arguments: 0..<12) func `names blocks outside of the file, or billions of values in no bytes, is refused`(entry: Int) throws {
    let stores = try Stores(buckets: 1)
    try stores.load("a.csv", (0..<20).map { row("t\($0)", "c\($0 % 3)", "\($0).00") })
    let bytes = try stores.folder.read("state/events/transactions/" + stores.segmentNames[0])
    let nothing = xxhash64([UInt8]())
    for words in [
      [1: UInt64.max], [1: 1 << 63], [0: UInt64.max, 1: 8], [0: UInt64(bytes.count), 1: 1], [1: 0, 2: nothing, 4: 0xFFFF_FFFF],
    ] as [[Int: UInt64]] {
      let path = try stores.folder.write("b.seg", changed(bytes, entry: entry, words))
      let error = #expect(throws: PipelineError.self) { try SegmentReader(path: path) }
      #expect(error?.exit == .badInput && error?.message.contains("b.seg") == true)
    }
    #expect(try SegmentReader(path: stores.folder.write("b.seg", changed(bytes, entry: entry, [:]))).rowCount == 20)
  }
}
