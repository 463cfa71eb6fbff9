/// Gradient-boosted trees for the odds of an outcome: XGBoost's (Chen and Guestrin 2016), where the package was built with its trait `XGBoost`.
///
/// Trees are grown by the histogram method on one thread, without any sampling, so that the same rows in the same order give the same bytes.
package struct BoostedTrees: Sendable, Hashable {
  /// Whether this binary can grow and read trees.
  package static var isAvailable: Bool { TreeLibrary.isThere }

  /// As the library writes them (UBJSON).
  package let bytes: [UInt8]

  /// - Throws: where the library refuses the bytes, or this binary has no library.
  package init(bytes: [UInt8]) throws(BoosterError) {
    self.bytes = bytes
    try TreeLibrary.check(bytes)
  }

  private init(grown bytes: [UInt8]) { self.bytes = bytes }

  /// - Parameter outcome: of each row.
  package static func grow(_ inputs: TreeInputs, outcome: [Bool], _ options: TreeOptions) throws(BoosterError) -> BoostedTrees {
    precondition(outcome.count == inputs.rows)
    return BoostedTrees(grown: try TreeLibrary.grow(inputs, outcome, options))
  }

  /// ln of the odds of each row.
  /// - Parameter rounds: how many trees count; 0: all.
  package func logOdds(_ inputs: TreeInputs, rounds: Int = 0, threads: Int) throws(BoosterError) -> [Double] {
    try TreeLibrary.predict(bytes, inputs, kind: 1, rounds: rounds, width: 1, threads: threads).map { Double($0) }
  }

  /// What each input adds to ln of the odds of each row, Shapley's values over the trees (Lundberg et al. 2020), one column an input, and behind them
  /// what everybody has. A row's values add up to its `logOdds`.
  package func contributions(_ inputs: TreeInputs, threads: Int) throws(BoosterError) -> [[Double]] {
    let width = inputs.width + 1
    let flat = try TreeLibrary.predict(bytes, inputs, kind: 2, rounds: 0, width: width, threads: threads)
    return (0..<width).map { j in (0..<inputs.rows).map { Double(flat[$0 * width + j]) } }
  }
}
