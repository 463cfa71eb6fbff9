import Columns
import Dumps

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
    let suggestion = Spelling.suggestion(for: code, among: Currency.codes.sorted())
    reader.report(
      section.values[key]?.mark,
      "\(section.path).\(key): expected an ISO 4217 code such as USD, found \(reader.shown(code))\(suggestion)")
    return nil
  }
}
