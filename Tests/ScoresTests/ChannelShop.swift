import Columns
import Events
import Features
import Foundation
import Twins

/// Customers of a few channels, drawn from Pareto/NBD; the web's buy twice as often.
enum ChannelShop {
  static let day = Day("2000-01-01")!

  /// - Parameters:
  ///   - channels: of each customer; nil: none is named.
  ///   - rows: more lines of the dump.
  static func features(_ channels: [String?], rows: [String] = []) throws -> FeatureSet {
    var state: UInt64 = 7, text = "transaction_id,customer_id,occurred_at,amount,channel\n", number = 0
    func random(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    func exponential() -> Double { -log((Double(random(1 << 30)) + 0.5) / Double(1 << 30)) }
    for (customer, channel) in channels.enumerated() {
      // r and s are 1, α is 80 days or 40, β 200.
      let age = 100 + random(600), rate = exponential() / (channel == "web" ? 40 : 80), life = exponential() / (exponential() / 200)
      var clock = 0.0
      while clock < min(Double(age), life) {
        text += "t\(number),c\(customer),\(day + (Int(clock) - age)),\(1 + number % 9),\(channel ?? "")\n"
        number += 1
        clock += exponential() / rate
      }
    }
    var mapping = cdnowMapping
    mapping.channel = "channel"
    mapping.refunds = .sign
    let folder = try StoreFolder()
    let store = try folder.store([try folder.write("some.csv", text + rows.map { $0 + "\n" }.joined())], mapping: mapping)
    return try transform(store, options: TransformOptions(asOf: day, threads: 2))
  }

  /// So many customers of each channel, mixed, so that no level stands in a row.
  static func channels(_ parts: [(String?, Int)]) -> [String?] {
    let all = parts.flatMap { part in (0..<part.1).map { _ in part.0 } }
    return all.indices.map { all[($0 * 7919) % all.count] }
  }
}
