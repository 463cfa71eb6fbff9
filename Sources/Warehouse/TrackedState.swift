import Columns
import Databases
import GRDB

/// The columns of `customers` whose changes `segment_changes` keeps, where they are published.
package let trackedColumnNames = ["lifecycle_stage", "rfm_segment", "value_tier"]

/// One tracked column of all customers on one day. A customer who has no value and one who is not there are the same.
struct TrackedState: Sendable {
  /// In ascending byte order.
  var ids: TextColumn
  /// Places in `words`; 0: no value.
  var codes: [UInt16]
  var words: [String]

  /// - Parameter order: row numbers of the column in the order of the ids.
  init(sortedIDs: TextColumn, _ column: Column, _ order: [UInt32]) throws(PipelineError) {
    guard case .code(let codes, let dictionary) = column.values, dictionary.count < CodedScan.Coded.wordsMax else {
      throw PipelineError(.internalError, "customers.\(column.name): expected codes of a few words, to follow its changes")
    }
    ids = sortedIDs
    words = [""] + dictionary
    self.codes = []
    self.codes.reserveCapacity(order.count)
    for row in order.lazy.map(Int.init) { self.codes.append(column.isPresent?[row] == false ? 0 : codes[row] &+ 1) }
  }

  /// The ids in the order of their bytes.
  static func sorted(_ ids: TextColumn, _ order: [UInt32]) -> TextColumn {
    var sorted = TextColumn()
    sorted.offsets.reserveCapacity(order.count + 1)
    sorted.bytes.reserveCapacity(ids.bytes.count)
    for row in order { sorted.append(ids, row: Int(row)) }
    return sorted
  }

  private init(_ scan: CodedScan, _ column: Int) {
    ids = scan.keys
    (codes, words) = (scan.columns[column].codes, scan.columns[column].words)
  }

  /// What `customers` holds, in one walk over the table.
  static func published(_ names: [String], _ connection: GRDB.Database) throws -> [String: TrackedState] {
    if names.isEmpty { return [:] }
    let columns = names.map { ", " + $0.quoted }.joined()
    let scan = try CodedScan(
      connection, sql: "SELECT customer_id\(columns) FROM main.customers ORDER BY customer_id", codedColumns: names.count)
    return Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, TrackedState(scan, $0)) })
  }

  /// What a published day left: what `customers` holds, with every change of a later day undone.
  static func asOf(_ day: String, _ name: String, _ connection: GRDB.Database) throws -> TrackedState {
    guard let today = try published([name], connection)[name] else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
    // With min(), SQLite takes the other columns from the row that has the minimum.
    let sql = """
      SELECT customer_id, from_value, min(as_of) FROM main.segment_changes WHERE kind = ? AND as_of > ? GROUP BY customer_id
      ORDER BY customer_id
      """
    let undone = TrackedState(try CodedScan(connection, sql: sql, arguments: [name, day], codedColumns: 1), 0)
    return today.overlaid(by: undone)
  }

  /// This state, with the values of the other in place of its own for the customers that the other names.
  private func overlaid(by other: TrackedState) -> TrackedState {
    var result = self, i = 0, j = 0
    (result.ids, result.codes) = (TextColumn(), [])
    let translated = other.words.indices.map { $0 == 0 ? 0 : UInt16(words.count + $0) }
    result.words += other.words
    while i < codes.count || j < other.codes.count {
      let order = i == codes.count ? 1 : j == other.codes.count ? -1 : ids.compare(i, other.ids, j)
      result.ids.append(order < 0 ? ids : other.ids, row: order < 0 ? i : j)
      result.codes.append(order < 0 ? codes[i] : translated[Int(other.codes[j])])
      if order <= 0 { i += 1 }
      if order >= 0 { j += 1 }
    }
    return result
  }
}

extension TextColumn {
  /// Below 0, 0 or above 0, as the bytes of text `i` come before, are, or come after those of the other's text `j`.
  @inline(__always)
  fileprivate func compare(_ i: Int, _ other: TextColumn, _ j: Int) -> Int {
    let p = Int(offsets[i]), q = Int(other.offsets[j])
    let n = Int(offsets[i + 1]) - p, m = Int(other.offsets[j + 1]) - q
    for k in 0..<min(n, m) {
      let x = bytes[p + k], y = other.bytes[q + k]
      if x != y { return x < y ? -1 : 1 }
    }
    return n - m
  }

  @inline(__always)
  fileprivate mutating func append(_ other: TextColumn, row: Int) {
    bytes.append(contentsOf: other.bytes[Int(other.offsets[row])..<Int(other.offsets[row + 1])])
    offsets.append(UInt32(bytes.count))
  }
}

/// Customers whose value differs between two days, in byte order of their ids.
struct TrackedChanges: Sendable {
  var ids = TextColumn()
  var from: [UInt16] = []
  var to: [UInt16] = []
  /// 0: none.
  private(set) var words = [""]

  init(from old: TrackedState, to new: TrackedState) {
    let oldCodes = common(old.words), newCodes = common(new.words)
    var i = 0, j = 0
    while i < old.codes.count || j < new.codes.count {
      let order = i == old.codes.count ? 1 : j == new.codes.count ? -1 : old.ids.compare(i, new.ids, j)
      let before = order <= 0 ? oldCodes[Int(old.codes[i])] : 0, after = order >= 0 ? newCodes[Int(new.codes[j])] : 0
      if before != after {
        ids.append(order <= 0 ? old.ids : new.ids, row: order <= 0 ? i : j)
        from.append(before)
        to.append(after)
      }
      if order <= 0 { i += 1 }
      if order >= 0 { j += 1 }
    }
  }

  /// The codes in `words` of another list's words: two codes of one word would show a change where there is none.
  private mutating func common(_ list: [String]) -> [UInt16] {
    list.enumerated().map { code, word in
      if code == 0 { return 0 }
      if let known = words.dropFirst().firstIndex(of: word) { return UInt16(known) }
      words.append(word)
      return UInt16(words.count - 1)
    }
  }

  /// As columns of `segment_changes`.
  func columns(asOf: Day, kind: String) -> [Column] {
    func value(_ name: String, _ codes: [UInt16]) -> Column {
      Column(ColumnDefinition(name, .text, "", nullWhen: "none"), .code(codes, dictionary: words), isPresent: codes.map { $0 != 0 })
    }
    let zeros = [UInt16](repeating: 0, count: from.count)
    return [
      Column(ColumnDefinition("as_of", .date, ""), .int32(zeros.map { _ in asOf.number })),
      Column(ColumnDefinition("kind", .text, ""), .code(zeros, dictionary: [kind])),
      Column(ColumnDefinition("customer_id", .text, ""), .text(ids)), value("from_value", from), value("to_value", to),
    ]
  }
}
