import Buffers
import Columns

/// Which of a dump's columns hold the mapped fields.
struct Header {
  /// The columns as the dump names them; of JSON Lines the mapped paths.
  let names: [String]
  /// For each field its index in the batch's list of fields, or nil.
  private let places: [TransactionField: Int]
  /// For each field of the batch its column in the dump; −1 for a constant.
  let columns: [Int]
  let preparation: FieldPreparation

  subscript(field: TransactionField) -> Int? { places[field] }

  /// Which field stands at a place of the batch's list.
  func field(_ place: Int) -> TransactionField? { places.first { $0.value == place }?.key }

  /// The dump's name for a field of the batch, and ours where it has none.
  func name(_ field: Int) -> String {
    guard columns.indices.contains(field) else { return "" }
    if columns[field] >= 0 { return names[columns[field]] }
    return self.field(field)?.rawValue ?? ""
  }

  /// - Throws: 65 naming each mapped column that is missing or stands there twice.
  init(_ fields: [[UInt8]], mapping: TransactionMapping, dialect: Dialect, path: String) throws(PipelineError) {
    var names = fields.map { dialect.encoding.text($0) }
    if dialect.isTrimmed { names = names.map { SampleText.trimmed($0) } }
    var problems: [String] = []
    self.init(names, mapping: mapping, dialect: dialect) { name in
      let found = names.indices.filter { names[$0] == name }
      if found.isEmpty { problems.append("column \"\(name)\" is missing") }
      if found.count > 1 { problems.append("column \"\(name)\" stands there \(found.count) times") }
      return found.first ?? 0
    }
    if problems.isEmpty { return }
    let mapped = TransactionField.allCases.compactMap { mapping.rules[$0]?.constant == nil ? mapping.name($0) : nil }
    throw Self.error(names, problems, mapped: mapped, path)
  }

  private static func error(_ names: [String], _ problems: [String], mapped: [String], _ path: String) -> PipelineError {
    let mapping = "map the fields to the dump's columns under feeds.transactions.columns (null where the dumps have none)"
    func error(_ message: String, listing: Bool = true, fix: String) -> PipelineError {
      let columns = "line 1 has \(names.count) columns" + (listing ? ": \(list(names))" : "")
      return PipelineError(.badInput, "\(path), line 1: \(message)", details: [columns, "nothing of this dump was loaded"], fix: fix)
    }
    if names.contains(where: { $0.contains("\0") }) {
      return error("expected a header, found NUL bytes, as in UTF-16", listing: false, fix: "convert the dump to UTF-8")
    }
    if Set(names).isDisjoint(with: mapped) {
      // Values of a row may be personal, names of columns are not.
      let isRow = names.contains { name in name.contains("@") || name.first.map { $0.isNumber || "+-.".contains($0) } == true }
      return error(
        "expected a header, found none of the mapped columns" + (isRow ? ", but what looks like a row" : ""), listing: !isRow,
        fix: isRow ? "deliver the dump with its header" : mapping + ", or set feeds.transactions.delimiter to what it uses")
    }
    // Among a million columns nobody looks for a slip of the pen.
    let missing = names.count > 1000 ? [] : mapped.filter { !names.contains($0) }
    let near = missing.compactMap { name in
      Spelling.nearest(to: name, among: names.filter { !mapped.contains($0) }).map { "\(name): \($0.debugDescription)" }
    }
    return error(
      problems.joined(separator: "; "),
      fix: near.isEmpty ? mapping : "set feeds.transactions.columns: {\(near.joined(separator: ", "))}, if these are meant; else " + mapping
    )
  }

  /// JSON Lines have no header: each row may hold any of the paths.
  init(pathsOf mapping: TransactionMapping, dialect: Dialect) {
    var names: [String] = []
    for field in TransactionField.allCases where mapping.rules[field]?.constant == nil {
      if let name = mapping.name(field) { names.append(name) }
    }
    var dialect = dialect
    // RFC 8259: JSON is UTF-8.
    dialect.encoding = .utf8
    self.init(names, mapping: mapping, dialect: dialect) { name in names.firstIndex(of: name) ?? 0 }
  }

  private init(_ names: [String], mapping: TransactionMapping, dialect: Dialect, find: (String) -> Int) {
    var places: [TransactionField: Int] = [:], columns: [Int] = [], preparation = FieldPreparation()
    preparation.encoding = dialect.encoding
    preparation.isTrimmed = dialect.isTrimmed
    preparation.nulls = dialect.nulls.map { Array($0.utf8) }
    for field in TransactionField.allCases {
      let rule = mapping.rules[field]
      if let constant = rule?.constant {
        preparation.constants[columns.count] = Array(constant.utf8)
        columns.append(-1)
      } else if let name = mapping.name(field) {
        if let text = rule?.otherwise { preparation.defaults[columns.count] = Array(text.utf8) }
        columns.append(find(name))
      } else if field == .transactionID {
        // Rows without an id have an empty one.
        preparation.constants[columns.count] = []
        columns.append(-1)
      } else {
        continue
      }
      places[field] = columns.count - 1
    }
    self.names = names
    self.places = places
    self.columns = columns
    self.preparation = preparation
  }

  /// For each field of the batch its path in JSON; nil for a constant.
  var paths: [String?] { columns.map { $0 >= 0 ? names[$0] : nil } }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(20).map { String($0.prefix(40)).debugDescription }.joined(separator: ", ")
    return names.count > 20 ? shown + ", …" : shown
  }
}
