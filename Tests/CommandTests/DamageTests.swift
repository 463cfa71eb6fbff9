import Foundation
import TestSupport
import Testing

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

private func isThere(_ program: String) -> Bool {
  (try? Holdfast.shell("command -v \(program)", in: NSTemporaryDirectory()).status) == 0
}

private let canTrace = (try? Holdfast.shell("strace -f -o /dev/null true", in: NSTemporaryDirectory()).status) == 0

/// Short runs of what `make faults` does at length.
@Suite(.serialized, .timeLimit(.minutes(15))) struct `Faults made on purpose` {
  @Test func `as flipped bits all over the state folder are detected, named and mended`() throws {
    let result = try Holdfast.shell("'\(root)/Tests/faults/flips.sh' '\(Holdfast.path)' 18 7", in: NSTemporaryDirectory())
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.hasSuffix(" files, 18 detected, 18 named, 18 rebuilt\n"), "\(result.output)")
  }

  @Test(.enabled(if: canTrace, "needs strace, and the right to trace"))
  func `as KILL, full disk and I/O error at every 50th persistence call leave old results or new`() throws {
    let result = try Holdfast.shell("'\(root)/Tests/faults/sweep.sh' '\(Holdfast.path)' 50 2>/dev/null", in: NSTemporaryDirectory())
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.hasSuffix(" 0 torn, 0 lost; running again gave the same bytes every time\n"), "\(result.output)")
  }
}

@Suite struct `A damaged state folder` {
  /// A shop with two dumps, published.
  private func published() throws -> Shop {
    let other = String(Shop.rows.split(separator: "\n")[0]) + "\nu1,dora,2024-05-01T10:00:00Z,8.00,0.00,4.00,books,web,purchase\n"
    let shop = try Shop(dumps: ["a.csv": Shop.rows, "b.csv": other])
    #expect(try shop.run("run", "shop.yaml", "--quiet").status == 0)
    return shop
  }

  /// Of the second dump.
  private func segment(_ shop: Shop) throws -> String {
    let name = try Holdfast.shell("sqlite3 state/catalog.sqlite \"SELECT segment FROM loads WHERE path = 'dumps/b.csv'\"", in: shop.folder)
    return "state/events/transactions/" + name.output.trimmingCharacters(in: .newlines)
  }

  private func change(_ shop: Shop, _ path: String, _ change: (inout Data) -> Void) throws {
    let file = URL(fileURLWithPath: shop.folder + "/" + path)
    var bytes = try Data(contentsOf: file)
    change(&bytes)
    try bytes.write(to: file)
  }

  @Test(arguments: ["truncated", "flipped", "gone", "of another version"])
  func `whose segment is so is named, and rebuilt from its dump`(damage: String) throws {
    let shop = try published(), path = try segment(shop)
    let before = try shop.query("SELECT * FROM customers")
    switch damage {
    case "truncated": try change(shop, path) { $0.removeLast(9) }
    case "flipped": try change(shop, path) { $0[$0.count / 3] ^= 4 }
    case "gone": try FileManager.default.removeItem(atPath: shop.folder + "/" + path)
    default:
      // Version 9 in the trailer, with a right checksum, as a later holdfast would write it.
      try change(shop, path) { $0 = Data(blockFile([UInt8]($0), ofVersion: 9)) }
    }
    let found = try shop.run("validate", "shop.yaml", "--store")
    #expect(found.status == 65)
    #expect(found.errors.contains(path), "\(found.errors)")
    #expect(
      found.errors.contains(
        "fix: restore the folder from a backup, or read the dumps of what is damaged again: holdfast extract shop.yaml --rebuild"))
    if damage == "of another version" { #expect(found.errors.contains("written in format version 9, this holdfast reads versions 1 to 2")) }
    let run = try shop.run("run", "shop.yaml", "--as-of", "2024-05-30")
    #expect(run.status == 65 || run.status == 74, "\(run.errors)")
    #expect(try shop.query("SELECT * FROM customers") == before)

    let rebuilt = try shop.run("run", "shop.yaml", "--rebuild")
    #expect(rebuilt.status == 0, "\(rebuilt.errors)")
    #expect(try shop.query("SELECT * FROM customers") == before)
    #expect(try shop.run("validate", "shop.yaml", "--store").status == 0)
  }

  @Test func `is left as it is where a damaged segment's dump is gone`() throws {
    let shop = try published(), path = try segment(shop)
    try change(shop, path) { $0[$0.count / 3] ^= 4 }
    #expect(try Holdfast.shell("mkdir away && mv dumps/* away && cp away/a.csv dumps/c.csv", in: shop.folder).status == 0)
    let refused = try shop.run("extract", "shop.yaml", "--rebuild")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("damaged segments whose dumps are not among those to read"), "\(refused.errors)")
    #expect(refused.errors.contains("dump dumps/b.csv, SHA-256 "))
    #expect(shop.files("state/events/transactions").count == 2)
    #expect(try Holdfast.shell("mv away/b.csv dumps/d.csv", in: shop.folder).status == 0)
    #expect(try shop.run("run", "shop.yaml", "--rebuild").status == 0)
    #expect(try shop.run("validate", "shop.yaml", "--store").status == 0)
  }

  @Test(arguments: ["changed", "truncated", "gone", "no database", "newer"])
  func `whose catalog is so is refused before anything is swept, and made anew beside it`(damage: String) throws {
    let shop = try published(), before = try shop.query("SELECT * FROM customers"), catalog = "state/catalog.sqlite"
    switch damage {
    case "changed":
      #expect(try Holdfast.shell("sqlite3 \(catalog) 'UPDATE loads SET rows_read = 7, rows_stored = 7'", in: shop.folder).status == 0)
    case "truncated": try change(shop, catalog) { $0.removeLast(4096) }
    case "gone": try FileManager.default.removeItem(atPath: shop.folder + "/" + catalog)
    case "no database": try shop.write(catalog, String(repeating: "no database ", count: 1000))
    default:
      #expect(try Holdfast.shell("sqlite3 \(catalog) 'PRAGMA user_version = 99' && rm state/catalog.seal", in: shop.folder).status == 0)
    }
    for command in ["run", "status", "validate"] {
      let result = try shop.run(command, "shop.yaml", command == "validate" ? "--store" : "--quiet")
      #expect(result.status == (damage == "gone" && command != "run" ? result.status : 65), "\(command): \(result.errors)")
      if command == "run" { #expect(result.errors.contains("error: catalog state/catalog.sqlite: "), "\(result.errors)") }
    }
    #expect(shop.files("state/events/transactions").count == 2, "segments were swept")
    #expect(try Holdfast.shell("mv state state.damaged", in: shop.folder).status == 0)
    let again = try shop.run("run", "shop.yaml", "--quiet")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try shop.query("SELECT * FROM customers") == before)
  }

  @Test(arguments: ["truncated", "no database", "newer", "another program's"])
  func `beside a results database that is so leaves that alone`(
    damage: String
  ) throws {
    let shop = try published(), path = "out/shop.sqlite"
    switch damage {
    case "truncated": try change(shop, path) { $0.removeLast($0.count / 2) }
    case "no database": try shop.write(path, String(repeating: "no database ", count: 1000))
    case "newer": #expect(try Holdfast.shell("sqlite3 \(path) 'PRAGMA user_version = 99'", in: shop.folder).status == 0)
    default: #expect(try Holdfast.shell("rm \(path)*; sqlite3 \(path) 'CREATE TABLE a (b)'", in: shop.folder).status == 0)
    }
    let sum = try Holdfast.shell("sha256sum < \(path)", in: shop.folder).output
    let result = try shop.run("run", "shop.yaml", "--quiet")
    #expect(result.status == 65, "\(result.errors)")
    #expect(result.errors.contains(path) && result.errors.contains("fix: "), "\(result.errors)")
    #expect(try Holdfast.shell("sha256sum < \(path)", in: shop.folder).output == sum)
    #expect(try Holdfast.shell("rm -f \(path)*", in: shop.folder).status == 0)
    #expect(try shop.run("run", "shop.yaml", "--quiet").status == 0)
    #expect(try shop.query("SELECT count(*) FROM customers") == "4\n")
  }
}

@Suite struct `Around a run` {
  @Test func `a folder without the right to write ends it with 74 and what to do`() throws {
    let shop = try Shop()
    // Root may write everywhere: an ordinary user is asked for.
    let line = """
      chmod -R a+rwX . && mkdir -m 755 state out && cp '\(Holdfast.path)' h && chmod 755 h .
      [ $(id -u) = 0 ] && as="setpriv --reuid=65534 --regid=65534 --clear-groups" || { as=""; chmod 555 state out; }
      $as ./h run shop.yaml --quiet; code=$?; chmod 755 state out; exit $code
      """
    let result = try Holdfast.shell(line, in: shop.folder)
    #expect(result.status == 74, "\(result.errors)")
    #expect(result.errors.hasPrefix("error: ") && result.errors.contains("state") && result.errors.contains("fix: "), "\(result.errors)")
    #expect(shop.files("state").isEmpty && shop.files("out").isEmpty)
    #expect(try shop.run("run", "shop.yaml", "--quiet").status == 0)
  }

  @Test func `a dump without the right to read keeps back that dump alone`() throws {
    let shop = try Shop()
    try shop.write("dumps/b.csv", Shop.rows.replacing("t1", with: "x1"))
    let line = """
      chmod -R a+rwX . && chmod 000 dumps/b.csv && cp '\(Holdfast.path)' h && chmod 755 h
      [ $(id -u) = 0 ] && as="setpriv --reuid=65534 --regid=65534 --clear-groups" || as=""
      $as ./h run shop.yaml --quiet; code=$?; chmod 644 dumps/b.csv; exit $code
      """
    let result = try Holdfast.shell(line, in: shop.folder)
    #expect(result.status == 65 || result.status == 74, "\(result.errors)")
    #expect(result.errors.contains("dumps/b.csv") && result.errors.contains("fix: "), "\(result.errors)")
    #expect(shop.files("out").isEmpty)
  }

  @Test func `a database that another program writes to ends it with 75, and one that is read long does not`() throws {
    let shop = try Shop()
    #expect(try shop.run("run", "shop.yaml", "--quiet").status == 0)
    let before = try shop.query("SELECT * FROM customers")
    try shop.write("dumps/b.csv", Shop.rows.replacing("t1", with: "x1"))
    let busy = """
      mkfifo in; sqlite3 out/shop.sqlite < in > answer & exec 3> in; echo 'BEGIN IMMEDIATE; SELECT 1;' >&3
      while [ ! -s answer ]; do sleep 0.02; done
      "\(Holdfast.path)" run shop.yaml --quiet; code=$?; echo 'ROLLBACK;' >&3; exec 3>&-; wait; rm in answer; exit $code
      """
    let locked = try Holdfast.shell(busy, in: shop.folder)
    #expect(locked.status == 75, "\(locked.errors)")
    #expect(locked.errors.contains("another program is writing to it") && locked.errors.contains("fix: wait"), "\(locked.errors)")
    #expect(try shop.query("SELECT * FROM customers") == before)

    let read = busy.replacing("BEGIN IMMEDIATE; SELECT 1;", with: "BEGIN; SELECT count(*) FROM customers;")
      .replacing("echo 'ROLLBACK;'", with: "echo 'SELECT sum(purchases) FROM customers;'")
      .replacing("run shop.yaml --quiet", with: "run shop.yaml >printed")
      .replacing("rm in answer", with: "cat answer; rm in answer")
    let reader = try Holdfast.shell(read, in: shop.folder)
    #expect(reader.status == 0, "\(reader.errors)")
    #expect(reader.output.hasPrefix("3\n4\n"), "the reader sees last night to its end: \(reader.output)")
    #expect(reader.errors.contains("a reader keeps SQLite's log from being emptied"), "\(reader.errors)")
    #expect(try shop.query("SELECT sum(purchases) FROM customers") != "4\n")
  }

  @Test(
    .enabled(if: isThere("faketime"), "needs faketime"), arguments: ["1999-12-31 23:59:59", "2038-01-19 03:14:08", "2099-01-01 00:00:00"])
  func `a clock that jumped changes no result`(time: String) throws {
    let (shop, other) = (try Shop(), try Shop())
    #expect(try shop.run("run", "shop.yaml", "--quiet").status == 0)
    let jumped = try Holdfast.shell("faketime '\(time)' \"\(Holdfast.path)\" run shop.yaml --quiet", in: other.folder)
    #expect(jumped.status == 0, "\(jumped.errors)")
    let tables = try [shop, other].map { try Results.tables($0.folder + "/out/shop.sqlite", without: ["run_id"]) }
    #expect(Results.differences(tables[0], tables[1]).isEmpty)
    // And back again, in the same state.
    try other.write("dumps/b.csv", Shop.rows.replacing("t1", with: "x1"))
    #expect(try other.run("run", "shop.yaml", "--quiet").status == 0)
    #expect(try other.run("status", "shop.yaml").output.contains("published  as of 2024-05-30"))
  }

  @Test func `what was planted in the results database runs nothing`() throws {
    let shop = try Shop()
    #expect(try shop.run("run", "shop.yaml", "--quiet").status == 0)
    try shop.write(
      "plant.sql",
      """
      CREATE TRIGGER evil AFTER INSERT ON customers BEGIN DELETE FROM segments; SELECT writefile('gone', 'x'); END;
      CREATE TRIGGER worse BEFORE DELETE ON customers BEGIN INSERT INTO runs SELECT * FROM runs; END;
      CREATE VIEW planted AS SELECT load_extension('evil'), writefile('gone', 'x');
      CREATE TABLE generated (a TEXT, b AS (upper(a) || writefile('gone', 'x')));
      INSERT INTO generated (a) VALUES ('x');

      """)
    _ = try Holdfast.shell("sqlite3 out/shop.sqlite < plant.sql", in: shop.folder)
    #expect(try shop.query("SELECT count(*) FROM sqlite_schema WHERE name IN ('evil', 'worse', 'planted')") == "3\n")
    try shop.write("dumps/b.csv", Shop.rows.replacing("anna", with: "dora"))
    for command in [
      ["run", "shop.yaml", "--quiet"], ["status", "shop.yaml"], ["export", "shop.yaml", "customers"],
      ["validate", "shop.yaml", "--database"],
    ] {
      let result = try Holdfast.finish(Holdfast.process(command, in: shop.folder))
      #expect(![70, 134, 139].contains(result.status), "\(command): \(result.status) \(result.errors)")
    }
    #expect(!shop.files("").contains("gone"))
    #expect(try shop.query("SELECT count(*) FROM segments") == "11\n", "a trigger ran")
  }
}
