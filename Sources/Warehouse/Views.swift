import Columns

/// Views for people: money in major units, shares in per cent, the newest published day only.
enum Views {
  static func all(customers: TableDefinition, currency: String, fractionDigits: Int) -> [TableDefinition] {
    let money = Money(currency: currency, fractionDigits: fractionDigits)
    return [
      TableDefinition(name: "v_customers", fields: readable(customers, money), viewSource: "FROM \"customers\""),
      TableDefinition(
        name: "v_segments", fields: readable(ResultTables.segments, money),
        viewSource: "FROM \"segments\" ORDER BY \"customers\" DESC, \"segment\""),
      TableDefinition(
        name: "v_churn", fields: readable(ResultTables.churnMetrics, money),
        viewSource: "FROM \"churn_metrics\" WHERE \"as_of\" = (SELECT max(\"as_of\") FROM \"churn_metrics\") ORDER BY \"month\""),
      TableDefinition(
        name: "v_cohorts", fields: readable(ResultTables.cohorts, money) + [activeShare],
        viewSource: "FROM \"cohorts\" WHERE \"as_of\" = (SELECT max(\"as_of\") FROM \"cohorts\") ORDER BY \"cohort_month\", \"age_months\""),
    ]
  }

  private static let activeShare = TableDefinition.Field(
    ColumnDefinition("active_pct", .real, unit: "per cent", "Of the cohort, those with a purchase in the month"),
    expression: "round(100.0 * \"customers\" / \"cohort_customers\", 2)")

  private struct Money {
    var currency: String
    var divisor: String

    init(currency: String, fractionDigits: Int) {
      self.currency = currency
      divisor = "1" + String(repeating: "0", count: max(0, fractionDigits)) + ".0"
    }
  }

  /// The same columns: `x_minor` becomes `x` in major units, `x_share` and `x_rate` become `x_pct` in per cent.
  private static func readable(_ table: TableDefinition, _ money: Money) -> [TableDefinition.Field] {
    var taken = Set(table.fields.map(\.definition.name))
    return table.fields.map { field in
      let source = field.definition
      var shown = source
      var expression = source.name.quoted
      if source.unit.hasPrefix("minor") {
        shown.name = source.name.hasSuffix("_minor") ? String(source.name.dropLast(6)) : source.name
        shown.unit = money.currency
        shown.kind = .real
        expression = "\(expression) / \(money.divisor)"
      } else if source.kind == .real, source.unit.hasPrefix("share") {
        let stem = ["_share", "_rate"].first { source.name.hasSuffix($0) }
        shown.name = (stem.map { String(source.name.dropLast($0.count)) } ?? source.name) + "_pct"
        shown.unit = "per cent"
        expression = "round(100.0 * \(expression), 2)"
      }
      // A name that another column bears already stays as it was.
      if shown.name != source.name, !taken.insert(shown.name).inserted { shown.name = source.name }
      return TableDefinition.Field(shown, expression: expression)
    }
  }
}
