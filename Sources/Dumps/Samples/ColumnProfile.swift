import Buffers

/// The values of one column that are there, without the spaces around them.
package struct ColumnValues: Sequence {
  private let table: SampleTable
  private let column: Int
  private let absent: Set<[UInt8]>
  package let count: Int

  /// - Parameter absent: texts that stand for nothing.
  init(_ table: SampleTable, _ column: Int, absent: Set<[UInt8]> = []) {
    self.table = table
    self.column = column
    self.absent = absent
    var count = 0
    for row in 0..<table.rowCount where Self.value(table, column, row, absent) != nil { count += 1 }
    self.count = count
  }

  static func value(_ table: SampleTable, _ column: Int, _ row: Int, _ absent: Set<[UInt8]>) -> ArraySlice<UInt8>? {
    let value = SampleText.trimmed(table.value(column, row))
    if value.isEmpty || (!absent.isEmpty && value.count <= 16 && absent.contains(Array(value))) { return nil }
    return value
  }

  package struct Iterator: IteratorProtocol {
    let values: ColumnValues
    var row = 0
    package mutating func next() -> ArraySlice<UInt8>? {
      while row < values.table.rowCount {
        defer { row += 1 }
        if let value = ColumnValues.value(values.table, values.column, row, values.absent) { return value }
      }
      return nil
    }
  }
  package func makeIterator() -> Iterator { Iterator(values: self) }
}

/// What a column of a sample holds.
package struct ColumnProfile: Sendable {
  package let name: String
  package let index: Int
  /// Values that are there.
  package private(set) var values = 0
  /// Rows without one, texts that stand for nothing included.
  package private(set) var empty = 0
  /// Texts such as NULL that stand for nothing, and how often.
  package private(set) var nulls: [String: Int] = [:]
  /// Values with spaces or tabs around them.
  package private(set) var padded = 0
  package private(set) var distinct = 0
  /// All distinct values with their rows, where they are few.
  package private(set) var words: [String: Int]
  /// Rows of the most frequent value.
  package private(set) var mostFrequent = 0
  package let numbers: NumberGuess
  package let times: TimeGuess

  package static let wordsMax = 24
  private static let nullTexts: Set<[UInt8]> = Set(
    ["NULL", "null", "Null", "N/A", "n/a", "NA", "#N/A", "\\N", "None", "none", "NaN", "nan", "nil", "-", "--", "(null)", "?"].map {
      Array($0.utf8)
    })

  package init(_ table: SampleTable, _ index: Int, isJSON: Bool) {
    name = table.names[index]
    self.index = index
    var counts: [ArraySlice<UInt8>: Int] = [:]
    for row in 0..<table.rowCount {
      let raw = table.value(index, row), value = SampleText.trimmed(raw)
      if value.count < raw.count { padded += 1 }
      if value.isEmpty {
        empty += 1
      } else if value.count <= 6 && Self.nullTexts.contains(Array(value)) {
        nulls[String(decoding: value, as: UTF8.self), default: 0] += 1
      } else {
        counts[value, default: 0] += 1
        values += 1
      }
    }
    empty += nulls.values.reduce(0, +)
    distinct = counts.count
    mostFrequent = counts.values.max() ?? 0
    words =
      counts.count <= Self.wordsMax ? Dictionary(counts.map { (String(decoding: $0.key, as: UTF8.self), $0.value) }) { $0 + $1 } : [:]
    let present = ColumnValues(table, index, absent: nulls.isEmpty ? [] : Self.nullTexts)
    numbers = NumberGuess(present, takesExponents: isJSON)
    times = TimeGuess(present)
  }
}

/// Texts without spaces and tabs at both ends.
package enum SampleText {
  package static func trimmed(_ name: String) -> String { String(decoding: trimmed(Array(name.utf8)[...]), as: UTF8.self) }

  package static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var (from, to) = (bytes.startIndex, bytes.endIndex)
    while from < to && (bytes[from] == 32 || bytes[from] == 9) { from += 1 }
    while to > from && (bytes[to - 1] == 32 || bytes[to - 1] == 9) { to -= 1 }
    return bytes[from..<to]
  }
}
