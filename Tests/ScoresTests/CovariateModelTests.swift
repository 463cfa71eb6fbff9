import Columns
import Features
import Foundation
import Models
import Scores
import Testing
import Twins

/// Pareto/NBD with covariates from a table of features to scores.
struct CovariateModelTests {
  private func options(_ covariates: [Covariate]) -> ScoreOptions {
    var value = ValueOptions()
    (value.purchaseModel, value.covariates) = (.paretoNBD, covariates)
    return ScoreOptions(value: value, columns: ["customer_id", "p_alive", "churn_risk", "expected_purchases"], threads: 2)
  }

  private func numbers(_ set: ScoreSet, _ name: String) -> [Double] {
    guard case .double(let values)? = set.columns.first(where: { $0.name == name })?.values else { return [] }
    return values
  }

  @Test func `rare levels join the others, NULL is a level, and the most frequent one is the reference`() throws {
    let features = try ChannelShop.features(ChannelShop.channels([("shop", 1500), ("web", 900), (nil, 300), ("app", 150), ("fax", 119)]))
    let fitted = try fitModels(features, options([.firstChannel]))
    let record = try #require(fitted.models.first), levels = try #require(record.covariates?.first)
    #expect(record.model == "pareto_nbd_covariates" && record.warnings == [], "\(record.warnings)")
    #expect(levels.reference == "shop" && levels.levels == ["web", "(none)", "(others)"])
    let parameters = try #require(record.parameters)
    #expect(parameters.keys.contains("rate:first_channel=web") && parameters.keys.contains("leaving_se:first_channel=(others)"))
    #expect(record.orderedParameters.map(\.name).prefix(3) == ["r", "r_se", "alpha_days"] && parameters.count == 8 + 12)
    #expect(parameters["rate:first_channel=web"]! > 3 * parameters["rate_se:first_channel=web"]!)
    let trial = try #require(record.trial)
    #expect(trial.isWinner && trial.measures["likelihood_ratio_df"] == 6 && trial.measures["likelihood_ratio"]! > 50)
    #expect(fitted.models[1].model == "pareto_nbd" && fitted.models[1].trial?.isWinner == false && fitted.isSound)
    // A file holds all of it.
    #expect(try JSONDecoder().decode(FittedModels.self, from: try JSONEncoder().encode(fitted)) == fitted)
    #expect(fitted.covers(options([.cohortQuarter, .firstChannel]).wanted) && !fitted.covers(options([]).wanted))
    // Who comes through a channel that the fit never saw counts as one of the others.
    let later = try ChannelShop.features(ChannelShop.channels([("shop", 2), ("post", 2), ("fax", 2)]))
    let model = try #require(fitted.covariateModel)
    for row in 0..<6 {
      let factor = try #require(try model.factors(later.customers, row: row).first)
      #expect((factor.effects == nil) == (factor.name == "first_channel=shop"))
      #expect(factor.effects == nil || factor.effects?.rate == exp(parameters["rate:first_channel=(others)"]!))
    }
  }

  @Test func `each customer is scored by his own α and β`() throws {
    let features = try ChannelShop.features(ChannelShop.channels([("shop", 1500), ("web", 900)])), options = options([.firstChannel])
    let fitted = try fitModels(features, options), risks = numbers(try score(features, options, models: fitted), "churn_risk")
    let p = try #require(fitted.models.first?.parameters)
    guard case .code(let codes, let words)? = features.customers["first_channel"]?.values,
      case .int32(let x)? = features.customers["frequency"]?.values, case .int32(let tx)? = features.customers["recency_days"]?.values,
      case .int32(let t)? = features.customers["tenure_days"]?.values
    else { throw TwinFault(text: "no columns") }
    for row in stride(from: 0, to: risks.count, by: 7) {
      let isWeb = words[Int(codes[row])] == "web"
      let alpha = p["alpha_days"]! * (isWeb ? exp(-p["rate:first_channel=web"]!) : 1)
      let beta = p["beta_days"]! * (isWeb ? exp(-p["leaving:first_channel=web"]!) : 1)
      let own = PurchaseModel.paretoNBD(ParetoNBD(r: p["r"]!, alphaDays: alpha, s: p["s"]!, betaDays: beta))
      let risk = own.noPurchase(
        within: 90, frequency: Int(x[row]), recencyDays: Double(tx[row]), tenureDays: Double(t[row]))
      #expect(abs(risks[row] - risk) < 1e-11)
    }
  }

  @Test func `without covariates, and where they cannot be fitted, every score has the same bits, and the record says why`() throws {
    let features = try ChannelShop.features(ChannelShop.channels([("shop", 2000), ("web", 150)])), plain = options([]),
      by = options([.firstChannel])
    let without = try fitModels(features, plain), with = try fitModels(features, by)
    #expect(without.models.map(\.model) == ["pareto_nbd"])
    let reason = "all customers have the same level of each covariate; the model without covariates is used"
    #expect(with.models.first?.warnings == [reason] && with.models.first?.parameters == nil)
    #expect(with.models[1].parameters == without.models[0].parameters && with.covariateModel == nil)
    for name in ["p_alive", "churn_risk", "expected_purchases"] {
      let one = numbers(try score(features, plain, models: without), name)
      #expect(one == numbers(try score(features, by, models: with), name) && !one.isEmpty)
    }
    // A fit that was asked for without covariates does not serve with them.
    #expect(without.isFit(for: plain.wanted) && !without.isFit(for: by.wanted) && with.isFit(for: by.wanted))
  }

  @Test func `cohort quarters are told from the month of the first purchase, and of two covariates each has its effects`() throws {
    let features = try ChannelShop.features(ChannelShop.channels([("shop", 1500), ("web", 900)]))
    let fitted = try fitModels(features, options([.cohortQuarter, .firstChannel])), record = try #require(fitted.models.first)
    let found = try #require(record.covariates)
    #expect(found.map(\.covariate) == [.cohortQuarter, .firstChannel], "\(record.warnings)")
    let quarters = Set(found[0].levels + [found[0].reference])
    #expect(quarters.isSuperset(of: ["1998-Q2", "1998-Q4", "1999-Q2"]) && record.parameters?.count == 8 + 4 * (found[0].levels.count + 1))
    let model = try #require(fitted.covariateModel)
    guard case .int32(let first)? = features.customers["first_purchase"]?.values,
      case .code(let codes, let words)? = features.customers["first_channel"]?.values
    else { throw TwinFault(text: "no columns") }
    for row in 0..<20 {
      let day = Day(first[row]).description, quarter = "\(day.prefix(4))-Q\((Int(day.dropFirst(5).prefix(2))! + 2) / 3)"
      let names = try model.factors(features.customers, row: row).map { $0.name.replacing(" (others)", with: "") }
      #expect(names == ["cohort_quarter=\(quarter)", "first_channel=\(words[Int(codes[row])])"])
    }
  }
}
