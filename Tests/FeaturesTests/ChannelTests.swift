import Columns
import Dumps
import Features
import Testing
import Twins

/// Which purchase is the first and which the last, where the clock alone does not say it.
struct ChannelTests {
  private func channels(_ rows: [String], zone: String = "UTC") throws -> [TwinCell?] {
    let folder = try StoreFolder()
    var mapping = cdnowMapping
    mapping.channel = "channel"
    let text = (["transaction_id,customer_id,occurred_at,amount,channel"] + rows).joined(separator: "\n") + "\n"
    let store = try folder.store([try folder.write("tx.csv", text)], mapping: mapping, zone: zone)
    let row = cells(of: try transform(store, options: TransformOptions(asOf: Day("2025-01-01")!, threads: 1)).customers)["c"]
    return [row?["first_channel"], row?["last_channel"]]
  }

  @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
  func `of three purchases in one second the smallest id is the first and the greatest the last`(order: [Int]) throws {
    let rows = ["b,c,2024-05-01T10:00:00Z,1,web", "a,c,2024-05-01T10:00:00Z,1,web", "aa,c,2024-05-01T10:00:00Z,1,app"]
    #expect(try channels(order.map { rows[$0] }) == [.text("web"), .text("web")])
    let others = ["aa,c,2024-05-01T10:00:00Z,1,web", "b,c,2024-05-01T10:00:00Z,1,app", "a,c,2024-05-01T10:00:00Z,1,app"]
    #expect(try channels(order.map { others[$0] }) == [.text("app"), .text("app")])
  }

  @Test func `an id of digits is compared as text, whatever its length`() throws {
    let rows = ["9,c,2024-05-01T10:00:00Z,1,web", "10,c,2024-05-01T10:00:00Z,1,app"]
    #expect(try channels(rows) == [.text("app"), .text("web")])
  }

  @Test func `in the hour that comes twice the earlier instant is the first, though the wall clock says later`() throws {
    // 2024-10-27 in Berlin: 02:50 of summer time, then 02:10 of winter time.
    let rows = ["b,c,2024-10-27T00:50:00Z,1,web", "a,c,2024-10-27T01:10:00Z,1,app"]
    #expect(try channels(rows, zone: "Europe/Berlin") == [.text("web"), .text("app")])
    #expect(try channels(rows.reversed(), zone: "Europe/Berlin") == [.text("web"), .text("app")])
  }
}
