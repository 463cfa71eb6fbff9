import Columns

/// The columns of `customers` that a publish writes: in the table's order, `customer_id` always first.
struct PublishedColumns: Sendable {
  var columns: [Column]

  /// - Throws: 78 for a name that the table does not have; 70 where the table breaks its own contract.
  init(of table: Table, names: [String]?) throws(PipelineError) {
    guard let id = table.columns.first, id.name == "customer_id", id.definition.kind == .text, id.isPresent == nil else {
      throw PipelineError(
        .internalError, "customers: expected customer_id, never NULL, as the first column, found \(table.columns.first?.name ?? "none")")
    }
    if let names {
      let known = table.columns.map(\.name)
      for name in names where !known.contains(name) {
        let nearest = nearestName(to: name, among: known)
        throw PipelineError(
          .badPipeline, "publish.columns: \"\(name)\" is no column of customers",
          details: nearest.map { ["did you mean \"\($0)\"?"] } ?? ["columns: " + known.joined(separator: ", ")],
          fix: "correct the name in publish.columns, or leave publish.columns out to publish all")
      }
    }
    let wanted = names.map(Set.init)
    columns = table.columns.filter { $0.name == "customer_id" || wanted?.contains($0.name) ?? true }
    for column in columns where column.definition.nullWhen.isEmpty && column.isPresent?.contains(false) == true {
      throw PipelineError(.internalError, "customers.\(column.name): declared as never NULL, and is NULL in some row")
    }
  }

  var definition: TableDefinition {
    TableDefinition(name: "customers", fields: columns.map { .init($0.definition) }, key: ["customer_id"], declaresNotNull: false)
  }

  /// Bytes that the rows will about take in the database.
  var bytesEstimate: Int64 {
    columns.reduce(0) { sum, column in
      let each = Int64(column.count)
      switch column.values {
      case .text(let text): return sum + Int64(text.bytes.count) + 2 * each
      case .code: return sum + 14 * each
      case .int32: return sum + (column.definition.kind == .integer ? 3 : 11) * each
      case .int64: return sum + 5 * each
      case .double: return sum + 9 * each
      }
    }
  }
}

/// The known name with the fewest edits, where that is at most a third of its length.
func nearestName(to name: String, among known: [String]) -> String? {
  let ranked = known.map { (name: $0, edits: editDistance(Array(name.utf8), Array($0.utf8))) }
  guard let best = ranked.min(by: { $0.edits < $1.edits }), best.edits * 3 <= max(best.name.utf8.count, 3) else { return nil }
  return best.name
}

/// Levenshtein's distance, in bytes.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var row = Array(0...b.count)
  for i in a.indices {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let substituted = diagonal + (a[i] == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
    }
  }
  return row[b.count]
}
