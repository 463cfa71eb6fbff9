import Buffers
import Columns

/// Which of a dump's columns hold the mapped fields.
struct Header {
  /// The mapped fields in a fixed order; a field without a column is left out.
  enum Field: Int, CaseIterable {
    case transactionID, customerID, occurredAt, amount, kind, discount, cost, category, channel, updatedAt
  }
  let names: [String]
  /// For each field its index in the batch's list of fields, or nil.
  private let places: [Int?]
  /// For each field of the batch its column in the dump.
  let columns: [Int]

  subscript(field: Field) -> Int? { places[field.rawValue] }

  /// - Throws: 65 naming each mapped column that is missing or stands there twice.
  init(_ fields: [[UInt8]], mapping: TransactionMapping, path: String) throws(PipelineError) {
    let names = fields.map { String(decoding: $0, as: UTF8.self) }
    self.names = names
    let wanted: [(Field, String?)] = [
      (.transactionID, mapping.transactionID), (.customerID, mapping.customerID), (.occurredAt, mapping.occurredAt),
      (.amount, mapping.amount), (.kind, mapping.kind), (.discount, mapping.discount), (.cost, mapping.cost),
      (.category, mapping.category), (.channel, mapping.channel), (.updatedAt, mapping.updatedAt),
    ]
    var places = [Int?](repeating: nil, count: Field.allCases.count), columns: [Int] = [], problems: [String] = []
    for (field, name) in wanted {
      guard let name else { continue }
      let found = names.indices.filter { names[$0] == name }
      if found.count == 1 {
        places[field.rawValue] = columns.count
        columns.append(found[0])
      } else if found.isEmpty {
        problems.append("column \"\(name)\" is missing")
      } else {
        problems.append("column \"\(name)\" stands there \(found.count) times")
      }
    }
    guard problems.isEmpty else {
      throw PipelineError(
        .badInput, "\(path), line 1: \(problems.joined(separator: "; "))",
        details: ["the header has \(names.count) columns: \(Self.list(names))"],
        fix: "map the fields to the dump's columns under feeds.transactions.columns (null where the dumps have none)")
    }
    self.places = places
    self.columns = columns
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(20).map { String($0.prefix(40)).debugDescription }.joined(separator: ", ")
    return names.count > 20 ? shown + ", …" : shown
  }
}
