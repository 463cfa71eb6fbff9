import Buffers
import Columns

/// A day's customers, to be kept with a fit and compared with those of an earlier one.
package struct DayPopulation: Sendable {
  private let features: Table
  private let inputs: CustomerInputs
  private let asOf: Day
  private let threads: Int

  /// - Parameter columns: names of the features that are looked at; nil: all. More may be there, as those of `transform` alone.
  package init(_ customers: Table, asOf: Day, columns: [String]?, _ options: ScoreOptions) throws(PipelineError) {
    let wanted = columns.map(Set.init)
    features = Table(rowCount: customers.rowCount, columns: customers.columns.filter { wanted?.contains($0.name) ?? true })
    inputs = try CustomerInputs(features, options.wanted)
    self.asOf = asOf
    threads = options.threads
  }

  /// How what the models read has changed since a fit; nil where nothing was kept of its customers.
  package func inputDrift(since fitted: FittedModels) -> InputDrift? {
    fitted.population.map {
      InputDrift(inputs, since: $0, days: asOf - fitted.asOf, model: fitted.purchaseModel, threads: threads)
    }
  }

  /// One pass over each column: what to keep with a fit of the day, and how the customers differ from those of an earlier one.
  /// - Parameters:
  ///   - keeps: whether the models were fitted today.
  ///   - fitted: that the day is compared with, and the drift of its inputs; nil: none.
  package func counted(
    _ scores: [Column], keeps: Bool, since fitted: FittedModels?, _ drift: InputDrift?
  ) -> (population: FitPopulation?, report: DriftReport?) {
    guard keeps || fitted?.population != nil else { return (nil, nil) }
    let columns = features.columns + inputs.columns.filter { features[$0.name] == nil } + scores
    let counts = parallelMap(columns.count, threads: threads) { ColumnCounts(columns[$0]) }.compactMap { $0 }
    let report = fitted.flatMap { fitted in fitted.population.map { DriftReport($0, fittedAsOf: fitted.asOf, counts, drift) } }
    return (keeps ? FitPopulation(inputs, counts, threads: threads) : nil, report)
  }
}
