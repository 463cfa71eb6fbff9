import Buffers
import Columns
import Dumps

/// What a dump must be to be loaded, beyond its reject limits.
package struct DumpChecks: Sendable, Hashable {
  /// A dump modified within so many seconds is left for the next run; 0: off.
  package var settleSeconds: Int64 = 0
  /// Unix time that it is measured from.
  package var now: Int64 = 0
  /// Dumps of 0 bytes or of a header alone are loaded.
  package var allowsEmpty = true
  /// Of a dump that is not empty.
  package var rowsMin: Int64 = 0
  /// A dump with a column that no dump before had, and nothing maps, is refused.
  package var freezesColumns = false

  package init() {}
}

extension DumpChecks {
  /// Why a dump is left for the next run; nil: it may be read, with what has to be said of it in `notes`.
  ///
  /// A time that lies further ahead than `settleSeconds` was not written just now: a clock jumped, here or where the dump was made. The
  /// time of the last change of the file's entry, which is always this machine's, then stands in for it; where that lies ahead too,
  /// nothing can be told, and a dump must not be left for ever.
  package func unsettled(_ identity: FileIdentity, notes: inout [String]) -> String? {
    let settle = settleSeconds
    if settle == 0 { return nil }
    let modified = now - identity.modifiedAtNanoseconds / 1_000_000_000
    if abs(modified) < settle { return "modified \(max(0, modified)) s ago: it may still be growing, so it is left for the next run" }
    if modified > 0 { return nil }
    let changed = now - identity.changedAtNanoseconds / 1_000_000_000
    if abs(changed) < settle {
      return "its time of modification lies ahead of the clock, and it came \(max(0, changed)) s ago: it is left for the next run"
    }
    notes.append("its time of modification lies ahead of the clock; it is read all the same")
    return nil
  }
}

extension EventStore {
  // MARK: what was read

  /// Why a dump that was read is not loaded; nil: it is.
  func objection(_ path: String, _ load: LoadRecord, _ read: Read, _ newColumns: [String], _ options: ExtractOptions) -> PipelineError? {
    if load.rowsRead == 0 { return options.checks.allowsEmpty ? nil : isEmpty(path, load) }
    if options.checks.freezesColumns, let first = newColumns.first { return hasNewColumn(path, first, newColumns, options.mapping) }
    if let error = overLimit(path, load, read.rejects, options) { return error }
    if load.rowsRejected == load.rowsRead { return hasNoValidRow(path, load, read.rejects) }
    if load.rowsRead < options.checks.rowsMin { return hasTooFewRows(path, load, options.checks.rowsMin) }
    return nil
  }

  /// No byte at all is mostly a delivery that broke off, a header alone a night without rows.
  private func isEmpty(_ path: String, _ load: LoadRecord) -> PipelineError {
    let fix = "deliver the dump again, or set feeds.transactions.allow_empty: true where nights without a row are real"
    if load.fileBytes == 0 { return PipelineError(.badInput, "\(path): expected a header row, found a file of 0 bytes", fix: fix) }
    if load.textBytes == 0 {
      return PipelineError(.badInput, "\(path): expected a header row, found 0 bytes of text after decompression", fix: fix)
    }
    return PipelineError(.checkFailed, "\(path), line 2: expected rows, found a header alone", fix: fix)
  }

  private func hasNoValidRow(_ path: String, _ load: LoadRecord, _ rejects: [Reject]) -> PipelineError {
    let first = rejects.first.map { ["line \($0.line), column \($0.column.debugDescription): \($0.reason)"] } ?? []
    return PipelineError(
      .checkFailed, "\(path): expected rows, found \(load.rowsRead == 1 ? "1" : "\(load.rowsRead)") and none of them valid", details: first,
      fix: "check what feeds.transactions says of the dump's columns and values; no reject limit lets such a dump pass")
  }

  private func hasTooFewRows(_ path: String, _ load: LoadRecord, _ rowsMin: Int64) -> PipelineError {
    PipelineError(
      .checkFailed, "\(path): expected at least \(rowsMin) rows, found \(load.rowsRead)",
      fix: "deliver the dump again, whole, or lower feeds.transactions.rows_min")
  }

  // MARK: columns

  /// Columns of a dump that nothing maps and no dump before had, in the order of its header; none where no header is known yet.
  func newColumns(_ header: [[UInt8]], mapped: Set<Int>, replaced: String?) -> [String] {
    let headers = contents.withLock { $0.entries.filter { $0.load.sha256 != replaced }.compactMap(\.header) }
    let known = Set(headers.flatMap { $0 })
    if known.isEmpty { return [] }
    return header.indices.filter { !mapped.contains($0) && !known.contains(header[$0]) }.map { String(decoding: header[$0], as: UTF8.self) }
  }

  private func hasNewColumn(_ path: String, _ first: String, _ all: [String], _ mapping: TransactionMapping) -> PipelineError {
    let mapped = [
      mapping.transactionID, mapping.customerID, mapping.occurredAt, mapping.amount, mapping.discount, mapping.cost, mapping.category,
      mapping.channel, mapping.kind, mapping.updatedAt,
    ].compactMap { $0 }
    let nearest = Spelling.nearest(to: first, among: mapped).map { "; the mapped column nearest to it is \($0.debugDescription)" } ?? ""
    return PipelineError(
      .checkFailed, "\(path), line 1: column \(Self.shown(first)) stood in no dump before\(nearest)",
      details: all.count > 1 ? ["further new columns: " + all.dropFirst().prefix(20).map(Self.shown).joined(separator: ", ")] : [],
      fix: "map it under feeds.transactions.columns, or load the dump once with feeds.transactions.on_schema_change: evolve")
  }

  static func shown(_ name: String) -> String { String(name.prefix(40)).debugDescription }
}
