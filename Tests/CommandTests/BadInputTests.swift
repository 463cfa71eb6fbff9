import Foundation
import Testing

@Suite struct `Bad input` {
  @Test func `cut short keeps one dump out, not the others, and last night's results`() throws {
    let (night, clean) = (try Night(rows: 20_000), try Night(rows: 20_000))
    try clean.run("run", "a", ["--quiet"])
    try night.run("run", "a", ["--dumps", "dumps/tx-0*", "--as-of", "2024-06-01", "--quiet"])
    try clean.run("run", "older", ["--dumps", "dumps/tx-0*", "--as-of", "2024-06-01", "--quiet"])
    let older = try night.tables("a")
    let victim = URL(fileURLWithPath: night.folder + "/dumps/tx-2.csv.gz")
    let whole = try Data(contentsOf: victim)
    try whole.prefix(whole.count * 2 / 3).write(to: victim)

    let result = try Holdfast.finish(night.process("run", "a"))
    #expect(result.status == 65)
    #expect(result.errors.contains("dumps/tx-2.csv.gz"))
    #expect(result.errors.contains("fix: "))
    #expect(try night.tables("a") == older)
    let outcomes = try #require(night.record("a")["dumps"] as? [[String: Any]]).map { "\($0["path"] ?? "") \($0["outcome"] ?? "")" }
    #expect(
      outcomes == [
        "dumps/tx-0.csv.gz unchanged", "dumps/tx-1.csv.gz loaded", "dumps/tx-2.csv.gz failed", "dumps/tx-3.csv.gz loaded",
        "dumps/x-1.csv loaded", "dumps/x-2.csv loaded",
      ])

    try whole.write(to: victim)
    try night.run("run", "a", ["--quiet"])
    try clean.run("run", "older", ["--quiet"])
    let differences = try Results.differences(night.tables("a", without: ["run_id"]), clean.tables("older", without: ["run_id"]))
    #expect(differences.isEmpty)
    #expect(try night.tables("a")["customers"] == clean.tables("a")["customers"])
  }

  @Test func `over the reject limit is named with line, column, what was expected and what to do`() throws {
    let shop = try Shop()
    #expect(try shop.run("run", "shop.yaml").status == 0)
    let before = try Results.tables(shop.folder + "/out/shop.sqlite", without: [])
    let bad = Shop.rows.split(separator: "\n")[0] + "\nt9,dora,2024-05-30T00:00:00Z,much,0.00,0.00,books,web,purchase\n"
    try bad.write(toFile: shop.folder + "/dumps/b.csv", atomically: false, encoding: .utf8)
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("dumps/b.csv, line 2, column \"amount\": expected a decimal number"))
    #expect(result.errors.contains(", found "))
    #expect(result.errors.contains("1 row rejected, limit is 0"))
    #expect(result.errors.contains("fix: repair the dump, or raise feeds.transactions.rejects.rows_max"))
    #expect(!result.errors.contains("much"))
    #expect(try shop.run("run", "shop.yaml", "--show-values").errors.contains("much"))
    #expect(try Results.tables(shop.folder + "/out/shop.sqlite", without: []) == before)
  }

  @Test func `that means harm lands in the database as it stood`() throws {
    let ids = [
      "'; DROP TABLE customers; --", "\u{1B}[31mred\u{1B}[0m\u{7}", "line\nbreak", "<script>alert(1)</script>", "../../etc/passwd", "=1+1",
      "\"quoted\"", "\u{202E}trebа", "%s%n%x",
    ]
    let rows = ids.enumerated().map { number, id in
      "\"t\(number)\",\"\(id.replacing("\"", with: "\"\""))\",2024-01-0\(number + 1)T10:00:00Z,1.00,0.00,0.50,\"\(id.replacing("\"", with: "\"\""))\",web,purchase\n"
    }
    let header = Shop.rows.split(separator: "\n")[0] + "\n"
    let shop = try Shop(dumps: ["a.csv": header + rows.joined()])
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 0, "\(result.errors)")
    let found = try Holdfast.shell(
      "sqlite3 -json out/shop.sqlite 'SELECT customer_id, favourite_category FROM customers ORDER BY customer_id'", in: shop.folder)
    let table = try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [[String: String]] ?? []
    #expect(table.map { $0["customer_id"] } == ids.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
    #expect(table.allSatisfy { $0["customer_id"] == $0["favourite_category"] })
    for text in [result.output, result.errors, try shop.text("state/runs/\(shop.files("state/runs")[0])/run_results.json")] {
      #expect(!text.contains("\u{1B}"))
      #expect(!text.contains("DROP"))
    }
  }

  @Test func `in names reaches neither terminal nor shell`() throws {
    let name = "\u{1B}[31m'; touch gone; '$(touch gone).csv"
    let shop = try Shop(dumps: [name: "no,header,of,ours\n1,2,3,4\n"])
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 65)
    #expect(!result.errors.contains("\u{1B}"), "an escape sequence from a file's name reaches the terminal")
    let status = try shop.run("status", "shop.yaml")
    #expect(status.status == 0)
    #expect(!status.output.contains("\u{1B}"))
    #expect(shop.files("") == ["dumps", "shop.yaml", "state"])
  }
}

@Suite struct `A pipeline file` {
  @Test(arguments: [
    ("feeds: {transactions: {dumps: [\"*.csv\"], columns: {custmer_id: a}}}\n", "did you mean 'customer_id'?"),
    ("feeds: {transactions: {dumps: [\"*.csv\"]}}\nchurn: {horizn: 90d}\n", "did you mean 'horizon'?"),
    ("feeds: {transactions: {dumps: [\"*.csv\"]}}\nas_of: 2024-02-30\n", "as_of"),
    ("feeds: {transactions: {dumps: [\"*.csv\"]}}\nas_of: latest\nas_of: latest\n", "bad.yaml:"),
    ("feeds: {transactions: {dumps: [\"*.csv\"]\n", "bad.yaml:"), ("\u{0}\u{1}", "bad.yaml"), ("", "feeds"), ("[1, 2]\n", "bad.yaml:1:1"),
  ]) func `with a mistake is refused with 78, and nothing is made`(text: String, words: String) throws {
    let shop = try Shop()
    try text.write(toFile: shop.folder + "/bad.yaml", atomically: false, encoding: .utf8)
    for command in ["run", "validate", "status"] {
      let result = try shop.run(command, "bad.yaml")
      #expect(result.status == 78, "\(command): \(result.errors)")
      #expect(result.output.isEmpty)
      #expect(result.errors.contains(words), "\(result.errors)")
      #expect(result.errors.contains("fix: "), "\(result.errors)")
    }
    #expect(shop.files("") == ["bad.yaml", "dumps", "shop.yaml"])
  }

  @Test func `that is a folder, a device or not to be read is refused with what to do`() throws {
    let shop = try Shop()
    for path in [".", "dumps", "/dev/null/x", "/dev/zero"] {
      let result = try shop.run("run", path)
      #expect([65, 66, 74, 78].contains(result.status), "\(path): \(result.status) \(result.errors)")
      #expect(result.errors.hasPrefix("error: "))
      #expect(result.errors.contains("fix: "), "\(result.errors)")
    }
    #expect(shop.files("") == ["dumps", "shop.yaml"])
  }

  @Test func `whose dumps are nowhere is refused with 66`() throws {
    let shop = try Shop(dumps: [:])
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 66)
    #expect(result.errors.contains("dumps/*.csv"))
    #expect(result.errors.contains("fix: "))
  }
}

@Suite struct `A closed pipe` {
  @Test func `ends no run`() throws {
    let shop = try Shop()
    let result = try Holdfast.shell("holdfast run shop.yaml | true; echo ${PIPESTATUS[0]}", in: shop.folder)
    #expect(result.output == "0\n")
    #expect(try shop.run("status", "shop.yaml").output.contains("published  as of 2024-05-30 by run "))
  }
}
