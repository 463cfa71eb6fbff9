import Buffers
import Columns

/// Reads one dump of transactions: text → rows → typed columns, bucketed by customer.
///
/// Everything works on batches of 2,048 rows and one field at a time, so that a batch's text and columns stay in the second-level cache.
package final class TransactionReader {
  package let path: String
  package private(set) var rowsRead: Int64 = 0
  package private(set) var rowsRejected: Int64 = 0
  /// Left out because the pipeline file says so.
  package private(set) var rowsFiltered: Int64 = 0
  package private(set) var rejects: [Reject] = []
  /// The header's names as they stand there; empty where there is none.
  package private(set) var headerFields: [[UInt8]] = []
  /// Places in the header of the columns that are read.
  package var mappedColumns: Set<Int> { Set(header?.columns ?? []) }
  /// The key of the feed that may make the first reject a sound row; empty where none does.
  package private(set) var fix = ""
  package var categories: WordList { parser.categories }
  package var channels: WordList { parser.channels }
  /// Keys of JSON Lines that no field asks for.
  package var unmappedKeys: [JSONPaths.Unmapped] { paths?.unmappedKeys ?? [] }
  /// Rates that its amounts were converted with, ascending.
  package var rateUses: [RateUse] { parser.conversion?.uses.sorted() ?? [] }
  package var bytesDone: Int64 { source.fileBytesDone }
  package var identity: FileIdentity { source.identity }

  private let source: TextSource
  private let options: ReaderOptions
  private let index: RowIndex
  private let stripe: TransactionStripe
  private let order: BucketOrder
  private let parser: TransactionParser
  private let isJSON: Bool
  private var paths: JSONPaths?
  private var batch: FieldBatch?
  private var header: Header?
  /// Line breaks before the current chunk's text, and the text offset of its own start.
  private var linesBefore: Int64 = 0
  private var textBefore: Int64 = 0
  /// `textBefore` when the last stripe was flushed.
  private var textFlushed: Int64 = 0
  private var lineEnds = LineEnds()

  package init(path: String, options: ReaderOptions, pipelined: Bool) throws(PipelineError) {
    self.path = path
    self.options = options
    isJSON = options.dialect.isJSON(path)
    parser = try TransactionParser(options, isJSON: isJSON)
    let rowBytesMax = options.dialect.fieldBytesMax + (64 << 10)
    // Decoding writes up to three bytes for one, beside what unescaping wrote.
    source = TextSource(
      file: try DumpFaults.open(path), rowBytesMax: rowBytesMax, pipelined: pipelined,
      arenaFactor: options.dialect.encoding == .utf8 ? 1 : 4, pieceBytes: options.pieceBytes)
    index =
      isJSON
      ? RowIndex(linesOf: rowBytesMax)
      : RowIndex(delimiter: options.dialect.delimiter, quote: options.dialect.quote, rowBytesMax: rowBytesMax)
    // No row is shorter than 8 bytes, compressed or not.
    let rowsExpected = min(options.stripeRowsMax, Int(clamping: source.identity.byteCount / 8))
    stripe = TransactionStripe(bucketCount: options.bucketCount, rowsExpected: rowsExpected)
    order = BucketOrder(bucketCount: options.bucketCount)
  }

  /// Reads the whole dump. `flush` receives each full stripe, and the last one; nothing counts before this has returned, since the
  /// checksum at the end may still be wrong.
  package func read(
    progress: (TransactionReader) -> Void, flush: (TransactionStripe) throws(PipelineError) -> Void
  ) throws(PipelineError) -> DumpFacts {
    if source.identity.byteCount == 0 { return .ofNothing }
    var used = 0
    while let chunk = try next(usedUpTo: used) {
      if textBefore == 0 && !chunk.skipByteOrderMark() {
        throw DumpFaults.wideText(path)
      }
      if !isJSON { lineEnds.unify(chunk, delimiter: options.dialect.delimiter, quote: options.dialect.quote) }
      index.index(chunk)
      var first = 0
      if header == nil && isJSON { startJSON() }
      if header == nil {
        if index.rowCount == 0 && (!chunk.isLastPiece || textBefore + Int64(chunk.textCount) == 0) {
          textBefore += Int64(chunk.textCount)
          used = index.usedUpTo
          continue
        }
        try readHeader(chunk)
        first = 1
      }
      while first < index.rowCount {
        let count = min(FieldBatch.capacity, index.rowCount - first)
        try readBatch(chunk, first: first, count: count)
        first += count
        if stripe.rowCount >= options.stripeRowsMax { try flushStripe(flush) }
      }
      try checkEnd(chunk)
      linesBefore += Int64(index.lineCount)
      textBefore += Int64(chunk.textCount)
      if stripe.rowCount > 0 && textBefore - textFlushed >= Int64(options.stripeBytesMax) { try flushStripe(flush) }
      used = index.usedUpTo
      progress(self)
      if textBefore >= options.textBytesMax { break }
    }
    // A dump without a byte is for the caller to judge.
    if header == nil && textBefore > 0 { throw noHeader() }
    if stripe.rowCount > 0 { try flushStripe(flush) }
    return source.facts()
  }

  private func flushStripe(_ flush: (TransactionStripe) throws(PipelineError) -> Void) throws(PipelineError) {
    try flush(stripe)
    stripe.removeAll()
    textFlushed = textBefore
  }

  private func next(usedUpTo used: Int) throws(PipelineError) -> TextChunk? {
    do { return try source.next(usedUpTo: used) } catch {
      if error.reason == TextSource.rowTooLong(source.rowBytesMax) {
        throw PipelineError(
          .badInput, "\(path), line \(linesBefore + 1): \(error.reason)", details: ["nothing of this dump was loaded"],
          fix: isJSON
            ? "write one object a line, or set feeds.transactions.field_bytes_max to what the dump needs"
            : "close the quote, or set feeds.transactions.quote or field_bytes_max to what the dump uses")
      }
      throw DumpFaults.unreadable(path, error)
    }
  }

  private func noHeader() -> PipelineError {
    PipelineError(.badInput, "\(path): expected a header row, found no text", fix: "deliver the dump again with its header")
  }

  private func readHeader(_ chunk: TextChunk) throws(PipelineError) {
    guard index.rowCount > 0, let fields = index.fields(ofRow: 0, in: chunk) else { throw noHeader() }
    if fields.count == 1 && fields[0].isEmpty { throw noHeader() }
    let header = try Header(fields, mapping: options.mapping, dialect: options.dialect, path: path)
    self.header = header
    headerFields = fields
    batch = FieldBatch(
      columns: header.columns, columnCount: fields.count, fieldBytesMax: options.dialect.fieldBytesMax, preparation: header.preparation)
  }

  /// JSON Lines have no header.
  private func startJSON() {
    let header = Header(pathsOf: options.mapping, dialect: options.dialect)
    self.header = header
    paths = JSONPaths(header.paths)
    batch = FieldBatch(
      columns: header.columns.map { min($0, 0) }, columnCount: 1, fieldBytesMax: options.dialect.fieldBytesMax,
      preparation: header.preparation)
  }

  private func checkEnd(_ chunk: TextChunk) throws(PipelineError) {
    guard chunk.isLastPiece && index.usedUpTo < chunk.textEnd else { return }
    throw PipelineError(
      .badInput, "\(path), line \(linesBefore + Int64(index.lineCount) + 1): a quote is never closed",
      details: ["nothing of this dump was loaded"], fix: "close the quote, or set feeds.transactions.quote to what the dump uses")
  }

  // MARK: one batch

  private func readBatch(_ chunk: TextChunk, first: Int, count: Int) throws(PipelineError) {
    guard let batch, let header else { return }
    if let paths {
      batch.locate(index, chunk, first: first, count: count, paths: paths)
    } else {
      batch.locate(index, chunk, first: first, count: count)
    }
    parser.parse(batch, header, index)
    if parser.isOverflowed { throw tooManyWords() }
    try keepRejects(batch, count: count)
    let columns = parser.columns
    order.sort(batch, buckets: columns.buckets)
    batch.lines(of: index, base: linesBefore + 1, into: columns.lines)
    columns.append(to: stripe, batch, header, order, hasIdentity: !options.mapping.identity.isEmpty)
    stripe.rowCount += order.rowCount
  }

  private func tooManyWords() -> PipelineError {
    PipelineError(
      .badInput, "\(path): category, channel or kind has more than \(WordList.countMax) distinct values",
      fix: "map another column, or none: feeds.transactions.columns.category: null")
  }

  private func keepRejects(_ batch: FieldBatch, count: Int) throws(PipelineError) {
    guard let header else { return }
    rowsRead += Int64(count)
    let expectations = Expectations(
      mapping: options.mapping, dialect: options.dialect, columns: header.names.count, rateAgeMaxDays: options.rates?.ageMaxDays ?? 0,
      isJSON: isJSON)
    var next = 0
    while let row = batch.nextFault(from: next), let (fault, field) = batch.fault(ofRow: row) {
      next = row + 1
      if fault == .filtered {
        rowsFiltered += 1
        continue
      }
      let shape = batch.shape(row, of: index)
      if (fault == .fieldCount || fault == .notJSON) && shape.isBlank {
        rowsRead -= 1
        continue
      }
      rowsRejected += 1
      guard rejects.count < options.rejectsKeptMax else { continue }
      let raw = batch.raw(row, of: index), bytes = field >= 0 ? batch.bytes(field, row) : []
      let isHeader = !isJSON && field >= 0 && !bytes.isEmpty && bytes.elementsEqual(header.name(field).utf8)
      if rejects.isEmpty { fix = isHeader ? "" : expectations.fix(fault, header.field(field), bytes: bytes) }
      rejects.append(
        Reject(
          line: linesBefore + 1 + Int64(raw.line), byteOffset: textBefore + Int64(raw.offset),
          column: header.name(field),
          reason: isHeader
            ? "expected a value, found the column's own name: a second header"
            : expectations.reason(fault, header.field(field), bytes: bytes, fields: shape.fields, json: batch.jsonProblem(row)),
          // A row that is refused still bears the id that is to stay out.
          raw: options.pseudonyms == nil ? raw.bytes : []))
    }
  }
}
