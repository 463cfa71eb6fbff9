import Columns
import Dumps

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

extension RatesFeed {
  /// Lines of the resolved pipeline file.
  var text: [String] {
    [
      "  rates:", "    dumps: \(Pipeline.list(dumps.map(\.written)))", "    columns:", "      date: \(Pipeline.quoted(columns.date))",
      "      currency: \(Pipeline.quoted(columns.currency))", "      rate: \(Pipeline.quoted(columns.rate))", "    age_max: \(ageMaxDays)d",
    ]
  }
}
