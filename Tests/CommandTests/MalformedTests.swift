import Foundation
import TestSupport
import Testing

/// One line of `fixtures/malformed/expected.tsv`.
struct MalformedDump: Sendable, CustomTestStringConvertible {
  var file: String
  /// Keys of the feed.
  var keys: String
  var status: Int32
  /// Behind the dump's name; of a dump that is taken, its rows.
  var message: String
  var detail: String
  var fix: String
  var testDescription: String { keys.isEmpty ? file : "\(file) with \(keys)" }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/malformed").path

  static let all: [MalformedDump] = {
    let text = (try? String(contentsOfFile: folder + "/expected.tsv", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").dropFirst().map { line in
      let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return MalformedDump(
        file: words[0], keys: words[1], status: Int32(words[2]) ?? -1, message: words[3], detail: words[4], fix: words[5])
    }
  }()
}

/// A shop whose first night is published, and that gets a good and another dump the second night.
private final class SecondNight {
  let shop: Shop
  private let before: String
  private static let header = String(Shop.rows.split(separator: "\n")[0]) + "\n"
  /// Amounts are whole in every currency.
  private static let first =
    header + "t1,anna,2024-01-05T10:00:00Z,10,0,4,books,web,purchase\nt4,carla,2024-05-30T23:59:59Z,99,0,50,games,web,purchase\n"
  private static let good = header + "t8,berta,2024-03-06T10:00:00Z,5,0,2,books,shop,purchase\n"

  init(keys: String) throws {
    shop = try Shop(dumps: ["a.csv": Self.first])
    try shop.write(
      "shop.yaml",
      """
      name: shop
      state: state
      feeds: {transactions: {dumps: ["dumps/*"], settle: 0\(keys.isEmpty ? "" : ", " + keys)}}
      output: {database: out/shop.sqlite}

      """)
    let published = try shop.run("run", "shop.yaml", "--quiet")
    try #require(published.status == 0, "\(published.errors)")
    before = try Self.results(shop)
    try shop.write("dumps/good.csv", Self.good)
  }

  /// The whole database, every table and byte of it.
  private static func results(_ shop: Shop) throws -> String {
    let dump = try Holdfast.shell("sqlite3 out/shop.sqlite .dump", in: shop.folder)
    try #require(dump.status == 0 && !dump.output.isEmpty)
    return dump.output
  }

  /// Nothing is lost, nothing is published, and without the bad dump the night goes on.
  func expectNothingHappened(removing name: String) throws {
    #expect(try Self.results(shop) == before, "last night's results changed")
    let loaded = try Holdfast.shell("sqlite3 state/catalog.sqlite 'SELECT path FROM loads ORDER BY path'", in: shop.folder)
    #expect(loaded.output == "dumps/a.csv\ndumps/good.csv\n")
    #expect(shop.files("state/events/transactions").count == 2)
    #expect(try Holdfast.shell("rm -rf 'dumps/\(name)'", in: shop.folder).status == 0)
    let again = try shop.run("run", "shop.yaml", "--quiet")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try shop.query("SELECT customer_id FROM customers") == "anna\nberta\ncarla\n")
  }
}

@Suite struct `A malformed dump` {
  @Test(arguments: MalformedDump.all) func `ends as its fixture says, and nothing is lost or published by halves`(dump: MalformedDump)
    throws
  {
    let night = try SecondNight(keys: dump.keys), shop = night.shop
    try FileManager.default.copyItem(atPath: MalformedDump.folder + "/" + dump.file, toPath: shop.folder + "/dumps/" + dump.file)
    let result = try shop.run("run", "shop.yaml", "--quiet")
    #expect(result.status == dump.status, "\(result.errors)")
    if dump.status == 0 {
      let rows = try shop.query("SELECT rows_read || ' read, ' || rows_loaded || ' loaded' FROM loads WHERE path = 'dumps/\(dump.file)'")
      #expect(rows == dump.message + "\n")
      #expect(try shop.query("SELECT count(*) FROM customers WHERE customer_id IN ('anna', 'berta', 'carla')") == "3\n")
      return
    }
    #expect(result.output.isEmpty)
    let lines = result.errors.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let place = try #require(lines.firstIndex(of: "dumps/" + dump.file + dump.message), "\(result.errors)")
    #expect(dump.detail.isEmpty || lines[place + 1].hasPrefix(dump.detail), "\(result.errors)")
    #expect(lines[place...].first { $0.hasPrefix("fix: ") }?.hasPrefix("fix: " + dump.fix) == true, "\(result.errors)")
    #expect(!result.errors.contains("dora"), "an error names a customer")
    try night.expectNothingHappened(removing: dump.file)
  }

  @Test func `has a fixture for each line of the table, and a line for each fixture`() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: MalformedDump.folder).filter {
      $0 != "expected.tsv" && $0 != "README.md"
    }
    #expect(Set(MalformedDump.all.map(\.file)) == Set(files))
  }

  /// What stands where a dump should; made by a line of shell in the folder of dumps.
  @Test(arguments: [
    ("mkfifo fifo.csv", "fifo.csv: expected a file, found a FIFO"),
    ("mkdir folder.csv", "folder.csv: expected a file, found a folder"),
    ("ln -s /dev/zero zero.csv", "zero.csv: expected a file, found a device"),
    ("ln -s /dev/null null.csv", "null.csv: expected a file, found a device"),
    ("ln -s nowhere.csv link.csv", "link.csv: expected a file, found a link to nothing"),
  ]) func `that is no file is refused without being opened`(line: String, message: String) throws {
    let night = try SecondNight(keys: ""), shop = night.shop
    // The good dump is loaded before.
    #expect(try shop.run("extract", "shop.yaml", "--quiet").status == 0)
    #expect(try Holdfast.shell("cd dumps && " + line, in: shop.folder).status == 0)
    let result = try Holdfast.shell("timeout 60 \"\(Holdfast.path)\" run shop.yaml --quiet", in: shop.folder)
    #expect(result.status == 65)
    #expect(result.errors.hasPrefix("error: dumps/" + message), "\(result.errors)")
    #expect(result.errors.contains("fix: "))
    try night.expectNothingHappened(removing: String(message.prefix { $0 != ":" }))
  }

  @Test func `that grows while it is read is refused`() throws {
    let night = try SecondNight(keys: ""), shop = night.shop
    #expect(try Holdfast.run("generate", shop.folder + "/new", "--rows", "300000", "--files", "1", "--level", "1").status == 0)
    let line = """
      zcat new/*.gz > dumps/grows.csv; (while [ ! -e done ]; do tail -1 dumps/good.csv >> dumps/grows.csv; done) &
      "\(Holdfast.path)" run shop.yaml --quiet; code=$?; touch done; wait; exit $code
      """
    let result = try Holdfast.shell(line, in: shop.folder)
    #expect(result.status == 65, "\(result.errors)")
    #expect(result.errors.contains("dumps/grows.csv: changed while it was read"), "\(result.errors)")
    try night.expectNothingHappened(removing: "grows.csv")
  }
}

@Suite(.serialized) struct `A dump made to exhaust` {
  private static let header = String(Shop.rows.split(separator: "\n")[0]) + "\n"
  private static let row = "m1,dora,2024-04-02T10:00:00Z,7,0,3,books,web,purchase\n"

  /// Anonymous and file memory at the most, in MiB, as the kernel saw it.
  private func run(_ shop: Shop) throws -> (result: Holdfast.Result, mebibytes: Int) {
    let line =
      "\"\(Holdfast.path)\" run shop.yaml --quiet & p=$!; m=0; while kill -0 $p 2>/dev/null; do"
      + " n=$(awk '/VmHWM/ { print $2 }' /proc/$p/status 2>/dev/null); m=${n:-$m}; sleep 0.01; done; wait $p; code=$?; echo ${m:-0}; exit $code"
    let result = try Holdfast.shell(line, in: shop.folder)
    return (result, (Int(result.output.split(separator: "\n").last ?? "") ?? 0) / 1024)
  }

  /// - Returns: the errors.
  @discardableResult
  private func expectRefused(
    _ name: String, _ bytes: [UInt8], _ status: Int32, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let night = try SecondNight(keys: "")
    try Data(bytes).write(to: URL(fileURLWithPath: night.shop.folder + "/dumps/" + name))
    let (result, mebibytes) = try run(night.shop)
    #expect(result.status == status, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.errors.contains("dumps/\(name), \(message)"), "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.errors.contains("fix: "), sourceLocation: sourceLocation)
    #expect(mebibytes < 256, sourceLocation: sourceLocation)
    try night.expectNothingHappened(removing: name)
    return result.errors
  }

  @Test func `as a bomb of 10 MB for 10 GB is refused within 256 MiB, with the limit named`() throws {
    let lines = try gzip([UInt8](repeating: 10, count: 10_000_000), level: 9)
    let bomb = try gzip(Self.header) + Array(repeatElement(lines, count: 1000).joined())
    #expect(bomb.count > 9_000_000 && bomb.count < 11_000_000)
    let errors = try expectRefused("bomb.csv.gz", bomb, 65, "byte ")
    #expect(errors.contains("the text is more than 400 times the file's bytes: refused as a decompression bomb"))
  }

  @Test func `by one line of 64 MB, as CSV and as JSON, is refused at its line`() throws {
    let long = [UInt8](repeating: 120, count: 64_000_000)
    try expectRefused("line.csv", Array((Self.header + Self.row).utf8) + long, 65, "line 3: a row is longer than 1114112 bytes")
    try expectRefused("line.jsonl", Array("{\"a\":\"".utf8) + long, 65, "line 1: a row is longer than 1114112 bytes")
    let deep = String(repeating: "[", count: 1_000_000) + "\n" + String(repeating: "{\"a\":", count: 200_000)
    try expectRefused("deep.jsonl", Array(deep.utf8), 1, "line 1: no valid JSON")
  }

  @Test func `by a million columns is refused at its line`() throws {
    let commas = String(repeating: ",", count: 1_000_000) + "\n"
    try expectRefused("columns.csv", Array((commas + commas).utf8), 65, "line 1: expected a header, found none of the mapped columns")
    let names = (0..<1_000_000).map { "c\($0)" }.joined(separator: ",") + "\n"
    try expectRefused("names.csv", Array(names.utf8), 65, "line 1: a row is longer than 1114112 bytes")
    try expectRefused("fields.csv", Array((Self.header + Self.row + commas).utf8), 1, "line 3: expected 9 fields, found 1000001")
  }

  @Test func `by a field beyond 1 MiB is refused at its column, and a quote that is never closed at its line`() throws {
    let long = Self.row.replacing("dora", with: String(repeating: "d", count: 1_100_000)).replacing("m1", with: "m2")
    try expectRefused(
      "field.csv", Array((Self.header + Self.row + long).utf8), 1, "line 3, column \"customer_id\": longer than 1048576 bytes")
    let open = Self.header + Self.row.replacing("dora", with: "\"dora") + String(repeating: Self.row, count: 100_000)
    try expectRefused("quote.csv", Array(open.utf8), 65, "line 2: a row is longer than 1114112 bytes: a quote that is never closed")
  }

  @Test func `by ten thousand members, or a header with 64 KiB of extra field, is read`() throws {
    let members =
      try gzip(Self.header) + Array((0..<10_000).map { storedGzip(Array(Self.row.replacing("m1", with: "m\($0)").utf8)) }.joined())
    var extra = try gzip(Self.header + Self.row.replacing("m1", with: "x1"))
    extra[3] |= 4
    extra.insert(contentsOf: [0xFF, 0xFF] + [UInt8](repeating: 101, count: 65_535), at: 10)
    let night = try SecondNight(keys: "")
    for (name, bytes) in [("members.csv.gz", members), ("extra.csv.gz", extra)] {
      try Data(bytes).write(to: URL(fileURLWithPath: night.shop.folder + "/dumps/" + name))
    }
    let (result, mebibytes) = try run(night.shop)
    #expect(result.status == 0, "\(result.errors)")
    #expect(mebibytes < 256)
    #expect(try night.shop.query("SELECT rows_loaded FROM loads WHERE path GLOB '*s.csv.gz'") == "10000\n")
  }
}
