import Columns

/// A table or view of the results database: its SQL and its rows of `data_dictionary` come from here alone.
struct TableDefinition: Sendable {
  struct Field: Sendable {
    var definition: ColumnDefinition
    /// SQLite's word for the type; STRICT tables know INTEGER, REAL, TEXT, BLOB.
    var type: String
    /// What a view computes it from; nil in tables.
    var expression: String?

    init(_ definition: ColumnDefinition, type: String? = nil, expression: String? = nil) {
      self.definition = definition
      self.type = type ?? definition.kind.sqlType
      self.expression = expression
    }
  }

  var name: String
  var fields: [Field]
  /// Names of the primary key's columns; empty in views.
  var key: [String] = []
  /// Further constraints, each as SQL.
  var constraints: [String] = []
  /// What stands after `FROM`; nil in tables.
  var viewSource: String?
  /// Whether columns that are never NULL say so to SQLite. Off where a million rows pass and our own check is cheaper.
  var declaresNotNull = true

  /// The very text that stands in `sqlite_schema`.
  var createSQL: String {
    if let viewSource {
      let columns = fields.map { "\($0.expression ?? $0.definition.name.quoted) AS \($0.definition.name.quoted)" }
      return "CREATE VIEW \(name.quoted) AS SELECT\n  \(columns.joined(separator: ",\n  "))\n\(viewSource)"
    }
    var lines = fields.map { field in
      "\(field.definition.name.quoted) \(field.type)" + (declaresNotNull && field.definition.nullWhen.isEmpty ? " NOT NULL" : "")
    }
    lines.append("PRIMARY KEY (\(key.map(\.quoted).joined(separator: ", ")))")
    lines += constraints
    return "CREATE TABLE \(name.quoted) (\n  \(lines.joined(separator: ",\n  "))\n) STRICT, WITHOUT ROWID"
  }

  var insertSQL: String {
    let names = fields.map(\.definition.name.quoted).joined(separator: ", ")
    return "INSERT INTO main.\(name.quoted) (\(names)) VALUES (\(fields.map { _ in "?" }.joined(separator: ", ")))"
  }
}

extension ColumnDefinition.Kind {
  var sqlType: String {
    switch self {
    case .text, .date, .month: "TEXT"
    case .integer: "INTEGER"
    case .real: "REAL"
    }
  }
}

extension String {
  /// As an SQL identifier.
  var quoted: String { "\"" + replacing("\"", with: "\"\"") + "\"" }
}
