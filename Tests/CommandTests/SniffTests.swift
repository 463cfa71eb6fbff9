import Foundation
import Testing

/// Numbers that no run of the program has a hand in.
private struct Draws: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}

private func cents(_ amount: Int) -> String { "\(amount / 100).\(amount % 100 < 10 ? "0" : "")\(amount % 100)" }

@Suite struct `What sniff proposes` {
  /// Credit notes with prefix C, negative quantities, rows without a customer, some of them negative without the prefix, double lines.
  private struct Retail {
    var text = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\r\n"
    var totals = SniffedShop.Totals()

    init() {
      var draws = Draws(state: 5), customers: Set<Int> = []
      for i in 0..<700 {
        let isCredit = i % 17 == 3, customer = i % 5 == 0 ? nil : Int.random(in: 12346...12500, using: &draws)
        let date = "\(Int.random(in: 1...12, using: &draws))/\(Int.random(in: 1...28, using: &draws))/2010 \(i % 24):\(i % 50 + 10)"
        for line in 0..<Int.random(in: 1...6, using: &draws) {
          let isLoss = customer == nil && line == 1
          let quantity = Int.random(in: 1...30, using: &draws) * (isCredit || isLoss ? -1 : 1)
          let price = Int.random(in: 0...2999, using: &draws)
          let row =
            "\(isCredit ? "C" : "")\(536365 + i),2\(1000 + line)A,\"HEART, \"\"RED\"\"\",\(quantity),\(date),\(cents(price)),"
            + "\(customer.map(String.init) ?? ""),United Kingdom\r\n"
          for _ in 0..<(line == 2 ? 2 : 1) {
            text += row
            guard let customer else { continue }
            customers.insert(customer)
            if isCredit { totals.refunded -= quantity * price } else { totals.gross += quantity * price }
          }
        }
      }
      totals.customers = customers.count
    }
  }

  @Test func `for a retail shop with credit notes and rows without a customer adds up to the cent`() throws {
    let retail = Retail()
    let shop = try SniffedShop("retail.csv", retail.text, ["--currency", "GBP"])
    #expect(try shop.totals() == retail.totals)
    #expect(shop.says("by", "id_prefix") && shop.says("empty_customer", "skip") && shop.says("identity", "[transaction_id, line]"))
    #expect(shop.says("format", "\"M/d/yyyy H:mm\"") && shop.says("currency", "GBP"))
    #expect(shop.sniffed.errors.isEmpty)
    #expect(shop.sniffed.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(shop.files().filter { $0 != "state" && $0 != "shop.yaml" && !$0.hasPrefix("out.sqlite") } == ["retail.csv"])
  }

  @Test func `for semicolons, decimal commas, dd.mm.yyyy and windows-1252 adds up to the cent`() throws {
    var text = "Beleg;Kunden-Nr.;Datum;Betrag;Währung;Warengruppe\r\n", sum = 0
    for i in 0..<400 {
      let amount = 123_456_789 + i * 7919, digits = String(amount / 100)
      sum += amount
      text += "B\(i);K\(i % 40);\(10 + i % 18).0\(1 + i % 9).2023;\(digits.dropLast(6)).\(digits.suffix(6).prefix(3)).\(digits.suffix(3)),"
      text += "\(amount % 100 < 10 ? "0" : "")\(amount % 100) €;EUR;B\u{FC}ro\r\n"
    }
    let bytes = text.unicodeScalars.map { $0.value == 0x20AC ? 0x80 : UInt8(truncatingIfNeeded: $0.value) }
    let shop = try SniffedShop("umsatz.csv", Data(bytes))
    #expect(try shop.totals() == SniffedShop.Totals(gross: sum, refunded: 0, customers: 40))
    #expect(shop.says("encoding", "windows-1252") && shop.says("delimiter", "\";\"") && shop.says("thousands_separator", "\".\""))
    #expect(shop.says("format", "\"dd.MM.yyyy\"") && shop.says("currency", "EUR") && shop.says("customer_id", "\"Kunden-Nr.\""))
    #expect(shop.sniffed.errors.contains("look at encoding: "))
  }

  @Test func `for Latin-1 reads letters as they are`() throws {
    var text = "order_id;customer;date;amount;category\n"
    for i in 0..<50 { text += "o\(i);J\u{FC}rgen \(i % 7);2024-01-\(10 + i % 19);5.00;Caf\u{E9}\n" }
    let shop = try SniffedShop("latin.csv", Data(text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }))
    #expect(try shop.totals() == SniffedShop.Totals(gross: 25_000, refunded: 0, customers: 7))
    #expect(shop.says("encoding", "latin-1"))
    #expect(try Holdfast.shell("sqlite3 out.sqlite 'SELECT min(favourite_category) FROM customers'", in: shop.folder).output == "Café\n")
  }

  @Test func `for bare carriage returns and negative amounts adds up to the cent`() throws {
    var text = "order_id,client,date,total\r", totals = SniffedShop.Totals(customers: 30)
    for i in 0..<300 {
      let amount = 25 + i * 100
      if i % 10 == 3 { totals.refunded += amount } else { totals.gross += amount }
      text += "o\(i),c\(i % 30),2024-02-\(10 + i % 19) 10:00:00,\(i % 10 == 3 ? "-" : "")\(cents(amount))\r"
    }
    let shop = try SniffedShop("mac.csv", text)
    #expect(try shop.totals() == totals)
    #expect(shop.says("by", "sign"))
    #expect(shop.sniffed.output.contains("lines end in CR\n"))
  }

  @Test func `for JSON Lines with nested and missing keys adds up to the cent`() throws {
    var text = "", totals = SniffedShop.Totals(customers: 40)
    for i in 0..<400 {
      let customer = i % 9 == 0 ? "" : "\"customer\":{\"id\":\"c\(i % 40)\",\"na\\u006de\":\"\u{E4}\"},"
      if i % 9 != 0 { totals.gross += 150 + i * 100 }
      text += "{\"order\":{\"id\":\"o\(i)\",\"total\":\(i + 1).5,\"placed_at\":\"2024-03-\(10 + i % 20)T10:00:00Z\"},\(customer)"
      text += "\"tags\":[\"a\",{\"b\":1}],\"a.b\":1,\"channel\":\(i % 2 == 0 ? "null" : "\"web\"")}\n"
    }
    let shop = try SniffedShop("log.jsonl", text)
    #expect(try shop.totals() == totals)
    #expect(shop.says("amount", "\"order.total\"") && shop.says("empty_customer", "skip") && shop.says("format", "jsonl"))
  }

  @Test func `for basket lines without a transaction id counts each line`() throws {
    var text = "customer,day,product,amount\n", draws = Draws(state: 3), sum = 0
    for i in 0..<2000 {
      let amount = Int.random(in: 1...300, using: &draws)
      sum += amount
      text += "\(i % 20),2024-05-\(10 + i % 3),P\(i % 3),\(cents(amount))\n"
    }
    let shop = try SniffedShop("basket.csv.txt", text)
    #expect(try shop.totals() == SniffedShop.Totals(gross: sum, refunded: 0, customers: 20))
    #expect(shop.says("transaction_id", "null") && shop.says("identity", "[line]"))
  }

  @Test func `names both readings of days that no value decides`() throws {
    var text = "order_id,customer_id,date,amount\n"
    for i in 0..<60 { text += "o\(i),c\(i % 30),0\(1 + i % 9)/0\(1 + (i * 7) % 8)/2024,1.00\n" }
    let shop = try SniffedShop("ambiguous.csv", text)
    let formats = ["MM/dd/yyyy", "dd/MM/yyyy"]
    #expect(shop.sniffed.errors.hasPrefix("look at times.format: 60 of 60 values fit; "))
    #expect(formats.allSatisfy { shop.sniffed.output.contains($0) })
    #expect(shop.sniffed.output.contains("# Uncertain, so look at: times.format\n"))
    #expect(try shop.totals().gross == 6000)
    // One day above 12 decides.
    let sure = try SniffedShop("sure.csv", text + "o99,c1,25/01/2024,1.00\n")
    #expect(sure.says("format", "\"dd/MM/yyyy\""))
    #expect(sure.sniffed.errors.isEmpty)
  }

  @Test func `says that 1.505 may be one and a half or fifteen hundred`() throws {
    let shop = try SniffedShop("a.csv", "order_id,customer_id,date,amount\no1,anna,2024-02-25,1.505\n")
    #expect(shop.says("decimal_separator", "\",\""))
    #expect(shop.sniffed.errors.hasPrefix("look at numbers.decimal_separator: "))
  }

  @Test func `sees through totals that each line of an order repeats`() throws {
    var text = "order_id,customer_id,date,order_total,qty,unit_price,discount\n", sum = 0
    for i in 0..<90 {
      let prices = [100 + i, 250, 399]
      let total = prices.reduce(0) { $0 + 2 * $1 }
      for price in prices { text += "o\(i),c\(i % 9),2024-03-\(10 + i % 20),\(cents(total)),2,\(cents(price)),0.15\n" }
      sum += total
    }
    let shop = try SniffedShop("orders.csv", text)
    #expect(try shop.totals() == SniffedShop.Totals(gross: sum, refunded: 0, customers: 9))
    #expect(shop.says("amount", "null") && shop.says("unit_price", "unit_price") && shop.says("discount", "null"))
    // Without quantity and price nothing better is there, and that is said.
    let rows = text.split(separator: "\n").map { $0.split(separator: ",").prefix(4).joined(separator: ",") }.joined(separator: "\n") + "\n"
    let bare = try SniffedShop("bare.csv", rows)
    #expect(bare.sniffed.errors.contains("rows of a transaction repeat it: perhaps the total of them all"))
  }

  @Test(arguments: [
    ("id,customer,date,amount_eur\n1,a,2024-01-01,5.00\n", "EUR"),
    ("id,customer,date,amount,order.currency\n1,a,2024-01-01,5.00,SEK\n", "SEK"),
    ("id,customer,date,amount\n1,a,2024-01-01,£5.00\n", "GBP"), ("id,customer,date,amount\n1,a,2024-01-01,5.00\n", "USD"),
  ]) func `finds the currency where a dump says it`(text: String, currency: String) throws {
    #expect(try SniffedShop("a.csv", text).says("currency", currency))
  }

  @Test func `for a header alone goes by names and says so`() throws {
    let shop = try SniffedShop("header.csv", "order_id,customer_id,date,amount\n")
    #expect(shop.sniffed.status == 0)
    #expect(shop.says("transaction_id", "order_id"))
    #expect(shop.sniffed.errors.contains("look at columns.amount: by its name alone: there are no rows\n"))
  }

  @Test(
    arguments: [
      ("", 65, "expected a header row, found a file of 0 bytes"), ("\n\n", 65, "found no text"),
      ("\u{0}\u{1}\u{2}a", 65, "control characters"),
      ("just some words\nand more\n", 65, "expected a table, found one column"), ("a,b,c\n1,2,3\n4,5,6\n", 65, "no column looks like a"),
      ("t1,anna,2024-01-05,10.00\nt2,anna,2024-01-06,11.00\n", 65, "expected a header row, found values"),
      ("[{\"id\": 1}]\n", 65, "expected JSON Lines, found one JSON list"),
    ] as [(String, Int32, String)]) func `refuses what is no table of transactions`(text: String, status: Int32, words: String) throws
  {
    let shop = try SniffedShop("x.csv", text)
    #expect(shop.sniffed.status == status)
    #expect(shop.sniffed.output.isEmpty)
    #expect(shop.sniffed.errors.contains(words), "\(shop.sniffed.errors)")
    #expect(shop.sniffed.errors.contains("fix: "))
  }

  @Test func `refuses folders, FIFOs, devices and damaged dumps as a run does`() throws {
    let shop = try SniffedShop("a.csv", Shop.rows)
    #expect(
      try Holdfast.shell("mkfifo pipe; gzip -k a.csv; head -c -3 a.csv.gz > cut.csv.gz; holdfast sniff a.csv.gz", in: shop.folder).status
        == 0)
    for (path, status) in [("pipe", 65), ("/dev/zero", 65), (".", 65), ("none.csv", 66), ("cut.csv.gz", 65)] as [(String, Int32)] {
      let result = try shop.run("sniff", path)
      #expect(result.status == status, "\(path): \(result.errors)")
      #expect(result.output.isEmpty)
    }
  }

  @Test func `quotes hostile names so that they stay names`() throws {
    let names = ["\"order # *x\"", "&cust: {id}", "da'te: [x] # y", "\"am\"\"ount\\\"", "null", "\u{202E}rtl", "- item", "%TAG", "~"]
    let fields = [
      "transaction_id=order # *x", "customer_id=&cust: {id}", "occurred_at=da'te: [x] # y", "amount=am\"ount\\", "category=null",
    ]
    var text = names.joined(separator: ",") + "\n"
    for i in 0..<30 { text += "o\(i),c\(i % 3),2024-02-\(10 + i % 19),1.25,x,y,z,u,v\n" }
    // A field's column may be called null; then only the name tells.
    let shop = try SniffedShop(
      "hostile.csv", text, fields.dropLast().flatMap { ["--map", $0] } + ["--map", "category=\u{202E}rtl", "--map", "channel=- item"])
    #expect(try shop.totals() == SniffedShop.Totals(gross: 3750, refunded: 0, customers: 3))
    #expect(shop.sniffed.output.contains(#"category: "\u202Ertl""#))
  }

  @Test func `takes several dumps of one shape, and refuses those of two`() throws {
    let shop = try SniffedShop("a.csv", Shop.rows)
    try shop.add("b.csv", Data(Shop.rows.utf8))
    try shop.add("c.csv", Data("order,customer,date,amount\n1,2,2024-01-01,3.00\n".utf8))
    let both = try shop.run("sniff", "a.csv", "b.csv")
    #expect(both.status == 0)
    #expect(both.output.contains("    dumps: [\"a.csv\", \"b.csv\"]\n"))
    let mixed = try shop.run("sniff", "a.csv", "c.csv")
    #expect(mixed.status == 65)
    #expect(mixed.errors.contains("c.csv, line 1: another header than that of a.csv: it lacks "))
  }

  @Test func `is told to machines too, and takes wishes`() throws {
    let shop = try SniffedShop("a.csv", Shop.rows, ["--json", "--map", "cost=null"])
    let facts = try #require(JSONSerialization.jsonObject(with: Data(shop.sniffed.output.utf8)) as? [String: Any])
    let trial = try #require(facts["trial"] as? [String: Any])
    #expect(trial["rows_read"] as? Int == 5 && trial["rows_loaded"] as? Int == 5 && trial["refunds_minor"] as? Int == 500)
    #expect((facts["yaml"] as? String)?.contains("      cost: null ") == true)
    let findings = try #require(facts["findings"] as? [[String: Any]])
    #expect(findings.contains { $0["key"] as? String == "refunds.by" && $0["value"] as? String == "kind" })
    for (flags, words) in [
      (["--currency", "EURO"], "did you mean 'EUR'"), (["--zone", "Mars"], "--zone: expected"),
      (["--map", "amout=x"], "did you mean 'amount'"),
      (["--map", "amount=x"], "there is no column \"x\""),
    ] {
      let result = try Holdfast.finish(Holdfast.process(["sniff", "a.csv"] + flags, in: shop.folder))
      #expect(result.status == 64)
      #expect(result.errors.contains(words), "\(result.errors)")
    }
  }

  @Test func `says how many rows it would reject, and why`() throws {
    let shop = try SniffedShop("a.csv", Shop.rows + "t9,dora,2024-05-31T00:00:00Z,abc,0,0,books,web,purchase\nt8,dora\n")
    #expect(shop.sniffed.status == 0)
    #expect(shop.sniffed.output.contains("7 rows: 5 would be"))
    #expect(shop.sniffed.errors.contains("trial: a.csv, line 7, column \"amount\": expected a decimal number with \".\", found a letter\n"))
    #expect(shop.sniffed.errors.contains("trial: a.csv, line 8: expected 9 fields, found 2\n"))
  }
}
