import Foundation
import Testing

@Suite struct `The README` {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .path
  private var text: String { get throws { try String(contentsOfFile: root + "/README.md", encoding: .utf8) } }

  @Test func `names commands and flags that exist`() throws {
    let text = try text
    let commands = Set(text.matches(of: /`holdfast ([a-z]+) [A-Z]+[^`]*`/).map { String($0.output.1) })
    let expected: Set = [
      "run", "extract", "transform", "score", "publish", "backfill", "backtest", "plan", "validate", "status", "explain", "export",
      "compact", "erase", "generate", "sniff", "init",
    ]
    #expect(commands.subtracting(["help"]) == expected)
    var help = ""
    for command in commands.subtracting(["help"]) {
      let result = try Holdfast.run("help", command)
      #expect(result.status == 0)
      help += result.output
    }
    // Flags of `swift build` and the like stand in the same code spans as their program.
    let spans = text.matches(of: /`([^`\n]+)`/).map { String($0.output.1) }.filter { !$0.hasPrefix("swift ") }
    let flags = Set(spans.flatMap { $0.matches(of: /--[a-z][a-z-]+/).map { String($0.output) } })
    #expect(flags.count > 10)
    for flag in flags { #expect(help.contains(flag), "\(flag) is in the README and in no command's help") }
  }

  @Test func `names make targets that exist`() throws {
    let makefile = try String(contentsOfFile: root + "/Makefile", encoding: .utf8)
    let targets = Set(try text.matches(of: /(?m)(?:^|`)make ([a-z-]+)/).map { String($0.output.1) })
    #expect(targets.isSuperset(of: ["run", "test"]))
    for target in targets { #expect(makefile.contains("\n\(target): "), "make \(target)") }
  }

  @Test func `names the tables and views there are, and no others`() throws {
    let shop = try Shop()
    #expect(try shop.run("run", "shop.yaml").status == 0)
    let found = try Holdfast.shell(
      "sqlite3 out/shop.sqlite \"SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'\"",
      in: shop.folder)
    let section = try #require(try text.components(separatedBy: "\n## Database\n").last?.components(separatedBy: "\n## ").first)
    let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }.compactMap { $0.split(separator: "|").first }
    let named = Set(rows.flatMap { $0.matches(of: /`([a-z_]+)`/).map { String($0.output.1) } })
    #expect(named == Set(found.output.split(separator: "\n").map(String.init)))
  }

  @Test func `shows a customer as explain does`() throws {
    let block = try #require(try text.components(separatedBy: "```\n$ holdfast explain ").last?.components(separatedBy: "\n```").first)
    let lines = block.split(separator: "\n")
    let words = try #require(lines.first).split(separator: " ")
    let shop = try Shop()
    let flags = "'\(root)/\(words[0])' --state state"
    #expect(try Holdfast.shell("holdfast extract \(flags) --quiet", in: shop.folder).status == 0)
    let shown = try Holdfast.shell("holdfast explain \(flags) \(words[1])", in: shop.folder).output.split(separator: "\n")
    #expect(lines.count > 20)
    // Where the dumps lie is another matter here.
    for line in lines.dropFirst() where line.contains(/[a-z0-9]/) && !line.hasPrefix("  dump ") { #expect(shown.contains(line), "\(line)") }
  }

  @Test func `shows a shortest pipeline that works`() throws {
    let yaml = try #require(try text.components(separatedBy: "```yaml\n").dropFirst().first?.components(separatedBy: "```").first)
    let shop = try Shop()
    // Its results lie beside its folder, which must be the test's own.
    try FileManager.default.createDirectory(atPath: shop.folder + "/pipelines", withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: shop.folder + "/dumps", toPath: shop.folder + "/pipelines/dumps")
    let shortest = shop.folder + "/pipelines/shortest.yaml"
    try yaml.replacing(".csv.gz", with: ".csv").write(toFile: shortest, atomically: false, encoding: .utf8)
    // Dumps that were written a moment ago are left for the next night.
    #expect(try shop.run("run", "pipelines/shortest.yaml").status == 66)
    #expect(try Holdfast.shell("touch -d '1 hour ago' pipelines/dumps/*", in: shop.folder).status == 0)
    let result = try shop.run("run", "pipelines/shortest.yaml")
    #expect(result.status == 0, "\(result.errors)")
    #expect(shop.files("output") == ["shortest.sqlite"])
  }

  @Test func `shows a retail pipeline that works`() throws {
    let yaml = try #require(try text.components(separatedBy: "```yaml\n").dropFirst(2).first?.components(separatedBy: "```").first)
    let rows = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
    let shop = try Shop(dumps: [
      "r.csv": rows + "536365,85123A,HEART,6,12/1/2010 8:26,2.55,17850,UK\nC536379,D,Discount,-1,12/1/2010 9:41,1.5,17850,UK\n"
    ])
    try yaml.write(toFile: shop.folder + "/retail.yaml", atomically: false, encoding: .utf8)
    let result = try shop.run("run", "retail.yaml", "--state", "state", "--database", "r.sqlite", "--settle", "0")
    #expect(result.status == 0, "\(result.errors)")
    let sums = try Holdfast.shell("sqlite3 r.sqlite 'SELECT gross_minor, net_minor FROM customers'", in: shop.folder)
    #expect(sums.output == "1530|1380\n")
  }

  @Test func `leads to queries that work on real purchases`() throws {
    let shop = try Shop()
    let result = try Holdfast.shell(
      "holdfast run '\(root)/pipelines/cdnow.yaml' --state state --database cdnow.sqlite --json --quiet", in: shop.folder)
    #expect(result.status == 0, "\(result.errors)")
    let queries = try #require(try shop.json(result.output)["queries"] as? [String])
    #expect(queries.count == 3)
    for query in queries {
      let answer = try Holdfast.shell(query, in: shop.folder)
      #expect(answer.status == 0, "\(query): \(answer.errors)")
      #expect(answer.output.split(separator: "\n").count > 5, "\(query)")
    }
  }
}
