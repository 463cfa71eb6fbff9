import Buffers
import Foundation
import TestSupport

/// Runs a kernel over fields that stand in a table of one or more columns, batch by batch.
final class FieldTable {
  private let folder: TemporaryFolder
  private let path: String
  let columnCount: Int

  /// - Parameter isQuoted: each field in quotes, so that it may hold any bytes.
  init(_ rows: [[[UInt8]]], isQuoted: Bool = false) throws {
    folder = try TemporaryFolder()
    columnCount = rows[0].count
    var text: [UInt8] = []
    for row in rows {
      for (i, field) in row.enumerated() {
        if i > 0 { text.append(44) }
        if isQuoted {
          text.append(34)
          for byte in field { text += byte == 34 ? [34, 34] : [byte] }
          text.append(34)
        } else {
          text += field
        }
      }
      text.append(10)
    }
    path = try folder.write("table.csv", text)
  }

  /// `body` gets each batch with the number of its first row.
  func eachBatch(
    rowBytesMax: Int = 4 << 20, fieldBytesMax: Int = 1 << 20, columns: [Int]? = nil, _ body: (FieldBatch, RowIndex, Int) throws -> Void
  ) throws {
    let source = TextSource(file: try InputFile(path: path), rowBytesMax: rowBytesMax, pipelined: false)
    let index = RowIndex(delimiter: 44, quote: 34, rowBytesMax: rowBytesMax)
    let batch = FieldBatch(columns: columns ?? Array(0..<columnCount), columnCount: columnCount, fieldBytesMax: fieldBytesMax)
    var used = 0, row = 0
    while let chunk = try source.next(usedUpTo: used) {
      index.index(chunk)
      var first = 0
      while first < index.rowCount {
        let count = min(FieldBatch.capacity, index.rowCount - first)
        batch.locate(index, chunk, first: first, count: count)
        try body(batch, index, row)
        first += count
        row += count
      }
      used = index.usedUpTo
    }
  }
}

/// What a kernel made of a field.
enum Parsed<Value: Equatable & Sendable>: Equatable, Sendable {
  case value(Value)
  case fault(FieldFault)
}

/// Each text as the only field of a row, as the first and as the last of three; the three must agree.
func parsed<Value>(_ texts: [String], isQuoted: Bool = false, _ kernel: (FieldBatch, Int) -> (Int) -> Value) throws -> [Parsed<Value>] {
  var results: [Parsed<Value>] = []
  for place in [0, 2] {
    let rows = texts.map { text in (0..<3).map { $0 == place ? Array(text.utf8) : Array("x".utf8) } }
    var found: [Parsed<Value>] = []
    try FieldTable(rows, isQuoted: isQuoted).eachBatch { batch, _, _ in
      let value = kernel(batch, place)
      for r in 0..<batch.rowCount {
        if let fault = batch.fault(ofRow: r) { found.append(.fault(fault.fault)) } else { found.append(.value(value(r))) }
      }
    }
    precondition(found.count == texts.count && (results.isEmpty || results == found))
    results = found
  }
  return results
}
