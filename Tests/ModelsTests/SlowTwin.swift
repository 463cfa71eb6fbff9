import Foundation
import Models

/// ₂F₁ by its power series.
func hypergeometric(_ u: Double, _ v: Double, _ w: Double, _ z: Double) -> Double {
  var sum = 1.0, term = 1.0, k = 0.0
  while abs(term) > 1e-17 * abs(sum) && k < 1e6 {
    term *= (u + k) * (v + k) / (w + k) / (k + 1) * z
    sum += term
    k += 1
  }
  return sum
}

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

/// MBG/NBD straight from Wagner and Hoppe (2008).
struct SlowMBGNBD {
  let m: MBGNBD

  private func logBeta(_ u: Double, _ v: Double) -> Double { lgamma(u) + lgamma(v) - lgamma(u + v) }

  func logLikelihood(_ x: Double, _ tx: Double, _ t: Double) -> Double {
    let common = lgamma(m.r + x) - lgamma(m.r) + m.r * log(m.alphaDays) - logBeta(m.a, m.b)
    let alive = exp(logBeta(m.a, m.b + x + 1) - (m.r + x) * log(m.alphaDays + t))
    let dead = exp(logBeta(m.a + 1, m.b + x) - (m.r + x) * log(m.alphaDays + tx))
    return common + log(alive + dead)
  }

  func pAlive(_ x: Double, _ tx: Double, _ t: Double) -> Double {
    1 / (1 + m.a / (m.b + x) * pow((m.alphaDays + t) / (m.alphaDays + tx), m.r + x))
  }

  func expected(_ days: Double, _ x: Double, _ tx: Double, _ t: Double) -> Double {
    let f = hypergeometric(m.r + x, m.b + x + 1, m.a + m.b + x, days / (m.alphaDays + t + days))
    let left = 1 - pow((m.alphaDays + t) / (m.alphaDays + t + days), m.r + x) * f
    return (m.a + m.b + x) / (m.a - 1) * left * pAlive(x, tx, t)
  }
}

/// Pareto/NBD straight from Fader and Hardie's note of 2005: A₀ as a difference of two ₂F₁, either α ≥ β or α < β.
struct SlowParetoNBD {
  let m: ParetoNBD

  /// A₀ times (α+T)^(r+x) (β+T)^s.
  private func scaledA0(_ x: Double, _ tx: Double, _ t: Double) -> Double {
    let (r, alpha, s, beta) = (m.r, m.alphaDays, m.s, m.betaDays), n = r + s + x
    let greater = max(alpha, beta), second = alpha >= beta ? s + 1 : r + x, difference = abs(alpha - beta)
    func part(_ y: Double) -> Double {
      let f = hypergeometric(n, second, n + 1, difference / (greater + y))
      return exp((r + x) * log(alpha + t) + s * log(beta + t) - n * log(greater + y)) * f
    }
    return part(tx) - part(t)
  }

  func logLikelihood(_ x: Double, _ tx: Double, _ t: Double) -> Double {
    let (r, s) = (m.r, m.s)
    return lgamma(r + x) - lgamma(r) + r * log(m.alphaDays) + s * log(m.betaDays) - (r + x) * log(m.alphaDays + t)
      - s * log(m.betaDays + t) + log1p(s / (r + s + x) * scaledA0(x, tx, t))
  }

  func pAlive(_ x: Double, _ tx: Double, _ t: Double) -> Double { 1 / (1 + m.s / (m.r + m.s + x) * scaledA0(x, tx, t)) }

  func expected(_ days: Double, _ x: Double, _ tx: Double, _ t: Double) -> Double {
    let later = m.betaDays + t
    return (m.r + x) * later / ((m.alphaDays + t) * (m.s - 1)) * (1 - pow(later / (later + days), m.s - 1)) * pAlive(x, tx, t)
  }
}
