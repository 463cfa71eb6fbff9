/// What was bought in one purchase: a function of seed and purchase alone, so that its refund and its duplicates repeat it
/// and nothing of it needs to be kept. Money is in minor units.
struct Sale: Hashable {
  var amount: Int
  var discount: Int
  var cost: Int
  var category: UInt8
  var channel: UInt8

  /// Draws 0…2 of a purchase place it in time (`TransactionTimeline`), 3…9 fill it.
  static let drawsPerPurchase = 16

  /// Prices lie lognormally (σ = 0.6) around the category's; 30 % are discounted by 5 to 30 %; the cost is 45 to 75 % of the list price.
  /// - Parameter amount: what is paid, where that has been decided; the list price then follows from it.
  init(purchase: Int, preferredChannel: UInt8, amount given: Int?, _ draws: Draws) {
    let position = UInt64(purchase) * UInt64(Self.drawsPerPurchase)
    category = Categories.drawn(draws.uniform(position + 3))
    let keepsChannel = draws.uniform(position + 4) < 0.8
    channel = keepsChannel ? preferredChannel : Channels.drawn(draws.uniform(position + 5))
    let isDiscounted = draws.uniform(position + 7) < 0.3
    let drawnRate = Self.discountRates[Int(draws.whole(position + 8, below: UInt64(Self.discountRates.count)))]
    let rate = isDiscounted ? drawnRate : 0
    let list: Double
    if let given {
      list = (Double(given) / (1 - rate)).rounded()
      discount = Int(list) - given
      amount = given
    } else {
      let price = Categories.prices[Int(category)] * exponential(0.6 * draws.standardNormal(position + 6))
      list = max(100, (100 * price).rounded())
      discount = Int((list * rate).rounded())
      amount = Int(list) - discount
    }
    cost = Int((list * (0.45 + 0.30 * draws.uniform(position + 9))).rounded())
  }

  private static let discountRates = [0.05, 0.1, 0.15, 0.2, 0.3]
}

enum Categories {
  static let names = [
    "grocery", "household", "beauty", "snacks", "electronics", "clothing", "books", "toys", "furniture", "stationery", "sports", "garden",
  ].map { Array($0.utf8) }
  /// In major units.
  static let prices: [Double] = [35, 60, 45, 25, 120, 80, 20, 55, 300, 15, 90, 200]
  private static let cumulativeShares = [0.30, 0.44, 0.54, 0.63, 0.71, 0.78, 0.84, 0.89, 0.93, 0.96, 0.985]

  static func drawn(_ uniform: Double) -> UInt8 { UInt8(cumulativeShares.firstIndex { uniform < $0 } ?? cumulativeShares.count) }
}

enum Channels {
  static let names = ["web", "store", "app", "phone"].map { Array($0.utf8) }
  private static let cumulativeShares = [0.45, 0.75, 0.95]

  static func drawn(_ uniform: Double) -> UInt8 { UInt8(cumulativeShares.firstIndex { uniform < $0 } ?? cumulativeShares.count) }
}
