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
        let nearest = Spelling.nearest(to: name, among: known)
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
