import Columns
import Features
import Models

/// Names of the columns of value, in their order.
let valueColumnNames = [
  "p_alive", "churn_risk", "expected_purchases", "expected_value_minor", "clv_minor", "clv_infinite_minor", "value_tier", "lifecycle_stage",
]

/// What is expected of all customers together.
package struct Outlook: Sendable, Hashable, Codable {
  package var days: Int
  package var purchases: Double
  /// nil: the value of a purchase is not known.
  package var revenueMinor: Double?

  package static let days = 30
}

extension ValueOptions {
  var purchaseHorizons: PurchaseHorizons {
    PurchaseHorizons(
      riskDays: Double(riskHorizonDays), valueDays: Double(clvHorizonDays), stepDays: Double(clvStepDays), nextDays: Double(Outlook.days),
      discountPerYear: discountPerYear)
  }
}

/// The columns of value that are wanted, by the models given.
struct ValueScores {
  private(set) var columns: [Column] = []
  private(set) var outlook: Outlook?
  private let table: Table
  private let customersByID: [UInt32]
  private let options: ScoreOptions
  private let wanted: WantedValues
  private let noModel = "the customer has no purchase, or no model could be fitted (see models)"

  init(
    _ features: FeatureSet, _ fitted: FittedModels?, _ learned: LearnedRisks, _ options: ScoreOptions
  ) throws(PipelineError) {
    table = features.customers
    customersByID = features.customersByID
    self.options = options
    wanted = options.wanted
    let purchases = try purchaseScores(fitted)
    let values = try expectedValues(fitted)
    addPurchases(purchases, learned)
    addValues(values)
    addLifetimeValues(purchases, values, options.value.marginShare ?? fitted?.marginShare)
    if let purchases { outlook = outlook(purchases.expectedNext, values) }
    if wanted.stages { columns.append(try lifecycleStages(features)) }
  }

  private func purchaseScores(_ fitted: FittedModels?) throws(PipelineError) -> PurchaseScores? {
    guard wanted.purchases, let fitted else { return nil }
    let histories = try PurchaseHistories(table), horizons = options.value.purchaseHorizons
    if let contracts = fitted.contractModelOfRisk { return try contracts.scores(table, horizons, threads: options.threads) }
    if let covariates = fitted.covariateModel { return try covariates.scores(table, horizons, threads: options.threads) }
    guard let model = fitted.purchaseModel else { return nil }
    return scorePurchases(
      model, frequency: histories.frequency, recencyDays: histories.recencyDays, tenureDays: histories.tenureDays,
      isPresent: histories.isPresent, horizons: horizons, threads: options.threads)
  }

  /// In major units.
  private func expectedValues(_ fitted: FittedModels?) throws(PipelineError) -> [Double]? {
    guard wanted.values, let fitted else { return nil }
    let (frequency, isPresent) = try int32(table, "frequency")
    let means = try meanValues(table, frequency, options.minorUnits)
    if fitted.takesOwnMeans { return ownMeans(means, frequency, try int64(table, "repeat_gross_minor").0, isPresent) }
    guard let model = fitted.valueModel else { return nil }
    return Models.expectedValues(model, frequency: frequency, meanValues: means, isPresent: isPresent, threads: options.threads)
  }

  /// Of who has no repeat purchase, as by Gamma-Gamma, the mean of everybody: the first payment may be of an offer. NaN where nobody has one.
  private func ownMeans(_ means: [Double], _ frequency: [Int32], _ repeated: [Int64], _ isPresent: [Bool]?) -> [Double] {
    var gross: Int128 = 0, count: Int64 = 0
    for row in means.indices where frequency[row] > 0 && isPresent?[row] ?? true {
      gross += Int128(repeated[row])
      count += Int64(frequency[row])
    }
    let everybody = count > 0 ? Double(gross) / Double(count) / options.minorUnits : .nan
    return means.indices.map { frequency[$0] > 0 ? means[$0] : everybody }
  }

  private mutating func addPurchases(_ scores: PurchaseScores?, _ learned: LearnedRisks) {
    let days = options.value.riskHorizonDays
    add("p_alive", "probability 0…1", "P(alive): that the customer still buys now and then", scores?.pAlive)
    let risk = "P(no purchase in the next \(days) days)"
    if learned.areChosen {
      add("churn_risk", "probability 0…1", risk + ", by the learned model", learned.risks)
    } else {
      add("churn_risk", "probability 0…1", risk, scores?.churnRisk)
    }
    add("expected_purchases", "count", "purchase days expected in the next \(days) days", scores?.expectedPurchases)
  }

  private mutating func addValues(_ values: [Double]?) {
    let minorUnits = options.minorUnits
    add("expected_value_minor", "minor", "E[Z]: expected value of a purchase day", values?.map { $0 * minorUnits })
  }

  private mutating func addLifetimeValues(_ scores: PurchaseScores?, _ values: [Double]?, _ margin: Double?) {
    let value = options.value, factor = margin.map { $0 * options.minorUnits }
    func worth(_ purchases: [Double]?) -> [Double]? {
      guard let purchases, let values, let factor else { return nil }
      var worth = purchases
      for row in worth.indices { worth[row] *= values[row] * factor }
      return worth
    }
    let rate = "discounted by \(percent(value.discountPerYear)) % a year"
    let clv = wanted("clv_minor") || wanted.tiers ? worth(scores?.discounted) : nil
    add(
      "clv_minor", "minor",
      "CLV: margin share × E[Z] × purchase days expected in the next \(value.clvHorizonDays) days, \(rate) in steps of \(value.clvStepDays) days",
      clv)
    if wanted("clv_infinite_minor") {
      add(
        "clv_infinite_minor", "minor", "the same without end, \(rate) continuously", worth(scores?.discountedInfinite),
        or: ", or what is expected has no bound")
    }
    if wanted.tiers { columns.append(tierColumn(clv)) }
  }

  private func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10)".replacing(".0", with: "") }

  private func tierColumn(_ clv: [Double]?) -> Column {
    let shares = options.value.tierShares
    let letters = valueTierNames.prefix(shares.count + 1)
    let ends = shares.map { percent($0) + " %" }.joined(separator: ", ")
    let codes = clv.map { valueTiers($0, presence($0), shares: shares, byID: customersByID) }
    let tiers = codes ?? [UInt16](repeating: 0, count: table.rowCount)
    let isPresent = tiers.contains(0) ? tiers.map { $0 != 0 } : nil
    let meaning =
      "\(letters.joined(separator: ", ")): the customers of the highest CLV who hold \(ends) of all CLV together, and the rest; "
      + "among equals the first id comes first"
    return Column(
      ColumnDefinition("value_tier", .text, meaning, nullWhen: noModel + ", or all CLV adds up to 0"),
      .code(tiers, dictionary: [""] + letters), isPresent: isPresent)
  }

  /// Appends a column of reals where it is wanted; nil: NULL for all.
  private mutating func add(_ name: String, _ unit: String, _ meaning: String, _ values: [Double]?, or: String = "") {
    guard wanted(name) else { return }
    let definition = ColumnDefinition(name, .real, unit: unit, meaning, nullWhen: noModel + or)
    guard var values else {
      let none = [Bool](repeating: false, count: table.rowCount)
      return columns.append(Column(definition, .double([Double](repeating: 0, count: table.rowCount)), isPresent: none))
    }
    let isPresent = presence(values)
    if let isPresent { for row in values.indices where !isPresent[row] { values[row] = 0 } }
    columns.append(Column(definition, .double(values), isPresent: isPresent))
  }

  /// Rows with a purchase and a finite value; nil: all.
  private func presence(_ values: [Double]) -> [Bool]? {
    let bought = table["frequency"]?.isPresent
    if bought == nil && values.allSatisfy(\.isFinite) { return nil }
    return values.indices.map { (bought?[$0] ?? true) && values[$0].isFinite }
  }

  private func outlook(_ purchases: [Double], _ values: [Double]?) -> Outlook {
    let bought = table["frequency"]?.isPresent, minorUnits = options.minorUnits
    var count = FixedPointSum(fractionBits: 32), revenue = FixedPointSum(fractionBits: 10)
    for row in purchases.indices where bought?[row] ?? true {
      count.add(purchases[row])
      if let values { revenue.add(purchases[row] * values[row] * minorUnits) }
    }
    return Outlook(days: Outlook.days, purchases: count.value, revenueMinor: values == nil ? nil : revenue.value)
  }
}
