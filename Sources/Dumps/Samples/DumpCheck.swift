import Buffers
import Columns

/// A dump alone, read from its first byte to its last: what can be said of it without knowing what its columns mean.
package struct DumpCheck: Sendable {
  package struct Problem: Sendable, Hashable {
    package var line: Int64
    package var text: String
    package var rows: Int64
  }
  package let path: String
  package private(set) var isJSON = false
  package private(set) var delimiter = UInt8(ascii: ",")
  package private(set) var columns = 0
  package private(set) var rows: Int64 = 0
  package private(set) var facts: DumpFacts?
  /// Rows that every reader refuses, by reason.
  package private(set) var problems: [Problem] = []
  /// Told, and no reason to refuse anything.
  package private(set) var notes: [String] = []
  private static let problemsMax = 50

  /// - Throws: 65 or 66 where the dump cannot be read to its end; the message names the byte or the line.
  package init(path: String) throws(PipelineError) {
    self.path = path
    let sample = try DumpSample(path: path, bytesMax: 1 << 20)
    var dialect = Dialect(format: .csv)
    isJSON = sample.text.first { ![32, 9, 10, 13].contains($0) } == UInt8(ascii: "{")
    if !isJSON {
      let guess = DelimiterGuess(sample.text)
      (dialect.delimiter, dialect.quote) = (guess.delimiter, guess.quote)
    } else {
      dialect.format = .jsonLines
    }
    delimiter = dialect.delimiter
    try read(dialect)
    problems.sort { $0.line < $1.line }
  }

  private mutating func read(_ dialect: Dialect) throws(PipelineError) {
    let rowBytesMax = dialect.fieldBytesMax + (64 << 10)
    let source = TextSource(file: try DumpFaults.open(path), rowBytesMax: rowBytesMax, pipelined: false)
    let index =
      isJSON ? RowIndex(linesOf: rowBytesMax) : RowIndex(delimiter: dialect.delimiter, quote: dialect.quote, rowBytesMax: rowBytesMax)
    var batch: FieldBatch?, scan = TextScan(), used = 0, linesBefore: Int64 = 0, isFirst = true
    var lineEnds = LineEnds()
    let paths = isJSON ? JSONPaths([]) : nil
    while let chunk = try next(source, used, linesBefore, rowBytesMax) {
      if isFirst && !chunk.skipByteOrderMark() { throw DumpFaults.wideText(path) }
      if !isJSON { lineEnds.unify(chunk, delimiter: dialect.delimiter, quote: dialect.quote) }
      scan.scan(chunk.copy(from: chunk.textEnd - max(0, chunk.textCount), to: chunk.textEnd))
      isFirst = false
      index.index(chunk)
      var first = 0
      if batch == nil && isJSON { batch = FieldBatch(columns: [], columnCount: 1, fieldBytesMax: dialect.fieldBytesMax) }
      if batch == nil, index.rowCount > 0 {
        batch = try header(index.fields(ofRow: 0, in: chunk), dialect)
        first = 1
      }
      while let batch, first < index.rowCount {
        let count = min(FieldBatch.capacity, index.rowCount - first)
        if let paths {
          batch.locate(index, chunk, first: first, count: count, paths: paths)
        } else {
          batch.locate(index, chunk, first: first, count: count)
        }
        keepProblems(batch, index, count, linesBefore, dialect)
        first += count
      }
      if chunk.isLastPiece && index.usedUpTo < chunk.textEnd {
        throw PipelineError(
          .badInput, "\(path), line \(linesBefore + Int64(index.lineCount) + 1): a quote is never closed",
          fix: "close the quote, or set feeds.transactions.quote to what the dump uses")
      }
      linesBefore += Int64(index.lineCount)
      used = index.usedUpTo
    }
    facts = source.facts()
    judge(scan)
  }

  private func next(_ source: TextSource, _ used: Int, _ lines: Int64, _ rowBytesMax: Int) throws(PipelineError) -> TextChunk? {
    do { return try source.next(usedUpTo: used) } catch {
      guard error.reason == TextSource.rowTooLong(rowBytesMax) else { throw DumpFaults.unreadable(path, error) }
      throw PipelineError(
        .badInput, "\(path), line \(lines + 1): \(error.reason)",
        fix: "close the quote, or set feeds.transactions.quote to what the dump uses")
    }
  }

  private mutating func header(_ fields: [[UInt8]]?, _ dialect: Dialect) throws(PipelineError) -> FieldBatch {
    guard let fields, fields.count > 1 || fields.first?.isEmpty == false else {
      throw PipelineError(.badInput, "\(path), line 1: expected a header row", fix: "deliver the dump again with its header")
    }
    columns = fields.count
    let empty = fields.indices.filter { fields[$0].isEmpty }.map { String($0 + 1) }
    if !empty.isEmpty { notes.append("line 1: columns without a name: \(empty.prefix(20).joined(separator: ", "))") }
    var counts: [[UInt8]: Int] = [:]
    for name in fields where !name.isEmpty { counts[name, default: 0] += 1 }
    let doubled = counts.filter { $0.value > 1 }.keys.map { String(decoding: $0.prefix(40), as: UTF8.self).debugDescription }.sorted()
    if !doubled.isEmpty {
      notes.append(
        "line 1: names that stand there more than once, so that no field can be mapped to them: \(doubled.prefix(20).joined(separator: ", "))"
      )
    }
    // A batch takes at most 127 fields: of wider tables the first ones are held against the limit of a field.
    return FieldBatch(columns: Array(0..<min(127, fields.count)), columnCount: fields.count, fieldBytesMax: dialect.fieldBytesMax)
  }

  private mutating func keepProblems(_ batch: FieldBatch, _ index: RowIndex, _ count: Int, _ linesBefore: Int64, _ dialect: Dialect) {
    rows += Int64(count)
    let expectations = Expectations(mapping: TransactionMapping(), dialect: dialect, columns: columns)
    var next = 0
    while let row = batch.nextFault(from: next), let (fault, field) = batch.fault(ofRow: row) {
      next = row + 1
      let shape = batch.shape(row, of: index)
      if shape.isBlank {
        rows -= 1
        continue
      }
      let reason = expectations.reason(fault, nil, bytes: [], fields: shape.fields, json: batch.jsonProblem(row))
      let column = field >= 0 ? "column \(field + 1): " : ""
      add(linesBefore + 1 + Int64(batch.raw(row, of: index).line), column + reason, 1)
    }
  }

  private mutating func add(_ line: Int64, _ text: String, _ rows: Int64) {
    if let i = problems.firstIndex(where: { $0.text == text }) {
      problems[i].rows += rows
    } else if problems.count < Self.problemsMax {
      problems.append(Problem(line: line, text: text, rows: rows))
    } else {
      problems[problems.count - 1].rows += rows
    }
  }

  private mutating func judge(_ scan: TextScan) {
    if scan.nuls.count > 0 { add(scan.nuls.line, "\(scan.nuls.count) NUL bytes, this one first", scan.nuls.count) }
    if scan.headers.count > 0 && !isJSON { add(scan.headers.line, "the header stands here again", scan.headers.count) }
    if scan.invalid.count * 10 > scan.wide && scan.invalid.count > 0 && !isJSON {
      notes.append("line \(scan.invalid.line): not UTF-8 from here on: set feeds.transactions.encoding to latin-1 or windows-1252")
    } else if scan.invalid.count > 0 {
      add(scan.invalid.line, "\(scan.invalid.count) bytes that are no UTF-8, this one first", scan.invalid.count)
    }
    if let zeros = facts?.trailingZeros, zeros > 0 { notes.append("\(zeros) zero bytes behind the gzip data") }
  }
}
