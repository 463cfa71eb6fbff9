import Foundation
import Testing

/// A folder with dumps and a pipeline as a new user would write them, from the README and nightly.yaml alone.
private final class Import {
  let folder: String

  init(_ name: String, _ dump: Data, feed: String) throws {
    folder = NSTemporaryDirectory() + "holdfast-import-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try add(name, dump)
    try add(
      "shop.yaml", Data("name: shop\nstate: state\noutput: {database: out.sqlite}\nfeeds:\n  transactions:\n    settle: 0\n\(feed)\n".utf8))
  }

  convenience init(_ name: String, _ dump: String, feed: String) throws { try self.init(name, Data(dump.utf8), feed: feed) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func add(_ name: String, _ data: Data) throws { try data.write(to: URL(fileURLWithPath: folder + "/" + name)) }

  @discardableResult
  func run(_ arguments: String...) throws -> Holdfast.Result {
    try Holdfast.finish(Holdfast.process((arguments.isEmpty ? ["run"] : arguments) + ["shop.yaml"], in: folder))
  }

  /// A query's one line, columns parted by |.
  func sql(_ query: String) throws -> String {
    let result = try Holdfast.shell("sqlite3 out.sqlite \"\(query)\"", in: folder)
    return result.errors + result.output.trimmingCharacters(in: .newlines)
  }

  static let counts = "SELECT sum(rows_read), sum(rows_loaded), sum(rows_rejected), sum(rows_duplicate), sum(rows_filtered) FROM loads"
  static let money = "SELECT sum(gross_minor), sum(gross_minor - net_minor), count(*) FROM customers"
}

/// Numbers that no run of the program has a hand in.
private struct Draws: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}

@Suite struct `A new user's dump` {
  /// Cents below, made with whole numbers: the price has at most two decimals and the quantity none.
  private struct Retail {
    var text = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\r\n"
    var rows = 0, withoutCustomer = 0, gross = 0, refunded = 0
    var customers: Set<Int> = []

    init(invoices: Int) {
      var draws = Draws(state: 11)
      for i in 0..<invoices {
        let isCredit = i % 17 == 3, customer = i % 5 == 0 ? nil : Int.random(in: 12346...12500, using: &draws)
        let date = "\(Int.random(in: 1...12, using: &draws))/\(Int.random(in: 1...28, using: &draws))/2010 \(i % 24):\(i % 50 + 10)"
        for line in 0..<Int.random(in: 1...6, using: &draws) {
          let quantity = Int.random(in: 1...30, using: &draws) * (isCredit ? -1 : 1), cents = Int.random(in: 0...2999, using: &draws)
          let price = cents % 100 == 0 ? "\(cents / 100)" : "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
          let row =
            "\(isCredit ? "C" : "")\(536365 + i),2\(1000 + line)A,\"HEART, \"\"RED\"\"\",\(quantity),\(date),\(price),"
            + "\(customer.map(String.init) ?? ""),United Kingdom\r\n"
          // A basket may hold one line twice.
          for _ in 0..<(line == 2 ? 2 : 1) {
            text += row
            rows += 1
            guard let customer else {
              withoutCustomer += 1
              continue
            }
            customers.insert(customer)
            if isCredit { refunded -= quantity * cents } else { gross += quantity * cents }
          }
        }
      }
    }
  }

  @Test(arguments: ["{by: id_prefix, id_prefixes: [C]}", "{by: sign}"])
  func `of a retail shop, with credit notes and rows without a customer, adds up to the cent`(refunds: String) throws {
    let retail = Retail(invoices: 900)
    let shop = try Import(
      "retail.csv", retail.text,
      feed: """
            dumps: ["*.csv"]
            columns: {transaction_id: Invoice, customer_id: Customer ID, occurred_at: InvoiceDate, quantity: Quantity, unit_price: Price,
              category: StockCode, channel: Country, discount: null, cost: null}
            refunds: \(refunds)
            empty_customer: skip
            identity: [transaction_id, line]
            times: {format: M/d/yyyy H:mm, zone: Europe/London}
            currency: GBP
        """)
    let result = try shop.run()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("rows of this run were filtered"))
    #expect(try shop.sql(Import.counts) == "\(retail.rows)|\(retail.rows - retail.withoutCustomer)|0|0|\(retail.withoutCustomer)")
    #expect(try shop.sql(Import.money) == "\(retail.gross)|\(retail.refunded)|\(retail.customers.count)")
    // The same lines in a second dump, some of them: not one counts twice.
    let again = retail.text.split(separator: "\r\n").prefix(400).joined(separator: "\r\n") + "\r\n"
    try shop.add("again.csv", Data(again.utf8))
    #expect(try shop.run().status == 0)
    #expect(try shop.sql(Import.money) == "\(retail.gross)|\(retail.refunded)|\(retail.customers.count)")
  }

  @Test func `with semicolons, decimal commas and days as dd.mm.yyyy adds up to the cent`() throws {
    var text = "Beleg;Kunde;Datum;Betrag;Gruppe\n", cents = 0
    for i in 0..<500 {
      let amount = 123_456_789 + i * 7919
      cents += amount
      let digits = String(amount / 100)
      let grouped = "\(digits.dropLast(6)).\(digits.suffix(6).prefix(3)).\(digits.suffix(3))"
      text += "B\(i);K\(i % 40);\(10 + i % 18).0\(1 + i % 9).2023;\(grouped),\(amount % 100 < 10 ? "0" : "")\(amount % 100) €;B\u{FC}ro\n"
    }
    let latin = text.unicodeScalars.map { $0.value == 0x20AC ? 0x80 : UInt8(truncatingIfNeeded: $0.value) }
    let shop = try Import(
      "umsatz.csv", Data(latin),
      feed: """
            dumps: ["umsatz.csv"]
            encoding: windows-1252
            delimiter: ";"
            columns: {transaction_id: Beleg, customer_id: Kunde, occurred_at: Datum, amount: Betrag, category: Gruppe, discount: null, cost: null,
              channel: {constant: Laden}, kind: null}
            numbers: {decimal_separator: ",", thousands_separator: ".", symbols: ["€"]}
            times: {format: dd.mm.yyyy}
            currency: EUR
        """)
    let result = try shop.run()
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      try shop.sql("SELECT sum(gross_minor), count(*), min(favourite_category), max(last_channel), min(first_purchase) FROM customers")
        == "\(cents)|40|Büro|Laden|2023-01-10")
  }

  @Test func `says which key would read it, where it looks like another dialect`() throws {
    let header = "transaction_id,customer_id,occurred_at,amount\n"
    let columns = "columns: {discount: null, cost: null, category: null, channel: null, kind: null}"
    for (row, fix) in [
      ("t,a,2024-01-01,\"1,5\"", "set numbers.decimal_separator or thousands_separator"), ("t,a,2024-01-01,-1", "set refunds.by: sign"),
      ("t,a,01.02.2024,1", "set times.format to how the dump writes times"), ("t,,2024-01-01,1", "set empty_customer: skip"),
      ("t,a,2024-01-01, 1", "set trim: true"), ("t,a,2024-01-01,$1", ""),
      ("t,a,2024-01-01", "set delimiter and quote to what the dump uses"),
    ] {
      let shop = try Import("a.csv", header + row + "\n", feed: "    dumps: [a.csv]\n    \(columns)")
      let result = try shop.run()
      #expect(result.status == 1)
      #expect(result.errors.contains("  fix: \(fix)\(fix.isEmpty ? "repair the dump" : " in feeds.transactions, if")"), "\(result.errors)")
    }
  }

  /// One shop's rows, as three systems would write them.
  @Test func `says the same in CSV, in another CSV and in JSON Lines`() throws {
    var draws = Draws(state: 3), csv = Shop.rows.prefix { $0 != "\n" } + "\n", german = "", json = ""
    for i in 0..<2000 {
      let cents = Int.random(in: 0...99999, using: &draws), off = Int.random(in: 0...999, using: &draws), day = 10 + i % 19
      let customer = "kunde-\(Int.random(in: 0..<90, using: &draws))", kind = i % 11 == 0 ? "refund" : "purchase"
      func money(_ cents: Int, _ mark: String) -> String { "\(cents / 100)\(mark)\(cents % 100 < 10 ? "0" : "")\(cents % 100)" }
      let category = ["Bücher", "CDs \"neu\"", ""][i % 3], quoted = category.replacing("\"", with: "\"\"")
      csv +=
        "t\(i),\(customer),2024-0\(1 + i % 9)-\(day)T1\(i % 10):05:00Z,\(money(cents, ".")),\(money(off, ".")),,\"\(quoted)\",web,\(kind)\n"
      german +=
        "t\(i);\(customer);\(day).0\(1 + i % 9).2024 1\(i % 10):05;\(money(cents, ","));\(money(off, ","));;\"\(quoted)\";web;\(kind)\r\n"
      json +=
        "{\"transaction_id\":\"t\(i)\",\"who\":{\"id\":\"\(customer)\"},\"occurred_at\":\"2024-0\(1 + i % 9)-\(day) 1\(i % 10):05Z\",\"kind\":\"\(kind)\","
        + "\"sum\":{\"amount\":\(money(cents, ".")),\"discount\":\(off)e-2},\"category\":\"\(category.replacing("\"", with: "\\u0022"))\",\"cost\":null}\n"
    }
    let head = Shop.rows.prefix { $0 != "\n" }.replacing(",", with: ";") + "\r\n"
    let plain = try Import("a.csv", String(csv), feed: "    dumps: [a.csv]")
    let other = try Import(
      "a.csv", head + german,
      feed:
        "    dumps: [a.csv]\n    delimiter: \";\"\n    numbers: {decimal_separator: \",\"}\n    times: {format: dd.MM.yyyy HH:mm, zone: UTC}"
    )
    let lines = try Import(
      "a.jsonl", json,
      feed: "    dumps: [a.jsonl]\n    columns: {customer_id: who.id, amount: sum.amount, discount: sum.discount, channel: {constant: web}}"
    )
    var tables: [String] = []
    for shop in [plain, other, lines] {
      let result = try shop.run()
      #expect(result.status == 0, "\(result.errors)")
      tables.append(try shop.sql("SELECT * FROM customers ORDER BY customer_id"))
    }
    #expect(tables[0].split(separator: "\n").count == 90)
    #expect(tables[0] == tables[1] && tables[0] == tables[2])
  }

  @Test func `with bare CR line ends is read like any other`() throws {
    let shop = try Import("mac.csv", Shop.rows.replacing("\n", with: "\r"), feed: "    dumps: [mac.csv]")
    #expect(try shop.run().status == 0)
    #expect(try shop.sql(Import.money) == "13549|500|3")
    #expect(try shop.sql(Import.counts) == "5|5|0|0|0")
  }

  @Test func `of JSON Lines with nested and missing keys is read by paths, and its other keys are told`() throws {
    let lines = [
      "{\"id\": 1, \"customer\": {\"id\": \"anna\"}, \"at\": 1704448800, \"order\": {\"total\": 10.0, \"items\": [1, {\"a\": null}]}}",
      "{\"order\": {\"total\": 2.05e1, \"discount\": 1}, \"at\": 1709632800.5, \"id\": \"2\", \"customer\": {\"id\": \"anna\"}, \"shop\": \"b\\u00e4r\"}",
      "", "{\"id\": 3, \"customer\": {\"id\": null}, \"at\": 1709632800, \"order\": {\"total\": 5}}",
      "{\"id\": 4, \"customer\": {\"id\": \"b\"}, \"at\": 1709632800, \"order\": {}}",
      "{\"id\": 5, \"customer\": {\"id\": \"b\"}, \"at\": 1709632800, \"order\": {\"total\": 5.005}}",
      "{\"id\": 6, \"customer\": {\"id\": \"b\"}, \"at\": 1709632800, \"order\": {\"total\": 5,}}",
    ]
    let feed = """
          dumps: ["*.jsonl"]
          columns: {transaction_id: id, customer_id: customer.id, occurred_at: at, amount: order.total, discount: order.discount, cost: null,
            category: null, channel: {column: shop, default: web}, kind: null}
          times: {format: epoch_seconds}
          empty_customer: skip
          rejects: {rows_max: 0}
      """
    let shop = try Import("a.jsonl", lines.joined(separator: "\n"), feed: feed)
    let refused = try shop.run()
    #expect(refused.status == 1)
    #expect(refused.errors.contains("a.jsonl, line 5, column \"order.total\": expected a value, found nothing"), "\(refused.errors)")
    #expect(refused.errors.contains("line 6, column \"order.total\": expected at most 2 decimals, found more"))
    #expect(refused.errors.contains("line 7: no valid JSON: expected a key in double quotes at byte "))
    #expect(refused.errors.contains("a.jsonl: keys that no field asks for, and their rows: \"order.items\" (1)"))
    let loose = try shop.run("run", "--state", "s2")
    #expect(loose.status == 1)
    try shop.add(
      "shop.yaml",
      Data(
        "name: shop\nstate: state\noutput: {database: out.sqlite}\nfeeds:\n  transactions:\n    settle: 0\n\(feed.replacing("rows_max: 0", with: "rows_max: 3"))\n"
          .utf8))
    #expect(try shop.run().status == 0)
    #expect(try shop.sql(Import.counts) == "6|2|3|0|1")
    #expect(
      try shop.sql("SELECT sum(gross_minor), sum(discount_minor), min(first_channel), max(last_channel), max(last_purchase) FROM customers")
        == "3050|100|web|bär|2024-03-05")
  }

  /// Made as the file itself is: 1,500,000 would be the same with a longer wait.
  @Test func `of basket lines without transaction ids neither loses nor doubles a line`() throws {
    var draws = Draws(state: 5), cents = 0, lines: [String] = []
    for _ in 0..<30_000 {
      let amount = Int.random(in: 1...9, using: &draws) * 50
      cents += amount
      lines.append(
        "c\(Int.random(in: 0..<50, using: &draws)),2024-0\(Int.random(in: 1...3, using: &draws))-01,p\(Int.random(in: 0..<9, using: &draws)),\(amount / 100).\(amount % 100 < 10 ? "0" : "")\(amount % 100)"
      )
    }
    let header = "customer,day,product,paid\n", half = lines.count / 2
    let feed = """
          dumps: ["*.csv"]
          columns: {transaction_id: null, customer_id: customer, occurred_at: day, amount: paid, category: product, discount: null, cost: null,
            channel: null, kind: null}
      """
    let shop = try Import("all.csv", header + lines.joined(separator: "\n"), feed: feed)
    let result = try shop.run()
    #expect(result.status == 0, "\(result.errors)")
    #expect(try shop.sql(Import.money) == "\(cents)|0|50")
    // Delivered again in another order and with another end: every line is there already.
    try shop.add("again.csv", Data((header + lines[half...].joined(separator: "\n") + "\n").utf8))
    #expect(try shop.run().status == 0)
    #expect(try shop.sql(Import.money) == "\(cents)|0|50")
    #expect(try shop.sql(Import.counts) == "\(lines.count + half)|\(lines.count)|0|\(half)|0")
  }

  @Test func `is refused when its dialect changes after it was loaded, by the names of the keys; a new default changes nothing`() throws {
    let shop = try Import("a.csv", Shop.rows, feed: "    dumps: [a.csv]")
    #expect(try shop.run().status == 0)
    try shop.add(
      "shop.yaml",
      Data(
        "name: shop\nstate: state\noutput: {database: out.sqlite}\nfeeds: {transactions: {dumps: [a.csv], settle: 0, format: auto, trim: false, times: {format: iso}}}\n"
          .utf8))
    #expect(try shop.run().status == 0)
    try shop.add(
      "shop.yaml",
      Data(
        "name: shop\nstate: state\noutput: {database: out.sqlite}\nfeeds: {transactions: {dumps: [a.csv], settle: 0, trim: true, times: {zone: Europe/Berlin}}}\n"
          .utf8))
    let changed = try shop.run()
    #expect(changed.status == 78)
    #expect(changed.errors.contains("changed: feeds.transactions.times, feeds.transactions.trim"), "\(changed.errors)")
  }
}
