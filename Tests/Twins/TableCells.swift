import Columns

/// A table's cells by column name, by customer.
package func cells(of table: Table) -> [String: [String: TwinCell]] {
  guard case .text(let ids)? = table["customer_id"]?.values else { return [:] }
  var rows: [String: [String: TwinCell]] = [:]
  for row in 0..<table.rowCount {
    var cells: [String: TwinCell] = [:]
    for column in table.columns where column.name != "customer_id" { cells[column.name] = cell(column, row) }
    rows[latin1(bytes(ids, row))] = cells
  }
  return rows
}

package func bytes(_ text: TextColumn, _ row: Int) -> [UInt8] { Array(text.bytes[Int(text.offsets[row])..<Int(text.offsets[row + 1])]) }

package func latin1(_ bytes: [UInt8]) -> String {
  var text = ""
  for byte in bytes { text.unicodeScalars.append(UnicodeScalar(byte)) }
  return text
}

package func cell(_ column: Column, _ row: Int) -> TwinCell {
  if column.isPresent?[row] == false { return .null }
  return switch column.values {
  case .int32(let values): .integer(Int(values[row]))
  case .int64(let values): .integer(Int(values[row]))
  case .double(let values): .real(values[row])
  case .text(let values): .text(latin1(bytes(values, row)))
  case .code(let codes, let words): .text(latin1(Array(words[Int(codes[row])].utf8)))
  }
}

/// Integers and texts must be the same, reals within 1e-12 of each other.
package func agree(_ a: TwinCell?, _ b: TwinCell?) -> Bool {
  if case .real(let x)? = a, case .real(let y)? = b { return abs(x - y) <= 1e-12 * max(abs(x), abs(y)) }
  return a == b
}

/// What differs between a customer table and its twin, one line a cell, at most 20.
package func differences(_ table: Table, _ twin: [String: [String: TwinCell]], ignoring ignored: Set<String> = []) -> [String] {
  let found = cells(of: table)
  var lines: [String] = []
  if found.count != table.rowCount { lines.append("\(table.rowCount) rows of \(found.count) customers") }
  for customer in Set(found.keys).union(twin.keys).sorted() {
    guard let a = found[customer], let b = twin[customer] else {
      lines.append("\(customer) is only in the \(found[customer] == nil ? "twin" : "table")")
      continue
    }
    for name in Set(a.keys).union(b.keys).subtracting(ignored).sorted() where !agree(a[name], b[name]) {
      lines.append("\(customer) \(name): table \(a[name].map { "\($0)" } ?? "-"), twin \(b[name].map { "\($0)" } ?? "-")")
    }
    if lines.count >= 20 { break }
  }
  return Array(lines.prefix(20))
}
