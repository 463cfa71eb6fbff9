/// What a column means to a reader: how it is published and described in `data_dictionary`.
package struct ColumnDefinition: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Codable {
    case text, integer, real
    /// Days since 1970-01-01, published as `YYYY-MM-DD`.
    case date
    /// Months since January of year 0 (year · 12 + month − 1), published as `YYYY-MM`.
    case month
  }
  package var name: String
  package var kind: Kind
  /// `days`, `minor` (of the currency), `count`, `share 0…1`; empty for text and dates.
  package var unit: String
  package var meaning: String
  /// When the value is NULL; empty: never.
  package var nullWhen: String

  package init(_ name: String, _ kind: Kind, unit: String = "", _ meaning: String, nullWhen: String = "") {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.meaning = meaning
    self.nullWhen = nullWhen
  }
}

/// Strings back to back: value `i` is `bytes[offsets[i] ..< offsets[i + 1]]`.
package struct TextColumn: Sendable, Hashable {
  /// One more than there are values; starts at 0.
  package var offsets: [UInt32]
  package var bytes: [UInt8]

  package init() {
    offsets = [0]
    bytes = []
  }

  package init(offsets: [UInt32], bytes: [UInt8]) {
    self.offsets = offsets
    self.bytes = bytes
  }

  package init(_ strings: some Sequence<String>) {
    self.init()
    for string in strings { append(string.utf8) }
  }

  package var count: Int { offsets.count - 1 }

  package subscript(index: Int) -> String {
    String(decoding: bytes[Int(offsets[index])..<Int(offsets[index + 1])], as: UTF8.self)
  }

  /// The UTF-8 of a row.
  package func bytes(_ row: Int) -> ArraySlice<UInt8> { bytes[Int(offsets[row])..<Int(offsets[row + 1])] }

  package mutating func append(_ value: some Sequence<UInt8>) {
    bytes.append(contentsOf: value)
    offsets.append(UInt32(bytes.count))
  }
}

/// The values of one column, contiguous over all rows.
package enum ColumnValues: Sendable {
  case int32([Int32])
  case int64([Int64])
  case double([Double])
  case text(TextColumn)
  /// Few distinct strings: row `i` holds `dictionary[codes[i]]`.
  case code([UInt16], dictionary: [String])

  package var count: Int {
    switch self {
    case .int32(let values): values.count
    case .int64(let values): values.count
    case .double(let values): values.count
    case .text(let values): values.count
    case .code(let codes, _): codes.count
    }
  }
}

package struct Column: Sendable {
  package var definition: ColumnDefinition
  package var values: ColumnValues
  /// `isPresent[i]` is false where row `i` is NULL (its value is then 0 and means nothing); nil: no row is NULL.
  package var isPresent: [Bool]?

  package init(_ definition: ColumnDefinition, _ values: ColumnValues, isPresent: [Bool]? = nil) {
    precondition(isPresent == nil || isPresent!.count == values.count)
    self.definition = definition
    self.values = values
    self.isPresent = isPresent
  }

  package var name: String { definition.name }
  package var count: Int { values.count }
}

/// Columns of one length. The first column of a customer table is `customer_id`.
package struct Table: Sendable {
  package private(set) var rowCount: Int
  package private(set) var columns: [Column]

  package init(rowCount: Int, columns: [Column] = []) {
    precondition(columns.allSatisfy { $0.count == rowCount })
    self.rowCount = rowCount
    self.columns = columns
  }

  package subscript(name: String) -> Column? { columns.first { $0.name == name } }

  package mutating func append(_ column: Column) {
    precondition(column.count == rowCount && self[column.name] == nil, "column \(column.name)")
    columns.append(column)
  }
}
