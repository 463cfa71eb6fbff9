import Foundation
import Testing

@Suite struct `A retention limit` {
  private func shop() throws -> Shop {
    let shop = try Shop()
    try shop.write("shop.yaml", try "retention: 1y\n" + shop.text("shop.yaml"))
    try shop.write(
      "dumps/b.csv", (Shop.rows.split(separator: "\n")[0] + "\n") + "n1,anna,2025-02-10T10:00:00Z,7.00,0.00,1.00,books,web,purchase\n")
    return shop
  }

  @Test func `removes what is older before anything is computed, says so, and keeps it out`() throws {
    let shop = try shop()
    let planned = try shop.run("plan", "shop.yaml")
    #expect(planned.status == 0 && planned.output.contains("retention: 1y\n"))
    let ran = try shop.run("run", "shop.yaml")
    #expect(ran.status == 0, "\(ran.errors)")
    #expect(ran.errors.contains("retention 1y: events before 2024-02-01: 1 row of 1 dump, removed: they count as filtered"))
    #expect(try shop.query("SELECT first_purchase FROM customers WHERE customer_id = 'anna'") == "2024-03-05\n")
    #expect(try shop.query("SELECT rows_loaded, rows_filtered, rows_read FROM loads WHERE path LIKE '%a.csv'") == "4|1|5\n")
    #expect(
      try shop.query("SELECT expected, found FROM checks")
        == "no event before 2024-02-01 (1y)|1 row of 1 dump, removed: they count as filtered\n")
    let dump = try #require((try shop.record()["dumps"] as? [[String: Any]])?.first)
    #expect(dump["notes"] as? [String] == ["filtered, since older than retention: 1y: 1 row before 2024-02-01"])

    try shop.write("dumps/c.csv", Shop.rows.replacing("t1,anna", with: "t9,anna"))
    #expect(try shop.run("extract", "shop.yaml").status == 0)
    #expect(
      try shop.run("plan", "shop.yaml").output.contains("#   retain   events from 2024-02-01 on: of those loaded, 1 row would go\n"))
    #expect(try shop.run("run", "shop.yaml").status == 0)
    #expect(try shop.query("SELECT first_purchase FROM customers WHERE customer_id = 'anna'") == "2024-03-05\n")
  }

  @Test func `is not measured from a day that has not come`() throws {
    let shop = try shop()
    try shop.write(
      "dumps/d.csv", (Shop.rows.split(separator: "\n")[0] + "\n") + "z,zoe,2099-01-01T10:00:00Z,7.00,0.00,1.00,books,web,purchase\n")
    let ran = try shop.run("run", "shop.yaml")
    #expect(ran.status == 1 && ran.errors.contains("nothing was removed, and nothing was published"))
    let back = try shop.run("run", "shop.yaml", "--as-of", "2025-03-01")
    #expect(back.status == 0, "\(back.errors)")
    #expect(try shop.query("SELECT min(first_purchase) FROM customers") == "2024-03-05\n")
  }

  @Test(arguments: ["5", "0y", "100d", "5 years", "-1y"]) func `that is none is refused with what is expected`(text: String) throws {
    let shop = try Shop()
    try shop.write("shop.yaml", try "retention: \(text)\n" + shop.text("shop.yaml"))
    let found = try shop.run("validate", "shop.yaml")
    #expect(found.status == 78)
    #expect(found.errors.contains("shop.yaml:1:12: retention: expected null, years from 1y to 99y or days from 365d to 36135d"))
  }
}
