import Foundation
import Models

/// BG/NBD straight from the paper, one customer at a time, for the tests to compare with.
struct SlowBGNBD {
  let r, alpha, a, b: Double

  init(_ model: BGNBD) { (r, alpha, a, b) = (model.r, model.alphaDays, model.a, model.b) }

  private func logBeta(_ u: Double, _ v: Double) -> Double { lgamma(u) + lgamma(v) - lgamma(u + v) }

  /// Eq. (6) as it stands, where its powers are in a double's range.
  func logLikelihood(_ x: Double, _ tx: Double, _ t: Double) -> Double {
    let alive = exp(logBeta(a, b + x) - logBeta(a, b) + lgamma(r + x) - lgamma(r) + r * log(alpha) - (r + x) * log(alpha + t))
    if x == 0 { return log(alive) }
    let dead = exp(logBeta(a + 1, b + x - 1) - logBeta(a, b) + lgamma(r + x) - lgamma(r) + r * log(alpha) - (r + x) * log(alpha + tx))
    return log(alive + dead)
  }

  func pAlive(_ x: Double, _ tx: Double, _ t: Double) -> Double {
    x == 0 ? 1 : 1 / (1 + a / (b + x - 1) * pow((alpha + t) / (alpha + tx), r + x))
  }

  /// ₂F₁ by its power series.
  private func hypergeometric(_ u: Double, _ v: Double, _ w: Double, _ z: Double) -> Double {
    var sum = 1.0, term = 1.0, k = 0.0
    while abs(term) > 1e-17 * abs(sum) && k < 1e6 {
      term *= (u + k) * (v + k) / (w + k) / (k + 1) * z
      sum += term
      k += 1
    }
    return sum
  }

  /// Eq. (10).
  func expected(_ days: Double, _ x: Double, _ tx: Double, _ t: Double) -> Double {
    let f = hypergeometric(r + x, b + x, a + b + x - 1, days / (alpha + t + days))
    return (a + b + x - 1) / (a - 1) * (1 - pow((alpha + t) / (alpha + t + days), r + x) * f) * pAlive(x, tx, t)
  }

  /// The discounted sum, step by step.
  func discounted(_ x: Double, _ tx: Double, _ t: Double, _ horizons: PurchaseHorizons) -> Double {
    var sum = 0.0, before = 0.0, end = 0.0
    while end < horizons.valueDays {
      end = min(end + horizons.stepDays, horizons.valueDays)
      let now = expected(end, x, tx, t)
      sum += (now - before) / pow(1 + horizons.discountPerYear, end / 365)
      before = now
    }
    return sum
  }

  /// ∫ CE′(t) e^(−δt) dt = δ ∫ CE(t) e^(−δt) dt by Simpson's rule over w = e^(−δt/4): δ dt e^(−δt) = 4 w³ dw.
  func discountedInfinite(_ x: Double, _ tx: Double, _ t: Double, _ horizons: PurchaseHorizons, pieces: Int) -> Double {
    let delta = log(1 + horizons.discountPerYear) / 365
    func value(_ w: Double) -> Double {
      if w <= 0 || w >= 1 { return 0 }
      return expectedByQuadrature(-4 * log(w) / delta, x, tx, t) * 4 * w * w * w
    }
    var sum = 0.0
    for i in 0...pieces { sum += value(Double(i) / Double(pieces)) * (i == 0 || i == pieces ? 1 : i % 2 == 1 ? 4 : 2) }
    return sum / (3 * Double(pieces))
  }

  /// CE by Simpson's rule over the Beta distribution of p: p = w³ and 1 − p smooth; wants a > 1/2, b + x > 2.
  private func expectedByQuadrature(_ days: Double, _ x: Double, _ tx: Double, _ t: Double) -> Double {
    let tau = days / (alpha + t), pieces = 2000
    func value(_ w: Double) -> Double {
      if w <= 0 || w >= 1 { return 0 }
      let p = pow(w, 8)
      return exp(a * 8 * log(w) + (b + x - 1) * log1p(-p) - logBeta(a, b + x)) * 8 / w * -expm1(-(r + x) * log1p(p * tau)) / p
    }
    var sum = 0.0
    for i in 0...pieces { sum += value(Double(i) / Double(pieces)) * (i == 0 || i == pieces ? 1 : i % 2 == 1 ? 4 : 2) }
    return sum / (3 * Double(pieces)) * pAlive(x, tx, t)
  }
}

/// Gamma-Gamma straight from note 025.
struct SlowGammaGamma {
  let p, q, v: Double

  func logLikelihood(_ x: Double, _ z: Double) -> Double {
    lgamma(p * x + q) - lgamma(p * x) - lgamma(q) + q * log(v) + (p * x - 1) * log(z) + p * x * log(x) - (p * x + q) * log(x * z + v)
  }
}
