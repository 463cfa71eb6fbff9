import Features

/// What goes with the parameters of sBG, so that other nights can be scored with it.
package struct ContractRecord: Sendable, Hashable, Codable {
  package var terms: ContractTerms
  /// By period from the first on: contracts that were renewed at its end, and that ended.
  package var renewed: [Int64]
  package var left: [Int64]

  /// Whether all of it is as a fit leaves it.
  var isSound: Bool {
    let period = terms.periodDays, days = ContractTerms.periodDays
    guard period >= Double(days.lowerBound), period <= Double(days.upperBound), (1...Int(period)).contains(terms.graceDays) else {
      return false
    }
    return terms.laterShares.count == terms.lastDay + 1 && terms.laterShares.allSatisfy { (0...1).contains($0) }
      && renewed.count == left.count && renewed.count <= 100_001 && (renewed + left).allSatisfy { (0...1 << 40).contains($0) }
  }
}
