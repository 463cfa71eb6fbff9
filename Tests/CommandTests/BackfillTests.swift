import Foundation
import Testing

@Suite struct `A backfill` {
  private func published() throws -> Shop {
    let shop = try Shop()
    #expect(try shop.run("run", "shop.yaml").status == 0)
    return shop
  }

  private func query(_ shop: Shop, _ sql: String) throws -> [String] {
    try Holdfast.shell("sqlite3 out/shop.sqlite \"\(sql)\"", in: shop.folder).output.split(separator: "\n").map(String.init)
  }

  @Test func `lists its days, writes them, and with --missing leaves out what is there`() throws {
    let shop = try published()
    let months = ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]
    let list = try shop.run("backfill", "shop.yaml", "--from", "2024-01-31", "--every", "month", "--dry-run")
    #expect(list.status == 0 && list.output.split(separator: "\n").map(String.init) == months)
    #expect(try query(shop, "SELECT as_of FROM published_days") == ["2024-05-30"])
    #expect(try shop.run("backfill", "shop.yaml", "--from", "2024-02-29", "--to", "2024-03-07", "--every", "7d").status == 0)
    #expect(try query(shop, "SELECT as_of FROM published_days") == ["2024-02-29", "2024-03-07", "2024-05-30"])
    let rest = try shop.run("backfill", "shop.yaml", "--from", "2024-01-01", "--every", "month", "--missing", "--json")
    #expect(rest.status == 0, "\(rest.errors)")
    let days = try shop.json(rest.output)["days"] as? [[String: Any]]
    #expect(days?.compactMap { $0["as_of"] as? String } == ["2024-01-31", "2024-03-31", "2024-04-30"])
    #expect(days?.compactMap { $0["customers"] as? Int } == [1, 2, 2])
    #expect(
      try query(shop, "SELECT as_of, sum(customers) FROM segment_history GROUP BY 1") == [
        "2024-01-31|1", "2024-02-29|1", "2024-03-07|2", "2024-03-31|2", "2024-04-30|2", "2024-05-30|3",
      ])
    #expect(try query(shop, "SELECT as_of, customers FROM publication") == ["2024-05-30|3"])
    #expect(try query(shop, "SELECT count(*) FROM runs") == ["1"])
  }

  @Test func `is what run names for a day older than the newest published one`() throws {
    let shop = try published()
    let refused = try shop.run("run", "shop.yaml", "--as-of", "2024-03-31")
    #expect(refused.status == 64 && refused.output.isEmpty)
    #expect(refused.errors.contains("holdfast backfill PIPELINE --from 2024-03-31 --to 2024-03-31"))
    #expect(try query(shop, "SELECT as_of FROM published_days") == ["2024-05-30"])
  }

  @Test(arguments: [
    ["--from", "2024-13-01"], ["--from", "2024-05-30"], ["--from", "2024-03-02", "--to", "2024-03-01"],
    ["--from", "2024-03-02", "--to", "2024-05-30"], ["--from", "2024-03-02", "--every", "0d"], ["--from", "2024-03-02", "--every", "week"],
    [],
  ])
  func `refuses days and steps that make no sense with 64`(flags: [String]) throws {
    let shop = try published()
    for extra in [[], ["--dry-run"]] {
      let process = Holdfast.process(["backfill", "shop.yaml"] + flags + extra, in: shop.folder)
      let result = try Holdfast.finish(process)
      #expect(result.status == 64 && result.output.isEmpty, "\(flags): \(result.errors)")
    }
    #expect(try query(shop, "SELECT as_of FROM published_days") == ["2024-05-30"])
  }

  @Test func `needs a published day`() throws {
    let shop = try Shop()
    #expect(try shop.run("extract", "shop.yaml").status == 0)
    let result = try shop.run("backfill", "shop.yaml", "--from", "2024-01-31")
    #expect(result.status == 66 && result.errors.contains("run"))
    #expect(shop.files("out").isEmpty)
  }
}
