import Foundation

/// ln(1 + D) of histories of one x, with D the odds of being dead, and its derivatives.
private struct LeavingSums: Sendable {
  /// ln(1 + D); by r, α, s, β; by rr, rα, rs, rβ, αα, αs, αβ, ss, sβ, ββ.
  var sums = SIMD16<Double>()

  /// Adds eight histories.
  ///
  /// D is a sum over y of e^φ with φ linear in r and s; so, given the mean and the covariance of φ's slopes over y, the slope of ln(1 + D) is
  /// q·E[φ′] and its curvature q·(E[φ″] + cov φ′) + q(1 − q)·E[φ′]E[φ′]ᵀ, q being P(dead).
  @inline(__always)
  mutating func add(_ m: LeavingMoments, shape R: Double, s: Double, customers n: Vector) {
    let u = m.logOdds, isNegative = u .< 0
    let e = exponential((-u).replacing(with: u, where: isNegative)), share = 1 / (1 + e)
    let q = n * share.replacing(with: e * share, where: isNegative), w = (e * share).replacing(with: share, where: isNegative)
    let s1 = s + 1, di = m.i - m.iEnd, dj = m.j - m.jEnd
    let gr = m.aEnd - m.a, ga = R * di, gs = m.bEnd - m.b + 1 / s, gb = s * dj - (m.jBase - m.j)
    let qr = q * gr, qa = q * ga, qs = q * gs, qb = q * gb
    // E[1/(α+y)²] − 1/(α+t)², the same of β, and E[1/(β+y)²].
    let iSquares = m.ii - m.iEnd * m.iEnd - 2 * m.iBase * di, jSquares = m.jj - m.jEnd * m.jEnd - 2 * m.jBase * dj
    let jSquare = m.jBase * (m.jBase - 2 * m.j) + m.jj
    sums[0] += (n * (u.replacing(with: 0, where: isNegative) + logarithm(1 + e))).sum()
    sums[1] += qr.sum()
    sums[2] += qa.sum()
    sums[3] += qs.sum()
    sums[4] += qb.sum()
    sums[5] += (q * (m.aa - m.a * m.a) + w * qr * gr).sum()
    sums[6] += (q * (di - R * (m.ai - m.a * m.i)) + w * qr * ga).sum()
    sums[7] += (q * (m.ab - m.a * m.b) + w * qr * gs).sum()
    sums[8] += (w * qr * gb - q * s1 * (m.aj - m.a * m.j)).sum()
    sums[9] += (q * (R * iSquares + R * R * (m.ii - m.i * m.i)) + w * qa * ga).sum()
    sums[10] += (w * qa * gs - q * R * (m.bi - m.b * m.i)).sum()
    sums[11] += (q * R * s1 * (m.ij - m.i * m.j) + w * qa * gb).sum()
    sums[12] += (q * (m.bb - m.b * m.b - 1 / (s * s)) + w * qs * gs).sum()
    sums[13] += (q * (dj - s1 * (m.bj - m.b * m.j)) + w * qs * gb).sum()
    sums[14] += (q * (s * jSquares + jSquare + s1 * s1 * (m.jj - m.j * m.j)) + w * qb * gb).sum()
  }
}

extension PurchaseCounts {
  /// Log-likelihood of Pareto/NBD with first and second derivatives by r, α (days), s, β (days).
  ///
  ///  ln L(x, t_x, T) = ln Γ(r+x)/Γ(r) + r ln α + s ln β − (r+x) ln(α+T) − s ln(β+T) + ln(1 + D), D as in `ParetoNBD.pAlive`
  ///
  /// Source: Fader and Hardie (2005), A Note on Deriving the Pareto/NBD Model, eq. (17) before ₂F₁ stands for the integral.
  func evaluate(_ model: ParetoNBD, threads: Int) -> ModelEvaluation {
    let integral = model.integral, r = model.r, tables = LeavingTables(model, self, threads: threads)
    let parts = sumsByGroup(LeavingSums(), threads: threads, { $0.sums += $1.sums }) { vectors, x in
      var sums = LeavingSums()
      let shape = r + Double(x), table = tables[x]
      for i in vectors {
        let moments =
          table?.moments(from: recency[i], to: tenure[i])
          ?? LeavingMoments(integral, shape: shape, from: Vector(recency[i]), to: Vector(tenure[i]))
        sums.add(moments, shape: shape, s: integral.s, customers: Vector(customersOf[i]))
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
