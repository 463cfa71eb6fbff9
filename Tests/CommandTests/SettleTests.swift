import Foundation
import Testing

@Suite struct `A dump that was modified a moment ago` {
  private func touch(_ shop: Shop, _ name: String, _ when: String) throws {
    #expect(try Holdfast.shell("touch -d '\(when)' dumps/\(name)", in: shop.folder).status == 0)
  }

  @Test func `is left for the next run, which loads it`() throws {
    let shop = try Shop(dumps: ["a.csv": Shop.rows, "b.csv": Shop.rows.replacing("\nt", with: "\nu")])
    try shop.pipeline(settle: "5m")
    try touch(shop, "a.csv", "10 minutes ago")
    let plan = try shop.run("run", "shop.yaml", "--dry-run").output.split(separator: "\n")
    #expect(plan.count == 2 && plan[0] == "dumps/a.csv  new: would be read" && plan[1].hasPrefix("dumps/b.csv  modified "), "\(plan)")
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("1 dump was modified a moment ago and left for the next run\n"))
    #expect(result.errors.contains("dumps/b.csv: modified "))
    #expect(result.errors.contains(" s ago: it may still be growing, so it is left for the next run"))
    #expect(try shop.outcomes() == ["dumps/a.csv loaded", "dumps/b.csv unsettled"])
    try touch(shop, "b.csv", "6 minutes ago")
    let next = try shop.run("run", "shop.yaml")
    #expect(next.status == 0 && !next.errors.contains("b.csv"), "\(next.errors)")
    #expect(try shop.outcomes() == ["dumps/a.csv unchanged", "dumps/b.csv loaded"])
    #expect(try shop.query("SELECT sum(rows_loaded) FROM loads") == "10\n")
  }

  @Test func `is what all dumps of a new shop are, which ends with 66 and says how to go on`() throws {
    let shop = try Shop()
    try shop.pipeline(settle: "5m")
    let result = try shop.run("run", "shop.yaml")
    #expect(result.status == 66)
    #expect(result.errors.contains("nothing to load yet: 1 dump was modified within the last 5m\n  fix: run again in a while"))
    #expect(try shop.run("run", "shop.yaml", "--settle", "0").status == 0)
    let wrong = try shop.run("run", "shop.yaml", "--settle", "soon")
    #expect(wrong.status == 64 && wrong.errors.contains("--settle: expected 0 or a time up to 7d, such as 5m, found 'soon'"))
  }

  @Test func `is not taken for one whose time lies ahead of the clock`() throws {
    let shop = try Shop()
    try shop.pipeline(settle: "5m")
    try touch(shop, "a.csv", "2 years")
    // It came just now, whatever its own time says.
    let first = try shop.run("run", "shop.yaml")
    #expect(first.status == 66)
    #expect(first.errors.contains("dumps/a.csv: its time of modification lies ahead of the clock, and it came "), "\(first.errors)")
    Thread.sleep(forTimeInterval: 2.1)
    let settled = try shop.run("run", "shop.yaml", "--settle", "1s")
    #expect(settled.status == 0, "\(settled.errors)")
    #expect(settled.errors.contains("dumps/a.csv: its time of modification lies ahead of the clock; it is read all the same"))
    #expect(try shop.query("SELECT rows_loaded FROM loads") == "5\n")
  }
}
