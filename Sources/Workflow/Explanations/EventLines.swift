/// The events of a customer as a table, with the dumps they come from below.
enum EventLines {
  private struct Column {
    var title: String
    var cells: [String]
    var isAtRight = false
    /// May be cut off where the page is too narrow.
    var isFlexible = false
    var width: Int

    init(_ title: String, _ cells: [String], isAtRight: Bool = false, isFlexible: Bool = false) {
      (self.title, self.cells, self.isAtRight, self.isFlexible) = (title, cells, isAtRight, isFlexible)
      width = cells.reduce(title.count) { max($0, $1.count) }
    }
  }

  static func lines(_ facts: Explanation, width: Int) -> [String] {
    let dumps = facts.events.flatMap { [$0.place.dump] + ($0.stands.map { [$0.dump] } ?? []) }.reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    func place(_ place: Explanation.Place) -> String { "\((dumps.firstIndex(of: place.dump) ?? 0) + 1):\(place.line)" }
    let columns = fitted(columns(facts, places: facts.events.map { place($0.place) }), width)

    let counting = facts.events.count { $0.state == .counts }
    let rows = facts.events.count == 1 ? "1 row" : "\(PageText.grouped(Int64(facts.events.count))) rows"
    var lines = ["Events: \(rows) of dumps, \(counting == 1 ? "1 counts" : "\(PageText.grouped(Int64(counting))) count")"]
    lines.append(line(columns.map { cell($0.title, $0) }))
    for (row, event) in facts.events.enumerated() {
      lines.append(line(columns.map { cell($0.cells[row], $0) }))
      guard let note = note(event, place) else { continue }
      lines += PageText.wrapped(note, width - 6).enumerated().map { ($0 == 0 ? "    └ " : "      ") + $1 }
    }
    for (number, dump) in dumps.enumerated() { lines.append("  dump \(number + 1)  " + shortened(Streams.printable(dump), width - 12)) }
    return lines
  }

  private static func columns(_ facts: Explanation, places: [String]) -> [Column] {
    let events = facts.events
    let words: [(String, [String?])] = [("category", events.map(\.category)), ("channel", events.map(\.channel))]
    var columns = [Column("row", places), Column("day", events.map(\.day))]
    if events.contains(where: { $0.timeOfDay != "00:00:00" }) { columns.append(Column("time", events.map(\.timeOfDay))) }
    columns.append(Column("kind", events.map(\.kind)))
    columns.append(
      Column(
        facts.currency, events.map { PageText.money($0.amountMinor, fractionDigits: facts.fractionDigits) }, isAtRight: true))
    for (title, cells) in words where cells.contains(where: { $0 != nil }) {
      columns.append(Column(title, cells.map { Streams.printable($0 ?? "–") }, isFlexible: true))
    }
    columns.append(Column("id", events.map { Streams.printable($0.transactionId) }, isFlexible: true))
    return columns
  }

  /// Takes columns from the widest flexible one until the table fits the page.
  private static func fitted(_ columns: [Column], _ width: Int) -> [Column] {
    var columns = columns
    while columns.reduce(0, { $0 + 2 + $1.width }) > width {
      let narrowable = columns.indices.filter { columns[$0].isFlexible && columns[$0].width > 4 }
      guard let widest = narrowable.max(by: { columns[$0].width < columns[$1].width }) else { break }
      columns[widest].width -= 1
    }
    return columns
  }

  private static func cell(_ text: String, _ column: Column) -> String {
    let text = PageText.clipped(text, column.width)
    return "  " + (column.isAtRight ? PageText.atRight(text, column.width) : PageText.atLeft(text, column.width))
  }

  private static func line(_ cells: [String]) -> String { String(cells.joined().reversed().drop { $0 == " " }.reversed()) }

  /// Why a row does not count; nil where it does.
  private static func note(_ event: Explanation.Event, _ place: (Explanation.Place) -> String) -> String? {
    switch event.state {
    case .counts: nil
    case .notYet: "later than the as-of day: does not count"
    case .duplicate: "repeats \(event.stands.map(place) ?? ""), which counts"
    case .superseded:
      "superseded by \(event.stands.map(place) ?? ""), which counts; they differ in \(event.differs.joined(separator: ", "))"
    }
  }

  /// The end of a path is what tells dumps apart.
  private static func shortened(_ path: String, _ width: Int) -> String {
    path.count <= width ? path : "…" + path.suffix(max(0, width - 1))
  }
}
