import Buffers
import Columns

extension EventStore {
  /// SHA-256 of the loads in each segment, by its name.
  var loadsBySegment: [String: Set<String>] {
    contents.withLock { contents in
      contents.entries.reduce(into: [:]) { $0[$1.segment, default: []].insert($1.load.sha256) }
    }
  }

  /// The segments that count, in the order of the first SHA-256 in each.
  package func segments() throws(PipelineError) -> [SegmentReader] {
    try openSegments()
    if try sweepWithdrawn() { try openSegments() }
    let (readers, loads) = (contents.withLock { $0.readers }, loadsBySegment)
    return loads.sorted { ($0.value.min() ?? "") < ($1.value.min() ?? "") }.compactMap { readers[$0.key] }
  }

  private func openSegments() throws(PipelineError) {
    for (name, loads) in loadsBySegment where contents.withLock({ $0.readers[name] }) == nil {
      let reader = try SegmentReader(path: folder + "/" + name)
      guard reader.holds(loads), reader.meta.bucketCount == parameters.bucketCount else {
        throw PipelineError(.badInput, "\(folder)/\(name): belongs to another dump or store", fix: BlockFile.fix)
      }
      contents.withLock { $0.readers[name] = reader }
    }
  }

  /// A dump that was withdrawn leaves its rows in a segment that it shared with others: they go before anybody reads it. One sweep does
  /// for all dumps of a night, and the next run makes up for one that was killed.
  /// - Returns: whether there was anything to do.
  private func sweepWithdrawn() throws(PipelineError) -> Bool {
    let readers = contents.withLock { $0.readers }
    var changes: [Catalog.NewSegment] = []
    for (name, loads) in loadsBySegment {
      guard let reader = readers[name], reader.parts.count > loads.count else { continue }
      if changes.isEmpty { try waitUntilCommitted() }
      let gone = Set(reader.parts.indices.filter { !loads.contains(reader.parts[$0].sha256) })
      changes.append(try rewrite([try MergeSource(reader, withoutParts: gone)], threads: 2))
    }
    if changes.isEmpty { return false }
    try catalog.replace(by: changes)
    try takeUp()
    return true
  }

  /// Writes a durable segment that counts once the catalog says so.
  func rewrite(
    _ sources: [MergeSource], threads: Int, progress: (Int) -> Void = { _ in }
  ) throws(PipelineError) -> Catalog.NewSegment {
    var merger = SegmentMerger(sources, threads: threads)
    let mark = Self.freshMark(), writer = try merger.write(to: folder + "/" + mark, progress: progress)
    let name = "\(writer.meta.sha256)-\(mark).seg"
    do { try writer.publish(as: folder + "/" + name) } catch { throw storeFault(error) }
    return Catalog.NewSegment(name: name, parts: writer.meta.parts ?? [writer.meta.wholePart])
  }

  /// Follows the catalog after a change of segments, and removes the files that it no longer names. A kill before that leaves them to the
  /// next run's sweep.
  func takeUp() throws(PipelineError) {
    let entries = try catalog.entries(), named = Set(entries.map(\.segment))
    let gone = contents.withLock { contents in
      let gone = Set(contents.entries.map(\.segment)).subtracting(named)
      contents.entries = entries
      for name in gone { contents.readers[name] = nil }
      return gone
    }
    do throws(SystemFault) {
      for name in gone.sorted() { try removeFile(folder + "/" + name) }
      try syncFolder(of: folder + "/.")
    } catch { throw storeFault(error) }
    try catalog.sealAnew()
  }
}

extension SegmentReader {
  /// Whether its parts are these loads, or were once.
  func holds(_ loads: Set<String>) -> Bool {
    isMerged ? loads.isSubset(of: parts.map(\.sha256)) : loads == [meta.sha256]
  }
}
