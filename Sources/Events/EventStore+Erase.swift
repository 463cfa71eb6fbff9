import Buffers
import Columns
import Dumps

/// What the store holds of one customer.
package struct CustomerTraces: Sendable {
  /// His rows, by SHA-256 of the dump: lines, ascending.
  package var lines: [String: [Int64]] = [:]
  /// Kept rejects that name him.
  package var rejects = 0
  /// Whether he was erased before.
  package var isErased = false
  package var rows: Int { lines.values.reduce(0) { $0 + $1.count } }
}

extension EventStore {
  package func traces(of customer: [UInt8], threads: Int) throws(PipelineError) -> CustomerTraces {
    var traces = CustomerTraces()
    for (segment, selection) in try rows(of: customer, threads: threads) {
      traces.lines.merge(try selection.lines(segment)) { $0 + $1 }
    }
    traces.rejects = try catalog.rejects().count { names(customer, in: $0.reject.raw) }
    traces.isErased = try erasedCustomers()?.holds(customer) ?? false
    return traces
  }

  private func rows(of customer: [UInt8], threads: Int) throws(PipelineError) -> [(SegmentReader, RowSelection)] {
    let segments = try segments(), bucket = customerBucket(customer, of: parameters.bucketCount)
    let found = parallelMap(segments.count, threads: threads) { i -> Result<RowSelection, PipelineError> in
      Result { () throws(PipelineError) in
        try RowSelection(segments[i], buckets: [bucket]) { id in
          id.count == customer.count && customer.indices.allSatisfy { id[$0] == customer[$0] }
        }
      }
    }
    return try Array(zip(segments, found)).mapTyped { pair throws(PipelineError) in (pair.0, try pair.1.get()) }
  }

  /// Rows of a dump that name a customer, refused ones too: read whole, and nothing kept.
  /// - Throws: what `extract` throws for such a dump.
  package func count(of customer: [UInt8], inDump path: String, options: ExtractOptions) throws(PipelineError) -> Int {
    let bucket = customerBucket(customer, of: parameters.bucketCount)
    let reader = try TransactionReader(
      path: path,
      options: ReaderOptions(mapping: options.mapping, dialect: options.dialect, zone: zone, bucketCount: parameters.bucketCount, key: key),
      pipelined: false)
    var count = 0
    _ = try reader.read(
      progress: { _ in },
      flush: { (stripe) throws(PipelineError) in
        stripe.customers.withBucket(bucket) { bytes, lengths in count += Self.count(customer, bytes, lengths) }
      })
    return count + reader.rejects.count { names(customer, in: $0.raw) }
  }

  private static func count(_ customer: [UInt8], _ bytes: Span<UInt8>, _ lengths: Span<UInt32>) -> Int {
    var count = 0, start = 0
    for i in lengths.indices {
      let length = Int(lengths[i])
      if length == customer.count, customer.indices.allSatisfy({ bytes[start + $0] == customer[$0] }) { count += 1 }
      start += length
    }
    return count
  }

  /// Takes every row and reject of a customer out of the store and keeps a keyed hash of his id, so that he stays out. New segments are
  /// written beside the old ones, and count from one commit of the catalog on; a kill before it leaves the old state, one after it the new
  /// state and files that are swept when the store is opened again. To run it once more, also for nobody, finishes what was left.
  package func erase(_ customer: [UInt8], runID: String, threads: Int) throws(PipelineError) {
    let key = try erasureKey()
    var changes: [Catalog.NewSegment] = []
    for (segment, selection) in try rows(of: customer, threads: threads) where !selection.isEmpty {
      changes.append(try rewrite([MergeSource(segment, without: selection)], threads: threads))
    }
    try catalog.erase(
      changes, names: { names(customer, in: $0) }, hash: (key.digest(customer), key.quickHash(customer.span)),
      mark: ErasedCustomers.mark(key), runID: runID)
    try takeUp()
    try catalog.forget()
  }

  /// The key that ids of erased customers are hashed with; made for the first one, readable by its owner only.
  private func erasureKey() throws(PipelineError) -> KeyedHash {
    if let erased = try erasedCustomers() { return erased.key }
    let bytes = KeyFile.random()
    do { try SmallFile.replace(ErasedCustomers.keyPath(directory), with: bytes) } catch { throw storeFault(error) }
    return KeyedHash(key: bytes)
  }
}
