import Foundation
import Testing

@Suite struct `A pipeline file made by init` {
  private static let header = "order_id,customer_id,date,amount\n"

  private func shop() throws -> SniffedShop {
    let shop = try SniffedShop("a.csv", Self.header + "o1,anna,2024-02-25,1.50\no2,berta,2024-02-26,2.25\n")
    try FileManager.default.createDirectory(atPath: shop.folder + "/dumps", withIntermediateDirectories: true)
    try shop.add("dumps/x-1.csv", Data((Self.header + "o3,anna,2024-02-25,1.50\n").utf8))
    try shop.add("dumps/x-2.csv", Data((Self.header + "o4,berta,2024-02-27,2.00\n").utf8))
    return shop
  }

  @Test func `runs unchanged, with every line's reason beside it`() throws {
    let shop = try shop()
    let made = try shop.run("init", "a.csv", "--currency", "EUR", "--zone", "Europe/Berlin")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output == "wrote a.yaml\nnext: holdfast validate a.yaml && holdfast run a.yaml\n")
    #expect(made.errors.isEmpty)
    let text = try shop.text("a.yaml")
    #expect(text.contains("time_zone: Europe/Berlin ") && text.contains("\n    currency: EUR ") && text.contains("\nname: a\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(try shop.run("run", "a.yaml", "--settle", "0", "--quiet").status == 0)
    #expect(try shop.sums("output/a.sqlite") == SniffedShop.Totals(gross: 375, refunded: 0, customers: 2))
    #expect(shop.files() == ["a.csv", "a.yaml", "dumps", "output", "state"])
  }

  @Test func `never takes another file's place unasked, and leaves nothing half written`() throws {
    let shop = try shop()
    try shop.add("a.yaml", Data("mine\n".utf8))
    let refused = try shop.run("init", "a.csv")
    #expect(refused.status == 64)
    #expect(
      refused.errors == "error: a.yaml: there is such a file already\n  fix: name another one with --out, or replace it with --force\n")
    #expect(try shop.text("a.yaml") == "mine\n")
    #expect(try shop.run("init", "a.csv", "--force").status == 0)
    #expect(try shop.text("a.yaml").hasPrefix("# Proposed by holdfast from all 82 B of the dump."))
    #expect(try shop.run("init", "a.csv", "--out", "no/such/folder.yaml").status == 74)
    let dry = try shop.run("init", "a.csv", "--dry-run", "--name", "my shop: #1")
    #expect(dry.status == 0)
    #expect(dry.output.contains("\nname: \"my shop: #1\"\n"))
    #expect(try shop.run("init", "a.csv", "--dry-run", "--name", "a\nb").status == 64)
    #expect(shop.files() == ["a.csv", "a.yaml", "dumps"])
  }

  @Test func `names dumps as seen from its own folder, those of one folder by a pattern`() throws {
    let shop = try shop()
    try FileManager.default.createDirectory(atPath: shop.folder + "/pipelines", withIntermediateDirectories: true)
    #expect(try shop.run("init", "dumps/x-1.csv", "dumps/x-2.csv", "--out", "pipelines/two.yaml", "--name", "two").status == 0)
    let text = try shop.text("pipelines/two.yaml")
    #expect(text.contains("\n    dumps: [\"../dumps/*.csv\"]\n") && text.contains("\nstate: \"../state/two\" "))
    #expect(try shop.run("run", "pipelines/two.yaml", "--settle", "0", "--quiet").status == 0)
    #expect(try shop.sums("output/two.sqlite") == SniffedShop.Totals(gross: 350, refunded: 0, customers: 2))
  }

  @Test func `is not made of dumps that no row of would be loaded`() throws {
    let shop = try shop()
    try shop.add("bad.csv", Data((Self.header + "o1,anna,2024-02-25,1.5055\n").utf8))
    let result = try shop.run("init", "bad.csv")
    #expect(result.status == 1)
    #expect(result.errors.contains("trial: bad.csv, line 2, column \"amount\": expected at most 2 decimals, found more\n"))
    #expect(!shop.files().contains("bad.yaml"))
  }
}
