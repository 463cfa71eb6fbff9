import Foundation
import Testing

@Suite struct `A plan` {
  @Test func `is a pipeline file that says the same, and makes nothing`() throws {
    let shop = try Shop()
    let plan = try shop.run("plan", "shop.yaml", "--as-of", "2024-05-30")
    #expect(plan.status == 0, "\(plan.errors)")
    #expect(plan.output.contains("#   extract  dumps/a.csv: new: would be read\n#   publish  out/shop.sqlite as of 2024-05-30\n"))
    #expect(shop.files("") == ["dumps", "shop.yaml"])
    try plan.output.write(toFile: shop.folder + "/planned.yaml", atomically: false, encoding: .utf8)
    let again = try shop.run("plan", "planned.yaml")
    #expect(
      again.output.split(separator: "\n").filter { !$0.hasPrefix("#") } == plan.output.split(separator: "\n").filter { !$0.hasPrefix("#") })
    #expect(try shop.run("run", "planned.yaml").status == 0)
    let record = try shop.json(shop.text("state/runs/\(try #require(shop.files("state/runs").last))/run_results.json"))
    let facts = try shop.json(shop.run("plan", "shop.yaml", "--as-of", "2024-05-30", "--json").output)
    #expect(facts["resolved_sha256"] as? String == record["pipeline_sha256"] as? String)
    #expect((facts["dumps"] as? [[String: Any]])?.first?["plan"] as? String == "loaded before: opened only if the file was touched since")
  }

  @Test func `names what is wrong with the file`() throws {
    let shop = try Shop()
    try "treads: 1\n".write(toFile: shop.folder + "/bad.yaml", atomically: false, encoding: .utf8)
    let result = try shop.run("plan", "bad.yaml")
    #expect(result.status == 78)
    #expect(result.errors.contains("bad.yaml:1:1: unknown key 'treads'; did you mean 'threads'?"))
  }
}

@Suite struct `A monitor that asks for the age of the results` {
  @Test func `is told by the exit code`() throws {
    let shop = try Shop()
    let none = try shop.run("status", "shop.yaml", "--max-age", "26h")
    #expect(none.status == 1)
    #expect(none.errors.hasPrefix("error: nothing is published yet; --max-age allows 26h\n"))
    #expect(try shop.run("run", "shop.yaml").status == 0)
    let fresh = try shop.run("status", "shop.yaml", "--max-age", "26h")
    #expect(fresh.status == 0, "\(fresh.errors)")
    let old = #"{"as_of": "2024-05-30", "run_id": "20240531T020000Z-3f9a1c07", "database": "out/shop.sqlite"}"#
    try old.write(toFile: shop.folder + "/state/published.json", atomically: false, encoding: .utf8)
    let late = try shop.run("status", "shop.yaml", "--max-age", "26h")
    #expect(late.status == 1)
    #expect(late.output.hasPrefix("pipeline   shop\n"))
    #expect(late.errors.hasPrefix("error: the newest results are of a run that began 2024-05-31T02:00:00Z, "))
  }

  @Test(arguments: ["", "h", "26", "-1h", "1.5h", "0h", "9999999999999999999h", "２h"]) func `must say it in whole units`(age: String) throws
  {
    let shop = try Shop()
    let result = try shop.run("status", "shop.yaml", "--max-age=\(age)")
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
  }
}
