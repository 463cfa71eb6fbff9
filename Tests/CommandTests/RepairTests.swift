import Foundation
import Testing

@Suite struct `Rejects that were repaired` {
  /// Four rows of a dump broken in three ways; a quoted field with a line break stands before the last.
  private static let clean = """
    transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind
    t1,anna,2024-01-05T10:00:00Z,10.00,0.00,4.00,books,web,purchase
    t2,anna,2024-03-05T10:00:00Z,20.50,1.00,8.00,music,web,purchase
    t3,berta,2024-03-06T10:00:00Z,5.00,0.00,2.00,"books,
    used",shop,purchase
    t3,berta,2024-03-09T10:00:00Z,5.00,0.00,2.00,books,shop,refund
    t4,carla,2024-05-30T23:59:59Z,99.99,0.00,50.00,games,web,purchase
    t4,carla,2024-05-30T23:59:59Z,99.99,0.00,50.00,games,web,purchase

    """
  private static let broken =
    clean.replacing("t2,anna,2024-03-05T10:00:00Z,20.50", with: "t2,anna,2024-03-05T10:00:00Z,20;50")
    .replacing("2.00,books,shop,refund", with: "2.00,books,shop").replacing("23:59:59Z,99.99", with: "25:59:59Z,99.99")
  /// As the README gives it.
  private static let export =
    "sqlite3 -csv -header out/shop.sqlite \"SELECT path, sha256, line, reason, CAST(raw AS TEXT) AS raw FROM rejects\""

  private func shop() throws -> Shop {
    let shop = try Shop(dumps: ["a.csv": Self.broken, "b.csv": Shop.rows])
    try shop.pipeline("rejects: {rows_max: 10}")
    #expect(try shop.run("run", "shop.yaml").status == 0)
    return shop
  }

  private func repair(_ shop: Shop, _ script: String) throws {
    let result = try Holdfast.shell("\(Self.export) | sed '\(script)' > repaired.csv", in: shop.folder)
    #expect(result.status == 0, "\(result.errors)")
  }

  private static let all = "s/20;50/20.50/; s/books,shop\"/books,shop,refund\"/; s/25:59:59Z/23:59:59Z/"

  @Test func `and fed back give what the clean dump gives, and are no rejects any more`() throws {
    let (shop, clean) = (try shop(), try Shop(dumps: ["a.csv": Self.clean, "b.csv": Shop.rows]))
    #expect(try clean.run("run", "shop.yaml").status == 0)
    #expect(try shop.query("SELECT line FROM rejects ORDER BY 1") == "3\n6\n7\n8\n")
    try repair(shop, Self.all)
    let result = try shop.run("extract", "shop.yaml", "--rejects", "repaired.csv")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == "dumps/a.csv  repaired  4 read, 4 kept, 0 rejected\n")
    let next = try shop.run("run", "shop.yaml")
    #expect(next.status == 0, "\(next.errors)")
    let tables = try [shop, clean].map { try Results.tables($0.folder + "/out/shop.sqlite", without: ["run_id"]) }
    // The dumps differ, and so do their SHA-256 and sizes.
    #expect(Results.differences(tables[0], tables[1]) == ["conflicts", "loads"] || Results.differences(tables[0], tables[1]) == ["loads"])
    let counts = "SELECT path, rows_read, rows_loaded, rows_rejected, rows_duplicate, first_event_at, last_event_at FROM loads ORDER BY 1"
    #expect(try shop.query(counts) == clean.query(counts))
    #expect(try shop.query("SELECT count(*) FROM rejects") == "0\n")
    let events = try [shop, clean].map { try Holdfast.shell("holdfast explain shop.yaml berta", in: $0.folder).output }
    #expect(events[0] == events[1] && events[0].contains(":6 "), "\(events[0])")
    #expect(try shop.run("validate", "shop.yaml", "--store").status == 0)
  }

  @Test func `change nothing when they are fed back again, alone or among others`() throws {
    let shop = try shop()
    try repair(shop, Self.all)
    #expect(try Holdfast.shell("sed -n '1,2p' repaired.csv > one.csv", in: shop.folder).status == 0)
    #expect(try shop.run("extract", "shop.yaml", "--rejects", "one.csv").output == "dumps/a.csv  repaired  1 read, 1 kept, 0 rejected\n")
    let rest = try shop.run("extract", "shop.yaml", "--rejects", "repaired.csv")
    #expect(rest.output == "dumps/a.csv  repaired  3 read, 3 kept, 0 rejected\n")
    #expect(rest.errors.contains("dumps/a.csv: 1 of 4 repaired rows are loaded already and were left alone"), "\(rest.errors)")
    let again = try shop.run("extract", "shop.yaml", "--rejects", "repaired.csv")
    #expect(again.status == 0 && again.output == "dumps/a.csv  unchanged\n", "\(again.output)")
    #expect(try shop.run("run", "shop.yaml").status == 0)
    #expect(
      try shop.query("SELECT rows_read, rows_loaded + rows_duplicate, rows_rejected FROM loads WHERE path LIKE '%a.csv'") == "6|6|0\n")
  }

  @Test func `are loaded all or none of a dump, and what is still wrong is named`() throws {
    let shop = try shop()
    let before = try Results.tables(shop.folder + "/out/shop.sqlite", without: [])
    try repair(shop, "s/20;50/20.50/; s/books,shop\"/books,shop,refund\"/")
    let result = try shop.run("extract", "shop.yaml", "--rejects", "repaired.csv")
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors.contains("repaired.csv: the repaired rows of some dumps could not be loaded"))
    #expect(
      result.errors.contains("dumps/a.csv, line 7, column \"occurred_at\": expected a day and time that exist"), "\(result.errors)")
    #expect(result.errors.contains("fix: repair it in the file and feed it back again"))
    #expect(try shop.run("run", "shop.yaml").status == 0)
    #expect(try Results.differences(before, Results.tables(shop.folder + "/out/shop.sqlite", without: [])) == [])
  }

  @Test func `belong to a dump and a line, in whole rows`() throws {
    let shop = try shop()
    let sha = try shop.query("SELECT DISTINCT sha256 FROM rejects").trimmingCharacters(in: .newlines)
    func refuse(_ text: String, _ words: String, _ status: Int32 = 65) throws {
      try shop.write("r.csv", text)
      let result = try shop.run("extract", "shop.yaml", "--rejects", "r.csv")
      #expect(result.status == status && result.errors.contains(words), "\(result.errors)")
    }
    let row = "t2,anna,2024-03-05T10:00:00Z,20.50,1.00,8.00,music,web,purchase"
    try refuse("sha256,line\n", "r.csv, line 1: expected the columns sha256, line and raw")
    try refuse("sha256,line,raw\n\(sha),3,\(row)\n", "r.csv, line 2: expected 3 fields and a line's number")
    try refuse("sha256,line,raw\nabc,3,\"\(row)\"\n", "no dump of SHA-256 \"abc\" is loaded")
    try refuse("sha256,line,raw\n\(sha),2,\"\(row)\"\n", "dumps/a.csv, line 2: no row of this line was rejected")
    try refuse("sha256,line,raw\n\(sha),3,\"\(row)\"\n\(sha),3,\"\(row)\"\n", "dumps/a.csv, line 3: repaired twice in one file")
    try refuse(
      "sha256,line,raw\n\(sha),3,\"\(row)\n\(row)\"\n", "dumps/a.csv, line 3: the repaired row: expected one row, found a line break")
    try refuse("sha256,line,raw\n\(sha),3,\"\(row),\"\"x\"\n", "dumps/a.csv, line 3: the repaired row: a quote is never closed")
    try refuse("sha256,line,raw\n\(sha),3,\n", "dumps/a.csv, line 3: the repaired row: expected a row, found nothing")
    try refuse("sha256,line,raw\n\"\(sha)", "r.csv, line 2: a quote is never closed")
    #expect(
      try Holdfast.shell("sqlite3 state/catalog.sqlite 'UPDATE loads SET header = NULL' && rm state/catalog.seal", in: shop.folder).status
        == 0)
    try refuse("sha256,line,raw\n\(sha),3,\"\(row)\"\n", "dumps/a.csv: its header is not known, so its rows cannot be read one by one")
    #expect(try shop.run("extract", "shop.yaml", "--rejects", "nowhere.csv").status == 66)
    #expect(try shop.run("extract", "shop.yaml", "--rejects", "r.csv", "--reload").status == 64)
    #expect(try shop.run("run", "shop.yaml").status == 0)
    #expect(try shop.query("SELECT count(*) FROM rejects") == "4\n")
  }

  @Test func `go with their dump when it is replaced`() throws {
    let shop = try shop()
    try repair(shop, Self.all)
    #expect(try shop.run("extract", "shop.yaml", "--rejects", "repaired.csv").status == 0)
    try shop.write("dumps/a.csv", Self.clean)
    let replaced = try shop.run("run", "shop.yaml", "--replace")
    #expect(
      replaced.status == 0 && replaced.errors.contains("dumps/a.csv: its repaired rejects went with its old rows"), "\(replaced.errors)")
    #expect(try shop.query("SELECT rows_read, rows_loaded + rows_duplicate FROM loads WHERE path LIKE '%a.csv'") == "6|6\n")
    #expect(shop.files("state/events/transactions").count == 2 || shop.files("state/events/transactions").count == 3)
    #expect(try shop.run("extract", "shop.yaml").status == 0)
    #expect(shop.files("state/events/transactions").count == 2, "what is withdrawn is swept")
    #expect(try shop.run("validate", "shop.yaml", "--store").status == 0)
  }
}
