import Foundation
import Testing

@Suite struct `Validating dumps` {
  @Test func `by a pipeline names every problem of file and dumps at once, and writes nothing`() throws {
    let shop = try Shop(dumps: [
      "a.csv": Shop.rows, "b.csv": Shop.rows + "t9,dora,2024-05-31T00:00:00Z,abc,0,0,books,web,purchase\n", "c.csv": "",
    ])
    let result = try shop.run("validate", "shop.yaml")
    #expect(result.status == 65)
    #expect(result.output.isEmpty)
    for line in [
      "  dumps/b.csv: 1 of 6 rows would be rejected, the limit is 0\n",
      "  dumps/b.csv, line 7, column \"amount\": expected a decimal number with \".\", found a letter\n",
      "  dumps/c.csv: expected a header row, found a file of 0 bytes\n",
    ] { #expect(result.errors.contains(line), "\(result.errors)") }
    try shop.write("bad.yaml", "nmae: a\nfeeds: {transactions: {dumps: [\"dumps/*.csv\"]}}\n")
    let both = try shop.run("validate", "bad.yaml")
    #expect(both.status == 78)
    #expect(both.errors.contains("  bad.yaml:1:1: unknown key 'nmae'; did you mean 'name'?\n"))
    #expect(both.errors.contains("  dumps/c.csv: expected a header row"))
    #expect(shop.files("") == ["bad.yaml", "dumps", "shop.yaml"])
    #expect(shop.files("dumps") == ["a.csv", "b.csv", "c.csv"])
  }

  @Test func `by a sound pipeline counts their rows`() throws {
    let shop = try Shop()
    let result = try shop.run("validate", "shop.yaml")
    #expect(result.status == 0)
    #expect(result.output == "shop.yaml: sound\ndumps/a.csv: sound, 5 rows\n")
    #expect(try shop.run("validate", "shop.yaml", "--no-dumps").output == "shop.yaml: sound\n")
    let facts = try shop.json(shop.run("validate", "shop.yaml", "--json").output)
    #expect((facts["dumps"] as? [[String: Any]])?.first?["rows"] as? Int == 5)
    #expect(shop.files("") == ["dumps", "shop.yaml"])
  }

  private static let header = "id,name,x\n"

  @Test(
    arguments: [
      ("sound", header + "1,a,2\n", 0, "dump.csv: sound, 1 row\n"), ("empty", "", 65, "found a file of 0 bytes"),
      ("header only", header, 1, "dump.csv, line 2: expected rows, found a header alone"),
      ("ragged", header + "1,a,2\n1,a\n1,a,2,3\n9,b\n", 1, "dump.csv, line 3: expected 3 fields, found 2; 2 of them\n"),
      ("open quote", header + "1,a,2\n1,\"a,2\n3,b,4\n", 65, "dump.csv, line 3: a quote is never closed"),
      ("text behind a quote", header + "1,\"a\"b,2\n", 1, "dump.csv, line 2: column 2: malformed quoting"),
      ("NUL", header + "1,a\u{0},2\n", 1, "dump.csv, line 2: 1 NUL bytes"),
      ("header twice", header + "1,a,2\n" + header + "2,b,3\n", 1, "dump.csv, line 3: the header stands here again"),
      ("doubled names", "id,id,,x\n1,2,3,4\n", 0, "names that stand there more than once, so that no field can be mapped to them: \"id\""),
      ("nameless column", "id,id2,,x\n1,2,3,4\n", 0, "columns without a name: 3\n"),
      ("JSON", "{\"a\":1}\n{\"a\":}\n\n{\"a\":2}\n", 1, "dump.csv, line 2: no valid JSON: expected a value at byte 6 of the line\n"),
      (
        "long field", header + "1,\(String(repeating: "x", count: 1_048_577)),2\n", 1,
        "dump.csv, line 2: column 2: longer than 1048576 bytes"
      ),
      ("bare CR", "id,name,x\r1,a,2\r1,a\r", 1, "dump.csv, line 3: expected 3 fields, found 2"),
    ] as [(String, String, Int32, String)])
  func `alone tells what needs no mapping`(name: String, text: String, status: Int32, words: String) throws {
    let shop = try Shop(dumps: [:])
    try shop.write("dump.csv", text)
    let result = try shop.run("validate", "--dump", "dump.csv")
    #expect(result.status == status, "\(name): \(result.errors)")
    #expect((result.output + result.errors).contains(words), "\(name): \(result.output)\(result.errors)")
    #expect(shop.files("") == ["dump.csv", "dumps", "shop.yaml"])
  }

  @Test func `alone finds damage of bytes`() throws {
    let shop = try Shop()
    try Data("id,name,x\n1,\u{FC},2\n".unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }).write(
      to: URL(fileURLWithPath: shop.folder + "/latin.csv"))
    #expect(
      try shop.run("validate", "--dump", "latin.csv").errors.contains(
        "line 2: not UTF-8 from here on: set feeds.transactions.encoding to latin-1"))
    let made = try Holdfast.shell(
      "gzip -kc dumps/a.csv > a.csv.gz; head -c -9 a.csv.gz > cut.csv.gz; (cat a.csv.gz; echo x) > tail.csv.gz; cat a.csv.gz a.csv.gz > two.csv.gz; "
        + "(head -c -5 a.csv.gz; printf 'abcde') > crc.csv.gz",
      in: shop.folder)
    #expect(made.status == 0)
    for (name, status, words) in [
      ("a", 0, "gzip, sound to its last byte; 9 columns, parted by \",\""), ("cut", 65, "truncated"), ("tail", 65, "trailing garbage"),
      ("two", 1, "line 7: the header stands here again"), ("crc", 65, "the file is damaged"),
    ] as [(String, Int32, String)] {
      let result = try shop.run("validate", "--dump", name + ".csv.gz")
      #expect(result.status == status, "\(name): \(result.errors)")
      #expect(result.errors.contains(words), "\(name): \(result.errors)")
    }
    let several = try shop.run("validate", "--dump", "a.csv.gz", "cut.csv.gz", "--json")
    #expect(several.status == 65)
    let facts = try shop.json(several.output)
    #expect(facts["sound"] as? [String] == ["a.csv.gz"])
    #expect((facts["dumps"] as? [[String: Any]])?.last?["exit"] as? Int == 65)
    #expect(try shop.run("validate", "shop.yaml", "--dump", "a.csv.gz").status == 64)
  }
}
