import Columns
import Foundation
import GRDB
import Scores

extension ResultTables {
  static let drift = TableDefinition(
    name: "drift",
    fields: [
      date("as_of", "Day whose customers are compared; a day's rows are replaced when it is computed again"),
      text(
        "column_name",
        "A feature or score; mean_repeat_value_minor: repeat_gross_minor ÷ frequency; purchases_since_fit: what the model foretold, see "
          + "mean_then"),
      date("fitted_as_of", "Day compared with: of the fit in use or, where that was made on as_of, of the one before it"),
      real(
        "psi", "index 0…",
        "Population stability index Σ (q − p) · ln(q ÷ p) over the bins: p shares then, q now; a bin empty on one side counts as half a customer",
        nullWhen: "the row is purchases_since_fit"),
      real(
        "psi_equal_tenure", "index 0…",
        "The same with today's customers weighted to the tenures of the fit's day, none older than anybody then: what on-drift judges by",
        nullWhen: "no model reads the column, or too few customers have tenures that were met then"),
      text(
        "level",
        "By psi: stable below 0.1, moving below 0.25, shifted (Siddiqi 2006); of purchases_since_fit by |ln(seen ÷ expected)|, stable within 3 "
          + "standard errors"),
      integer("customers_then", "count", "Customers on that day; of purchases_since_fit those who had bought by then"),
      integer("customers_now", "count", "Customers on this day; likewise"),
      real("missing_share_then", "share 0…1", "Of them, those without a value", nullWhen: "the row is purchases_since_fit"),
      real("missing_share_now", "share 0…1", "The same now", nullWhen: "the row is purchases_since_fit"),
      real(
        "mean_then", "as the column", "Mean of the values; of purchases_since_fit the purchase days expected of a customer since the fit",
        nullWhen: "words, or nobody had a value"),
      real("mean_now", "as the column", "The same now; of purchases_since_fit those seen", nullWhen: "words, or nobody has a value"),
      text(
        "bins",
        "JSON: by bin its shares then and now; numbers from (included) … to, at about tenths of then; value: a word, is_other: all further "
          + "words, is_missing: no value; of purchases_since_fit seen, expected and standard_error of their sum"),
    ], key: ["as_of", "column_name"])
}

func driftRows(_ report: DriftReport, asOf day: String) -> [[(any DatabaseValueConvertible)?]] {
  let then = report.fittedAsOf.description
  let columns = report.columns.map { column -> [(any DatabaseValueConvertible)?] in
    [
      day, column.column, then, column.index, column.atEqualTenure, column.level.rawValue, column.customersThen, column.customersNow,
      share(column.missingThen, column.customersThen), share(column.missingNow, column.customersNow), column.meanThen, column.meanNow,
      json(column.bins),
    ]
  }
  let purchases = report.purchases.map { since -> [(any DatabaseValueConvertible)?] in
    let customers = Double(max(1, since.customers))
    return [
      day, "purchases_since_fit", then, nil, nil, since.level.rawValue, since.customers, since.customers, nil, nil,
      since.expected / customers, Double(since.seen) / customers,
      "{\"seen\": \(since.seen), \"expected\": \(since.expected), \"standard_error\": \(since.standardError)}",
    ]
  }
  return columns + (purchases.map { [$0] } ?? [])
}

private func share(_ part: Int64, _ all: Int64) -> Double { Double(part) / Double(max(1, all)) }

private func json(_ bins: [DriftBin]) -> String? {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return (try? encoder.encode(bins)).map { String(decoding: $0, as: UTF8.self) }
}
