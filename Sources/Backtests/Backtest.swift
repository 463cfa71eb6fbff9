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
  /// Models of purchases that take part.
  package var models = PurchaseModelName.allCases
  /// Where there are some, Pareto/NBD with them takes part too.
  package var covariates: [Covariate] = []
  /// nil: sBG takes no part; else it does where the transactions are like those of contracts.
  package var contract: ContractWish?
  /// Whether it takes part whatever they are like.
  package var requiresContracts = false
  /// How the learned churn model is learned.
  package var learnedMethod = LearnedMethod.logistic

  package init(minorUnits: Double, threads: Int, measuresSegments: Bool = true) {
    (self.minorUnits, self.threads, self.measuresSegments) = (minorUnits, threads, measuresSegments)
  }
}

/// Fits every model of purchases to what was known at an origin, foretells what comes, and measures it and the baselines by what came.
/// - Parameters:
///   - known: features as of the origin, with `backtestFeatures`.
///   - later: the same as of the horizon's end.
///   - earlier: the same as of a horizon before the origin, which the learned churn model is trained on, this and `known` with its features too;
///     nil: it has no part.
package func backtest(
  _ known: FeatureSet, _ later: FeatureSet, earlier: FeatureSet? = nil, _ options: BacktestOptions
) throws(PipelineError) -> OriginBacktest {
  let bench = Bench(try Origin(known: known, later: later, threads: options.threads), options)
  var models: [TestedModel] = []
  for name in options.models {
    let tested = bench.test(name)
    // A model that fell back to NBD is NBD, which has its own turn.
    if tested.model == name.rawValue || !options.models.contains(.nbd) { models.append(tested) }
  }
  if !options.covariates.isEmpty { models.append(try bench.testCovariates(known)) }
  models += try bench.testContracts(known)
  if let earlier { models.append(try bench.testLearned(earlier, known)) }
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
  /// The model that covariates are added to; nil: there are none.
  private let pareto: Result<PurchaseFit, ModelError>?
  /// Expected value of each one's purchases, minor units; nil: no model of it could be fitted.
  private let expectedMinor: [Double]?
  private let valueWarnings: [String]

  init(_ origin: Origin, _ options: BacktestOptions) {
    (self.origin, self.options) = (origin, options)
    everyone = (0..<UInt32(origin.frequency.count)).map { $0 }
    var members = [[UInt32]](repeating: [], count: options.measuresSegments ? rfmSegments.count + 1 : 0)
    if options.measuresSegments { for row in everyone { members[Int(origin.segment[Int(row)])].append(row) } }
    self.members = members
    counts = PurchaseCounts(
      frequency: origin.frequency, recencyDays: origin.recencyDays, tenureDays: origin.tenureDays, isPresent: nil, threads: options.threads)
    pareto = options.covariates.isEmpty ? nil : tryPurchases(counts, .paretoNBD, options.threads)
    let meanValues = Scores.meanValues(
      repeatGrossMinor: origin.repeatGrossMinor, frequency: origin.frequency, minorUnits: options.minorUnits)
    do throws(ModelError) {
      let values = try fitValues(frequency: origin.frequency, meanValues: meanValues, isPresent: nil, threads: options.threads).model
      expectedMinor = expectedValues(
        values, frequency: origin.frequency, meanValues: meanValues, isPresent: nil, threads: options.threads
      ).map { $0 * options.minorUnits }
      valueWarnings = []
    } catch {
      (expectedMinor, valueWarnings) = (nil, [error.message])
    }
  }

  func test(_ name: PurchaseModelName) -> TestedModel {
    do throws(ModelError) {
      let fit = try fit(name).get()
      let scores = scorePurchases(
        fit.model, frequency: origin.frequency, recencyDays: origin.recencyDays, tenureDays: origin.tenureDays, isPresent: nil,
        horizons: horizons, threads: options.threads)
      let foretold = forecast(purchases: scores.expectedPurchases, noPurchase: scores.churnRisk)
      var tested = measured(fit.model.name.rawValue, foretold, isBaseline: false)
      tested.parameters = zip(fit.model.name.parameterNames, fit.model.parameters).map { ($0, $1) }
      tested.logLikelihood = fit.logLikelihood
      tested.warnings = fit.warnings + valueWarnings
      return tested
    } catch {
      return unfitted(name.rawValue, [error.message])
    }
  }

  private func fit(_ name: PurchaseModelName) -> Result<PurchaseFit, ModelError> {
    if name == .paretoNBD, let pareto { return pareto }
    return tryPurchases(counts, name, options.threads)
  }

  /// Pareto/NBD with covariates; those of the customers without a purchase are not looked at.
  func testCovariates(_ known: FeatureSet) throws(PipelineError) -> TestedModel {
    let record = try fitCovariateModel(known.customers, options.covariates, base: fit(.paretoNBD), options.threads)
    guard let model = CovariateModel(record) else { return unfitted(record.model, record.warnings) }
    let all = try model.scores(known.customers, horizons, threads: options.threads)
    let foretold = forecast(
      purchases: origin.rows.map { all.expectedPurchases[$0] }, noPurchase: origin.rows.map { all.churnRisk[$0] })
    var tested = measured(record.model, foretold, isBaseline: false)
    (tested.parameters, tested.logLikelihood, tested.warnings) = (record.orderedParameters, record.logLikelihood, record.warnings)
    return tested
  }

  /// sBG, and the survival observed with the rest by sBG. Customers are ranked by their risk: how many payments fall into the horizon hangs on the
  /// day of the month, which says nothing of who leaves.
  func testContracts(_ known: FeatureSet) throws(PipelineError) -> [TestedModel] {
    guard let wish = options.contract else { return [] }
    var value = ValueOptions()
    (value.contract, value.riskHorizonDays) = (wish, origin.horizonDays)
    guard let record = try contractRecord(known, value, isAsked: options.requiresContracts) else { return [] }
    guard let model = record.contractModel, let contract = record.contract else { return [unfitted(record.model, record.warnings)] }
    return [(record.model, model), (ModelRecord.survivalName, model.observing(contract))].map { name, model in
      let scores = scoreContracts(
        model, frequency: origin.frequency, recencyDays: origin.recencyDays, tenureDays: origin.tenureDays, isPresent: nil,
        horizons: horizons, threads: options.threads)
      var foretold = forecast(purchases: scores.expectedPurchases, noPurchase: scores.churnRisk)
      foretold.risk = scores.churnRisk
      // Survival is observed of leaving, not of payments.
      if name == ModelRecord.survivalName { (foretold.purchases, foretold.revenueMinor) = (nil, nil) }
      var tested = measured(name, foretold, isBaseline: false)
      (tested.logLikelihood, tested.warnings) = (name == record.model ? record.logLikelihood : nil, record.warnings + valueWarnings)
      if name == record.model { tested.parameters = record.orderedParameters }
      return tested
    }
  }

  /// The learned churn model: trained on the outcome in the horizon before the origin of those who were customers then. It foretells chances, no
  /// counts and no revenue.
  func testLearned(_ earlier: FeatureSet, _ known: FeatureSet) throws(PipelineError) -> TestedModel {
    let bought = try LearnedChurn.purchases(of: earlier, within: known)
    let learned = try LearnedChurn.train(
      earlier, bought: bought, horizonDays: origin.horizonDays, threads: options.threads, method: options.learnedMethod)
    let record = learned.record
    guard record.parameters != nil else { return unfitted(record.model, record.warnings) }
    let all = try learned.probabilities(known, threads: options.threads), chances = origin.rows.map { all[$0] }
    var tested = measured(record.model, Forecast(risk: chances, noPurchase: chances), isBaseline: false)
    (tested.parameters, tested.logLikelihood, tested.warnings) = (record.orderedParameters, record.logLikelihood, record.warnings)
    return tested
  }

  /// What came, and why nothing was foretold.
  private func unfitted(_ name: String, _ warnings: [String]) -> TestedModel {
    let nothing = Forecast(risk: [])
    return TestedModel(
      model: name, isBaseline: false, all: Measures(counting: everyone, nothing, origin.outcomes),
      segments: members.dropFirst().map { Measures(counting: $0, nothing, origin.outcomes) }, replicates: Replicates(), warnings: warnings)
  }

  /// Ranked by the purchase days expected, which tell customers apart better than P(no purchase) does; P(alive) would give one-time buyers of
  /// BG/NBD the best rank of all.
  private func forecast(purchases: [Double], noPurchase: [Double]) -> Forecast {
    let revenue = expectedMinor.map { zip($0, purchases).map { $0 * $1 } }
    return Forecast(risk: purchases.map { -$0 }, noPurchase: noPurchase, purchases: purchases, revenueMinor: revenue)
  }

  private var horizons: PurchaseHorizons {
    let days = Double(origin.horizonDays)
    return PurchaseHorizons(riskDays: days, valueDays: days, stepDays: days, nextDays: days)
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
