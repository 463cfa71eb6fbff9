import Foundation
import Models

/// What a campaign against churn earns and costs. Source: Verbraken, Verbeke and Baesens (2013), IEEE Transactions on Knowledge and Data
/// Engineering 25(5), whose values are the defaults: money is in units of which a customer is worth 200.
package struct CampaignTerms: Sendable, Hashable {
  /// The share of churners who accept the offer and stay is γ ~ Beta(alpha, beta).
  package var alpha = 6.0, beta = 14.0
  package var customerValue = 200.0
  /// Of an offer to one who takes it, and of contacting one.
  package var offerCost = 10.0, contactCost = 1.0

  package init() {}
}

/// The profit per customer of a campaign that goes to the riskiest, at its best, and to what share of all customers it then goes.
package struct CampaignProfit: Sendable, Hashable {
  /// With γ at its mean: MP.
  package var maximum, maximumShare: Double
  /// Expected over γ, the share chosen for each γ: EMP.
  package var expected, expectedShare: Double

  /// nil without an event or without a non-event.
  ///
  ///  P(t; γ) = CLV·(γ(1−δ) − φ)·π₀F₀(t) − CLV·(δ+φ)·π₁F₁(t),   δ = d/CLV, φ = f/CLV
  ///
  /// with 0 the churners, 1 the others, π their shares and F the shares of them that rank above t. For each γ the best t lies at a corner of
  /// the convex hull of the ROC curve, and moves from corner to corner as γ grows: the expectation is a sum over the corners.
  package init?(_ ranked: RankedEvents, terms: CampaignTerms = CampaignTerms()) {
    self.init(ranked, terms: terms) { SIMD2(betaShare($0, terms.alpha, terms.beta), betaShare($0, terms.alpha + 1, terms.beta)) }
  }

  /// - Parameter shares: I_γ(alpha, beta) and I_γ(alpha + 1, beta).
  init?(_ ranked: RankedEvents, terms: CampaignTerms, shares: (Double) -> SIMD2<Double>) {
    guard ranked.eventsInAll > 0, ranked.eventsInAll < ranked.customersInAll else { return nil }
    let hull = Self.hull(ranked), all = Double(ranked.customersInAll), value = terms.customerValue
    let delta = terms.offerCost / value, phi = terms.contactCost / value
    /// π₀F₀ and π₁F₁.
    func reached(_ corner: (events: Int, others: Int)) -> (events: Double, others: Double) {
      (Double(corner.events) / all, Double(corner.others) / all)
    }
    let meanSaved = terms.alpha / (terms.alpha + terms.beta)
    (maximum, maximumShare) = (-.infinity, 0)
    for corner in hull.map(reached) {
      let profit = value * ((meanSaved * (1 - delta) - phi) * corner.events - (delta + phi) * corner.others)
      if profit > maximum { (maximum, maximumShare) = (profit, corner.events + corner.others) }
    }
    (expected, expectedShare) = (0, 0)
    var from = 0.0, below = SIMD2(0.0, 0)
    for i in hull.indices where from < 1 {
      let here = reached(hull[i])
      // From this γ on the next corner is better.
      var until = 1.0
      if i + 1 < hull.count {
        let next = reached(hull[i + 1]), moreEvents = next.events - here.events, moreOthers = next.others - here.others
        if moreEvents > 0 { until = min(1, ((delta + phi) * moreOthers + phi * moreEvents) / ((1 - delta) * moreEvents)) }
      }
      until = max(from, until)
      let shares = shares(until), probability = shares.x - below.x
      // E[γ; from < γ ≤ until]
      let saved = meanSaved * (shares.y - below.y)
      expected += value * (((1 - delta) * saved - phi * probability) * here.events - (delta + phi) * probability * here.others)
      expectedShare += probability * (here.events + here.others)
      (from, below) = (until, shares)
    }
  }

  /// Corners of the convex hull of the ROC curve from (0, 0) to (all, all): (events, others) that rank above.
  private static func hull(_ ranked: RankedEvents) -> [(events: Int, others: Int)] {
    var hull: [(events: Int, others: Int)] = [(0, 0)], events = 0, others = 0
    for run in ranked.events.indices {
      events += ranked.events[run]
      others += ranked.customers[run] - ranked.events[run]
      while hull.count > 1 {
        let (a, b) = (hull[hull.count - 2], hull[hull.count - 1])
        // b stays where the slope falls at it.
        if Int128(b.events - a.events) * Int128(others - b.others) > Int128(events - b.events) * Int128(b.others - a.others) { break }
        hull.removeLast()
      }
      hull.append((events, others))
    }
    return hull
  }
}

/// The shares of the saved share's distribution below γ, between 4,096 values by straight lines: within 10⁻⁶ (tested). For replicates, of which
/// there are many.
package struct SavedShares: Sendable {
  private static let steps = 4096
  private let table: [SIMD2<Double>]

  package init(_ terms: CampaignTerms) {
    table = (0...Self.steps).map { step in
      let x = Double(step) / Double(Self.steps)
      return SIMD2(betaShare(x, terms.alpha, terms.beta), betaShare(x, terms.alpha + 1, terms.beta))
    }
  }

  package func callAsFunction(_ x: Double) -> SIMD2<Double> {
    let place = min(max(x, 0), 1) * Double(Self.steps), step = min(Int(place), Self.steps - 1)
    return table[step] + (table[step + 1] - table[step]) * (place - Double(step))
  }
}

/// I_x(a, b), the share of Beta(a, b) below x, to about 10⁻¹⁴: Lentz's method on the continued fraction of Abramowitz and Stegun 26.5.8.
package func betaShare(_ x: Double, _ a: Double, _ b: Double) -> Double {
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  // The fraction converges fast on this side of the mean only.
  if x > (a + 1) / (a + b + 2) { return 1 - betaShare(1 - x, b, a) }
  let logFront = gammaLogs(a + b).value - gammaLogs(a).value - gammaLogs(b).value + a * log(x) + b * log1p(-x)
  let tiny = 1e-300
  var fraction = 1.0, c = 1.0, d = 0.0
  for i in 0..<400 {
    let m = Double(i / 2)
    let numerator =
      i == 0
      ? 1 : i % 2 == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)) : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 + numerator * d
    d = 1 / (abs(d) < tiny ? tiny : d)
    c = 1 + numerator / c
    c = abs(c) < tiny ? tiny : c
    fraction *= c * d
    if abs(1 - c * d) < 1e-16 { break }
  }
  return exp(logFront) * (fraction - 1) / a
}
