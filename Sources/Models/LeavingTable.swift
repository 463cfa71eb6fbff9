import Buffers

/// Moments of the day of leaving for all histories of one x, by sums over days: those of a history from f to t days are what the sum behind
/// f has more than the sum behind t, so that they cost one subtraction in place of an integral.
///
/// Summed are ∫ k(y)·(1, a, b, i, j, and their products) dy from each day to the last one, with k(y) = (1+y/α)^(−R) (1+y/β)^(−s) / (β+y),
/// a, b, i, j as `LeavingMoments` has them, from day 0 on. No term is negative and k falls, so that a difference over n of N days loses the
/// digits of N/n at most.
struct LeavingTable: Sendable {
  private let sums: [SIMD16<Double>]
  private let days: LeavingDays
  private let shape: Double

  init(_ days: LeavingDays, shape: Double) { (sums, self.days, self.shape) = (days.sums(shape: shape), days, shape) }

  @inline(__always)
  func moments(from f: SIMD8<Int32>, to t: SIMD8<Int32>) -> LeavingMoments {
    var m = LeavingMoments(), total = Vector()
    for lane in 0..<8 {
      let end = Int(t[lane]), sum = sums[Int(f[lane])] - sums[end]
      total[lane] = sum[0]
      (m.a[lane], m.b[lane], m.i[lane], m.j[lane]) = (sum[1], sum[2], sum[3], sum[4])
      (m.aa[lane], m.ab[lane], m.ai[lane], m.aj[lane], m.bb[lane]) = (sum[5], sum[6], sum[7], sum[8], sum[9])
      (m.bi[lane], m.bj[lane], m.ii[lane], m.ij[lane], m.jj[lane]) = (sum[10], sum[11], sum[12], sum[13], sum[14])
      let there = days.ends[end]
      (m.aEnd[lane], m.bEnd[lane], m.iEnd[lane], m.jEnd[lane]) = (there.x, there.y, there.z, there.w)
    }
    total = pointwiseMax(total, Vector(repeating: 1e-300))
    let inverse = 1 / total
    (m.a, m.b, m.i, m.j) = (m.a * inverse, m.b * inverse, m.i * inverse, m.j * inverse)
    (m.aa, m.ab, m.ai, m.aj, m.bb) = (m.aa * inverse, m.ab * inverse, m.ai * inverse, m.aj * inverse, m.bb * inverse)
    (m.bi, m.bj, m.ii, m.ij, m.jj) = (m.bi * inverse, m.bj * inverse, m.ii * inverse, m.ij * inverse, m.jj * inverse)
    m.logOdds = logarithm(total * days.s) + m.aEnd * shape + m.bEnd * days.s
    (m.iBase, m.jBase) = (Vector(repeating: 1 / days.alpha), Vector(repeating: 1 / days.beta))
    return m
  }
}

/// What the tables of all x share: a rule of eight nodes a day, and the moments' terms at them.
struct LeavingDays: Sendable {
  let s, alpha, beta: Double
  /// (a, b, i, j) of each day's beginning, and of the last one's end.
  let ends: [SIMD4<Double>]
  /// Of each day, a and b at its eight nodes.
  private let a: [Vector], b: [Vector]
  /// Eight nodes a day: their weights times (1, a, b, i, j, aa, ab, ai, aj, bb, bi, bj, ii, ij, jj, 0) / (β+y).
  private let terms: [SIMD16<Double>]

  /// - Parameter count: of days.
  init(_ model: ParetoNBD, count: Int) {
    (s, alpha, beta) = (model.s, model.alphaDays, model.betaDays)
    let nodes = LegendreRule.daily.nodes, alpha = alpha, beta = beta
    /// a, b, i and j, eight days at once.
    func measured(_ y: Vector) -> (a: Vector, b: Vector, i: Vector, j: Vector) {
      (logarithmOfOnePlus(y / alpha), logarithmOfOnePlus(y / beta), y / (alpha * (y + alpha)), y / (beta * (y + beta)))
    }
    var places = Vector()
    for (lane, node) in nodes.enumerated() { places[lane] = node.x }
    var a: [Vector] = [], b: [Vector] = [], terms: [SIMD16<Double>] = []
    for day in 0..<count {
      let y = places + Double(day), all = measured(y)
      a.append(all.a)
      b.append(all.b)
      for (lane, node) in nodes.enumerated() {
        let (a, b, i, j) = (all.a[lane], all.b[lane], all.i[lane], all.j[lane])
        let term = SIMD16(1, a, b, i, j, a * a, a * b, a * i, a * j, b * b, b * i, b * j, i * i, i * j, j * j, 0)
        terms.append(term * (node.y / (y[lane] + beta)))
      }
    }
    ends = (0...count).map { day in
      let all = measured(Vector(repeating: Double(day)))
      return SIMD4(all.a[0], all.b[0], all.i[0], all.j[0])
    }
    (self.a, self.b, self.terms) = (a, b, terms)
  }

  /// Whether eight nodes a day are enough for R = r + x, and no sum comes near the least of doubles.
  func serves(shape: Double) -> Bool {
    guard let last = ends.last else { return false }
    return shape / alpha + (s + 1) / beta <= 4 && shape * last.x + s * last.y <= 600
  }

  /// The moments' sums from each day to the end.
  fileprivate func sums(shape: Double) -> [SIMD16<Double>] {
    var sums = [SIMD16<Double>](repeating: SIMD16(), count: a.count + 1), sum = SIMD16<Double>()
    for day in a.indices.reversed() {
      let weights = exponential(-(a[day] * shape + b[day] * s))
      for lane in 0..<8 { sum += terms[day * 8 + lane] * weights[lane] }
      sums[day] = sum
    }
    return sums
  }
}

/// Tables for those x that have more histories than a table has days, twice over.
struct LeavingTables: Sendable {
  private var tables: [Int: LeavingTable] = [:]

  init(_ model: ParetoNBD, _ counts: PurchaseCounts, threads: Int) {
    let dayCount = counts.customersByTenure.count - 1
    let often = counts.groups.filter { $0.vectors.count * 8 >= 2 * dayCount }
    if dayCount < 1 || often.isEmpty { return }
    let days = LeavingDays(model, count: dayCount)
    let served = often.map(\.frequency).filter { days.serves(shape: model.r + Double($0)) }
    let made = parallelMap(served.count, threads: threads) { LeavingTable(days, shape: model.r + Double(served[$0])) }
    tables = Dictionary(uniqueKeysWithValues: zip(served, made))
  }

  subscript(frequency: Int) -> LeavingTable? { tables[frequency] }
}
