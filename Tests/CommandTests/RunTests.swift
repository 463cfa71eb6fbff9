import Foundation
import Testing

@Suite struct `A whole run` {
  @Test func `publishes, prints a summary, and leaves its record`() throws {
    let shop = try Shop()
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("holdfast · shop · as of 2024-05-30"))
    let rows = try #require(result.output.split(separator: "\n").first { $0.hasPrefix("this run") })
    #expect(rows.split(separator: " ").suffix(5) == ["5", "5", "0", "0", "1"])
    let record = try record(shop)
    #expect(record["state"] as? String == "succeeded")
    #expect(record["as_of"] as? String == "2024-05-30")
    #expect(record["published"] as? Bool == true)
    #expect((record["stages"] as? [[String: Any]])?.compactMap { $0["stage"] as? String } == ["extract", "transform", "score", "publish"])
    #expect(try shop.json(shop.text("state/published.json"))["as_of"] as? String == "2024-05-30")
  }

  @Test func `suggests queries that work`() throws {
    let shop = try Shop()
    for extra in ["", "publish: {columns: [customer_id, net_minor]}\n", "publish: {columns: [customer_id]}\n"] {
      try (shop.text("shop.yaml") + extra).write(toFile: shop.folder + "/x.yaml", atomically: false, encoding: .utf8)
      let facts = try shop.json(shop.run("run", "x.yaml", "--json", "--database", "it's \(extra.count).sqlite").output)
      let queries = try #require(facts["queries"] as? [String])
      #expect(queries.count == 3)
      for query in queries {
        let answer = try Holdfast.shell(query, in: shop.folder)
        #expect(answer.status == 0, "\(query): \(answer.errors)")
        #expect(!answer.output.isEmpty)
      }
    }
  }

  @Test func `says the same with JSON, in numbers`() throws {
    let shop = try Shop()
    let facts = try shop.json(shop.run("run", "shop.yaml", "--json", "--quiet").output)
    #expect(facts["customers"] as? Int == 3)
    let rows = try #require(facts["rows_of_run"] as? [String: Int])
    #expect(rows == ["dumps": 1, "read": 5, "kept": 5, "rejected": 0, "duplicate": 0, "filtered": 0])
    let segments = try #require(facts["segments"] as? [[String: Any]])
    #expect(segments.count == 11)
    #expect(segments.reduce(0) { $0 + ($1["customers"] as? Int ?? 0) } == 3)
    #expect(segments.reduce(0) { $0 + ($1["net_minor"] as? Int ?? 0) } == 13_049)
  }

  @Test func `run again reads nothing and says so`() throws {
    let shop = try Shop()
    #expect(try shop.run("run", "shop.yaml").status == 0)
    let again = try shop.run("run", "shop.yaml")
    #expect(again.status == 0)
    #expect(again.output.contains("1 dump was loaded before and not read again"))
    #expect(
      try shop.run("run", "shop.yaml", "--dry-run").output == "dumps/a.csv  loaded before: opened only if the file was touched since\n")
  }

  @Test func `with a corrupt dump loads the good one, publishes nothing and exits 65`() throws {
    let shop = try Shop(dumps: ["a.csv": Shop.rows, "b.csv": "\u{1F}\u{8B}no gzip"])
    try Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]).write(to: URL(fileURLWithPath: shop.folder + "/dumps/b.csv"))
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 65)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("error: 1 of 2 dumps could not be loaded; the others are, and nothing was published\n  dumps/b.csv"))
    #expect(shop.files("out").isEmpty)
    let record = try record(shop)
    #expect((record["dumps"] as? [[String: Any]])?.compactMap { $0["outcome"] as? String } == ["loaded", "failed"])
    #expect(record["exit_code"] as? Int == 65)
    try FileManager.default.removeItem(atPath: shop.folder + "/dumps/b.csv")
    let mended = try shop.run("run", "shop.yaml")
    #expect(mended.status == 0)
    #expect(mended.output.contains("1 dump was loaded before and not read again"))
  }

  @Test func `with a dump over its reject limit publishes nothing and exits 1`() throws {
    let shop = try Shop(dumps: ["a.csv": Shop.rows + "t9,dora,2024-05-30T00:00:00Z,much,0.00,0.00,books,web,purchase\n"])
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 1)
    #expect(!result.errors.contains("much"), "an error names a value")
    #expect(shop.files("out").isEmpty)
  }

  @Test func `stage by stage publishes the same customers as in one go`() throws {
    let (shop, other) = (try Shop(), try Shop())
    for stage in ["extract", "transform", "score", "publish"] {
      let result = try shop.run(stage, "shop.yaml")
      #expect(result.status == 0, "\(stage): \(result.errors)")
    }
    #expect(try other.run("run", "shop.yaml").status == 0)
    for table in ["customers", "segments", "churn_metrics", "data_dictionary"] {
      let dumps = try [shop, other].map { try Holdfast.shell("sqlite3 out/shop.sqlite 'SELECT * FROM \(table)'", in: $0.folder) }
      #expect(!dumps[0].output.isEmpty)
      #expect(dumps[0].output == dumps[1].output)
    }
  }

  @Test func `does not follow a newest transaction that is far from the last published day`() throws {
    let shop = try Shop()
    #expect(try shop.run("run", "shop.yaml").status == 0)
    let late = Shop.rows.split(separator: "\n")[0] + "\nt99,anna,2099-01-01T00:00:00Z,1.00,0.00,0.00,books,web,purchase\n"
    try late.write(toFile: shop.folder + "/dumps/b.csv", atomically: false, encoding: .utf8)
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 1)
    #expect(result.errors.contains("the newest transaction is of 2099-01-01"))
    #expect(try shop.run("run", "shop.yaml", "--as-of", "2024-06-01").status == 0)
  }

  @Test func `is checked block by block by validate`() throws {
    let shop = try Shop()
    #expect(try shop.run("run", "shop.yaml").status == 0)
    let sound = try shop.run("validate", "shop.yaml", "--store", "--database")
    #expect(sound.output == "shop.yaml: sound\ndumps/a.csv: sound, 5 rows\nstate: sound\nout/shop.sqlite: sound\n")
    #expect(try shop.run("status", "shop.yaml").output.contains("published  as of 2024-05-30 by run "))
  }

  private func record(_ shop: Shop) throws -> [String: Any] {
    let newest = try #require(shop.files("state/runs").last)
    return try shop.json(shop.text("state/runs/\(newest)/run_results.json"))
  }
}

@Suite(.timeLimit(.minutes(15))) struct `An interrupted run` {
  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func `ends within a second, says so in its record, and frees the lock`(signal: Int32, status: Int32) throws {
    let shop = try Shop()
    try FileManager.default.removeItem(atPath: shop.folder + "/dumps/a.csv")
    #expect(try Holdfast.run("generate", shop.folder + "/dumps", "--rows", "400000", "--files", "2", "--level", "1").status == 0)
    let process = Holdfast.process(["run", "shop.yaml", "--dumps", "dumps/*.gz", "--threads", "1"], in: shop.folder)
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    while shop.files("state/runs").isEmpty, process.isRunning { Thread.sleep(forTimeInterval: 0.002) }
    Thread.sleep(forTimeInterval: 0.02)
    let sent = ContinuousClock.now
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(ContinuousClock.now - sent < .seconds(1))
    #expect(process.terminationStatus == status)
    #expect(process.terminationReason == .exit)
    let run = try #require(shop.files("state/runs").first)
    let record = try shop.json(shop.text("state/runs/\(run)/run_results.json"))
    #expect(record["state"] as? String == "interrupted")
    #expect(record["exit_code"] as? Int == Int(status))
    #expect(!shop.files("out").contains("shop.sqlite"))
    let again = try shop.run("extract", "shop.yaml", "--dumps", "dumps/*.gz", "--quiet")
    #expect(again.status == 0 || again.status == 1, "\(again.errors)")
  }
}

@Suite struct `Generated dumps` {
  @Test func `are told in numbers`() throws {
    let shop = try Shop()
    let result = try Holdfast.run("generate", shop.folder + "/new", "--rows", "2000", "--customers", "100", "--files", "2", "--json")
    #expect(result.status == 0)
    let facts = try shop.json(result.output)
    #expect((facts["purchases"] as? Int ?? 0) + (facts["refunds"] as? Int ?? 0) == 2000)
    #expect(facts["customers"] as? Int == 100)
    #expect(shop.files("new").filter { $0.hasSuffix(".csv.gz") }.count == 2)
  }

  @Test func `need sensible numbers`() throws {
    let result = try Holdfast.run("generate", "/nonexistent/x", "--rows", "0")
    #expect(result.status == 64)
    #expect(result.errors.hasPrefix("error: --rows 0: expected a number from 1"))
  }
}
