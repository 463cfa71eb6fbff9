import Foundation
import Models
import Testing

/// One history and what Pareto/NBD gives for it, by 40-digit quadrature of the papers' integrals with the Python package mpmath: 17 digits.
struct Exact: Sendable {
  let model: ParetoNBD
  let x: Int32, tx: Int32, t: Int32
  /// P(alive), purchases expected in 90 days, P(no purchase in 90 days) of the living, and discounted purchases without end.
  let pAlive, expected, noPurchase, discounted: Double

  init(
    _ model: ParetoNBD, _ history: (x: Int32, tx: Int32, t: Int32), _ pAlive: Double, _ expected: Double, _ noPurchase: Double,
    _ discounted: Double
  ) {
    self.model = model
    (x, tx, t) = history
    (self.pAlive, self.expected, self.noPurchase, self.discounted) = (pAlive, expected, noPurchase, discounted)
  }
}

private let exact = [
  Exact(
    ParetoNBD(r: 0.5532770, alphaDays: 74.04378, s: 0.60624, betaDays: 81.68115), (2, 213, 272), 0.86913426272722855, 0.53785582595586697,
    0.58063938150727296, 8.1692621041221070),
  Exact(
    ParetoNBD(r: 0.5532770, alphaDays: 74.04378, s: 0.60624, betaDays: 81.68115), (0, 0, 272), 0.29511257923538503, 0.039574133248520218,
    0.88765227510423884, 0.60107458439455884),
  Exact(
    ParetoNBD(r: 0.5532770, alphaDays: 74.04378, s: 0.60624, betaDays: 81.68115), (26, 216, 217), 0.99787340469685264, 7.5464937409791369,
    0.022433909000429999, 107.90636957448093),
  Exact(
    ParetoNBD(r: 0.5532770, alphaDays: 74.04378, s: 0.60624, betaDays: 81.68115), (5, 20, 272), 0.0036449737962987253,
    0.0049059692360306985, 0.31474129816440461, 0.074514668485124911),
  Exact(
    ParetoNBD(r: 0.55, alphaDays: 74, s: 0.6, betaDays: 82), (3, 100, 100), 1.0000000000000000, 1.6185355715877371, 0.29369136917732817,
    19.611168504078771),
  Exact(
    ParetoNBD(r: 0.9, alphaDays: 300, s: 1.5, betaDays: 20), (4, 50, 700), 3.2761960245844627e-4, 1.3220741865513523e-4,
    0.68245685251962018, 0.0011544255118501175),
  Exact(
    ParetoNBD(r: 0.9, alphaDays: 300, s: 1.5, betaDays: 0.5), (4, 50, 700), 1.8678118617490654e-4, 7.5197459240119674e-5,
    0.68313694853790159, 6.4583150120200377e-4),
  Exact(
    ParetoNBD(r: 0.9, alphaDays: 300, s: 1.5, betaDays: 0.5), (0, 0, 700), 6.4705556043856129e-6, 4.7847366669245808e-7,
    0.93170174319079862, 4.1093591401656194e-6),
  Exact(
    ParetoNBD(r: 2, alphaDays: 5, s: 0.3, betaDays: 900), (12, 300, 365), 0.92575192409464382, 3.1199133859564018, 0.052675596229386670,
    96.531884672059854),
  Exact(
    ParetoNBD(r: 0.1, alphaDays: 0.01, s: 3, betaDays: 40), (1, 1, 730), 7.7443162129796728e-7, 8.9112965081307660e-8, 0.89745417855629768,
    3.8599331952447664e-7),
  Exact(
    ParetoNBD(r: 0.5143, alphaDays: 2.8845, s: 0.2856, betaDays: 14.1087), (221, 180, 224), 1.4146857390062942e-18, 1.1849662604590569e-16,
    0.0012272826368240558, 2.7708998509559136e-15),
  Exact(
    ParetoNBD(r: 0.5143, alphaDays: 2.8845, s: 0.2856, betaDays: 14.1087), (500, 3000, 3100), 1.3201057869208557e-4, 0.0019086574874725656,
    5.6884140527560457e-4, 0.067654257052026226),
  Exact(
    ParetoNBD(r: 0.8, alphaDays: 60, s: 1, betaDays: 60), (7, 200, 400), 0.055230696394993653, 0.076980321072437171, 0.29758186955381663,
    0.80575556011327911),
  Exact(
    ParetoNBD(r: 0.8, alphaDays: 60, s: 1.2, betaDays: 60.0001), (7, 200, 400), 0.042529572239154497, 0.058230812413823831,
    0.30687683028891486, 0.49983083138531861),
  Exact(
    ParetoNBD(r: 0.6, alphaDays: 40, s: 0.7, betaDays: 50), (10000, 36000, 36525), 2.1825315234759632e-59, 5.3677198372452597e-58,
    6.9971789161359077e-5, 2.1420710540698911e-56),
  Exact(
    ParetoNBD(r: 0.6, alphaDays: 40, s: 0.7, betaDays: 50), (10000, 36524, 36525), 0.99997798806374601, 24.593466924087192,
    6.9971789161359077e-5, 981.44007538866967),
  Exact(
    ParetoNBD(r: 0.6, alphaDays: 40, s: 0.7, betaDays: 50), (1000, 18000, 36525), 8.4697281281186470e-305, 2.0841704147744416e-304,
    0.085942650507523189, 8.3172021875276255e-303),
  Exact(
    ParetoNBD(r: 0.6, alphaDays: 40, s: 0.7, betaDays: 50), (0, 0, 36525), 3.2608462074832508e-4, 4.8115480258580353e-7,
    0.99852734652491230, 1.9201221494352551e-5),
  Exact(
    ParetoNBD(r: 0.6, alphaDays: 40, s: 0.7, betaDays: 50), (1, 1, 36525), 6.9917812957474785e-7, 2.7511297661392055e-9,
    0.99607774460139683, 1.0978805930119551e-7),
  Exact(
    ParetoNBD(r: 30, alphaDays: 2000, s: 25, betaDays: 9000), (40, 1500, 2500), 2.1978915067716793e-8, 2.7954162455543470e-8,
    0.30352590199619201, 1.4499135872224576e-7),
  Exact(
    ParetoNBD(r: 0.05, alphaDays: 3, s: 0.05, betaDays: 4), (2, 10, 9000), 4.8009100154577484e-5, 9.8361360065318743e-7,
    0.97982008515934194, 4.1205967996306689e-5),
]

@Test func `Pareto NBD has a relative error below 3e-13 against 40 digits, x to 10,000 and T to 100 years, α above and below β`() {
  var worst = 0.0
  for e in exact {
    let x = Int(e.x), tx = Double(e.tx), t = Double(e.t), model = PurchaseModel.paretoNBD(e.model)
    let own = [
      model.pAlive(frequency: x, recencyDays: tx, tenureDays: t),
      model.expectedPurchases(within: 90, frequency: x, recencyDays: tx, tenureDays: t),
      model.noPurchaseOfTheLiving(within: 90, frequency: x, tenureDays: t),
      model.discountedPurchases(PurchaseHorizons(), frequency: x, recencyDays: tx, tenureDays: t).infinite,
    ]
    for (k, right) in [e.pAlive, e.expected, e.noPurchase, e.discounted].enumerated() {
      let error = abs(own[k] / right - 1)
      worst = max(worst, error)
      #expect(error < 3e-13, "\(k) of \(e): \(own[k]), error \(error), \(abs(own[k] - right) / right.ulp) ULP")
    }
  }
  #expect(worst > 0)
}

@Test func `columns of Pareto NBD have a relative error below 1e-12 against 40 digits`() {
  // An odds ratio beyond e⁷⁰⁰ counts as e⁷⁰⁰.
  for e in exact where e.pAlive > 1e-300 {
    let scores = scorePurchases(
      .paretoNBD(e.model), frequency: [e.x], recencyDays: [e.tx], tenureDays: [e.t], isPresent: nil, horizons: PurchaseHorizons(),
      threads: 1)
    #expect(isClose(scores.pAlive[0], e.pAlive, 1e-12), "\(e)")
    #expect(isClose(scores.expectedPurchases[0], e.expected, 1e-12), "\(e)")
    #expect(isClose(scores.discountedInfinite[0], e.discounted, 1e-12), "\(e)")
    #expect(isClose(scores.churnRisk[0], 1 - e.pAlive + e.pAlive * e.noPurchase, 1e-12), "\(e)")
  }
}
