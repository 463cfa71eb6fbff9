import Buffers
import Columns

/// The columns of a feed of rates, or paths where it is JSON Lines.
package struct RateColumns: Sendable, Hashable {
  package var date = "date"
  package var currency = "currency"
  package var rate = "rate"

  package init() {}

  var names: [String] { [date, currency, rate] }
}

/// Reads files of exchange rates: CSV with a header, or JSON Lines, gzip'd or plain. A row is a day, a currency, and what one unit of it
/// was worth in the pipeline's. There is no reject limit: whatever is no rate is an error, since every amount of its day hangs on it.
package struct RatesReader {
  private let columns: RateColumns
  private var rates: ExchangeRates

  package static func read(_ paths: [String], columns: RateColumns, into rates: ExchangeRates) throws(PipelineError) -> ExchangeRates {
    var reader = RatesReader(columns: columns, rates: rates)
    for path in paths { try reader.read(path) }
    return reader.rates
  }

  private mutating func read(_ path: String) throws(PipelineError) {
    let isJSON = Dialect().isJSON(path), rowBytesMax = 1 << 20
    let source = TextSource(file: try DumpFaults.open(path), rowBytesMax: rowBytesMax, pipelined: false)
    let index =
      isJSON ? RowIndex(linesOf: rowBytesMax) : RowIndex(delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""), rowBytesMax: rowBytesMax)
    let paths = JSONPaths(columns.names.map { $0 })
    var batch = isJSON ? FieldBatch(columns: [0, 0, 0], columnCount: 1, fieldBytesMax: 4096) : nil
    var used = 0, lines: Int64 = 1, isFirst = true
    while let chunk = try next(source, used, path, line: lines) {
      if isFirst && !chunk.skipByteOrderMark() { throw DumpFaults.wideText(path) }
      isFirst = false
      index.index(chunk)
      var first = 0
      if batch == nil, index.rowCount > 0, let header = index.fields(ofRow: 0, in: chunk) {
        batch = try self.batch(header, path)
        first = 1
      }
      while let batch, first < index.rowCount {
        let count = min(FieldBatch.capacity, index.rowCount - first)
        if isJSON {
          batch.locate(index, chunk, first: first, count: count, paths: paths)
        } else {
          batch.locate(index, chunk, first: first, count: count)
        }
        for row in 0..<count where !batch.shape(row, of: index).isBlank {
          try add(batch, row, path, line: lines + Int64(batch.raw(row, of: index).line))
        }
        first += count
      }
      lines += Int64(index.lineCount)
      used = index.usedUpTo
      guard !chunk.isLastPiece || used >= chunk.textEnd else {
        throw PipelineError(.badInput, "\(path), line \(lines): a quote is never closed", fix: "close the quote")
      }
    }
    if batch == nil {
      throw PipelineError(.badInput, "\(path): expected a header row, found no text", fix: "deliver the rates again, whole")
    }
  }

  private func next(_ source: TextSource, _ used: Int, _ path: String, line: Int64) throws(PipelineError) -> TextChunk? {
    do { return try source.next(usedUpTo: used) } catch {
      if let system = error.isSystem { throw PipelineError(.inputOutput, system.description, fix: "check the disk, then run again") }
      throw PipelineError(.badInput, "\(path), byte \(error.offset): \(error.reason)", fix: "deliver the rates again, whole")
    }
  }

  private func batch(_ header: [[UInt8]], _ path: String) throws(PipelineError) -> FieldBatch {
    let names = header.map { String(decoding: $0, as: UTF8.self) }
    let missing = columns.names.filter { name in names.count { $0 == name } != 1 }
    guard missing.isEmpty else {
      throw PipelineError(
        .badInput, "\(path), line 1: expected once each column \(missing.map(\.debugDescription).joined(separator: ", "))",
        details: [
          "the header has \(names.count) columns: \(names.prefix(20).map { String($0.prefix(40)).debugDescription }.joined(separator: ", "))"
        ],
        fix: "map them under feeds.rates.columns")
    }
    return FieldBatch(columns: columns.names.map { names.firstIndex(of: $0) ?? 0 }, columnCount: names.count, fieldBytesMax: 4096)
  }

  private mutating func add(_ batch: FieldBatch, _ row: Int, _ path: String, line: Int64) throws(PipelineError) {
    func wrong(_ column: String?, _ what: String) -> PipelineError {
      let field = column.map { ", field \($0.debugDescription)" } ?? ""
      return PipelineError(
        .badInput, "\(path), line \(line)\(field): \(what)", details: ["nothing was loaded: amounts hang on every rate"],
        fix: "correct the rate, or deliver the file again")
    }
    if let (fault, _) = batch.fault(ofRow: row) {
      throw wrong(nil, fault == .notJSON ? "expected a JSON object" : "expected a row of the header's columns, found \(fault)")
    }
    guard let day = Day(String(decoding: batch.bytes(0, row), as: UTF8.self)) else {
      throw wrong(columns.date, "expected a day as YYYY-MM-DD, found \(batch.bytes(0, row).isEmpty ? "nothing" : "something else")")
    }
    let currency = String(decoding: batch.bytes(1, row), as: UTF8.self)
    guard Currency.codes.contains(currency) else {
      throw wrong(columns.currency, "expected a currency code of ISO 4217, found \(currency.isEmpty ? "nothing" : "something else")")
    }
    let rate: ExchangeRate
    do { rate = try ExchangeRate(batch.bytes(2, row)) } catch {
      throw wrong(columns.rate, "expected a decimal number above 0 with \".\", of at most 18 digits, found \(error.found)")
    }
    if currency == rates.to && rate != .one {
      throw wrong(columns.rate, "expected 1, since \(currency) is the pipeline's own, found \(rate)")
    }
    if !rates.insert(rate, of: currency, on: day) { throw wrong(columns.rate, "a second, other rate of \(currency) for \(day)") }
  }
}
