import Foundation

/// Pareto/NBD's chance to leave without having bought, for eight customers at a time.
///
///  S(R, f, t) = s ∫ ((α+f)/(α+y))^R ((β+f)/(β+y))^s dy/(β+y) over y from f to t days
///
/// is that chance between days f and t after the first purchase for someone alive at f with R = r + x. The papers' A₀ is a difference of two
/// ₂F₁ in which digits cancel; here all terms are positive. With m the lesser of α and β, m + y = (m+f)·eʷ makes the integrand analytic in
/// |Im w| < π, whichever it is (with the greater one it is not: the papers' two cases α ≥ β and α < β). Gauss–Legendre's rule over w, as many
/// nodes as width and decay ask for, then has a relative error below 10⁻¹³. Where the integrand has fallen to e⁻⁴⁰ it is cut off.
struct LeavingIntegral: Sendable {
  let s, alpha, beta: Double
  let isAlphaNear: Bool
  let near, far: Double

  init(_ model: ParetoNBD) {
    (s, alpha, beta) = (model.s, model.alphaDays, model.betaDays)
    isAlphaNear = alpha <= beta
    (near, far) = isAlphaNear ? (alpha, beta) : (beta, alpha)
  }

  /// What is integrated over.
  struct Span {
    /// Of w; 0 where there is nothing to integrate.
    var width: Vector
    /// How far the logarithm of the integrand falls, about.
    var decay: Vector
    /// ln of ((α+t)/(α+f))^R ((β+t)/(β+f))^s, what S is to be multiplied by for the odds of being dead at t.
    var logGrowth: Vector
  }

  @inline(__always)
  func span(shape R: Vector, from f: Vector, to t: Vector) -> Span {
    let days = t - f, fromAlpha = f + alpha, fromBeta = f + beta
    let cut = pointwiseMin(fromAlpha * exponentialMinusOne(40 / R), fromBeta * exponentialMinusOne(Vector(repeating: 40 / s)))
    let grown = pointwiseMin(days, cut)
    let alphaWidth = logarithmOfOnePlus(grown / fromAlpha), betaWidth = logarithmOfOnePlus(grown / fromBeta)
    return Span(
      width: isAlphaNear ? alphaWidth : betaWidth, decay: R * alphaWidth + s * betaWidth,
      logGrowth: R * logarithmOfOnePlus(days / fromAlpha) + s * logarithmOfOnePlus(days / fromBeta))
  }

  /// Four rules serve all; fewer nodes where measured to be enough.
  static func ruleIndex(width: Double, decay: Double) -> Int {
    if width <= 2 && decay <= 11 { return 0 }
    if width <= 3.5 && decay <= 10 { return 1 }
    return width <= 5.5 && decay <= 41 ? 2 : 3
  }

  static func rule(_ index: Int) -> LegendreRule {
    switch index {
    case 0: .small
    case 1: .middle
    case 2: .great
    default: .greatest
    }
  }

  /// S, at least 10⁻³⁰⁰.
  @inline(__always)
  func value(shape R: Vector, from f: Vector, width: Vector, _ rule: LegendreRule) -> Vector {
    let fromNear = f + near, fromFar = f + far
    var sum = Vector()
    for node in rule.nodes {
      let w = width * node.x
      let grown = fromNear * exponentialMinusOne(w), other = logarithmOfOnePlus(grown / fromFar)
      if isAlphaNear {
        sum += node.y * exponential(-(R * w + s * other)) * (fromNear + grown) / (fromFar + grown)
      } else {
        sum += node.y * exponential(-(R * other + s * w))
      }
    }
    return pointwiseMax(s * width * sum, Vector(repeating: 1e-300))
  }

  /// S for one customer, any days.
  func value(shape: Double, from f: Double, to t: Double) -> Double {
    let R = Vector(repeating: shape), f = Vector(repeating: f), span = span(shape: R, from: f, to: Vector(repeating: t))
    return value(shape: R, from: f, width: span.width, Self.rule(Self.ruleIndex(width: span.width[0], decay: span.decay[0])))[0]
  }

  /// ln of the odds of being dead at t, the newest purchase having been at f.
  func logOdds(shape: Double, from f: Double, to t: Double) -> Double {
    let growth = span(shape: Vector(repeating: shape), from: Vector(repeating: f), to: Vector(repeating: t)).logGrowth[0]
    return growth + log(value(shape: shape, from: f, to: t))
  }
}
