import Foundation
import TestSupport
import Testing

@Suite struct `A night without rows` {
  private static let header = String(Shop.rows.split(separator: "\n")[0]) + "\n"

  /// A night with one dump more than what is published; nothing of that is lost, and the good dump of the night is loaded.
  private func night(_ name: String, _ bytes: [UInt8], keys: String = "") throws -> (Shop, Holdfast.Result) {
    let shop = try Shop()
    try shop.pipeline(keys)
    #expect(try shop.run("run", "shop.yaml").status == 0)
    let before = try Results.tables(shop.folder + "/out/shop.sqlite", without: [])
    try Data(bytes).write(to: URL(fileURLWithPath: shop.folder + "/dumps/" + name))
    try shop.write("dumps/z.csv", Self.header + "t7,anna,2024-05-31T10:00:00Z,1.00,0.00,0.50,books,web,purchase\n")
    let result = try shop.run("run", "shop.yaml")
    if result.status != 0 {
      #expect(result.output.isEmpty)
      #expect(try Results.tables(shop.folder + "/out/shop.sqlite", without: []) == before)
      #expect(try shop.outcomes().last == "dumps/z.csv loaded")
      // Once the dump is away, the night is whole.
      try FileManager.default.removeItem(atPath: shop.folder + "/dumps/" + name)
      #expect(try shop.run("run", "shop.yaml").status == 0)
      #expect(try shop.query("SELECT as_of FROM publication") == "2024-05-31\n")
    }
    return (shop, result)
  }

  @Test(
    arguments: [
      ("e.csv", [], "dumps/e.csv: expected a header row, found a file of 0 bytes", Int32(65)),
      ("e.csv.gz", nil, "dumps/e.csv.gz: expected a header row, found 0 bytes of text after decompression", 65),
      ("e.csv", Array(Self.header.utf8), "dumps/e.csv, line 2: expected rows, found a header alone", 1),
    ] as [(String, [UInt8]?, String, Int32)])
  func `says what came instead, and is let pass where that is allowed`(name: String, bytes: [UInt8]?, words: String, status: Int32) throws {
    let bytes = try bytes ?? gzip("", level: 6)
    let (_, refused) = try night(name, bytes)
    #expect(refused.status == status, "\(refused.errors)")
    #expect(refused.errors.contains(words), "\(refused.errors)")
    #expect(refused.errors.contains("fix: deliver the dump again, or set feeds.transactions.allow_empty: true"))
    let (shop, allowed) = try night(name, bytes, keys: "allow_empty: true")
    #expect(allowed.status == 0, "\(allowed.errors)")
    #expect(try shop.outcomes() == ["dumps/a.csv unchanged", "dumps/\(name) loaded", "dumps/z.csv loaded"])
    #expect(try shop.query("SELECT rows_read, rows_loaded FROM loads WHERE path = 'dumps/\(name)'") == "0|0\n")
    #expect(try shop.run("run", "shop.yaml").status == 0)
    #expect(try shop.outcomes() == ["dumps/a.csv unchanged", "dumps/\(name) unchanged", "dumps/z.csv unchanged"])
  }

  @Test func `is always an error where bytes came and no row is valid, whatever the reject limits`() throws {
    let text = Self.header + "t8,dora,yesterday,1.00,0.00,0.50,books,web,purchase\nt9,dora,today,1.00,0.00,0.50,books,web,purchase\n"
    let (_, result) = try night("e.csv", Array(text.utf8), keys: "allow_empty: true, rejects: {rows_max: 1000}")
    #expect(result.status == 1)
    #expect(result.errors.contains("dumps/e.csv: expected rows, found 2 and none of them valid"), "\(result.errors)")
    #expect(result.errors.contains("line 2, column \"occurred_at\": expected a time"))
  }

  @Test func `is told from one with too few`() throws {
    let row = "t8,dora,2024-05-31T10:00:00Z,1.00,0.00,0.50,books,web,purchase\n"
    let shop = try Shop()
    try shop.pipeline("rows_min: 2")
    #expect(try shop.run("run", "shop.yaml").status == 0)
    #expect(
      try shop.query("SELECT name, severity, expected, found, passed FROM checks")
        == "rows_min|fail|at least 2 rows in every dump|5 rows in the smallest of 1 dumps|1\n")
    try shop.write("dumps/b.csv", Self.header + row)
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 1)
    #expect(result.errors.contains("dumps/b.csv: expected at least 2 rows, found 1\n"), "\(result.errors)")
    let check = try #require((shop.record()["checks"] as? [[String: Any]])?.first)
    #expect(check["passed"] as? Bool == false && check["found"] as? String == "1 rows in the smallest of 1 dumps")
    #expect(try shop.query("SELECT as_of FROM publication") == "2024-05-30\n")
    try shop.write("dumps/b.csv", Self.header + row + row.replacing("t8", with: "t9"))
    #expect(try shop.run("run", "shop.yaml").status == 0)
    #expect(try shop.query("SELECT as_of, count(*) FROM checks GROUP BY as_of") == "2024-05-30|1\n2024-05-31|1\n")
  }
}

@Suite struct `The age of the newest transaction` {
  @Test func `is held against the clock, warns and fails`() throws {
    let shop = try Shop()
    try shop.pipeline("freshness: {warn: 36h, fail: 50000d}")
    let warned = try shop.run("run", "shop.yaml")
    #expect(warned.status == 0)
    #expect(warned.errors.contains("freshness: expected a transaction within 36h before now, found "), "\(warned.errors)")
    #expect(warned.errors.contains(": the newest is of 2024-05-30T23:59:59Z"))
    #expect(
      try shop.query("SELECT name, severity, expected, passed FROM checks ORDER BY 2")
        == "freshness|fail|a transaction within 50000d before now|1\nfreshness|warn|a transaction within 36h before now|0\n")
    let before = try Results.tables(shop.folder + "/out/shop.sqlite", without: [])
    try shop.pipeline("freshness: {warn: 36h, fail: 3d}")
    try shop.write("dumps/b.csv", Shop.rows.replacing("\nt", with: "\nu").replacing("2024-05-30", with: "2024-06-01"))
    for command in [["run"], ["run", "--from", "transform"]] {
      let failed = try Holdfast.finish(Holdfast.process(command + ["shop.yaml"], in: shop.folder))
      #expect(failed.status == 1 && failed.output.isEmpty)
      #expect(failed.errors.contains("error: freshness: expected a transaction within 3d before now, found "), "\(failed.errors)")
      #expect(failed.errors.contains("nothing was published\n  fix: look for dumps that did not come"))
      let passed = try (shop.record()["checks"] as? [[String: Any]])?.map { $0["passed"] as? Bool }
      #expect(passed == [false, false])
    }
    #expect(try Results.tables(shop.folder + "/out/shop.sqlite", without: []) == before)
  }

  @Test func `is held against the end of a day gone by where one is asked for`() throws {
    let shop = try Shop()
    try shop.pipeline("freshness: {fail: 1d}")
    #expect(try shop.run("run", "shop.yaml").status == 1)
    let fresh = try shop.run("run", "shop.yaml", "--as-of", "2024-05-31")
    #expect(fresh.status == 1, "a day and a second")
    #expect(fresh.errors.contains("expected a transaction within 1d before the end of 2024-05-31, found 24 h"), "\(fresh.errors)")
    #expect(try shop.run("run", "shop.yaml", "--as-of", "2024-05-30").status == 0)
    #expect(try shop.query("SELECT found FROM checks") == "1 s: the newest is of 2024-05-30T23:59:59Z\n")
  }
}
