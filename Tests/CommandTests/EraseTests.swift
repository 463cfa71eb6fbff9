import Foundation
import Testing

@Suite struct `Who is erased` {
  @Test func `leaves no byte, and all others get the results of dumps without him`() throws {
    let shop = try Person()
    try shop.shell("holdfast run with.yaml --quiet && holdfast transform with.yaml --quiet && holdfast score with.yaml --quiet")
    // The error of this run quotes his row.
    try shop.write("bad.csv", "\(Person.header)e1,\(shop.id),never,1.00\n")
    #expect(try shop.run("extract", "strict.yaml", "--dumps", "bad.csv", "--show-values").status == 1)
    #expect(try shop.hits().count > 5)

    let erased = try shop.run("erase", "with.yaml", shop.id, "--yes")
    #expect(erased.status == 0, "\(erased.errors)")
    #expect(!erased.output.contains(shop.id) && !erased.errors.contains(shop.id))
    for path in ["dumps/tx-0.csv.gz", "dumps/extra.csv"] { #expect(erased.output.contains("\n  \(path): ")) }
    #expect(try shop.hits() == [])
    #expect(try shop.run("validate", "with.yaml", "--store", "--database").status == 0)

    try shop.shell("holdfast run with.yaml --quiet && holdfast run without.yaml --quiet")
    #expect(try shop.hits() == [])
    let names = ["publication", "customers", "segments", "churn_metrics", "cohorts", "segment_history", "models", "data_dictionary"]
    let (with, without) = (try shop.tables("with", names), try shop.tables("without", names))
    #expect(with.count == names.count)
    for name in names { #expect(with[name] == without[name], "\(name)") }
    let sums = "SELECT min(rows_loaded + rows_rejected + rows_duplicate + rows_filtered = rows_read), sum(rows_filtered) FROM loads"
    #expect(try shop.shell("sqlite3 with.sqlite '\(sums)'") == "1|\(try shop.rowsOfDumps())\n")
  }

  @Test func `stays out when he is delivered again, under any name, and whoever comes with him is loaded`() throws {
    let shop = try Person()
    try shop.shell("holdfast run with.yaml --quiet && holdfast erase with.yaml \(shop.id) --yes")
    let rows = """
      n1,\(shop.id),2024-11-05T10:00:00Z,9.00
      n2,new,2024-11-05T10:00:00Z,8.00
      n3, \(shop.id) ,never,8.00
      n4,new,never,1.00
      n5,new,"{""who"": ""\(shop.id)""}",1.00

      """
    try shop.write("dumps/later.csv", Person.header + rows)
    try shop.shell("gunzip -k dumps/tx-1.csv.gz && holdfast run with.yaml --quiet --allow-same-text")
    let counts = "SELECT rows_read, rows_loaded, rows_filtered, rows_rejected FROM loads WHERE path LIKE '%later%'"
    #expect(try shop.shell("sqlite3 with.sqlite \"\(counts)\"") == "5|1|3|1\n")
    #expect(try shop.shell("sqlite3 with.sqlite \"SELECT count(*) FROM customers WHERE customer_id = 'new'\"") == "1\n")
    #expect(try shop.hits() == [])
    #expect(try shop.run("explain", "with.yaml", shop.id).status == 66)
    let again = try shop.run("erase", "with.yaml", shop.id, "--yes")
    #expect(again.status == 0)
    #expect(again.output.contains("  event store    0 rows\n") && again.output.contains("\n  dumps/later.csv: 3 rows\n"))
  }

  @Test func `is counted first, without a change, and goes only when that is confirmed`() throws {
    let shop = try Person()
    try shop.shell("holdfast run with.yaml --quiet")
    let state = "find state-with with.sqlite -type f ! -name lock | sort | xargs sha256sum"
    let before = try shop.shell(state)
    let look = try shop.run("erase", "with.yaml", shop.id, "--dry-run")
    #expect(look.status == 0)
    #expect(look.output.hasPrefix("Would erase (nothing is changed)\n  event store    "))
    #expect(look.output.contains("\n  customers      1 row of the results database\n"))
    let refused = try shop.run("erase", "with.yaml", shop.id)
    #expect(refused.status == 64)
    #expect(refused.errors.hasPrefix("error: erase can not be undone: expected --yes, or --dry-run\n"))
    #expect(try shop.shell(state) == before)
    let nobody = try shop.run("erase", "with.yaml", "nobody", "--yes")
    #expect(nobody.status == 66)
    #expect(nobody.errors.hasPrefix("error: no record of this customer: "))
    #expect(try shop.run("erase", "without.yaml", shop.id, "--yes").status == 66)
  }

  @Test func `never comes back because the key is lost: then nothing is loaded`() throws {
    let shop = try Person()
    try shop.shell("holdfast run with.yaml --quiet && holdfast erase with.yaml \(shop.id) --yes")
    #expect(try shop.shell("stat -c %a state-with/erased.key") == "600\n")
    try shop.shell("mv state-with/erased.key key")
    let lost = try shop.run("run", "with.yaml")
    #expect(lost.status == 65)
    #expect(lost.errors.hasPrefix("error: the key of erased customers: cannot look at state-with/erased.key: "))
    try shop.shell("head -c 32 /dev/urandom > state-with/erased.key")
    #expect(try shop.run("run", "with.yaml").status == 65)
    try shop.shell("mv key state-with/erased.key && holdfast run with.yaml --quiet")
  }

  @Test func `may take the newest transaction along, and is told how the next run finds its day`() throws {
    let shop = try Person(newest: "2025-02-01")
    try shop.shell("holdfast run with.yaml --quiet")
    let erased = try shop.run("erase", "with.yaml", shop.id, "--yes")
    #expect(erased.output.hasSuffix("run with --as-of 2025-02-01, the published day.\n"))
    #expect(try shop.run("run", "with.yaml").status == 64)
    #expect(try shop.run("run", "with.yaml", "--as-of", "2025-02-01").status == 0)
  }

  @Test func `waits for a reader who keeps the log, with 75, and the same command carries on`() throws {
    let shop = try Person()
    try shop.shell("holdfast run with.yaml --quiet")
    let line = """
      (echo 'BEGIN; SELECT count(*) FROM customers;'; sleep 4) | sqlite3 with.sqlite > /dev/null & sleep 1
      holdfast erase with.yaml \(shop.id) --yes > /dev/null; echo $?; wait
      """
    #expect(try shop.shell(line) == "75\n")
    #expect(try shop.run("erase", "with.yaml", shop.id, "--yes").status == 0)
    #expect(try shop.hits() == [])
  }
}

/// A shop with generated dumps and one more, and the same without one customer.
final class Person {
  static let header = "transaction_id,customer_id,occurred_at,amount\n"
  let folder = NSTemporaryDirectory() + "holdfast-person-" + UUID().uuidString
  let id = "C0000042"

  init(rows: Int = 6000, newest: String = "2024-12-01") throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // His are a refused row, a transaction that another one claims, and a dump of his own.
    let extra = """
      \(Self.header)x1,\(id),\(newest)T10:00:00Z,5.00
      x2,\(id),2024-05-01T10:00:00Z,5.00
      x2,other,2024-05-01T10:00:00Z,5.00
      x3,\(id),2024-05-01T10:00:00Z,much
      x4,other,2024-05-01T10:00:00Z,much
      x5,"\(id)",2024-05-02T10:00:00Z,7.00
      x6,other,2024-05-03T10:00:00Z,3.00

      """
    try write("extra.csv", extra)
    try write("own.csv", "\(Self.header)y1,\(id),2024-05-01T10:00:00Z,5.00\n")
    for (name, limit) in [("with", 1000), ("without", 1000), ("strict", 0)] {
      let dumps = name == "without" ? "others" : "dumps", place = name == "strict" ? "with" : name
      try write(
        name + ".yaml",
        """
        name: shop
        state: state-\(place)
        feeds: {transactions: {settle: 0, dumps: ["\(dumps)/*"], rejects: {rows_max: \(limit)}, columns: {kind: null, discount: null, cost: null,
          category: null, channel: null}, identity: [transaction_id]}}
        output: {database: \(place).sqlite}

        """)
    }
    try shell(
      """
      holdfast generate dumps --rows \(rows) --customers \(rows / 12) --files 3 --level 1 > /dev/null
      mv extra.csv own.csv dumps; rm -f dumps/*.json; mkdir others
      for d in dumps/*.gz; do zcat $d | grep -v \(id) | gzip -1 > others/$(basename $d); done
      grep -v \(id) dumps/extra.csv > others/extra.csv
      """)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ name: String, _ text: String) throws {
    try text.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
  }

  @discardableResult
  func shell(_ line: String) throws -> String {
    let result = try Holdfast.shell(line, in: folder)
    #expect(result.status == 0, "\(line): \(result.errors)")
    return result.output
  }

  func run(_ arguments: String...) throws -> Holdfast.Result { try Holdfast.finish(Holdfast.process(arguments, in: folder)) }

  /// Files of state and results that hold the id anywhere.
  func hits(of id: String? = nil) throws -> [String] {
    let found = try Holdfast.shell("grep -rlaF -- '\(id ?? self.id)' state-with with.sqlite* | sort", in: folder)
    return found.output.split(separator: "\n").map(String.init)
  }

  func rowsOfDumps() throws -> Int {
    let count = try shell("for d in dumps/*; do zcat -f $d; done | grep -c \(id)")
    return try #require(Int(count.dropLast()))
  }

  func tables(_ place: String, _ names: [String]) throws -> [String: String] {
    var tables: [String: String] = [:]
    for name in names { tables[name] = try shell("sqlite3 \(place).sqlite '.mode quote' 'SELECT * FROM \(name)'") }
    return tables
  }
}
