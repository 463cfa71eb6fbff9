/// How many customers a backtest looks at.
package enum BacktestSample {
  /// Where there are more, a half of them, a quarter and so on is looked at: beyond so many, models and measures hardly change any more
  /// (an area under the curve has a standard error of about 0.001 at half of it), and cost only grows.
  package static let customersMost = 262_144

  /// One in how many customers is looked at, a power of two.
  package static func oneIn(customers: Int) -> Int {
    var oneIn = 1
    while customers > customersMost * oneIn { oneIn *= 2 }
    return oneIn
  }
}
