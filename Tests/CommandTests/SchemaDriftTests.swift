import Foundation
import Testing

@Suite struct `A column that no dump before had` {
  private static let header = String(Shop.rows.split(separator: "\n")[0])
  private static let wider = """
    transaction_id,customer_id,coupon,occurred_at,amount,discount,cost,category,chanel,channel,kind
    t8,dora,X1,2024-05-31T10:00:00Z,1.00,0.00,0.50,books,a,web,purchase

    """

  @Test func `is loaded past, and said once, where dumps may evolve`() throws {
    let shop = try Shop()
    let first = try shop.run("run", "shop.yaml")
    #expect(first.status == 0 && !first.errors.contains("columns"))
    try shop.write("dumps/b.csv", Self.wider)
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 0)
    #expect(
      result.errors.contains("dumps/b.csv: columns that no dump before had, and nothing maps: \"coupon\", \"chanel\""), "\(result.errors)")
    let dumps = try #require(shop.record()["dumps"] as? [[String: Any]])
    #expect(dumps.map { $0["new_columns"] as? [String] } == [nil, ["coupon", "chanel"]])
    try shop.write("dumps/c.csv", Self.wider.replacing("t8", with: "t9"))
    try shop.pipeline("on_schema_change: freeze")
    let known = try shop.run("run", "shop.yaml")
    #expect(known.status == 0 && !known.errors.contains("columns"), "\(known.errors)")
    #expect(try shop.query("SELECT sum(rows_loaded) FROM loads") == "7\n")
  }

  @Test func `is refused with the mapped column nearest to it where dumps are frozen, and nothing is lost`() throws {
    let shop = try Shop()
    try shop.pipeline("on_schema_change: freeze")
    #expect(try shop.run("run", "shop.yaml").status == 0)
    let before = try Results.tables(shop.folder + "/out/shop.sqlite", without: [])
    try shop.write("dumps/b.csv", Self.wider.replacing("X1,", with: "").replacing("coupon,", with: ""))
    try shop.write("dumps/c.csv", Self.header + "\nt9,dora,2024-05-31T10:00:00Z,1.00,0.00,0.50,books,web,purchase\n")
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(
      result.errors.contains(
        "dumps/b.csv, line 1: column \"chanel\" stood in no dump before; the mapped column nearest to it is \"channel\"\n"),
      "\(result.errors)")
    #expect(result.errors.contains("or load the dump once with feeds.transactions.on_schema_change: evolve"))
    #expect(try shop.outcomes() == ["dumps/a.csv unchanged", "dumps/b.csv refused", "dumps/c.csv loaded"])
    #expect(try Results.tables(shop.folder + "/out/shop.sqlite", without: []) == before)
    try shop.pipeline("on_schema_change: evolve")
    #expect(try shop.run("run", "shop.yaml").status == 0)
    #expect(try shop.query("SELECT sum(rows_loaded) FROM loads") == "7\n")
  }

  @Test func `does not stand in for a mapped one that is gone`() throws {
    let shop = try Shop(dumps: ["a.csv": Shop.rows, "b.csv": Shop.rows.replacing("amount,", with: "total,")])
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 65)
    #expect(result.errors.contains("dumps/b.csv, line 1: column \"amount\" is missing"), "\(result.errors)")
  }
}
