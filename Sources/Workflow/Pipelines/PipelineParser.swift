import Features
import Scores
import Columns
import Dumps
import Foundation
import Yams

/// YAML → the pipeline as written, with every problem of the file.
struct PipelineParser {
  var reader = NodeReader()
  private var written = WrittenPipeline()

  static func parse(_ root: Node) -> (WrittenPipeline, [PipelineProblem]) {
    var parser = PipelineParser()
    parser.readTop(root)
    let problems = parser.reader.problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    return (parser.written, problems)
  }

  private mutating func readTop(_ root: Node) {
    let top = reader.section("", root)
    written.name = reader.text("name", in: top)
    written.asOf = readAsOf(top)
    written.asOfJumpDaysMax = reader.whole("as_of_jump_days_max", in: top, 1...36_500)
    written.timeZone = readZone("time_zone", top)
    written.state = reader.text("state", in: top)
    written.runsKeep = reader.whole("runs_keep", in: top, 1...1_000_000)
    written.retention = readRetention(top)
    written.threads = reader.whole("threads", in: top, 0...1024)
    written.storeBuckets = readBuckets(reader.section("store", in: top))
    let feeds = reader.section("feeds", in: top)
    readTransactions(reader.section("transactions", in: feeds))
    written.rates = readRates(reader.section("rates", in: feeds), isNeeded: written.transactions.currencyColumn != nil)
    written.rhythmDaysDefault = reader.whole("days_default", in: reader.section("rhythm", in: top), 14...365)
    let churn = reader.section("churn", in: top)
    (written.churnHorizon, written.tenure) = (readHorizon(churn), readTenure(churn))
    written.value = readValue(reader.section("value", in: top), written.transactions.resolvedMapping())
    let output = reader.section("output", in: top)
    written.outputDatabase = reader.text("database", in: output)
    written.outputMode = readMode(output)
    written.outputGroup = reader.nullable("group", in: output)
    written.publishColumns = readPublished(reader.section("publish", in: top))
  }

  private mutating func readTransactions(_ section: NodeReader.Section) {
    var feed = WrittenTransactions()
    feed.dumps = reader.texts("dumps", in: section)
    if section.values["dumps"] == nil {
      reader.report(section.mark, "feeds.transactions.dumps is missing: which files hold the transactions, such as [\"dumps/*.csv.gz\"]")
    } else if feed.dumps?.isEmpty == true {
      reader.report(section.values["dumps"]?.mark, "feeds.transactions.dumps: expected at least one pattern, found an empty list")
    }
    feed.columns = readColumns(reader.section("columns", in: section), &feed)
    readKinds(reader.section("kinds", in: section), &feed)
    feed.identity = reader.texts("identity", in: section)
    for field in feed.identity ?? [] where !["transaction_id", "kind", "line"].contains(field) {
      reader.report(
        section.values["identity"]?.mark,
        "feeds.transactions.identity: expected transaction_id, kind or line, found \(reader.shown(field))")
    }
    feed.delimiter = readCharacter("delimiter", section)
    feed.quote = readCharacter("quote", section)
    if feed.delimiter ?? TransactionDefaults.dialect.delimiter == feed.quote ?? TransactionDefaults.dialect.quote {
      reader.report(
        (section.values["delimiter"] ?? section.values["quote"])?.mark, "feeds.transactions: delimiter and quote are the same character")
    }
    feed.fieldBytesMax = reader.whole("field_bytes_max", in: section, 16...(64 << 20))
    readCurrency(section, &feed)
    readPseudonyms(reader.section("pseudonymize", in: section), &feed)
    let rejects = reader.section("rejects", in: section)
    feed.rejectRowsMax = reader.whole("rows_max", in: rejects, 0...Int64.max)
    feed.rejectShareMax = reader.share("share_max", in: rejects)
    feed.checks = readChecks(section)
    readDialect(section, &feed)
    written.transactions = feed
  }

  private mutating func readColumns(
    _ section: NodeReader.Section, _ feed: inout WrittenTransactions
  ) -> [String: WrittenNullable] {
    var columns: [String: WrittenNullable] = [:]
    var fieldOfName: [String: String] = [:]
    for field in PipelineKeys.sections[section.path] ?? [] {
      var written: WrittenNullable?
      if case .mapping? = section.values[field], let node = section.values[field], let known = TransactionField(rawValue: field) {
        written = readRule(known, "\(section.path).\(field)", node, &feed)
      } else {
        written = reader.nullable(field, in: section)
      }
      guard let column = written else { continue }
      columns[field] = column
      let mark = section.values[field]?.mark
      switch column {
      case .none where ["customer_id", "occurred_at"].contains(field):
        reader.report(mark, "\(section.path).\(field): cannot be null, every transaction has one")
      case .none: break
      case .value(let name):
        if let other = fieldOfName.updateValue(field, forKey: name) {
          reader.report(mark, "\(section.path).\(field): the column \(reader.shown(name)) is \(other) already")
        }
      }
    }
    return columns
  }

  private mutating func readKinds(_ section: NodeReader.Section, _ feed: inout WrittenTransactions) {
    feed.purchaseKinds = reader.texts("purchase", in: section)
    feed.refundKinds = reader.texts("refund", in: section)
    if feed.purchaseKinds?.isEmpty == true {
      reader.report(section.values["purchase"]?.mark, "\(section.path).purchase: expected at least one value, found an empty list")
    }
    let purchases = feed.purchaseKinds ?? TransactionDefaults.mapping.purchaseKinds
    for kind in feed.refundKinds ?? TransactionDefaults.mapping.refundKinds where purchases.contains(kind) {
      reader.report(
        (section.values["refund"] ?? section.values["purchase"])?.mark,
        "\(section.path): \(reader.shown(kind)) is both a purchase and a refund")
    }
  }

  private mutating func readAsOf(_ section: NodeReader.Section) -> WrittenPipeline.AsOf? {
    guard let text = reader.text("as_of", in: section) else { return nil }
    if text == "latest" { return .latest }
    if let day = Day(text) { return .day(day) }
    reader.report(section.values["as_of"]?.mark, "as_of: expected latest or a day as YYYY-MM-DD, found \(reader.shown(text))")
    return nil
  }

  private mutating func readBuckets(_ section: NodeReader.Section) -> Int? {
    guard let count = reader.whole("buckets", in: section, 1...4096) else { return nil }
    if count & (count - 1) == 0 { return count }
    reader.report(section.values["buckets"]?.mark, "store.buckets: expected a power of two, found \(count)")
    return nil
  }

  private mutating func readHorizon(_ section: NodeReader.Section) -> WrittenPipeline.Horizon? {
    guard let text = reader.text("horizon", in: section) else { return nil }
    if text == "auto" { return .auto }
    if let days = NodeReader.days(text), (1...3650).contains(days) { return .days(days) }
    reader.report(
      section.values["horizon"]?.mark, "churn.horizon: expected auto or days from 1d to 3650d, such as 90d, found \(reader.shown(text))")
    return nil
  }

  private mutating func readTenure(_ section: NodeReader.Section) -> TenureWish? {
    guard let text = reader.text("tenure", in: section) else { return nil }
    if let wish = TenureWish(rawValue: text) { return wish }
    let suggestion = Spelling.suggestion(for: text, among: TenureWish.allCases.map(\.rawValue))
    reader.report(
      section.values["tenure"]?.mark, "churn.tenure: expected none, curves or drivers, found \(reader.shown(text))\(suggestion)")
    return nil
  }

  private mutating func readMode(_ section: NodeReader.Section) -> UInt16? {
    guard let text = reader.text("mode", in: section) else { return nil }
    let isOctal = (3...4).contains(text.utf8.count) && text.utf8.allSatisfy { (48...55).contains($0) }
    // The owner writes it, nobody runs it, and results that anyone may change are no results.
    if isOctal, let mode = UInt16(text, radix: 8), mode & 0o600 == 0o600, mode & ~0o664 == 0 { return mode }
    reader.report(
      section.values["mode"]?.mark,
      "output.mode: expected permissions from \"0600\" to \"0664\", such as \"0640\", found \(reader.shown(text))")
    return nil
  }

  private mutating func readCharacter(_ key: String, _ section: NodeReader.Section) -> UInt8? {
    guard let text = reader.text(key, in: section) else { return nil }
    let bytes = Array(text.utf8)
    let isFree = bytes.count == 1 && (bytes[0] == UInt8(ascii: "\t") || (32...126).contains(bytes[0]))
    if isFree, !Character(text).isLetter, !Character(text).isNumber, !"-+.: ".contains(text) { return bytes[0] }
    reader.report(
      section.values[key]?.mark,
      "\(section.path).\(key): expected one character such as \",\" or \"\\t\", not a letter, digit, space or -+.:, found \(reader.shown(text))"
    )
    return nil
  }

  private mutating func readPublished(_ section: NodeReader.Section) -> WrittenPipeline.Published? {
    guard let node = section.values["columns"] else { return nil }
    if case .scalar(let scalar) = node, scalar.string == "all" { return .all }
    guard let names = reader.texts("columns", in: section) else { return nil }
    let known = featureColumnDefinitions.map(\.name) + scoreColumnNames + learnedColumnNames + reasonColumnNames
    for name in names where !known.contains(name) {
      let suggestion = Spelling.suggestion(for: name, among: known)
      reader.report(section.values["columns"]?.mark, "publish.columns: \(reader.shown(name)) is no column of customers\(suggestion)")
    }
    if names.first == "customer_id" { return .names(names) }
    reader.report(node.mark, "publish.columns: expected all or a list that begins with customer_id")
    return nil
  }
}
