import Columns
import Dumps

/// The feed of exchange rates, resolved.
package struct RatesFeed: Sendable, Hashable {
  package var dumps: [PipelinePath] = []
  package var columns = RateColumns()
  package var ageMaxDays = 7
}

/// The section `feeds.rates` as written.
struct WrittenRates {
  var dumps: [String]?
  var date: String?
  var currency: String?
  var rate: String?
  var ageMaxDays: Int?
}

extension RatesFeed {
  init(_ written: WrittenRates, folder: String) {
    dumps = (written.dumps ?? []).map { PipelinePath($0, from: folder) }
    columns.date = written.date ?? columns.date
    columns.currency = written.currency ?? columns.currency
    columns.rate = written.rate ?? columns.rate
    ageMaxDays = written.ageMaxDays ?? ageMaxDays
  }

  /// Lines of the resolved pipeline file.
  var text: [String] {
    [
      "  rates:", "    dumps: \(Pipeline.list(dumps.map(\.written)))", "    columns:", "      date: \(Pipeline.quoted(columns.date))",
      "      currency: \(Pipeline.quoted(columns.currency))", "      rate: \(Pipeline.quoted(columns.rate))", "    age_max: \(ageMaxDays)d",
    ]
  }
}

extension Pipeline {
  /// The rates that a column of currencies is converted with; nil where the dumps have none.
  /// - Throws: 66 where there is no such file, 65 for a row that is no rate.
  func exchangeRates() throws(PipelineError) -> ExchangeRates? {
    guard transactions.mapping.has(.currency) else { return nil }
    let paths: [String]
    do throws(PipelineError) { paths = try Globs.expand(rates.dumps.map(\.path)) } catch {
      throw PipelineError(error.exit, "feeds.rates.dumps: \(error.message)", fix: "check the pattern, or bring the rates there")
    }
    let empty = ExchangeRates(to: transactions.currency, ageMaxDays: rates.ageMaxDays)
    return try RatesReader.read(paths, columns: rates.columns, into: empty)
  }

  /// As `feeds.transactions.currency` is written.
  var currencyText: String {
    let mapping = transactions.mapping
    guard mapping.has(.currency) else { return transactions.currency }
    let otherwise = mapping.rules[.currency]?.otherwise.map { ", default: \($0)" } ?? ""
    return "{column: \(Self.quoted(mapping.currency ?? "")), to: \(transactions.currency)\(otherwise)}"
  }
}

extension PipelineParser {
  mutating func readRates(_ section: NodeReader.Section, isNeeded: Bool) -> WrittenRates {
    var rates = WrittenRates()
    rates.dumps = reader.texts("dumps", in: section)
    let columns = reader.section("columns", in: section)
    rates.date = reader.text("date", in: columns)
    rates.currency = reader.text("currency", in: columns)
    rates.rate = reader.text("rate", in: columns)
    rates.ageMaxDays = reader.days("age_max", in: section, 0...366)
    if isNeeded && rates.dumps?.isEmpty ?? true {
      reader.report(
        section.values["dumps"]?.mark ?? section.mark,
        "feeds.rates.dumps is missing: which files hold the rates of the currencies in feeds.transactions.currency.column")
    }
    return rates
  }

  /// A code, or the long form with the column that names each row's.
  mutating func readCurrency(_ section: NodeReader.Section, _ feed: inout WrittenTransactions) {
    guard case .mapping? = section.values["currency"], let node = section.values["currency"] else {
      feed.currency = readCode("currency", section)
      return
    }
    let form = reader.section(section.path + ".currency", node, known: PipelineKeys.currency)
    feed.currency = readCode("to", form)
    feed.currencyColumn = reader.text("column", in: form)
    feed.currencyDefault = readCode("default", form)
    for key in ["column", "to"] where form.values[key] == nil {
      reader.report(form.mark, "\(form.path).\(key) is missing, such as in {column: Currency, to: EUR}")
    }
  }

  private mutating func readCode(_ key: String, _ section: NodeReader.Section) -> String? {
    guard let code = reader.text(key, in: section) else { return nil }
    if Currency.codes.contains(code) { return code }
    let suggestion = Spelling.nearest(to: code, among: Currency.codes.sorted()).map { "; did you mean '\($0)'?" } ?? ""
    reader.report(
      section.values[key]?.mark,
      "\(section.path).\(key): expected an ISO 4217 code such as USD, found \(reader.shown(code))\(suggestion)")
    return nil
  }
}
