import Buffers
import Columns
import Dumps

/// The customers who asked to be forgotten, as keyed hashes of their ids: enough to keep them out when they are delivered again, and too
/// little to tell who they are.
package struct ErasedCustomers: Sendable {
  let key: KeyedHash
  let hashes: Set<[UInt8]>
  /// Quick hashes of the same ids: who is not in here needs no slow one.
  let quick: Set<Int64>

  /// Of a store folder.
  static func keyPath(_ directory: String) -> String { directory + "/erased.key" }

  /// What the catalog keeps, so that another key is noticed: every hash would miss.
  static func mark(_ key: KeyedHash) -> String {
    String(decoding: key.hexadecimal(Array("holdfast: erased customers".utf8)), as: UTF8.self)
  }

  func holds(_ customer: Span<UInt8>) -> Bool {
    guard quick.contains(key.quickHash(customer)) else { return false }
    return hashes.contains(key.digest(customer.indices.map { customer[$0] }))
  }

  func holds(_ customer: some Sequence<UInt8>) -> Bool { holds(Array(customer).span) }

  /// Whether a refused row names an erased customer, read as roughly as such a row can be: in one of its fields, or between the marks of
  /// JSON.
  func isNamed(in raw: [UInt8], delimiter: UInt8, quote: UInt8) -> Bool {
    let fields = raw.split { $0 == delimiter || $0 == 0x0A || $0 == 0x0D }
    let words = raw.split { $0 == quote || "\":,{}[]\\\r\n".utf8.contains($0) }
    return (fields + words).contains { field in
      let bare = field.drop { $0 == 0x20 || $0 == quote }
      guard let end = bare.lastIndex(where: { $0 != 0x20 && $0 != quote }) else { return false }
      return holds(bare[...end])
    }
  }
}

/// Whether the id stands somewhere in a text, and not as a part of a longer word.
package func names(_ id: [UInt8], in text: some RandomAccessCollection<UInt8>) -> Bool {
  let text = Array(text)
  guard let first = id.first, text.count >= id.count else { return false }
  func isWord(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte >= 0x80 }
  for start in 0...(text.count - id.count) where text[start] == first && text[start..<start + id.count].elementsEqual(id) {
    let end = start + id.count
    if start > 0, isWord(text[start - 1]), isWord(first) { continue }
    if end < text.count, isWord(text[end]), isWord(id[id.count - 1]) { continue }
    return true
  }
  return false
}

extension EventStore {
  /// nil: nobody was erased.
  /// - Throws: 65 where the key is missing or another one: then nobody could be kept out.
  func erasedCustomers() throws(PipelineError) -> ErasedCustomers? {
    let (hashes, quick, mark) = try catalog.erased()
    guard !hashes.isEmpty || mark != nil else { return nil }
    let path = ErasedCustomers.keyPath(directory)
    let fix = "restore it from a backup; without it, customers who were erased would come back with the next dump that holds them"
    do throws(SystemFault) {
      guard let file = try KeyFile.read(path) else { throw SystemFault(operation: "read", path: path, code: 27) }
      let key = KeyedHash(key: file.bytes)
      if ErasedCustomers.mark(key) == mark { return ErasedCustomers(key: key, hashes: hashes, quick: quick) }
    } catch {
      throw PipelineError(.badInput, "the key of erased customers: \(error)", fix: fix)
    }
    throw PipelineError(.badInput, "\(path): not the key that the erased customers were hashed with", fix: fix)
  }

  /// The segment without rows of erased customers: the same where none is in it.
  func withoutErased(_ writer: SegmentWriter, _ erased: ErasedCustomers?) throws(PipelineError) -> SegmentWriter {
    guard let erased else { return writer }
    let segment = try SegmentReader(path: writer.temporaryPath)
    let selection = try RowSelection(segment, buckets: 0..<segment.meta.bucketCount) { erased.holds($0) }
    if selection.isEmpty { return writer }
    var merger = SegmentMerger([MergeSource(segment, without: selection)], threads: 1)
    return try merger.write(to: writer.temporaryPath + "-kept")
  }
}

extension EventStore.Read {
  /// Refused rows that name an erased customer are not kept: they count as filtered.
  mutating func leaveOut(_ erased: ErasedCustomers, _ dialect: Dialect) {
    let kept = rejects.filter { !erased.isNamed(in: $0.raw, delimiter: dialect.delimiter, quote: dialect.quote) }
    let count = Int64(rejects.count - kept.count)
    (rejects, rowsRejected, rowsFiltered) = (kept, rowsRejected - count, rowsFiltered + count)
  }
}
