import Foundation

/// Means over the day y of leaving, given that someone has left without having bought, of a = ln((α+y)/(α+f)), b = ln((β+y)/(β+f)),
/// i = 1/(α+y), j = 1/(β+y) and their products.
private struct LeavingMoments {
  var a = Vector(), b = Vector(), i = Vector(), j = Vector()
  var aa = Vector(), ab = Vector(), ai = Vector(), aj = Vector(), bb = Vector()
  var bi = Vector(), bj = Vector(), ii = Vector(), ij = Vector(), jj = Vector()
  /// S
  var total = Vector()

  /// - Parameter R: r + x of all eight.
  init(_ integral: LeavingIntegral, shape R: Double, from f: Vector, width: Vector, _ rule: LegendreRule) {
    let fromNear = f + integral.near, fromFar = f + integral.far, s = integral.s
    let fromAlpha = f + integral.alpha, fromBeta = f + integral.beta
    for node in rule.nodes {
      let w = width * node.x
      let grown = fromNear * exponentialMinusOne(w), other = logarithmOfOnePlus(grown / fromFar)
      let a = integral.isAlphaNear ? w : other, b = integral.isAlphaNear ? other : w
      let i = 1 / (fromAlpha + grown), j = 1 / (fromBeta + grown)
      // dy/(β+y) = (m+y)/(β+y) dw
      let weight = node.y * exponential(-(a * R + b * s)) * (fromNear + grown) * j
      let wa = weight * a, wb = weight * b, wi = weight * i, wj = weight * j
      total += weight
      self.a += wa
      self.b += wb
      self.i += wi
      self.j += wj
      aa += wa * a
      ab += wa * b
      ai += wa * i
      aj += wa * j
      bb += wb * b
      bi += wb * i
      bj += wb * j
      ii += wi * i
      ij += wi * j
      jj += wj * j
    }
    let inverse = 1 / pointwiseMax(total, Vector(repeating: 1e-300))
    total = pointwiseMax(total * s * width, Vector(repeating: 1e-300))
    (a, b, i, j) = (a * inverse, b * inverse, i * inverse, j * inverse)
    (aa, ab, ai, aj, bb) = (aa * inverse, ab * inverse, ai * inverse, aj * inverse, bb * inverse)
    (bi, bj, ii, ij, jj) = (bi * inverse, bj * inverse, ii * inverse, ij * inverse, jj * inverse)
  }
}

/// ln(1 + D) of histories of one x, with D the odds of being dead, and its derivatives.
private struct LeavingSums: Sendable {
  /// ln(1 + D); by r, α, s, β; by rr, rα, rs, rβ, αα, αs, αβ, ss, sβ, ββ.
  var sums = SIMD16<Double>()

  /// Adds eight histories.
  ///
  /// D is a sum over y of e^φ with φ linear in r and s; so, given the mean and the covariance of φ's slopes over y, the slope of ln(1 + D) is
  /// q·E[φ′] and its curvature q·(E[φ″] + cov φ′) + q(1 − q)·E[φ′]E[φ′]ᵀ, q being P(dead).
  @inline(__always)
  mutating func add(_ integral: LeavingIntegral, shape R: Double, from f: Vector, to t: Vector, customers n: Vector) {
    let span = integral.span(shape: Vector(repeating: R), from: f, to: t)
    let index = LeavingIntegral.ruleIndex(width: span.width.max(), decay: span.decay.max())
    let m = LeavingMoments(integral, shape: R, from: f, width: span.width, LeavingIntegral.rule(index))
    let u = span.logGrowth + logarithm(m.total), isNegative = u .< 0
    let e = exponential((-u).replacing(with: u, where: isNegative)), share = 1 / (1 + e)
    let q = n * share.replacing(with: e * share, where: isNegative), w = (e * share).replacing(with: share, where: isNegative)
    let s = integral.s, s1 = s + 1
    let iT = 1 / (t + integral.alpha), jT = 1 / (t + integral.beta)
    let gr = logarithmOfOnePlus((t - f) / (f + integral.alpha)) - m.a, ga = R * (iT - m.i)
    let gs = logarithmOfOnePlus((t - f) / (f + integral.beta)) - m.b + 1 / s, gb = s * jT - s1 * m.j
    let qr = q * gr, qa = q * ga, qs = q * gs, qb = q * gb
    sums[0] += (n * (u.replacing(with: 0, where: isNegative) + logarithm(1 + e))).sum()
    sums[1] += qr.sum()
    sums[2] += qa.sum()
    sums[3] += qs.sum()
    sums[4] += qb.sum()
    sums[5] += (q * (m.aa - m.a * m.a) + w * qr * gr).sum()
    sums[6] += (q * (iT - m.i + R * (m.ai - m.a * m.i)) + w * qr * ga).sum()
    sums[7] += (q * (m.ab - m.a * m.b) + w * qr * gs).sum()
    sums[8] += (q * s1 * (m.aj - m.a * m.j) + w * qr * gb).sum()
    sums[9] += (q * (R * (m.ii - iT * iT) + R * R * (m.ii - m.i * m.i)) + w * qa * ga).sum()
    sums[10] += (q * R * (m.bi - m.b * m.i) + w * qa * gs).sum()
    sums[11] += (q * R * s1 * (m.ij - m.i * m.j) + w * qa * gb).sum()
    sums[12] += (q * (m.bb - m.b * m.b - 1 / (s * s)) + w * qs * gs).sum()
    sums[13] += (q * (jT - m.j + s1 * (m.bj - m.b * m.j)) + w * qs * gb).sum()
    sums[14] += (q * (s1 * m.jj - s * jT * jT + s1 * s1 * (m.jj - m.j * m.j)) + w * qb * gb).sum()
  }
}

extension PurchaseCounts {
  /// Log-likelihood of Pareto/NBD with first and second derivatives by r, α (days), s, β (days).
  ///
  ///  ln L(x, t_x, T) = ln Γ(r+x)/Γ(r) + r ln α + s ln β − (r+x) ln(α+T) − s ln(β+T) + ln(1 + D), D as in `ParetoNBD.pAlive`
  ///
  /// Source: Fader and Hardie (2005), A Note on Deriving the Pareto/NBD Model, eq. (17) before ₂F₁ stands for the integral.
  func evaluate(_ model: ParetoNBD, threads: Int) -> ModelEvaluation {
    let integral = LeavingIntegral(model), r = model.r
    let parts = sumsByGroup(LeavingSums(), threads: threads, { $0.sums += $1.sums }) { vectors, x in
      var sums = LeavingSums()
      for i in vectors {
        sums.add(integral, shape: r + Double(x), from: Vector(recency[i]), to: Vector(tenure[i]), customers: Vector(customersOf[i]))
      }
      return sums
    }
    let sums = parts.reduce(SIMD16<Double>()) { $0 + $1.sums }
    let rates = evaluateNBD(r: r, alpha: model.alphaDays)
    let s = model.s, beta = model.betaDays
    // s ln β − s ln(β+T)
    var still = (value: 0.0, s: 0.0, beta: 0.0, sBeta: 0.0, betaBeta: 0.0)
    for t in customersByTenure.indices where customersByTenure[t] > 0 {
      let n = Double(customersByTenure[t]), later = beta + Double(t), length = log1p(Double(t) / beta)
      still.value -= n * s * length
      still.s -= n * length
      still.beta += n * s * (1 / beta - 1 / later)
      still.sBeta += n * (1 / beta - 1 / later)
      still.betaBeta += n * s * (1 / (later * later) - 1 / (beta * beta))
    }
    var h = [[Double]](repeating: [0, 0, 0, 0], count: 4), k = 5
    for i in 0..<4 {
      for j in i..<4 {
        h[i][j] = sums[k] + (i < 2 && j < 2 ? rates.hessian[i][j] : 0)
        k += 1
      }
    }
    h[2][3] += still.sBeta
    h[3][3] += still.betaBeta
    for i in 0..<4 { for j in 0..<i { h[i][j] = h[j][i] } }
    return ModelEvaluation(
      value: rates.value + still.value + sums[0],
      gradient: [rates.gradient[0] + sums[1], rates.gradient[1] + sums[2], still.s + sums[3], still.beta + sums[4]], hessian: h)
  }
}
