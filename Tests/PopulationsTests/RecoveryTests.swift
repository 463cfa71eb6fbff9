import Columns
import Models
import Populations
import Testing

@Suite struct RecoveryTests {
  /// One population, and the parameters that the models find in its dumps, read by plain text handling.
  private func check(_ model: BuyingModel, seed: UInt64, months: Int) throws {
    let population = try ModelPopulation(PopulationOptions(.model(model), customers: 100_000, files: 2, seed: seed, months: months))
    let first = Day(year: 2023, month: 1, day: 1)
    let last = Day.first(ofMonth: first.month + Int32(months)) + -1
    var frequency: [Int32] = [], recency: [Int32] = [], tenure: [Int32] = [], means: [Double] = []
    for values in population.values.values {
      let days = values.keys.sorted()
      let repeats = days.dropFirst().compactMap { values[$0] }
      frequency.append(Int32(repeats.count))
      recency.append(Int32(days[days.count - 1] - days[0]))
      tenure.append(Int32(last - days[0]))
      means.append(Double(repeats.reduce(0, +)) / 100 / Double(max(1, repeats.count)))
    }
    let counts = PurchaseCounts(frequency: frequency, recencyDays: recency, tenureDays: tenure, isPresent: nil, threads: 2)
    let purchases = try fitPurchases(counts, model: Self.name(model.leaving), threads: 2)
    let values = try fitValues(frequency: frequency, meanValues: means, isPresent: nil, threads: 2)
    let names = purchases.model.name.parameterNames + ["p", "q", "v"]
    let dropout = model.leaving == .anyTime ? [model.s, model.betaDays] : [model.a, model.b]
    let truth = [model.r, model.alphaDays] + dropout + [model.p, model.q, model.v]
    let estimates = purchases.model.parameters + [values.model.p, values.model.q, values.model.v]
    guard estimates.count == truth.count else {
      Issue.record("\(purchases)")
      return
    }
    for (index, error) in (purchases.standardErrors + values.standardErrors).enumerated() {
      let distance = (estimates[index] - truth[index]) / error
      #expect(abs(distance) < 3, "\(names[index]): \(estimates[index]) ± \(error), drawn with \(truth[index])")
      // Errors so small that a wrong generator would show.
      #expect(error < (model.leaving == .anyTime ? 0.12 : 0.08) * truth[index], "\(names[index]): \(estimates[index]) ± \(error)")
    }
    #expect(purchases.customers == 100_000 && values.customersLeftOut == 0)
  }

  private static func name(_ leaving: BuyingModel.Leaving) -> PurchaseModelName {
    switch leaving {
    case .afterRepeatPurchases: .bgNBD
    case .afterPurchases: .mbgNBD
    case .anyTime, .periodEnds: .paretoNBD
    }
  }

  @Test(arguments: zip([ContractPeriod.months(1), .days(7), .months(3)], [(18, 0.668, 3.806), (6, 1.4, 12), (48, 0.8, 1.9)]))
  func `so do 100,000 contracts of a month, and some of a week and a quarter`(period: ContractPeriod, truth: (Int, Double, Double)) throws {
    let customers = period == .months(1) ? 100_000 : 15_000
    var model = BuyingModel(.periodEnds)
    (model.alpha, model.beta, model.period) = (truth.1, truth.2, period)
    let population = try ModelPopulation(PopulationOptions(.model(model), customers: customers, files: 2, seed: 11, months: truth.0))
    let first = Day(year: 2023, month: 1, day: 1), last = Day.first(ofMonth: first.month + Int32(truth.0)) + -1
    var frequency: [Int32] = [], recency: [Int32] = [], tenure: [Int32] = [], means: [Double] = []
    for values in population.values.values {
      let days = values.keys.sorted()
      frequency.append(Int32(days.count - 1))
      recency.append(Int32(days[days.count - 1] - days[0]))
      tenure.append(Int32(last - days[0]))
      // The same price each time.
      if Set(values.values).count != 1 { Issue.record("\(values)") }
      means.append(Double(values[days[0]] ?? 0) / 100)
    }
    let days = period == .days(7) ? 7 : period == .months(1) ? 365.25 / 12 : 365.25 / 4, grace = period == .days(7) ? 2 : 10
    let lives = ContractLives(frequency: frequency, recencyDays: recency, tenureDays: tenure, periodDays: days, graceDays: grace)
    let fit = try fitRenewals(RenewalCounts(renewals: lives.renewals, hasLeft: lives.hasLeft, isPresent: nil))
    for (index, (own, drawn)) in [(fit.model.alpha, truth.1), (fit.model.beta, truth.2)].enumerated() {
      let error = fit.standardErrors[index]
      #expect(abs(own - drawn) < 3 * error && error < (customers == 100_000 ? 0.05 : 0.1) * drawn, "\(own) ± \(error), drawn with \(drawn)")
    }
    let alive = population.truths.values.count { $0.isAlive }
    #expect(population.report.aliveAtEnd == alive && alive > customers / 10)
    #expect(population.truths.allSatisfy { id, truth in truth.purchaseDays == population.values[id]?.count })
    #expect(population.truths.values.allSatisfy { truth in truth.leftOn.map { $0 > truth.lastDay } ?? true })
  }

  @Test(arguments: zip([BuyingModel.Leaving.afterPurchases, .anyTime], [6, 7] as [UInt64]))
  func `so do 100,000 customers of MBG NBD and of Pareto NBD`(leaving: BuyingModel.Leaving, seed: UInt64) throws {
    try check(BuyingModel(leaving), seed: seed, months: 24)
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `100,000 customers drawn with CDNOW's parameters give them back within 3 standard errors`(seed: UInt64) throws {
    try check(BuyingModel(), seed: seed, months: 18)
  }

  @Test func `so do customers who all come in the first 84 days, as CDNOW's did`() throws {
    var model = BuyingModel()
    model.acquisitionDays = 84
    try check(model, seed: 3, months: 12)
  }

  @Test func `so do customers who buy seldom and leave easily`() throws {
    var model = BuyingModel()
    (model.r, model.alphaDays, model.a, model.b) = (0.6, 80, 1.5, 3)
    (model.p, model.q, model.v) = (1.5, 3, 40)
    try check(model, seed: 4, months: 18)
  }

  @Test func `so do customers who buy so often that every eighth purchase has to give way to one of the same day`() throws {
    var model = BuyingModel()
    (model.r, model.alphaDays, model.a, model.b) = (2, 15, 0.8, 3)
    (model.p, model.q, model.v) = (3, 5, 20)
    try check(model, seed: 5, months: 6)
  }
}
