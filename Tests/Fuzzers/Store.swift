import Buffers
import Columns
import Events
import Foundation

/// A segment of any bytes is refused with a reason or read; its checksums are put right first, so that what stands behind them is reached.
func fuzzSegment(_ bytes: [UInt8]) {
  for bytes in [bytes, withRightChecksums(bytes)] {
    let path = write(bytes, "a.seg")
    explained(path) { () throws(PipelineError) in
      let segment = try SegmentReader(path: path)
      for stripe in 0..<segment.stripeCount { readStripe(segment, stripe, path) }
      explained(path) { () throws(PipelineError) in _ = try deduplicate([segment, segment], feed: "transactions", threads: 1) }
    }
  }
}

private func readStripe(_ segment: SegmentReader, _ stripe: Int, _ path: String) {
  let buckets = segment.bucketStarts(stripe: stripe).count - 1
  explained(path) { () throws(PipelineError) in
    for bucket in 0..<min(buckets, 64) {
      let customers = try segment.customers(stripe: stripe, bucket: bucket)
      let events = try segment.events(stripe: stripe, bucket: bucket), lines = try segment.lines(stripe: stripe, bucket: bucket)
      require(customers.codes.count == events.times.count && lines.count == events.times.count, "columns differ in length")
      require(customers.lengths.reduce(0) { $0 + Int($1) } == customers.bytes.count, "customers do not fill their bytes")
      for i in events.times.indices.prefix(8) {
        _ = segment.time(stripe: stripe, bucket: bucket, index: i)
        _ = try segment.id(stripe: stripe, bucket: bucket, index: i)
      }
    }
  }
}

/// A table of features or scores of any bytes is refused with a reason or read whole.
func fuzzTable(_ bytes: [UInt8]) {
  struct Nothing: Codable {}
  for bytes in [bytes, withRightChecksums(bytes)] {
    let path = write(bytes, "a.table")
    explained(path) { () throws(PipelineError) in
      let (table, _) = try Table.read(from: path, details: Nothing.self)
      for column in table.columns { require(column.values.count == table.rowCount, "column \(column.name) has another length") }
    }
  }
}

/// A catalog of any bytes is refused with a reason or read.
func fuzzCatalog(_ bytes: [UInt8]) {
  let folder = scratch + "/state"
  try? FileManager.default.removeItem(atPath: folder)
  try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  let path = write(bytes, "state/catalog.sqlite")
  explained(folder) { () throws(PipelineError) in
    let store = try EventStore.open(directory: folder, parameters: StoreParameters(bucketCount: 4, timeZone: "UTC"))
    for load in try store.loads() { _ = load.path }
    _ = try store.rejects()
    _ = try store.segments()
    _ = try store.verify(threads: 1)
  }
  _ = path
}

/// Errors name the file and what to do.
private func explained(_ path: String, _ body: () throws(PipelineError) -> Void) {
  do throws(PipelineError) { try body() } catch {
    require(error.message.contains(path), "an error without the file's name: \(error.message)")
    require(!error.fix.isEmpty, "an error without a fix: \(error.message)")
  }
}

/// Where the lengths in the trailer fit, the bytes with right checksums of blocks, directory and trailer.
private func withRightChecksums(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  func word(_ offset: Int) -> Int {
    Int(truncatingIfNeeded: (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) })
  }
  func put(_ value: UInt64, _ offset: Int) { for i in 0..<8 { bytes[offset + i] = UInt8(value >> UInt64(8 * i) & 255) } }
  let trailer = bytes.count - 64
  guard trailer >= 16 else { return bytes }
  let (start, directory) = (word(trailer), word(trailer + 8))
  guard start >= 0, start <= trailer, directory >= 0, directory <= trailer - start else { return bytes }
  for entry in stride(from: start, to: start + directory - 47, by: 48) {
    let (offset, count) = (word(entry), word(entry + 8))
    guard offset >= 0, count >= 0, offset <= start, count <= start - offset else { continue }
    put(xxhash64(Array(bytes[offset..<offset + count])), entry + 16)
  }
  put(xxhash64(Array(bytes[start..<trailer])), trailer + 32)
  put(xxhash64(Array(bytes[trailer..<trailer + 56])), trailer + 56)
  return bytes
}
