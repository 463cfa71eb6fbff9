import Columns

/// Views for people: money in major units, shares in per cent, the newest published day only.
enum Views {
  /// - Parameter picks: whether customers may be picked by value and risk: see `FittedModels.mayDecide`.
  static func all(customers: TableDefinition, currency: String, fractionDigits: Int, picks: Bool) -> [TableDefinition] {
    let money = Money(currency: currency, fractionDigits: fractionDigits)
    let columns = readable(customers, money)
    let always = [
      TableDefinition(name: "v_customers", fields: columns, viewSource: "FROM \"customers\""),
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
    return always + valued(customers, columns, picks: picks)
  }

  /// Names of the views that exist only where the columns they ask for are published.
  static let conditional = ["v_key_customers", "v_at_risk"]

  /// Lists for those who keep customers.
  private static func valued(_ customers: TableDefinition, _ columns: [TableDefinition.Field], picks: Bool) -> [TableDefinition] {
    let published = Set(customers.fields.map(\.definition.name))
    func view(_ name: String, needs: [String], _ source: String) -> TableDefinition? {
      published.isSuperset(of: needs) ? TableDefinition(name: name, fields: columns, viewSource: "FROM \"customers\" WHERE " + source) : nil
    }
    let views = [
      view(
        "v_key_customers", needs: ["value_tier", "lifecycle_stage", "clv_minor"],
        "\"value_tier\" = 'A' AND \"lifecycle_stage\" <> 'lost' ORDER BY \"clv_minor\" DESC, \"customer_id\""),
      // The rule of `customersAtRisk`; nobody where a backtest says that the model is no better than a simple rule.
      view(
        "v_at_risk", needs: ["value_tier", "lifecycle_stage", "churn_risk", "clv_minor"],
        (picks ? "" : "0 AND ") + "\"value_tier\" IN ('A', 'B') AND \"lifecycle_stage\" <> 'lost' "
          + "AND (\"lifecycle_stage\" = 'lapsing' OR \"churn_risk\" >= 0.5)\n"
          + "ORDER BY \"clv_minor\" * \"churn_risk\" DESC, \"customer_id\""),
    ]
    return views.compactMap { $0 }
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
