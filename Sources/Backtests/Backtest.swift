import Buffers
import Columns
import Features
import Models
import Scores

package struct BacktestOptions: Sendable {
  package var minorUnits: Double
  package var threads: Int
  /// Whether segments are measured, or all customers only.
  package var measuresSegments: Bool

  package init(minorUnits: Double, threads: Int, measuresSegments: Bool = true) {
    (self.minorUnits, self.threads, self.measuresSegments) = (minorUnits, threads, measuresSegments)
  }
}

/// Fits every model of purchases to what was known at an origin, foretells what comes, and measures it and the baselines by what came.
/// - Parameters:
///   - known: features as of the origin, with `backtestFeatures`.
///   - later: the same as of the horizon's end.
package func backtest(_ known: FeatureSet, _ later: FeatureSet, _ options: BacktestOptions) throws(PipelineError) -> OriginBacktest {
  let bench = Bench(try Origin(known: known, later: later, threads: options.threads), options)
  var models: [TestedModel] = []
  for name in PurchaseModelName.allCases {
    let tested = bench.test(name)
    // A model that fell back to NBD is NBD, which has its own turn.
    if tested.model == name.rawValue { models.append(tested) }
  }
  let baselines = Baseline.allCases.map { bench.measured($0.rawValue, $0.forecast(bench.origin), isBaseline: true) }
  for i in models.indices { models[i].verdict = Verdict(models[i], baselines) }
  return OriginBacktest(origin: known.asOf, models: models + baselines)
}

/// One origin, and all that measuring a model there needs.
private struct Bench {
  let origin: Origin
  let options: BacktestOptions
  private let bootstrap = Bootstrap()
  private let everyone: [UInt32]
  private let members: [[UInt32]]
  private let counts: PurchaseCounts
  private let values: GammaGamma?
  private let meanValues: [Double]
  private let valueWarnings: [String]

  init(_ origin: Origin, _ options: BacktestOptions) {
    (self.origin, self.options) = (origin, options)
    everyone = (0..<UInt32(origin.frequency.count)).map { $0 }
    var members = [[UInt32]](repeating: [], count: options.measuresSegments ? rfmSegments.count + 1 : 0)
    if options.measuresSegments { for row in everyone { members[Int(origin.segment[Int(row)])].append(row) } }
    self.members = members
    counts = PurchaseCounts(
      frequency: origin.frequency, recencyDays: origin.recencyDays, tenureDays: origin.tenureDays, isPresent: nil, threads: options.threads)
    meanValues = Scores.meanValues(
      repeatGrossMinor: origin.repeatGrossMinor, frequency: origin.frequency, minorUnits: options.minorUnits)
    do throws(ModelError) {
      values = try fitValues(frequency: origin.frequency, meanValues: meanValues, isPresent: nil, threads: options.threads).model
      valueWarnings = []
    } catch {
      (values, valueWarnings) = (nil, [error.message])
    }
  }

  func test(_ name: PurchaseModelName) -> TestedModel {
    do throws(ModelError) {
      let fit = try fitPurchases(counts, model: name, threads: options.threads)
      var tested = measured(fit.model.name.rawValue, forecast(fit.model), isBaseline: false)
      tested.parameters = zip(fit.model.name.parameterNames, fit.model.parameters).map { ($0, $1) }
      tested.logLikelihood = fit.logLikelihood
      tested.warnings = fit.warnings + valueWarnings
      return tested
    } catch {
      let nothing = Forecast(risk: [])
      let segments = members.dropFirst().map { Measures(counting: $0, nothing, origin.outcomes) }
      return TestedModel(
        model: name.rawValue, isBaseline: false, all: Measures(counting: everyone, nothing, origin.outcomes), segments: segments,
        replicates: Replicates(), warnings: [error.message])
    }
  }

  /// Ranked by the purchase days expected, which tell customers apart better than P(no purchase) does; P(alive) would give one-time buyers of
  /// BG/NBD the best rank of all.
  private func forecast(_ model: PurchaseModel) -> Forecast {
    let days = Double(origin.horizonDays)
    let scores = scorePurchases(
      model, frequency: origin.frequency, recencyDays: origin.recencyDays, tenureDays: origin.tenureDays, isPresent: nil,
      horizons: PurchaseHorizons(riskDays: days, valueDays: days, stepDays: days, nextDays: days), threads: options.threads)
    var revenue = values.map {
      expectedValues($0, frequency: origin.frequency, meanValues: meanValues, isPresent: nil, threads: options.threads)
    }
    if revenue != nil {
      for row in scores.expectedPurchases.indices { revenue?[row] *= scores.expectedPurchases[row] * options.minorUnits }
    }
    return Forecast(
      risk: scores.expectedPurchases.map { -$0 }, noPurchase: scores.churnRisk, purchases: scores.expectedPurchases, revenueMinor: revenue)
  }

  func measured(_ name: String, _ forecast: Forecast, isBaseline: Bool) -> TestedModel {
    let ranking = Ranking(byFalling: forecast.risk)
    let parts = options.measuresSegments ? ranking.split(by: origin.segment, into: members.count) : []
    let results = parallelMap(max(1, members.count), threads: options.threads) { part in
      part == 0
        ? Measures.of(forecast, origin.outcomes, ranking, members: everyone, bootstrap)
        : Measures.of(forecast, origin.outcomes, parts[part], members: members[part], bootstrap)
    }
    return TestedModel(
      model: name, isBaseline: isBaseline, all: results[0].measures, segments: results.dropFirst().map(\.measures),
      replicates: results[0].replicates, warnings: [])
  }
}
