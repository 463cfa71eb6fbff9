import Foundation
import Testing

@Suite struct `The command line` {
  @Test func `explains itself, with examples and exit codes`() throws {
    let result = try Holdfast.run("--help")
    #expect(result.status == 0)
    for word in [
      "EXAMPLES", "EXIT CODES", "sniff", "init", "run", "extract", "transform", "score", "publish", "backfill", "backtest", "plan",
      "validate",
      "status", "export",
      "erase", "generate",
    ] {
      #expect(result.output.contains(word))
    }
    #expect(result.errors.isEmpty)
  }

  @Test(arguments: [
    "sniff", "init", "run", "extract", "transform", "score", "publish", "backfill", "backtest", "plan", "validate", "status", "export",
    "erase",
    "generate",
  ])
  func `explains each command, with an example`(command: String) throws {
    let result = try Holdfast.run("help", command)
    #expect(result.status == 0)
    #expect(result.output.contains("USAGE: holdfast \(command) <"))
    #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "wider than a terminal of 80 columns")
    #expect(result.output.contains("EXAMPLES"))
  }

  @Test(arguments: [
    ["rnu"], ["run", "--asof", "2025-01-01", "x.yaml"], ["run"], ["run", "a.yaml", "-p", "b.yaml"], ["run", "x.yaml", "--threads", "many"],
  ])
  func `refuses what it does not know with 64, on standard error`(arguments: [String]) throws {
    let process = Holdfast.process(arguments, in: NSTemporaryDirectory())
    let result = try Holdfast.finish(process)
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("Error: "))
  }

  @Test func `suggests the command that was meant`() throws {
    let result = try Holdfast.run("rnu", "x.yaml")
    #expect(result.status == 64)
    #expect(result.errors.hasPrefix("Error: Unknown command 'rnu'; did you mean 'run'?\n"))
  }

  @Test func `tells its version`() throws {
    #expect(try Holdfast.run("--version").output.split(separator: ".").count == 3)
  }

  @Test func `names a pipeline file that is not there`() throws {
    let result = try Holdfast.run("run", "no-such.yaml")
    #expect(result.status == 66)
    #expect(result.output.isEmpty)
    #expect(
      result.errors
        == "error: no-such.yaml: there is no such pipeline file\n  fix: name an existing pipeline file, such as pipelines/nightly.yaml\n")
  }

  @Test func `points at each line of a bad pipeline file`() throws {
    let shop = try Shop()
    try "nmae: a\nthreads: x\n".write(toFile: shop.folder + "/bad.yaml", atomically: false, encoding: .utf8)
    let result = try shop.run("validate", "bad.yaml")
    #expect(result.status == 78)
    #expect(
      result.errors.contains(
        "\n  bad.yaml:1:1: unknown key 'nmae'; did you mean 'name'?\n  bad.yaml:1:1: feeds.transactions.dumps is missing"))
    #expect(result.errors.contains("\n  bad.yaml:2:10: threads: expected"))
  }

  @Test(arguments: ["nightly", "cdnow", "bench"]) func `finds the pipelines of this package sound`(name: String) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    let result = try Holdfast.run("validate", "pipelines/\(name).yaml", in: root)
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("pipelines/\(name).yaml: sound\n"))
  }

  @Test func `takes a reader who has seen enough for success`() throws {
    let shop = try Shop()
    let result = try Holdfast.shell(
      "holdfast --help | head -1; echo ${PIPESTATUS[0]}; holdfast status shop.yaml --json | true; echo ${PIPESTATUS[0]}", in: shop.folder)
    #expect(result.output.split(separator: "\n").suffix(2) == ["0", "0"])
    #expect(result.errors.isEmpty)
  }

  @Test func `says so when its output can not be written`() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let shop = try Shop()
    let result = try Holdfast.shell("holdfast validate shop.yaml > /dev/full", in: shop.folder)
    #expect(result.status == 74)
    #expect(result.errors.hasPrefix("error: cannot write to standard output: "))
  }
}

@Suite struct `Before anything is loaded` {
  @Test func `status tells that nothing is there, and makes nothing`() throws {
    let shop = try Shop()
    let result = try shop.run("status", "shop.yaml")
    #expect(result.status == 0)
    #expect(result.output.contains("store      nothing loaded yet\npublished  nothing yet\n"))
    #expect(shop.files("") == ["dumps", "shop.yaml"])
    let facts = try shop.json(try shop.run("status", "-p", "shop.yaml", "--json").output)
    #expect(facts["pipeline"] as? String == "shop")
    #expect((facts["runs"] as? [Any])?.isEmpty == true)
  }

  @Test func `a dry run lists the dumps and makes nothing`() throws {
    let shop = try Shop()
    let result = try shop.run("run", "shop.yaml", "--dry-run")
    #expect(result.status == 0)
    #expect(result.output == "dumps/a.csv  new: would be read\n")
    #expect(try shop.run("extract", "shop.yaml", "--dry-run", "--dumps", "nothing/*").status == 66)
    #expect(shop.files("") == ["dumps", "shop.yaml"])
  }

  @Test(arguments: [("transform", "extract"), ("score", "transform"), ("publish", "transform")])
  func `a stage names the one to run first`(stage: String, first: String) throws {
    let shop = try Shop()
    let result = try shop.run(stage, "shop.yaml")
    #expect(result.status == 66)
    #expect(result.errors.contains("fix: run first: holdfast \(first) shop.yaml\n"))
    let run = try #require(shop.files("state/runs").first)
    #expect(try shop.json(try shop.text("state/runs/\(run)/run_results.json"))["exit_code"] as? Int == 66)
  }

  @Test func `the lock of another process stops a run with 75 and names it`() throws {
    let shop = try Shop()
    let line = "mkdir -p state; flock state/lock sh -c 'echo pid 4711 on elsewhere > state/lock; \"$0\" run shop.yaml' \"\(Holdfast.path)\""
    let result = try Holdfast.shell(line, in: shop.folder)
    #expect(result.status == 75)
    #expect(result.errors.hasPrefix("error: another run works in state: pid 4711 on elsewhere\n"))
  }
  @Test func `a look at the state that takes a moment does not stop a run`() throws {
    let shop = try Shop()
    let line = "mkdir -p state; flock state/lock sleep 0.3 & sleep 0.1; holdfast run shop.yaml --quiet"
    let result = try Holdfast.shell(line, in: shop.folder)
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test func `a note that can not be written does not hide that the results are published`() throws {
    let shop = try Shop()
    try FileManager.default.createDirectory(atPath: shop.folder + "/state/published.json/x", withIntermediateDirectories: true)
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 74)
    #expect(result.errors.contains("the results are published"))
    #expect(try Holdfast.shell("sqlite3 out/shop.sqlite 'SELECT count(*) FROM customers'", in: shop.folder).output == "3\n")
  }
}
