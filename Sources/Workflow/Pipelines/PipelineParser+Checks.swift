import Columns

/// The keys of `feeds.transactions` that tell a sound delivery from another.
extension PipelineParser {
  mutating func readChecks(_ section: NodeReader.Section) -> WrittenChecks {
    var checks = WrittenChecks()
    checks.settle = readSettle(section)
    checks.allowsEmpty = readWord("allow_empty", in: section, [("false", false), ("true", true)])
    checks.rowsMin = reader.whole("rows_min", in: section, 0...Int64.max)
    checks.freezesColumns = readWord("on_schema_change", in: section, [("evolve", false), ("freeze", true)])
    let freshness = reader.section("freshness", in: section)
    checks.freshnessWarn = readSpan("warn", in: freshness)
    checks.freshnessFail = readSpan("fail", in: freshness)
    if let warn = checks.freshnessWarn, let fail = checks.freshnessFail, warn >= fail {
      reader.report(
        freshness.values["warn"]?.mark, "\(freshness.path): warn at \(warn.text) says nothing where fail stands at \(fail.text)")
    }
    return checks
  }

  private mutating func readSettle(_ section: NodeReader.Section) -> Int64? {
    guard let text = reader.text("settle", in: section) else { return nil }
    if let seconds = Settle.seconds(text) { return seconds }
    reader.report(
      section.values["settle"]?.mark, "\(section.path).settle: expected \(Settle.expected), found \(reader.shown(text))")
    return nil
  }

  /// One of a few words, each with what it stands for.
  private mutating func readWord<Value>(_ key: String, in section: NodeReader.Section, _ words: [(String, Value)]) -> Value? {
    guard let text = reader.text(key, in: section) else { return nil }
    if let known = words.first(where: { $0.0 == text }) { return known.1 }
    let suggestion = Spelling.suggestion(for: text, among: words.map(\.0))
    let expected = words.map(\.0).joined(separator: " or ")
    reader.report(
      section.values[key]?.mark, "\(section.path).\(key): expected \(expected), found \(reader.shown(text))\(suggestion)")
    return nil
  }

  /// nil where the key is `null`, which switches the check off, as its absence does.
  private mutating func readSpan(_ key: String, in section: NodeReader.Section) -> TimeSpan? {
    guard case .value(let text)? = reader.nullable(key, in: section) else { return nil }
    if let span = TimeSpan(text) { return span }
    reader.report(
      section.values[key]?.mark, "\(section.path).\(key): expected null or a time such as 90m, 36h or 3d, found \(reader.shown(text))")
    return nil
  }

  mutating func readRetention(_ top: NodeReader.Section) -> WrittenNullable? {
    guard let written = reader.nullable("retention", in: top), case .value(let text) = written else { return nil }
    if Retention(text) != nil { return written }
    reader.report(top.values["retention"]?.mark, "retention: expected \(Retention.expected), found \(reader.shown(text))")
    return nil
  }
}
