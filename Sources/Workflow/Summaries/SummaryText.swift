/// Facts as a page of 80 columns. The queries alone may be longer: they are made to be copied.
package enum SummaryText {
  package static let width = PageText.width

  package static func text(_ facts: RunFacts) -> String {
    let blocks = [title(facts), rows(facts), segments(facts), churn(facts), models(facts), atRisk(facts), database(facts)]
    return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }

  private static func title(_ facts: RunFacts) -> [String] {
    let left = "holdfast · \(facts.pipeline) · as of \(facts.asOf)"
    return [left + PageText.atRight("run " + facts.runId, width - left.count), String(repeating: "─", count: width)]
  }

  private static func rows(_ facts: RunFacts) -> [String] {
    var lines = [
      PageText.atLeft("Rows", 12) + ["read", "kept", "rejected", "duplicate"].map { PageText.atRight($0, 13) }.joined()
        + PageText.atRight("dumps", 12)
    ]
    func line(_ name: String, _ rows: RunFacts.Rows) -> String {
      let counts = [rows.read, rows.kept, rows.rejected, rows.duplicate].map { PageText.atRight(PageText.grouped($0), 13) }.joined()
      return PageText.atLeft(name, 12) + counts + PageText.atRight(PageText.grouped(Int64(rows.dumps)), 12)
    }
    lines.append(line("this run", facts.rowsOfRun))
    lines.append(line("in store", facts.rowsOfStore))
    if facts.rowsOfRun.filtered > 0 {
      let count = PageText.grouped(facts.rowsOfRun.filtered)
      lines.append("rows of this run were filtered, by the pipeline file or as erased: \(count)")
    } else if facts.rowsOfStore.filtered > 0 {
      lines.append("rows in store that were filtered: \(PageText.grouped(facts.rowsOfStore.filtered))")
    }
    let old = (facts.dumps["unchanged"] ?? 0) + (facts.dumps["same_bytes"] ?? 0)
    if old > 0 {
      lines.append("\(old == 1 ? "1 dump was" : "\(PageText.grouped(Int64(old))) dumps were") loaded before and not read again")
    }
    if let young = facts.dumps["unsettled"] {
      lines.append(
        "\(young == 1 ? "1 dump was" : "\(PageText.grouped(Int64(young))) dumps were") modified a moment ago and left for the next run")
    }
    let stages = facts.stages.map { "\($0.stage) \(PageText.seconds($0.seconds))" } + ["= \(PageText.seconds(facts.seconds))"]
    return lines + PageText.block("Seconds", stages.joined(separator: " · ").replacing(" · =", with: " ="))
  }

  private static func segments(_ facts: RunFacts) -> [String] {
    let total = facts.segments.reduce(0) { $0 &+ $1.netMinor }
    var lines = [
      PageText.atLeft("Segment", 22) + PageText.atRight("customers", 12) + PageText.atRight("share", 9)
        + PageText.atLeft("", 16) + PageText.atRight("net revenue \(facts.currency)", 21)
    ]
    for segment in facts.segments {
      lines.append(line(segment.segment, segment.customers, segment.share, segment.netMinor, facts, bar: true))
    }
    return lines + [line("all", Int64(facts.customers), 1, total, facts, bar: false)]
  }

  private static func line(_ name: String, _ customers: Int64, _ share: Double, _ netMinor: Int64, _ facts: RunFacts, bar: Bool) -> String {
    let largest = max(facts.segments.map(\.share).max() ?? 1, 0.001)
    return PageText.atLeft(name, 22) + PageText.atRight(PageText.grouped(customers), 12) + PageText.atRight(PageText.percent(share), 9)
      + "  " + PageText.atLeft(bar ? PageText.bar(share / largest, width: 12) : "", 14)
      + PageText.atRight(PageText.money(netMinor, fractionDigits: facts.fractionDigits), 21)
  }

  private static func churn(_ facts: RunFacts) -> [String] {
    guard !facts.churn.isEmpty else { return [] }
    let names = ["opening", "new", "regained", "lost", "closing", "churn"]
    var lines = [PageText.atLeft("Month", 12) + names.map { PageText.atRight($0, 11) }.joined()]
    for month in facts.churn {
      let counts = [month.opening, month.new, month.regained, month.lost, month.closing].map { PageText.atRight(PageText.grouped($0), 11) }
      let rate = PageText.atRight(month.logoChurnRate.map(PageText.percent) ?? "–", 11)
      lines.append(PageText.atLeft(month.month, 12) + counts.joined() + rate)
    }
    return lines
  }

  private static func database(_ facts: RunFacts) -> [String] {
    ["Database    \(facts.database) (\(PageText.bytes(facts.databaseBytes)))", "Try"] + facts.queries.map { "  " + $0 }
  }

  /// One line a dump.
  package static func dumps(_ dumps: [RunResults.Dump]) -> String {
    let rows = dumps.map { dump -> [String] in
      let counts = dump.rowsRead.map { read in
        "\(PageText.grouped(read)) read, \(PageText.grouped(dump.rowsLoaded ?? 0)) kept, "
          + "\(PageText.grouped(dump.rowsRejected ?? 0)) rejected"
          + ((dump.rowsFiltered ?? 0) > 0 ? ", \(PageText.grouped(dump.rowsFiltered ?? 0)) filtered" : "")
      }
      return [dump.path, dump.outcome.replacing("_", with: " "), dump.outcome == "unchanged" ? "" : counts ?? ""]
    }
    let (paths, outcomes) = (rows.map { $0[0].count }.max() ?? 0, rows.map { $0[1].count }.max() ?? 0)
    return rows.map { row in
      let line = PageText.atLeft(row[0], paths) + "  " + PageText.atLeft(row[1], outcomes) + "  " + row[2]
      return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
  }
}
