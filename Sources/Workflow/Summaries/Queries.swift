/// Commands that show someone new what the database can tell.
package enum Queries {
  /// - Parameter columns: of `customers`, as published; only these are asked for.
  package static func all(database: String, columns: [String]) -> [String] {
    ["SELECT * FROM v_segments", "SELECT * FROM v_churn ORDER BY month DESC LIMIT 12", bestCustomers(columns)].map { sql in
      "sqlite3 -box \(ShellText.quoted(database)) \(ShellText.quoted(sql))"
    }
  }

  private static func bestCustomers(_ columns: [String]) -> String {
    let wanted = ["customer_id", "rfm_segment", "purchases", "net_minor", "last_purchase"].filter { columns.contains($0) }
    // The view bears money in major units under the name without `_minor`.
    let shown = wanted.map { $0 == "net_minor" ? "net" : $0 }
    let order = columns.contains("net_minor") ? " ORDER BY net DESC" : ""
    return "SELECT \(shown.joined(separator: ", ")) FROM v_customers\(order) LIMIT 10"
  }
}
