import Columns

/// The parameters of a population that buys by BG/NBD, MBG/NBD or Pareto/NBD, or pays for contracts by sBG, and spends by Gamma-Gamma. Defaults:
/// those published for CDNOW and, of sBG, for the customers that Berry and Linoff call high-end.
///
/// A customer's repeat purchases come at a rate λ ~ Gamma(r, α) a day. By BG/NBD (Fader, Hardie and Lee 2005, Marketing Science 24(2)) he
/// leaves for good after each of them with probability ~ Beta(a, b), by MBG/NBD (Batislam, Denizel and Filiztekin 2007) after the first
/// purchase too, and by Pareto/NBD (Schmittlein, Morrison and Colombo 1987) at any time, at a rate μ ~ Gamma(s, β) a day. Gamma-Gamma (Fader
/// and Hardie 2013, note 025): the value of his purchase days is Gamma(p, ν), ν ~ Gamma(q, v), independent of how often he buys.
///
/// By sBG (Fader and Hardie 2007, Journal of Interactive Marketing 21(1)) he pays on the first day and then once a period, the same each time, until
/// he leaves at the end of a period, each time with probability θ ~ Beta(α, β). Of the payments, 15 % are late by one day to a week.
package struct BuyingModel: Sendable, Hashable {
  /// When customers leave.
  package enum Leaving: String, Sendable, CaseIterable {
    case afterRepeatPurchases = "bg-nbd"
    case afterPurchases = "mbg-nbd"
    case anyTime = "pareto-nbd"
    case periodEnds = "sbg"

    var title: String {
      switch self {
      case .afterRepeatPurchases: "BG/NBD"
      case .afterPurchases: "MBG/NBD"
      case .anyTime: "Pareto/NBD"
      case .periodEnds: "sBG"
      }
    }
  }

  package var leaving = Leaving.afterRepeatPurchases
  /// Shape of the purchase rate.
  package var r = 0.243
  /// α, the rate parameter of the purchase rate in days: 4.414 weeks.
  package var alphaDays = 30.898
  /// Of the probability to leave after a purchase.
  package var a = 0.793
  package var b = 2.426
  /// Of the rate of leaving: its shape, and its rate parameter in days, 11.669 weeks.
  package var s = 0.606
  package var betaDays = 81.683
  /// Of the probability to leave at the end of a period.
  package var alpha = 0.668
  package var beta = 3.806
  package var period = ContractPeriod.months(1)
  /// Shape of the value of a purchase day.
  package var p = 6.25
  /// Shape of ν.
  package var q = 3.74
  /// The rate parameter of ν, in major units of money.
  package var v = 15.44
  /// The first purchases lie evenly over so many days from the start on; nil: over the whole time.
  package var acquisitionDays: Int?

  package init(_ leaving: Leaving = .afterRepeatPurchases) {
    self.leaving = leaving
    switch leaving {
    case .afterRepeatPurchases, .periodEnds: break
    case .afterPurchases: (r, alphaDays, a, b) = (0.525, 43.281, 0.891, 1.614)
    case .anyTime: (r, alphaDays) = (0.553, 74.046)
    }
  }

  /// Every parameter: its name, value, unit and meaning.
  var list: [(name: String, value: Double, unit: String, meaning: String)] {
    if leaving == .periodEnds { return contractList + valueList }
    return [
      ("r", r, "1", "shape of the gamma distribution of purchase rates"),
      ("alpha_days", alphaDays, "days", "rate parameter of the gamma distribution of purchase rates: a mean rate of r / alpha_days a day"),
    ] + dropoutList + valueList
  }

  private var contractList: [(name: String, value: Double, unit: String, meaning: String)] {
    [
      ("alpha", alpha, "1", "first parameter of the beta distribution of the probability to leave at the end of a period"),
      ("beta", beta, "1", "second parameter of that distribution"),
      ("period_days", period.meanDays, "days", "mean length of a period: \(period.text)"),
    ]
  }

  private var valueList: [(name: String, value: Double, unit: String, meaning: String)] {
    [
      ("p", p, "1", "shape of the gamma distribution of the values of one customer's purchase days"),
      ("q", q, "1", "shape of the gamma distribution of the rate parameters of these values"),
      ("v", v, "major units", "rate parameter of that distribution: a mean value of p v / (q - 1) over all customers"),
    ]
  }

  private var dropoutList: [(name: String, value: Double, unit: String, meaning: String)] {
    if leaving == .anyTime {
      return [
        ("s", s, "1", "shape of the gamma distribution of rates of leaving"),
        ("beta_days", betaDays, "days", "rate parameter of that distribution: a mean rate of s / beta_days a day"),
      ]
    }
    let which = leaving == .afterPurchases ? "purchase, the first one too" : "repeat purchase"
    return [
      ("a", a, "1", "first parameter of the beta distribution of the probability to leave after a \(which)"),
      ("b", b, "1", "second parameter of that distribution"),
    ]
  }

  /// Below, U^(1/shape) would leave the range of a Double's exponent; above, nothing is random any more.
  private static let shapes = 0.1...1000.0
  private static let scales = 0.001...1_000_000.0
  /// Days can not tell more than one purchase a day.
  private static let dailyRateMax = 0.2

  /// Purchases a day, as long as the customer is alive.
  var purchasesPerDay: Double { leaving == .periodEnds ? 1 / period.meanDays : r / alphaDays }

  func check() throws(PipelineError) {
    let shapes = [("r", r), ("a", a), ("b", b), ("s", s), ("alpha", alpha), ("beta", beta), ("p", p), ("q", q)]
    for (flag, value) in shapes { try Self.check(value, in: Self.shapes, flag) }
    for (flag, value) in [("alpha-days", alphaDays), ("beta-days", betaDays)] { try Self.check(value, in: Self.scales, flag) }
    try Self.check(v, in: Self.scales, "v")
    guard leaving == .periodEnds || r / alphaDays <= Self.dailyRateMax else {
      throw PipelineError(
        .usage, "--r \(r) --alpha-days \(alphaDays): customers would buy \(r / alphaDays) times a day, more than days can show",
        fix: "give parameters with r / alpha-days of at most \(Self.dailyRateMax)")
    }
    guard q > 1 else {
      throw PipelineError(.usage, "--q \(q): the values have a mean from q > 1 on only", fix: "give --q more than 1")
    }
  }

  private static func check(_ value: Double, in range: ClosedRange<Double>, _ flag: String) throws(PipelineError) {
    guard range.contains(value) else {
      throw PipelineError(
        .usage, "--\(flag) \(value): expected a number from \(range.lowerBound) to \(range.upperBound)",
        fix: "give --\(flag) a number in that range")
    }
  }
}
