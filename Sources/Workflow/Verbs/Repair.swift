import Buffers
import Columns
import Events

extension Job {
  /// Feeds repaired rejects back: a CSV file with the columns `sha256`, `line` and `raw`, as the table `rejects` gives them.
  /// - Throws: 64 for flags that go with dumps; 65 for a file that is no such table; 65 and 1 as `extract` does.
  func repair(_ file: String, in store: EventStore) throws(PipelineError) {
    let flags = [
      ("--dumps", !invocation.dumps.isEmpty), ("--replace", invocation.replace), ("--reload", invocation.reload),
      ("--rebuild", invocation.rebuild),
      ("--allow-same-text", invocation.allowSameText), ("--settle", invocation.settle != nil), ("--dry-run", invocation.isDryRun),
    ]
    if let flag = flags.first(where: \.1)?.0 {
      throw PipelineError(.usage, "\(flag): --rejects reads no dumps", fix: "leave one of them out")
    }
    let rows = try RepairFile.read(file)
    var options = pipeline.extractOptions(runID: ledger.runID)
    options.showValues = invocation.showValues
    options.pseudonyms = try pipeline.pseudonyms()
    options.rates = try pipeline.exchangeRates()
    let report = try ledger.stage("repair", rows: { (report: ExtractReport) in report.rowsRead }) { () throws(PipelineError) in
      try store.repair(rows, options: options)
    }
    ledger.record(report.outcomes)
    log(report)
    guard let error = report.error(pipelineFile: pipeline.file) else { return }
    try store.waitUntilCommitted()
    throw PipelineError(
      error.exit, "\(file): the repaired rows of some dumps could not be loaded", details: error.details,
      fix: "repair what is named above and feed the file back again: what is loaded is left alone")
  }
}

/// A file of repaired rejects.
enum RepairFile {
  static let bytesMax = 64 << 20

  /// - Throws: 66 where there is none, 65 for one that is no CSV with the columns asked for.
  static func read(_ path: String) throws(PipelineError) -> [RepairedRow] {
    let bytes: [UInt8]?
    do { bytes = try SmallFile.read(path, bytesMax: bytesMax) } catch {
      throw PipelineError(error.code == 2 ? .noInput : .badInput, "\(error)", fix: "name the file of repaired rejects")
    }
    guard let bytes else {
      throw PipelineError(.badInput, "\(path): longer than \(bytesMax >> 20) MiB", fix: "feed it back in parts, each with the header")
    }
    var table = try CSVText.rows(bytes, path: path).makeIterator()
    let header = (table.next()?.fields ?? []).map { String(decoding: $0, as: UTF8.self) }
    guard let sha256 = header.firstIndex(of: "sha256"), let line = header.firstIndex(of: "line"), let raw = header.firstIndex(of: "raw")
    else {
      throw PipelineError(
        .badInput, "\(path), line 1: expected the columns sha256, line and raw", details: ["found \(header.count) others or fewer"],
        fix: "export the table rejects with its header, as the README shows")
    }
    var rows: [RepairedRow] = []
    while let row = table.next() {
      guard row.fields.count == header.count, let number = Int64(String(decoding: row.fields[line], as: UTF8.self)), number > 0 else {
        throw PipelineError(
          .badInput, "\(path), line \(row.line): expected \(header.count) fields and a line's number in \"line\"",
          fix: "keep the columns as they were exported; put a row with commas or quotes in quotes, and double its own")
      }
      var text = row.fields[raw]
      while let last = text.last, last == 10 || last == 13 { text.removeLast() }
      rows.append(RepairedRow(sha256: String(decoding: row.fields[sha256], as: UTF8.self), line: number, raw: text))
    }
    return rows
  }
}

/// A small CSV file by RFC 4180, all of it at once.
enum CSVText {
  struct Row {
    /// Where it begins, from 1.
    var line: Int
    var fields: [[UInt8]]
  }

  /// Blank lines are none. Lines end in LF or CRLF.
  /// - Throws: 65 for a quote that is never closed, or text behind one that is.
  static func rows(_ bytes: [UInt8], path: String) throws(PipelineError) -> [Row] {
    var rows: [Row] = [], line = 1, start = 1
    var fields: [[UInt8]] = [], field: [UInt8] = []
    var isQuoted = false, wasQuoted = false
    func wrong(_ what: String) -> PipelineError {
      PipelineError(.badInput, "\(path), line \(start): \(what)", fix: "put a field with commas or quotes in quotes, and double its own")
    }
    func endRow() {
      fields.append(field)
      if fields.count > 1 || !field.isEmpty || wasQuoted { rows.append(Row(line: start, fields: fields)) }
      (fields, field, wasQuoted, start) = ([], [], false, line)
    }
    var at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      if byte == 10 { line += 1 }
      if isQuoted {
        if byte != 34 {
          field.append(byte)
        } else if at < bytes.count, bytes[at] == 34 {
          field.append(34); at += 1
        } else {
          isQuoted = false
        }
      } else if byte == 34, field.isEmpty, !wasQuoted {
        (isQuoted, wasQuoted) = (true, true)
      } else if byte == 44 {
        fields.append(field)
        (field, wasQuoted) = ([], false)
      } else if byte == 10 {
        endRow()
      } else if byte == 13, at < bytes.count, bytes[at] == 10 {
        continue
      } else if wasQuoted || byte == 34 {
        throw wrong("malformed quoting")
      } else {
        field.append(byte)
      }
    }
    if isQuoted { throw wrong("a quote is never closed") }
    if !fields.isEmpty || !field.isEmpty || wasQuoted { endRow() }
    return rows
  }
}
