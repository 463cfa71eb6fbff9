import Columns
import Features
import Testing
import Twins

/// Sums that do not fit into 63 bits are an error, never a wrong number and never a trap.
struct OverflowTests {
  private static let huge = "92233720368547758.06"
  private static let header = "transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind\n"

  private func features(_ rows: [String]) throws -> FeatureSet {
    let folder = try StoreFolder()
    let store = try folder.store([try folder.write("tx.csv", Self.header + rows.joined(separator: "\n") + "\n")])
    return try transform(store, options: TransformOptions(asOf: Day("2024-12-31")!, threads: 2))
  }

  @Test(arguments: [
    ["1,a,2024-01-01,\(huge),,,,,purchase", "2,a,2024-01-02,\(huge),,,,,purchase"],
    ["1,a,2024-01-01,\(huge),,,,,purchase", "2,a,2024-03-02,0.02,,,,,purchase"],
    ["1,a,2024-01-01,\(huge),,,,,purchase", "2,b,2024-01-02,\(huge),,,,,purchase"],
    ["1,a,2024-01-01,\(huge),,,,,refund", "2,a,2024-03-02,\(huge),,,,,refund"],
    ["1,a,2024-01-01,\(huge),,,,,refund", "2,b,2024-01-02,\(huge),,,,,refund"],
    ["1,a,2024-01-01,\(huge),\(huge),,,,purchase"],
    ["1,a,2024-01-01,1,\(huge),,,,purchase", "2,a,2024-01-02,1,\(huge),,,,purchase"],
    ["1,a,2024-01-01,1,,\(huge),,,purchase", "2,a,2024-01-02,1,,\(huge),,,purchase"],
    ["1,a,2024-01-01,1,,\(huge),,,refund", "2,a,2024-01-02,1,,\(huge),,,refund"],
  ])
  func `amounts that add up to more than fits are an error of the input`(rows: [String]) throws {
    let error = #expect(throws: PipelineError.self) { try features(rows) }
    #expect(error?.exit == .badInput)
  }

  @Test func `the greatest amount alone is exact`() throws {
    let row = cells(
      of: try features(["1,a,2024-12-01,\(Self.huge),0,\(Self.huge),,,purchase", "2,b,2024-12-02,\(Self.huge),,\(Self.huge),,,refund"])
        .customers)
    #expect(row["a"]?["gross_minor"] == .integer(.max - 1) && row["a"]?["margin_minor"] == .integer(0))
    #expect(row["a"]?["spend_30d_minor"] == .integer(0) && row["a"]?["spend_90d_minor"] == .integer(.max - 1))
    #expect(row["b"]?["net_minor"] == .integer(-(.max - 1)) && row["b"]?["cost_minor"] == .integer(-(.max - 1)))
  }

  @Test func `customers of the first and the last year that dates can name are told apart from a trap`() throws {
    let row = cells(of: try features(["1,a,0001-01-01,1,,,,,purchase", "2,a,9999-12-31,1,,,,,purchase"]).customers)
    #expect(row["a"]?["purchases"] == .integer(1))
    #expect(row["a"]?["first_purchase"] == .integer(-719_162))
  }
}
