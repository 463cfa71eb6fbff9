import Buffers
import Columns
import Dumps
import Synchronization

extension EventStore {
  /// Loads dumps: each is read once, whole, and becomes one segment or nothing. Several dumps are read side by side; with fewer dumps than
  /// threads, inflating and parsing go on different cores.
  ///
  /// What is decided does not depend on the order in which the dumps are done: it is decided in the order of the paths.
  /// - Throws: 78 where a dump was loaded with another mapping (unless `reload`), or an I/O error of the store. What is wrong with one
  ///   dump stands in its outcome.
  package func extract(
    paths: [String], options: ExtractOptions, progress: (@Sendable (ExtractProgress) -> Void)?
  ) throws(PipelineError) -> ExtractReport {
    let mapping = options.mappingText, erased = try erasedCustomers()
    let paths = paths.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.sorted()
    let damaged = options.rebuild ? damagedSegments(threads: options.threads) : [:]
    let first = try paths.mapTyped { path throws(PipelineError) in try firstLook(path, options, mapping, damaged: Set(damaged.keys)) }
    try checkMapping(first, mapping, options)
    try requireDumps(of: damaged, first)

    let work = first.indices.filter { first[$0].needsReading }
    let meter = ProgressMeter(files: work.map { first[$0].path }, report: progress)
    let isPipelined = options.threads > work.count
    let sealThreads = max(1, options.threads / max(1, work.count))
    let reads = parallelMap(work.count, threads: options.threads) { i in
      self.read(first[work[i]], options, erased, pipelined: isPipelined, threads: sealThreads, meter: meter, place: i)
    }
    var outcomes: [DumpOutcome] = [], next = 0
    for look in first {
      if look.needsReading {
        outcomes.append(try decide(look, reads[next], options, mapping))
        next += 1
      } else {
        outcomes.append(look.outcome ?? DumpOutcome(path: look.path, kind: .unchanged, load: nil, rejects: [], error: nil))
      }
    }
    return ExtractReport(outcomes: outcomes)
  }

  // MARK: reading

  func rememberName(_ path: String, _ name: Catalog.Name) {
    contents.withLock { $0.names[path] = name }
    committer.async { self.attempt { () throws(PipelineError) in try self.catalog.setName(feed: Self.feed, path: path, name) } }
  }

  func attempt(_ body: () throws(PipelineError) -> Void) {
    if contents.withLock({ $0.fault }) != nil { return }
    do { try body() } catch { contents.withLock { $0.fault = error } }
  }

  struct Read: Sendable {
    var facts: DumpFacts?
    var identity: FileIdentity?
    var rowsRead: Int64 = 0
    var rowsRejected: Int64 = 0
    /// Left out as the pipeline file says, or of erased customers.
    var rowsFiltered: Int64 = 0
    var unmappedKeys: [JSONPaths.Unmapped] = []
    var fix = ""
    var rejects: [Reject] = []
    var header: [[UInt8]] = []
    var mappedColumns: Set<Int> = []
    var rateUses: [RateUse] = []
    var writer: SealedSegment?
    var error: PipelineError?
  }

  /// A written segment on its way to its name; used by one thread at a time.
  final class SealedSegment: @unchecked Sendable {
    let writer: SegmentWriter
    init(_ writer: SegmentWriter) { self.writer = writer }
  }

  private func read(
    _ look: FirstLook, _ options: ExtractOptions, _ erased: ErasedCustomers?, pipelined: Bool, threads: Int, meter: ProgressMeter,
    place: Int
  ) -> Read {
    var result = Read()
    do throws(PipelineError) {
      let reader = try TransactionReader(path: look.path, options: readerOptions(options), pipelined: pipelined)
      let meta = SegmentMeta(feed: Self.feed, bucketCount: parameters.bucketCount, mapping: mappedFields(options.mapping))
      let writer = try SegmentWriter(path: "\(folder)/\(options.runID)-\(Self.freshMark())", meta: meta, threads: threads)
      result.identity = reader.identity
      let facts = try reader.read(
        progress: { meter.update(place, bytes: $0.bytesDone, rows: $0.rowsRead) },
        flush: { (stripe) throws(PipelineError) in try writer.append(stripe) })
      try writer.finish(facts: facts, categories: reader.categories, channels: reader.channels)
      meter.finish(place, rows: reader.rowsRead)
      result.facts = facts
      result.rateUses = reader.rateUses
      (result.rowsRead, result.rowsRejected, result.rejects) = (reader.rowsRead, reader.rowsRejected, reader.rejects)
      (result.header, result.mappedColumns) = (reader.headerFields, reader.mappedColumns)
      (result.rowsFiltered, result.unmappedKeys, result.fix) = (reader.rowsFiltered, reader.unmappedKeys, reader.fix)
      let kept = try withoutErased(writer, erased)
      result.rowsFiltered += Int64(writer.meta.rowCount - kept.meta.rowCount)
      if let erased { result.leaveOut(erased, options.dialect) }
      result.writer = SealedSegment(kept)
      if let now = try? FileIdentity.of(look.path)?.identity, now != reader.identity {
        throw PipelineError(
          .badInput, "\(look.path): changed while it was read", fix: "deliver dumps under another name and rename them when whole")
      }
    } catch {
      result.error = error
      result.writer = nil
    }
    return result
  }

  func readerOptions(_ options: ExtractOptions) -> ReaderOptions {
    ReaderOptions(
      mapping: options.mapping, dialect: options.dialect, zone: zone, bucketCount: parameters.bucketCount, key: key,
      pseudonyms: options.pseudonyms, rates: options.rates)
  }

  /// Tells a file's name from all others of this store: segments of an earlier call may still wait for theirs.
  static func freshMark() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }

  func mappedFields(_ mapping: TransactionMapping) -> Set<String> {
    var fields: Set<String> = []
    if !mapping.identity.isEmpty { fields.insert("identity") }
    for field in [TransactionField.discount, .cost, .category, .channel, .updatedAt] where mapping.has(field) {
      fields.insert(field.rawValue)
    }
    return fields
  }

  // MARK: after reading

  /// Whether what was read counts; if so it is readable from here on and goes to the committer.
  private func decide(
    _ look: FirstLook, _ read: Read, _ options: ExtractOptions, _ mapping: String
  ) throws(PipelineError) -> DumpOutcome {
    var outcome = DumpOutcome(path: look.path, kind: .failed, load: nil, rejects: read.rejects, error: read.error)
    outcome.notes = look.notes
    outcome.unmappedKeys = read.unmappedKeys
    guard let facts = read.facts, let sealed = read.writer, let identity = read.identity, read.error == nil else {
      if read.error?.exit == .inputOutput, let error = read.error { throw error }
      return outcome
    }
    let meta = sealed.writer.meta
    let load = LoadRecord(
      feed: Self.feed, path: look.path, sha256: facts.sha256, fileBytes: facts.fileBytes, textBytes: facts.textBytes,
      rowsRead: read.rowsRead, rowsLoaded: Int64(meta.rowCount), rowsRejected: read.rowsRejected, rowsDuplicate: 0,
      rowsFiltered: read.rowsFiltered, firstEventAt: meta.firstEventAt, lastEventAt: meta.lastEventAt, runID: options.runID)
    outcome.load = load
    let entries = contents.withLock { $0.entries }
    if let same = entries.first(where: { $0.load.sha256 == facts.sha256 }), look.replaces != facts.sha256 {
      rememberName(look.path, Catalog.Name(sha256: facts.sha256, identity: identity))
      outcome.kind = .sameBytes(as: same.load.path)
      outcome.load = same.load
      return outcome
    }
    // Dumps without a row are alike and harmless: there is nothing to double.
    if !options.allowSameText, load.rowsRead > 0,
      let same = entries.first(where: {
        $0.load.textBytes == facts.textBytes && $0.textCRC == facts.textCRC && $0.load.sha256 != look.replaces
      })
    {
      outcome.error = PipelineError(
        .badInput, "\(look.path): the same text as \(same.load.path), compressed anew",
        details: ["both have \(facts.textBytes) bytes of text and CRC-32 \(String(facts.textCRC, radix: 16))"],
        fix: "remove it, or run with `--allow-same-text` to load it all the same")
      return outcome
    }
    outcome.newColumns = newColumns(read.header, mapped: read.mappedColumns, replaced: look.replaces)
    if let error = objection(look.path, load, read, outcome.newColumns, options) {
      outcome.kind = error.exit == .badInput ? .failed : .refused
      outcome.error = error
      return outcome
    }
    if let replaced = look.replaces, entries.contains(where: { $0.repairs == replaced }) {
      outcome.notes.append("its repaired rejects went with its old rows: feed them back again where they are rejects still")
    }
    outcome.kind = look.replaces == nil ? .loaded : .replaced
    try commit(
      sealed,
      Catalog.Entry(
        load: load, textCRC: facts.textCRC, mapping: options.mappingText(mapping, using: read.rateUses), segment: "",
        header: read.header.isEmpty ? nil : read.header),
      identity, read.rejects, look.replaces, options)
    return outcome
  }

  private func commit(
    _ sealed: SealedSegment, _ unnamed: Catalog.Entry, _ identity: FileIdentity, _ rejects: [Reject], _ withdrawn: String?,
    _ options: ExtractOptions
  ) throws(PipelineError) {
    var entry = unnamed
    // A dump that is read again gets a segment beside its old one, which goes only when the new one counts.
    entry.segment = withdrawn == entry.load.sha256 ? "\(entry.load.sha256)-\(Self.freshMark()).seg" : "\(entry.load.sha256).seg"
    let name = Catalog.Name(sha256: entry.load.sha256, identity: identity)
    let reader = try SegmentReader(path: sealed.writer.temporaryPath)
    let old = contents.withLock { contents in
      let old = contents.entries.first { $0.load.sha256 == withdrawn }?.segment
      contents.entries.removeAll { $0.load.sha256 == withdrawn || withdrawn != nil && $0.repairs == withdrawn }
      contents.entries.append(entry)
      contents.names[entry.load.path] = name
      contents.readers[entry.segment] = reader
      contents.rejects[entry.load.sha256] = rejects
      // One that other dumps share stays, and what it holds of this one is swept.
      if contents.entries.contains(where: { $0.segment == old }) { return String?.none }
      if let old { contents.readers[old] = nil }
      return old
    }
    let folder = self.folder, final = entry
    committer.async {
      self.attempt { () throws(PipelineError) in
        do throws(SystemFault) { try sealed.writer.publish(as: folder + "/" + final.segment) } catch { throw storeFault(error) }
        try self.catalog.insert(final, name: name, rejects: rejects, withdrawn: withdrawn)
        // The old segment's row is gone: should this fail, the next run sweeps the file.
        if let old { try? removeFile(folder + "/" + old) }
      }
    }
  }
}
