import Buffers
import Columns

/// A sample's rows, column by column. Values are places in one text, so that a sample of any shape is a few arrays.
package struct SampleTable: Sendable {
  package struct Place: Sendable {
    var from: UInt32
    var to: UInt32
    static let empty = Place(from: 0, to: 0)
  }
  /// The header's names; of JSON Lines the paths, keys joined by "." as a pipeline file writes them.
  package private(set) var names: [String] = []
  package private(set) var rowCount = 0
  /// Rows with another number of fields than the header, with malformed quotes, or that are no JSON.
  package private(set) var misfits = 0
  /// Columns beyond `columnsMax`, and keys that hold lists.
  package private(set) var columnsLeftOut = 0
  package private(set) var lists: Set<String> = []
  private var text: [UInt8] = []
  private var places: [[Place]] = []
  private var columnOfPath: [String: Int] = [:]

  package static let columnsMax = 1000

  package func value(_ column: Int, _ row: Int) -> ArraySlice<UInt8> {
    let place = places[column][row]
    return text[Int(place.from)..<Int(place.to)]
  }

  package init() {}

  // MARK: CSV

  package init(csv sample: DumpSample, _ guess: DelimiterGuess) {
    text = sample.text
    var walk = RowWalk(sample.text, delimiter: guess.delimiter, quote: guess.quote)
    guard walk.next() else { return }
    let columnCount = walk.fields.count
    columnsLeftOut = max(0, columnCount - Self.columnsMax)
    let kept = min(columnCount, Self.columnsMax)
    names = (0..<kept).map { i in
      let place = keep(walk.fields[i], guess.quote)
      return String(decoding: text[Int(place.from)..<Int(place.to)], as: UTF8.self)
    }
    places = Array(repeating: [], count: kept)
    while walk.next() {
      if walk.fields.count != columnCount || walk.isMalformed {
        misfits += 1
        continue
      }
      for c in 0..<kept { places[c].append(keep(walk.fields[c], guess.quote)) }
      rowCount += 1
    }
  }

  /// Where a field's value stands: doubled quotes become one, behind the text.
  private mutating func keep(_ field: RowWalk.Field, _ quote: UInt8) -> Place {
    guard field.hasEscapes else { return Place(from: UInt32(field.from), to: UInt32(field.to)) }
    let from = text.count
    var i = field.from
    while i < field.to {
      text.append(text[i])
      i += text[i] == quote ? 2 : 1
    }
    return Place(from: UInt32(from), to: UInt32(text.count))
  }

  // MARK: JSON Lines

  package init(json sample: DumpSample) {
    text = sample.text
    for line in sample.text.split(separator: 10) {
      if line.allSatisfy({ $0 == 32 || $0 == 13 || $0 == 9 }) { continue }
      guard jsonProblem(Array(line)) == nil, let brace = line.firstIndex(where: { $0 != 32 && $0 != 9 }), line[brace] == UInt8(ascii: "{")
      else {
        misfits += 1
        continue
      }
      var walk = JSONWalk(sample.text, from: brace)
      walk.object("") { path, value in add(path, value) }
      rowCount += 1
      for c in places.indices where places[c].count < rowCount { places[c].append(.empty) }
    }
  }

  private mutating func add(_ path: String, _ value: JSONWalk.Value) {
    if value.kind == .list {
      if lists.count < 100 { lists.insert(path) }
      return
    }
    var column = columnOfPath[path]
    if column == nil {
      guard names.count < Self.columnsMax else {
        columnsLeftOut += 1
        return
      }
      column = names.count
      columnOfPath[path] = column
      names.append(path)
      places.append(Array(repeating: .empty, count: rowCount))
    }
    // A key that stands twice in a row keeps its first value: the reader refuses the row anyway.
    guard let column, places[column].count == rowCount else { return }
    switch value.kind {
    case .null, .list: places[column].append(.empty)
    case .plain: places[column].append(Place(from: UInt32(value.from), to: UInt32(value.to)))
    case .escaped:
      let from = text.count
      text += JSONWalk.unescaped(text[value.from..<value.to])
      places[column].append(Place(from: UInt32(from), to: UInt32(text.count)))
    }
  }

  // MARK: several dumps

  /// Adds the rows of another dump with the same names; of JSON Lines new paths may come.
  package mutating func append(_ other: SampleTable) {
    let base = UInt32(text.count)
    text += other.text
    for (c, name) in other.names.enumerated() {
      var column = names.indices.contains(c) && names[c] == name ? c : names.firstIndex(of: name)
      if column == nil {
        column = names.count
        names.append(name)
        places.append(Array(repeating: .empty, count: rowCount))
      }
      if let column, places[column].count == rowCount {
        places[column] += other.places[c].map { $0.from == $0.to ? .empty : Place(from: $0.from + base, to: $0.to + base) }
      }
    }
    rowCount += other.rowCount
    for c in places.indices where places[c].count < rowCount {
      places[c] += Array(repeating: .empty, count: rowCount - places[c].count)
    }
    misfits += other.misfits
    columnsLeftOut = max(columnsLeftOut, other.columnsLeftOut)
    lists.formUnion(other.lists)
  }
}
