import Buffers
import Columns
import Dumps

extension EventStore {
  /// Loads repaired rejects: for each dump one segment more, all of its rows or none. They stand in their dump and line as if they had
  /// been sound from the first, so what is computed is what the sound dump would have given. Rows that were repaired before are left alone.
  /// - Throws: 78 where a dump was loaded with another mapping, or an I/O error of the store. What is wrong with the rows of one dump
  ///   stands in its outcome.
  package func repair(_ rows: [RepairedRow], options: ExtractOptions) throws(PipelineError) -> ExtractReport {
    let entries = contents.withLock { $0.entries.filter { $0.repairs == nil } }
    let groups = Dictionary(grouping: rows, by: \.sha256)
    var outcomes: [DumpOutcome] = []
    for (sha256, rows) in groups.sorted(by: { $0.key < $1.key }) {
      if let entry = entries.first(where: { $0.load.sha256 == sha256 }) {
        outcomes.append(try repair(entry, rows.sorted { $0.line < $1.line }, options))
      } else {
        let error = PipelineError(
          .badInput, "no dump of SHA-256 \(String(sha256.prefix(64)).debugDescription) is loaded",
          fix: "export the rejects again: their dump was replaced, or belongs to another pipeline")
        outcomes.append(DumpOutcome(path: "", kind: .failed, load: nil, rejects: [], error: error))
      }
    }
    return ExtractReport(outcomes: outcomes.sorted { ($0.path, $0.load?.sha256 ?? "") < ($1.path, $1.load?.sha256 ?? "") })
  }

  private func repair(_ entry: Catalog.Entry, _ rows: [RepairedRow], _ options: ExtractOptions) throws(PipelineError) -> DumpOutcome {
    let path = entry.load.path
    var outcome = DumpOutcome(path: path, kind: .failed, load: nil, rejects: [], error: nil)
    guard entry.mapping == options.mappingText else {
      throw PipelineError(
        .badPipeline, "\(path) was loaded with another mapping of its feed",
        fix: "put the old values back, or run `extract --reload` to read it again, and export its rejects then")
    }
    do throws(PipelineError) {
      let open = try openRejects(entry, rows, notes: &outcome.notes)
      if open.isEmpty {
        outcome.kind = .unchanged
        return outcome
      }
      let isAlone = !options.mapping.identity.contains("line") || options.mapping.line != nil
      guard let header = entry.header, !header.isEmpty, isAlone, !options.dialect.isJSON(path) else {
        let reason = !isAlone ? "its equal rows are told apart by their order" : "it is JSON Lines"
        throw PipelineError(
          .badInput, "\(path): \(entry.header == nil ? "its header is not known" : reason), so its rows cannot be read one by one",
          fix: "repair the dump itself and run `extract --replace`")
      }
      try load(open, try RepairText(header: header, rows: open, dialect: options.dialect, path: path), entry, options, &outcome)
    } catch {
      if error.exit == .inputOutput { throw error }
      outcome.kind = error.exit == .checkFailed ? .refused : .failed
      outcome.error = error
    }
    return outcome
  }

  /// The rows whose rejects were not repaired before.
  private func openRejects(
    _ entry: Catalog.Entry, _ rows: [RepairedRow], notes: inout [String]
  ) throws(PipelineError) -> [RepairedRow] {
    let path = entry.load.path
    let known = try catalog.rejectLines(feed: Self.feed, sha256: entry.load.sha256)
    var open: [RepairedRow] = [], doneBefore = 0
    for (index, row) in rows.enumerated() {
      guard let isDone = known[row.line] else {
        throw PipelineError(
          .badInput, "\(path), line \(row.line): no row of this line was rejected", details: ["no repaired row of this dump was loaded"],
          fix: "keep the columns sha256 and line as they were exported")
      }
      if index > 0, rows[index - 1].line == row.line {
        throw PipelineError(
          .badInput, "\(path), line \(row.line): repaired twice in one file", details: ["no repaired row of this dump was loaded"],
          fix: "keep one of them")
      }
      if isDone { doneBefore += 1 } else { open.append(row) }
    }
    if doneBefore > 0 { notes.append("\(doneBefore) of \(rows.count) repaired rows are loaded already and were left alone") }
    return open
  }

  private func load(
    _ rows: [RepairedRow], _ text: RepairText, _ dump: Catalog.Entry, _ options: ExtractOptions, _ outcome: inout DumpOutcome
  ) throws(PipelineError) {
    let (reader, sealed, facts) = try read(text, rows, dump, options)
    outcome.rejects = reader.rejects.map { reject in
      var reject = reject
      reject.line = text.lines[reject.line] ?? reject.line
      return reject
    }
    let meta = sealed.writer.meta
    let load = LoadRecord(
      feed: Self.feed, path: dump.load.path, sha256: facts.sha256, fileBytes: facts.fileBytes, textBytes: facts.textBytes,
      rowsRead: reader.rowsRead, rowsLoaded: Int64(meta.rowCount), rowsRejected: reader.rowsRejected, rowsDuplicate: 0,
      rowsFiltered: reader.rowsRead - reader.rowsRejected - Int64(meta.rowCount),
      firstEventAt: meta.firstEventAt, lastEventAt: meta.lastEventAt, runID: options.runID)
    outcome.load = load
    var strict = options
    strict.limits = RejectLimits(rowsMax: 0)
    if var error = overLimit(dump.load.path, load, outcome.rejects, strict, dialectFix: "") {
      error.message += " (in the repaired row)"
      error.fix = "repair it in the file and feed it back again: all repaired rows of a dump are loaded, or none"
      throw error
    }
    guard load.rowsRead == rows.count else {
      throw PipelineError(
        .badInput, "\(dump.load.path): expected \(rows.count) repaired rows, found \(load.rowsRead)",
        fix: "write each row whole in the column raw")
    }
    outcome.kind = .repaired
    try commit(
      sealed,
      Catalog.Entry(
        load: load, textCRC: facts.textCRC, mapping: dump.mapping, segment: "\(facts.sha256).seg", header: nil, repairs: dump.load.sha256),
      rows.map(\.line))
  }

  private func read(
    _ text: RepairText, _ rows: [RepairedRow], _ dump: Catalog.Entry, _ options: ExtractOptions
  ) throws(PipelineError) -> (TransactionReader, SealedSegment, DumpFacts) {
    let place = "\(folder)/\(options.runID)-\(Self.freshMark())"
    let file: OutputFile
    do {
      file = try OutputFile(path: place)
      try file.write(text.bytes)
    } catch { throw storeFault(error) }
    defer { withExtendedLifetime(file) {} }
    let reader = try TransactionReader(path: file.temporaryPath, options: readerOptions(options), pipelined: false)
    var meta = SegmentMeta(feed: Self.feed, bucketCount: parameters.bucketCount, mapping: mappedFields(options.mapping))
    meta.repairs = dump.load.sha256
    let lines = text.lines
    let writer = try SegmentWriter(path: place + "-rows", meta: meta, threads: 1, lineOf: { lines[$0] ?? $0 })
    var facts = try reader.read(progress: { _ in }, flush: { (stripe) throws(PipelineError) in try writer.append(stripe) })
    // Equal rows may be repaired in two dumps.
    facts.sha256 = sha256(Array((dump.load.sha256 + rows.map { " \($0.line)" }.joined() + " " + facts.sha256).utf8))
    try writer.finish(facts: facts, categories: reader.categories, channels: reader.channels)
    return (reader, SealedSegment(try withoutErased(writer, erasedCustomers())), facts)
  }

  private func commit(_ sealed: SealedSegment, _ entry: Catalog.Entry, _ lines: [Int64]) throws(PipelineError) {
    let reader = try SegmentReader(path: sealed.writer.temporaryPath)
    contents.withLock { contents in
      contents.entries.append(entry)
      contents.readers[entry.load.sha256] = reader
    }
    let folder = self.folder
    committer.async {
      self.attempt { () throws(PipelineError) in
        do throws(SystemFault) { try sealed.writer.publish(as: folder + "/" + entry.segment) } catch { throw storeFault(error) }
        try self.catalog.insert(entry, repairing: lines)
      }
    }
  }
}
