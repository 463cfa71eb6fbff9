import Buffers
import Foundation

/// Sums over the histories of one x; n customers, q = P(dead), w = P(alive) = 1 − q.
private struct DropoutSums: Sendable {
  // u = ln of the odds of being dead; L = ln((α+T)/(α+t_x)); d = 1/(α+T) − 1/(α+t_x); e = 1/(α+t_x)² − 1/(α+T)².
  var logs = 0.0
  var q = 0.0, qL = 0.0, qd = 0.0, qe = 0.0
  var qw = 0.0, qwL = 0.0, qwd = 0.0, qwLL = 0.0, qwLd = 0.0, qwdd = 0.0

  mutating func add(_ other: DropoutSums) {
    logs += other.logs
    q += other.q
    qL += other.qL
    qd += other.qd
    qe += other.qe
    qw += other.qw
    qwL += other.qwL
    qwd += other.qwd
    qwLL += other.qwLL
    qwLd += other.qwLd
    qwdd += other.qwdd
  }
}

extension PurchaseCounts {
  /// Log-likelihood with first and second derivatives by the parameters in the order of their names; time in days.
  package func logLikelihood(_ model: PurchaseModel, threads: Int) -> ModelEvaluation {
    switch model {
    case .bgNBD(let m): evaluate(m, threads: threads)
    case .mbgNBD(let m): evaluate(m, threads: threads)
    case .paretoNBD(let m): evaluate(m, threads: threads)
    case .nbd(let m): evaluateNBD(r: m.r, alpha: m.alphaDays)
    }
  }

  /// Log-likelihood of BG/NBD or MBG/NBD with first and second derivatives by r, α (days), a, b; k = x for the one, x + 1 for the other.
  ///
  ///  ln L(x, t_x, T) = ln Γ(r+x)/Γ(r) + r ln α + ln B(a, b+k)/B(a, b) − (r+x) ln(α+T) + [k>0] · ln(1 + eᵘ)
  ///  eᵘ = a/(b+k−1) · ((α+T)/(α+t_x))^(r+x), the odds of being dead
  ///
  /// All but the last term depends on x or on T alone. Source: Fader, Hardie and Lee (2005), eq. (6).
  func evaluate<Model: BetaDropoutModel>(_ model: Model, threads: Int) -> ModelEvaluation {
    let r = model.r, alpha = model.alphaDays, a = model.a, b = model.b
    let table = timeTable(alpha)
    let sums = sumsByGroup(DropoutSums(), threads: threads, { $0.add($1) }) { vectors, x in
      let k = Model.chances(x)
      return k == 0 ? DropoutSums() : dropoutSums(vectors, shape: r + Double(x), logOdds: model.logOdds(frequency: x), table)
    }

    let rates = evaluateNBD(r: r, alpha: alpha)
    var value = rates.value
    var g = [rates.gradient[0], rates.gradient[1], 0, 0]
    var h = [[Double]](repeating: [0, 0, 0, 0], count: 4)
    for i in 0..<2 { for j in 0..<2 { h[i][j] = rates.hessian[i][j] } }
    let ofAB = gammaLogs(a + b), ofB = gammaLogs(b)
    for (group, s) in zip(groups, sums) {
      let chances = Model.chances(group.frequency)
      if chances == 0 { continue }
      let n = Double(group.customers), R = r + Double(group.frequency), k = 1 / (b + chances - 1)
      let ofABX = gammaLogs(a + b + chances), ofBX = gammaLogs(b + chances)
      value += n * (ofAB.value + ofBX.value - ofB.value - ofABX.value) + s.logs
      g[0] += s.qL
      g[1] += R * s.qd
      g[2] += n * (ofAB.first - ofABX.first) + s.q / a
      g[3] += n * (ofAB.first + ofBX.first - ofB.first - ofABX.first) - k * s.q
      h[0][0] += s.qwLL
      h[0][1] += s.qd + R * s.qwLd
      h[1][1] += R * s.qe + R * R * s.qwdd
      h[0][2] += s.qwL / a
      h[0][3] -= s.qwL * k
      h[1][2] += R * s.qwd / a
      h[1][3] -= R * s.qwd * k
      h[2][2] += n * (ofAB.second - ofABX.second) + (s.qw - s.q) / (a * a)
      h[2][3] += n * (ofAB.second - ofABX.second) - s.qw * k / a
      h[3][3] += n * (ofAB.second + ofBX.second - ofB.second - ofABX.second) + k * k * (s.q + s.qw)
    }
    for i in 0..<4 { for j in 0..<i { h[i][j] = h[j][i] } }
    return ModelEvaluation(value: value, gradient: g, hessian: h)
  }

  /// Log-likelihood of NBD with derivatives by r and α (days): a sum over distinct x and T only.
  func evaluateNBD(r: Double, alpha: Double) -> ModelEvaluation {
    var value = 0.0, g = [0.0, 0.0], rr = 0.0, ra = 0.0, aa = 0.0
    let ofR = gammaLogs(r), logAlpha = log(alpha)
    for group in groups {
      let n = Double(group.customers), ofRX = gammaLogs(r + Double(group.frequency))
      value += n * (ofRX.value - ofR.value)
      g[0] += n * (ofRX.first - ofR.first)
      rr += n * (ofRX.second - ofR.second)
    }
    for t in customersByTenure.indices where customersByTenure[t] > 0 {
      let n = Double(customersByTenure[t]), purchases = n * r + Double(purchasesByTenure[t])
      let later = log(alpha + Double(t)), inverse = 1 / (alpha + Double(t))
      value += n * r * logAlpha - purchases * later
      g[0] += n * (logAlpha - later)
      g[1] += n * r / alpha - purchases * inverse
      ra += n * (1 / alpha - inverse)
      aa += purchases * inverse * inverse - n * r / (alpha * alpha)
    }
    return ModelEvaluation(value: value, gradient: g, hessian: [[rr, ra], [ra, aa]])
  }

  /// Sums over the histories of each group, in the order of `groups`; the body is given vectors of histories and their x.
  ///
  /// They are folded over fixed blocks of ascending histories, so that the number of threads leaves no trace.
  func sumsByGroup<Sums: Sendable>(
    _ zero: Sums, threads: Int, _ add: (inout Sums, Sums) -> Void, _ body: @Sendable (Range<Int>, Int) -> Sums
  ) -> [Sums] {
    var blocks: [(group: Int, vectors: Range<Int>)] = []
    for (g, group) in groups.enumerated() {
      for start in stride(from: group.vectors.lowerBound, to: group.vectors.upperBound, by: 512) {
        blocks.append((g, start..<min(start + 512, group.vectors.upperBound)))
      }
    }
    let work = blocks
    // Several blocks a task: some have one history only.
    let parts = parallelMap((work.count + 15) / 16, threads: threads) { task in
      (task * 16..<min((task + 1) * 16, work.count)).map { i in body(work[i].vectors, groups[work[i].group].frequency) }
    }
    var sums = [Sums](repeating: zero, count: groups.count)
    for (i, sum) in parts.joined().enumerated() { add(&sums[work[i].group], sum) }
    return sums
  }

  /// (ln(α + t), 1/(α + t)) for t = 0, 1 … days.
  private func timeTable(_ alpha: Double) -> [SIMD2<Double>] {
    var table = [SIMD2<Double>](repeating: SIMD2(), count: customersByTenure.count)
    let steps = Vector(0, 1, 2, 3, 4, 5, 6, 7)
    for start in stride(from: 0, to: table.count, by: 8) {
      let time = steps + (alpha + Double(start)), logs = logarithm(time), inverses = 1 / time
      for lane in 0..<min(8, table.count - start) { table[start + lane] = SIMD2(logs[lane], inverses[lane]) }
    }
    return table
  }

  private func dropoutSums(_ range: Range<Int>, shape R: Double, logOdds: Double, _ table: [SIMD2<Double>]) -> DropoutSums {
    var logs = Vector(), sq = Vector(), sqL = Vector(), sqd = Vector(), sqe = Vector()
    var sv = Vector(), svL = Vector(), svd = Vector(), svLL = Vector(), svLd = Vector(), svdd = Vector()
    for i in range {
      let (logT, inverseT) = gathered(tenure[i], table), (logX, inverseX) = gathered(recency[i], table)
      let n = Vector(customersOf[i])
      let L = logT - logX, d = inverseT - inverseX
      let u = L * R + logOdds
      let isNegative = u .< 0
      let e = exponential((-u).replacing(with: u, where: isNegative))
      let s = 1 / (1 + e)
      let q = s.replacing(with: e * s, where: isNegative), w = (e * s).replacing(with: s, where: isNegative)
      logs += n * (u.replacing(with: 0, where: isNegative) + logarithm(1 + e))
      let nq = n * q, nv = nq * w
      let qd = nq * d, vL = nv * L, vd = nv * d
      sq += nq
      sqL += nq * L
      sqd += qd
      sqe -= qd * (inverseT + inverseX)
      sv += nv
      svL += vL
      svd += vd
      svLL += vL * L
      svLd += vL * d
      svdd += vd * d
    }
    return DropoutSums(
      logs: logs.sum(), q: sq.sum(), qL: sqL.sum(), qd: sqd.sum(), qe: sqe.sum(), qw: sv.sum(), qwL: svL.sum(), qwd: svd.sum(),
      qwLL: svLL.sum(), qwLd: svLd.sum(), qwdd: svdd.sum())
  }
}

@inline(__always)
private func gathered(_ times: SIMD8<Int32>, _ table: [SIMD2<Double>]) -> (log: Vector, inverse: Vector) {
  let p0 = table[Int(times[0])], p1 = table[Int(times[1])], p2 = table[Int(times[2])], p3 = table[Int(times[3])]
  let p4 = table[Int(times[4])], p5 = table[Int(times[5])], p6 = table[Int(times[6])], p7 = table[Int(times[7])]
  return (
    Vector(p0.x, p1.x, p2.x, p3.x, p4.x, p5.x, p6.x, p7.x), Vector(p0.y, p1.y, p2.y, p3.y, p4.y, p5.y, p6.y, p7.y)
  )
}
