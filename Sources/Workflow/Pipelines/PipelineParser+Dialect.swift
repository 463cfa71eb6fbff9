import Buffers
import Columns
import Dumps
import Foundation
import Yams

/// How the dumps of the transactions are written.
extension PipelineParser {
  mutating func readDialect(_ section: NodeReader.Section, _ feed: inout WrittenTransactions) {
    var dialect = feed.dialect
    dialect.format = readChoice("format", section, Dialect.Format.allCases.map(\.rawValue)).flatMap(Dialect.Format.init)
    dialect.encoding = readChoice("encoding", section, TextEncoding.allCases.map(\.rawValue)).flatMap(TextEncoding.init)
    dialect.isTrimmed = reader.flag("trim", in: section)
    dialect.nulls = readShortTexts("nulls", section, countMax: 16)
    dialect.numbers = readNumbers(reader.section("numbers", in: section))
    dialect.times = readTimes(reader.section("times", in: section))
    dialect.refunds = readRefunds(reader.section("refunds", in: section))
    dialect.skipsRowsWithoutCustomer = readChoice("empty_customer", section, ["reject", "skip"]).map { $0 == "skip" }
    feed.dialect = dialect
    checkFields(section, feed)
  }

  /// One of a few words.
  mutating func readChoice(_ key: String, _ section: NodeReader.Section, _ choices: [String]) -> String? {
    guard let text = reader.text(key, in: section) else { return nil }
    if choices.contains(text) { return text }
    let words = choices.filter { $0.count > 1 }
    let suggestion = Spelling.suggestion(for: text, among: words)
    reader.report(
      section.values[key]?.mark,
      "\(reader.name(key, section)): expected \(Self.alternatives(choices.map { $0.count > 1 ? $0 : "'\($0)'" })), found \(reader.shown(text))\(suggestion)"
    )
    return nil
  }

  private static func alternatives(_ choices: [String]) -> String {
    choices.count > 1 ? choices.dropLast().joined(separator: ", ") + " or " + (choices.last ?? "") : choices.joined()
  }

  private mutating func readShortTexts(_ key: String, _ section: NodeReader.Section, countMax: Int) -> [String]? {
    guard let texts = reader.texts(key, in: section, takesNull: key == "nulls") else { return nil }
    let mark = section.values[key]?.mark, name = reader.name(key, section)
    if texts.count > countMax { reader.report(mark, "\(name): expected at most \(countMax) texts, found \(texts.count)") }
    for text in texts where text.utf8.count > FieldPreparation.bytesMax { reportLong(mark, name) }
    return texts
  }

  private mutating func reportLong(_ mark: Mark?, _ name: String) {
    reader.report(mark, "\(name): expected at most \(FieldPreparation.bytesMax) bytes, found more")
  }

  // MARK: numbers and times

  private mutating func readNumbers(_ section: NodeReader.Section) -> WrittenNumbers {
    var numbers = WrittenNumbers()
    numbers.decimalSeparator = readChoice("decimal_separator", section, [".", ","])?.utf8.first
    switch section.values["thousands_separator"].map({ reader.isNull($0) }) {
    case true?: numbers.thousandsSeparator = WrittenNullable.none
    case false?:
      numbers.thousandsSeparator = readChoice("thousands_separator", section, [",", ".", " ", "'", "’", "_"]).map { .value($0) }
    case nil: break
    }
    numbers.symbols = readShortTexts("symbols", section, countMax: 16)
    for symbol in numbers.symbols ?? [] where symbol.contains(where: { $0.isNumber || "+-() ".contains($0) }) {
      reader.report(
        section.values["symbols"]?.mark,
        "\(reader.name("symbols", section)): expected symbols or codes without digits, signs or spaces, found \(reader.shown(symbol))")
    }
    numbers.negativeMarks = reader.texts("negative_marks", in: section)
    for mark in numbers.negativeMarks ?? [] where !WrittenNumbers.marks.contains(mark) {
      let suggestion = Spelling.suggestion(for: mark, among: WrittenNumbers.marks)
      reader.report(
        section.values["negative_marks"]?.mark,
        "\(reader.name("negative_marks", section)): expected trailing_minus or parentheses, found \(reader.shown(mark))\(suggestion)")
    }
    if case .value(let separator)? = numbers.thousandsSeparator,
      separator == String(Unicode.Scalar(numbers.decimalSeparator ?? UInt8(ascii: ".")))
    {
      reader.report(
        section.values["thousands_separator"]?.mark, "\(section.path): decimal_separator and thousands_separator are the same character")
    }
    return numbers
  }

  private mutating func readTimes(_ section: NodeReader.Section) -> WrittenTimes {
    var times = WrittenTimes()
    times.format = readTimeFormat(section)
    if let node = section.values["zone"] {
      times.zone = reader.isNull(node) ? WrittenNullable.none : readZone("zone", section).map { .value($0) }
    }
    return times
  }

  private mutating func readTimeFormat(_ section: NodeReader.Section) -> TimeFormat? {
    guard let text = reader.text("format", in: section) else { return nil }
    let named: [TimeFormat] = [.iso, .epochSeconds, .epochMillis]
    if let format = named.first(where: { $0.text == text }) { return format }
    let name = reader.name("format", section), mark = section.values["format"]?.mark
    if text.utf8.count > FieldPreparation.bytesMax { reportLong(mark, name) }
    do {
      return .pattern(try TimePattern(text))
    } catch {
      let suggestion = Spelling.suggestion(for: text, among: named.map(\.text))
      reader.report(
        mark,
        "\(name): expected iso, epoch_seconds, epoch_millis or a pattern such as dd.MM.yyyy HH:mm, found \(reader.shown(text)): "
          + error.message + suggestion)
      return nil
    }
  }

  mutating func readZone(_ key: String, _ section: NodeReader.Section) -> String? {
    guard let name = reader.text(key, in: section) else { return nil }
    if name == "UTC" || TimeZone.knownTimeZoneIdentifiers.contains(name) { return name }
    let suggestion = Spelling.suggestion(for: name, among: TimeZone.knownTimeZoneIdentifiers)
    let expected = "expected an IANA name such as UTC or Europe/Berlin, found \(reader.shown(name))\(suggestion)"
    reader.report(section.values[key]?.mark, "\(reader.name(key, section)): \(expected)")
    return nil
  }

  // MARK: refunds

  private mutating func readRefunds(_ section: NodeReader.Section) -> RefundRule? {
    let by = readChoice("by", section, ["kind", "sign", "id_prefix"])
    let prefixes = readShortTexts("id_prefixes", section, countMax: 16) ?? []
    if by == "id_prefix" && prefixes.isEmpty {
      reader.report(section.values["by"]?.mark, "\(section.path).id_prefixes: expected at least one, such as [C]")
    } else if by != "id_prefix" && !prefixes.isEmpty {
      reader.report(section.values["id_prefixes"]?.mark, "\(section.path).id_prefixes: of use only with by: id_prefix")
    }
    switch by {
    case "kind": return .kind
    case "sign": return .sign
    case "id_prefix": return .idPrefix(prefixes)
    default: return nil
    }
  }

  // MARK: columns

  /// A column in the long form; the column's name is put back for the short form's checks.
  mutating func readRule(_ field: TransactionField, _ path: String, _ node: Node, _ feed: inout WrittenTransactions) -> WrittenNullable? {
    var keys = PipelineKeys.column
    if field.isMoney { keys += PipelineKeys.sections["feeds.transactions.numbers"] ?? [] }
    if field.isTime { keys += PipelineKeys.sections["feeds.transactions.times"] ?? [] }
    let section = reader.section(path, node, known: keys)
    var rule = WrittenRule()
    rule.constant = reader.text("constant", in: section)
    rule.otherwise = reader.text("default", in: section)
    for (key, text) in [("constant", rule.constant), ("default", rule.otherwise)] where (text?.utf8.count ?? 0) > FieldPreparation.bytesMax
    {
      reportLong(section.values[key]?.mark, "\(path).\(key)")
    }
    if field.isMoney { rule.numbers = readNumbers(section) }
    if field.isTime { rule.times = readTimes(section) }
    if rule.constant != nil {
      for key in ["column", "default"] where section.values[key] != nil {
        reader.report(section.values[key]?.mark, "\(path).\(key): a constant stands in every row, so there is no \(key)")
      }
      if [.transactionID, .customerID, .line].contains(field) {
        reader.report(section.values["constant"]?.mark, "\(path).constant: rows differ in their \(field.rawValue)")
      }
    }
    if section.values["column"] == nil && rule.constant == nil && TransactionDefaults.mapping.name(field) == nil {
      reader.report(node.mark, "\(path).column is missing: which column of the dumps it is")
    }
    feed.dialect.rules[field] = rule
    return reader.text("column", in: section).map { .value($0) }
  }

  /// What fields need each other.
  private mutating func checkFields(_ section: NodeReader.Section, _ feed: WrittenTransactions) {
    let columns = reader.columnMarks(section), mapping = feed.resolvedMapping()
    func mark(_ keys: String...) -> Mark? { keys.lazy.compactMap { columns[$0] }.first ?? section.values["columns"]?.mark ?? section.mark }
    let path = section.path + ".columns"
    let isProduct = mapping.has(.quantity) || mapping.has(.unitPrice)
    if isProduct && !(mapping.has(.quantity) && mapping.has(.unitPrice)) {
      reader.report(mark("quantity", "unit_price"), "\(path): quantity and unit_price stand together or not at all")
    }
    if isProduct && mapping.has(.amount) {
      reader.report(mark("amount"), "\(path): either amount, or quantity and unit_price")
    } else if !isProduct && !mapping.has(.amount) {
      reader.report(mark("amount"), "\(path).amount: cannot be null, every transaction has one")
    }
    if mapping.refunds != .kind && mapping.has(.kind) {
      reader.report(mark("kind"), "\(path).kind: of use only where refunds.by is kind")
    }
    if case .idPrefix = mapping.refunds, !mapping.has(.transactionID) {
      reader.report(mark("transaction_id"), "\(section.path).refunds.by: id_prefix needs transaction_id")
    }
    if !mapping.has(.transactionID), !mapping.identity.isEmpty, mapping.identity != ["line"] {
      reader.report(
        section.values["identity"]?.mark, "\(section.path).identity: expected [line] or [] where there is no transaction_id")
    }
  }
}

extension NodeReader {
  /// true or false.
  mutating func flag(_ key: String, in section: Section) -> Bool? {
    guard let node = section.values[key] else { return nil }
    if case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any {
      if scalar.string == "true" { return true }
      if scalar.string == "false" { return false }
    }
    report(node.mark, "\(name(key, section)): expected true or false, found \(kind(of: node))")
    return nil
  }

  /// Where each column is written.
  func columnMarks(_ section: Section) -> [String: Mark] {
    guard case .mapping(let mapping)? = section.values["columns"] else { return [:] }
    var marks: [String: Mark] = [:]
    for (key, value) in mapping {
      if let name = key.scalar?.string { marks[name] = value.mark }
    }
    return marks
  }
}
