import Columns
import Foundation
import Models

/// Pareto/NBD with covariates, as a record of it says.
package struct CovariateModel: Sendable {
  package let levels: [CovariateLevels]
  let model: ParetoCovariates

  /// nil: it is another model's record, or the fit failed.
  package init?(_ record: ModelRecord) {
    guard record.model == ModelRecord.covariatesName, let levels = record.covariates, let parameters = record.parameters else { return nil }
    let base = PurchaseModelName.paretoNBD.parameterNames.compactMap { parameters[$0] }, dummies = levels.flatMap(\.dummies)
    let rates = dummies.compactMap { parameters["rate:" + $0] }, leavings = dummies.compactMap { parameters["leaving:" + $0] }
    guard base.count == 4, rates.count == dummies.count, leavings.count == dummies.count else { return nil }
    self.levels = levels
    model = ParetoCovariates(
      base: ParetoNBD(r: base[0], alphaDays: base[1], s: base[2], betaDays: base[3]), rateEffects: rates, leavingEffects: leavings)
  }

  /// The model of each group of customers with the same levels, and the group of each row.
  private func groups(_ table: Table) throws(PipelineError) -> (models: [PurchaseModel], groupOf: [Int32]) {
    let groups = try CovariateGroups(table, levels)
    return (groups.dummies.map { .paretoNBD(model.model(of: $0)) }, groups.groupOf)
  }

  /// Of all rows; NaN for who has no purchase.
  package func scores(_ table: Table, _ horizons: PurchaseHorizons, threads: Int) throws(PipelineError) -> PurchaseScores {
    let histories = try PurchaseHistories(table), (models, groupOf) = try groups(table)
    return scorePurchases(
      models, groupOf: groupOf, frequency: histories.frequency, recencyDays: histories.recencyDays, tenureDays: histories.tenureDays,
      isPresent: histories.isPresent, horizons: horizons, threads: threads)
  }

  /// How one customer's levels move him.
  package struct Factor: Sendable {
    package var name: String
    package var reference: String
    /// How many times as often he buys, and at how many times the rate he leaves, as one of the reference level; nil: he is of it.
    package var effects: (rate: Double, leaving: Double)?
  }

  /// - Throws: 65 where a column is missing.
  package func factors(_ table: Table, row: Int) throws(PipelineError) -> [Factor] {
    var factors: [Factor] = [], first = 0
    for one in levels {
      let words = try one.covariate.words(of: table), word = words.words[Int(words.codes[row])], level = one.level(of: word)
      let name = one.covariate.rawValue + "=" + (level > 0 && one.levels[level - 1] != word ? "\(word) \(CovariateLevels.others)" : word)
      let dummy = first + level - 1
      factors.append(
        Factor(
          name: name, reference: one.reference,
          effects: level > 0 ? (exp(model.rateEffects[dummy]), exp(model.leavingEffects[dummy])) : nil))
      first += one.levels.count
    }
    return factors
  }

  /// α and β in days of one customer.
  package func scales(_ table: Table, row: Int) throws(PipelineError) -> (alphaDays: Double, betaDays: Double) {
    let groups = try CovariateGroups(table, levels), own = model.model(of: groups.dummies[Int(groups.groupOf[row])])
    return (own.alphaDays, own.betaDays)
  }
}

/// Customers by the levels that they have together.
struct CovariateGroups {
  /// Of each group, those that are 1.
  private(set) var dummies: [[Int]] = []
  private(set) var groupOf: [Int32]

  init(_ table: Table, _ levels: [CovariateLevels]) throws(PipelineError) {
    groupOf = [Int32](repeating: 0, count: table.rowCount)
    dummies = [[]]
    var first = 0
    for one in levels {
      let words = try one.covariate.words(of: table), levelOf = words.words.map { Int32(one.level(of: $0)) }
      // Groups that have a customer are numbered anew, so that there are never more than customers.
      let count = Int32(one.levels.count + 1)
      var isThere = [Bool](repeating: false, count: dummies.count * Int(count))
      for row in groupOf.indices {
        groupOf[row] = groupOf[row] * count + levelOf[Int(words.codes[row])]
        isThere[Int(groupOf[row])] = true
      }
      var number = [Int32](repeating: 0, count: isThere.count), next: [[Int]] = []
      for key in isThere.indices where isThere[key] {
        number[key] = Int32(next.count)
        let level = key % Int(count)
        next.append(dummies[key / Int(count)] + (level > 0 ? [first + level - 1] : []))
      }
      for row in groupOf.indices { groupOf[row] = number[Int(groupOf[row])] }
      (dummies, first) = (next, first + one.levels.count)
    }
  }
}
