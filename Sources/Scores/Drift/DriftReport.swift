import Columns

/// How the customers of a day differ from those that models were fitted to.
package struct DriftReport: Sendable, Hashable, Codable {
  /// Day of the fit that is compared with.
  package var fittedAsOf: Day
  package var columns: [ColumnDrift]
  /// nil: no model of purchases, or customers of the fit's day have come or gone since.
  package var purchases: PurchasesSince?

  package func column(_ name: String) -> ColumnDrift? { columns.first { $0.column == name } }
}

/// One column then and now.
package struct ColumnDrift: Sendable, Hashable, Codable {
  package var column: String
  /// Population stability index.
  package var index: Double
  /// Of what the models read: the same with tenures of the fit's day, and whether it is more than chance gives; nil: not to be told.
  package var atEqualTenure: Double?
  package var isBeyondChance: Bool?
  package var customersThen: Int64
  package var customersNow: Int64
  package var missingThen: Int64
  package var missingNow: Int64
  package var meanThen: Double?
  package var meanNow: Double?
  package var bins: [DriftBin]

  package var level: DriftLevel { DriftLevel(index) }
}

/// One bin of a column: numbers from `from` up to `to`, a word, all other words, or no value.
package struct DriftBin: Sendable, Hashable, Codable {
  package var from: Double?
  package var to: Double?
  package var value: String?
  package var isOther: Bool?
  package var isMissing: Bool?
  /// Shares of all customers.
  package var then: Double
  package var now: Double
}

extension DriftReport {
  /// - Parameters:
  ///   - counts: of the day's columns.
  ///   - inputs: the drift of what the models read, in the order of the columns.
  init(_ population: FitPopulation, fittedAsOf: Day, _ counts: [ColumnCounts], _ inputs: InputDrift?) {
    self.fittedAsOf = fittedAsOf
    purchases = inputs?.purchases
    columns = counts.compactMap { counts in
      population.spread(counts.name).flatMap { ColumnDrift($0, population.customers, counts, inputs?.columns[counts.name]) }
    }
  }
}

extension ColumnDrift {
  /// nil where the column holds something else than then, or there is nobody on a side.
  fileprivate init?(_ then: ColumnSpread, _ customersThen: Int64, _ counts: ColumnCounts, _ input: PopulationStability?) {
    guard let now = then.regrouped(counts), let missing = then.customers.last else { return nil }
    let stability = PopulationStability(then: then.customers.map { Double($0) }, now: now.map { Double($0) })
    guard stability.index.isFinite else { return nil }
    column = then.column
    index = stability.index
    (atEqualTenure, isBeyondChance) = (input?.index, input.map { $0.chance < InputDrift.chanceMax })
    (self.customersThen, customersNow) = (customersThen, now.reduce(0, +))
    (missingThen, missingNow) = (missing, counts.missing)
    (meanThen, meanNow) = (then.mean, counts.mean)
    bins = []
    for bin in now.indices {
      var described = DriftBin(then: Double(then.customers[bin]) / Double(customersThen), now: Double(now[bin]) / Double(customersNow))
      if bin == now.count - 1 {
        described.isMissing = true
      } else if let words = then.words {
        if bin < words.count { described.value = words[bin] } else { described.isOther = true }
      } else if let edges = then.edges {
        described.from = bin > 0 ? edges[bin - 1] : nil
        described.to = bin < edges.count ? edges[bin] : nil
      }
      if described.then > 0 || described.now > 0 { bins.append(described) }
    }
  }
}
