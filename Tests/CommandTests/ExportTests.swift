import Foundation
import Testing

@Suite struct `Exports` {
  private static let rows = #"""
    transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind
    t1,=1+1,2024-01-05T10:00:00Z,10.00,0.00,4.00,books,web,purchase
    t2,"a, ""b""",2024-03-05T10:00:00Z,20.50,1.00,8.00,@music,web,purchase
    t3,-7,2024-03-06T10:00:00Z,5.00,0.00,9.00,books,shop,purchase
    t4,zoë,2024-03-06T10:00:00Z,5.00,0.00,2.00,,,purchase

    """#

  private func published(_ rows: String = Self.rows) throws -> Shop {
    let shop = try Shop(dumps: ["a.csv": rows])
    try #require(try shop.run("run", "shop.yaml", "--quiet").status == 0)
    return shop
  }

  @Test func `a table is CSV by RFC 4180 in which a spreadsheet computes no text, and numbers stay numbers`() throws {
    let shop = try published()
    try shop.sqlite("CREATE VIEW mine AS SELECT customer_id, margin_minor, first_channel FROM customers ORDER BY customer_id")
    let result = try shop.run("export", "shop.yaml", "mine")
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      result.output
        == "customer_id,margin_minor,first_channel\r\n'-7,-400,shop\r\n'=1+1,600,web\r\n\"a, \"\"b\"\"\",1250,web\r\nzoë,300,\r\n")
    let text = try shop.run("export", "shop.yaml", "customers").output
    #expect(text.contains("'@music") && !text.contains(",@music"))
  }

  @Test(arguments: [("\\t", "\t"), ("\\r", "\r"), ("\\0", "\0")])
  func `a text that begins with a control character gets a quote mark in front`(name: String, character: String) throws {
    let shop = try published()
    let number = character.unicodeScalars.first?.value ?? 0
    try shop.sqlite("CREATE TABLE mine (a TEXT); INSERT INTO mine VALUES (CAST(x'0\(String(number, radix: 16))41' AS TEXT))")
    let field = "'\(character)A"
    #expect(try shop.run("export", "shop.yaml", "mine").output == "a\r\n" + (character == "\r" ? "\"\(field)\"" : field) + "\r\n")
  }

  @Test func `JSON Lines are objects that hold what SQLite holds`() throws {
    let shop = try published()
    let result = try shop.run("export", "shop.yaml", "customers", "--format", "jsonl")
    #expect(result.status == 0, "\(result.errors)")
    let objects = try result.output.split(separator: "\n").map { try shop.json(String($0)) }
    #expect(objects.compactMap { $0["customer_id"] as? String } == ["-7", "=1+1", "a, \"b\"", "zoë"])
    #expect(objects.map { $0["margin_minor"] as? Int } == [-400, 600, 1250, 300])
    #expect(objects.last?["first_channel"] is NSNull)
  }

  @Test func `the whole table comes back as it stands in the database`() throws {
    let night = try Night(rows: 20_000)
    try night.run("run", "a", ["--quiet"])
    let lines = """
      holdfast export night.yaml customers --database a/out.sqlite > a/customers.csv
      sqlite3 :memory: ".import --csv a/customers.csv c" "ATTACH 'a/out.sqlite' AS r" \\
        "SELECT count(*), sum(c.net_minor = r.net_minor AND c.clv_minor = r.clv_minor AND c.p_alive = CAST(r.p_alive AS TEXT) OR
           abs(c.p_alive - r.p_alive) = 0.0) FROM c JOIN r.customers r ON r.customer_id = c.customer_id" "SELECT count(*) FROM r.customers"
      """
    let counts = try Holdfast.shell(lines, in: night.folder)
    let words = counts.output.split { $0 == "|" || $0 == "\n" }
    #expect(words.count == 3 && Set(words).count == 1, "\(counts.output) \(counts.errors)")
  }

  @Test func `a name that is not there is 64, with the one that was meant`() throws {
    let shop = try published()
    let result = try shop.run("export", "shop.yaml", "custmers")
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(
      result.errors.hasPrefix("error: the results database has no table or view 'custmers'; did you mean 'customers'?\n  there are: "))
    #expect(try shop.run("export", "shop.yaml", "customers", "--format", "xml").status == 64)
    #expect(try shop.run("export", "shop.yaml", "sqlite_schema").status == 64)
  }

  @Test func `before anything is published there is nothing to export`() throws {
    #expect(try Shop().run("export", "shop.yaml", "customers").status == 66)
  }

  @Test func `a reader who has seen enough is no error`() throws {
    let night = try Night(rows: 20_000)
    try night.run("run", "a", ["--quiet"])
    let line = "holdfast export night.yaml customers --database a/out.sqlite | head -1 | cut -c 1-11; echo ${PIPESTATUS[0]}"
    let result = try Holdfast.shell(line, in: night.folder)
    #expect(result.output == "customer_id\n0\n")
    #expect(result.errors.isEmpty)
    let full = try Holdfast.shell("holdfast export night.yaml customers --database a/out.sqlite > /dev/full", in: night.folder)
    #expect(full.status == 74)
  }

  @Test func `a file appears whole, with the database's permissions, and never in the database's place`() throws {
    let shop = try published()
    #expect(try shop.run("export", "shop.yaml", "customers", "--output", "c.csv").status == 0)
    let stat = try Holdfast.shell("stat -c %a c.csv; head -1 c.csv | cut -c 1-11; ls | grep -c tmp", in: shop.folder)
    #expect(stat.output == "640\ncustomer_id\n0\n")
    #expect(try shop.run("export", "shop.yaml", "nothing", "--output", "d.csv").status == 64)
    #expect(!shop.files("").contains { $0.hasPrefix("d.csv") })
    let refused = try shop.run("export", "shop.yaml", "customers", "--output", "out/shop.sqlite")
    #expect(refused.status == 64)
    #expect(refused.errors.hasPrefix("error: --output: out/shop.sqlite is the results database itself\n"))
    #expect(try shop.run("validate", "shop.yaml", "--database").status == 0)
    #expect(try shop.run("export", "shop.yaml", "customers", "--output", "no/such/folder.csv").status == 74)
  }

  @Test func `what strangers plant in the database runs nothing`() throws {
    let shop = try published()
    try shop.sqlite("DROP VIEW v_customers; CREATE VIEW v_customers AS SELECT load_extension('/tmp/evil') FROM customers")
    try shop.sqlite("CREATE TRIGGER t AFTER INSERT ON customers BEGIN DELETE FROM customers; END")
    let before = try Holdfast.shell("sha256sum < out/shop.sqlite", in: shop.folder).output
    let result = try shop.run("export", "shop.yaml", "v_customers")
    #expect(result.status == 65)
    #expect(result.errors.contains("v_customers can not be read: unsafe use of load_extension()"), "\(result.errors)")
    #expect(try shop.run("export", "shop.yaml", "customers").status == 0)
    #expect(try Holdfast.shell("sha256sum < out/shop.sqlite", in: shop.folder).output == before)
  }
}

extension Shop {
  @discardableResult
  func sqlite(_ sql: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sqlite3", "out/shop.sqlite", sql]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let result = try Holdfast.finish(process)
    try #require(result.status == 0, "\(result.errors)")
    return result.output
  }
}
