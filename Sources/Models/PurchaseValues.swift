import Buffers
import Foundation

/// The repeat purchases and their mean values of those who take part in Gamma-Gamma, eight customers an element.
struct PurchaseValues: Sendable {
  /// x, and x · z̄ in major units; a last element is filled up with x = 0.
  private struct Chunk: Sendable {
    var x: [Vector] = []
    var totals: [Vector] = []
    var customersByFrequency: [Int: Int64] = [:]
    var customers: Int64 = 0
    var customersLeftOut: Int64 = 0
    var greatest = 0.0
    private var pending = (Vector(), Vector())
    private var lanes = 0

    @inline(__always)
    mutating func append(_ frequency: Double, _ total: Double) {
      pending.0[lanes] = frequency
      pending.1[lanes] = total
      lanes += 1
      if lanes == 8 { flush() }
    }

    mutating func flush() {
      if lanes == 0 { return }
      x.append(pending.0)
      totals.append(pending.1)
      pending = (Vector(), Vector())
      lanes = 0
    }
  }

  private static let chunkRows = 1 << 15
  /// Greater mean values are no amounts of money.
  private static let valueMax = 1e15
  private var chunks: [Chunk] = []
  /// Ascending x, and how many customers have it.
  private var frequencies: [(x: Int, customers: Int64)] = []
  private(set) var customers: Int64 = 0
  private(set) var customersLeftOut: Int64 = 0
  /// Σ ln z̄, Σ x ln z̄.
  private var logs = 0.0, weightedLogs = 0.0
  /// Of z̄ over customers.
  private(set) var mean = 0.0, meanSquaredDeviation = 0.0
  private(set) var correlation = Double.nan

  init(frequency: [Int32], meanValues: [Double], isPresent: [Bool]?, threads: Int) {
    precondition(meanValues.count == frequency.count && (isPresent?.count ?? frequency.count) == frequency.count)
    let count = (frequency.count + Self.chunkRows - 1) / Self.chunkRows
    chunks = parallelMap(count, threads: threads) { c in
      var chunk = Chunk(), few = [Int64](repeating: 0, count: 256)
      let rows = c * Self.chunkRows..<min((c + 1) * Self.chunkRows, frequency.count)
      chunk.x.reserveCapacity(rows.count / 8 + 1)
      chunk.totals.reserveCapacity(rows.count / 8 + 1)
      for row in rows where frequency[row] > 0 && (isPresent?[row] ?? true) {
        let x = Int(frequency[row]), value = meanValues[row]
        if !(value > 1e-9 && value < Self.valueMax) || x >= 1 << 24 {
          chunk.customersLeftOut += 1
          continue
        }
        chunk.append(Double(x), Double(x) * value)
        chunk.greatest = max(chunk.greatest, value)
        if x < few.count { few[x] += 1 } else { chunk.customersByFrequency[x, default: 0] += 1 }
      }
      chunk.flush()
      for (x, n) in few.enumerated() where n > 0 { chunk.customersByFrequency[x] = n }
      chunk.customers = chunk.customersByFrequency.values.reduce(0, +)
      return chunk
    }
    summarise(threads: threads)
  }

  private init(_ chunks: [Chunk]) {
    self.chunks = chunks
    summarise(threads: 1)
  }

  /// The customers whose hash of x and z̄ falls on one of `share` values: the same ones in whatever order they come.
  func sample(oneIn share: Int64) -> PurchaseValues {
    var sample = Chunk()
    for chunk in chunks {
      for i in chunk.x.indices {
        for lane in 0..<8 where chunk.x[i][lane] > 0 {
          let x = chunk.x[i][lane], total = chunk.totals[i][lane]
          let hash = ((total.bitPattern ^ (x.bitPattern &>> 20)) &* 0x9E37_79B9_7F4A_7C15) &>> 32
          if Int64(hash) % max(1, share) != 0 { continue }
          sample.append(x, total)
          sample.customersByFrequency[Int(x), default: 0] += 1
          sample.customers += 1
          sample.greatest = max(sample.greatest, total / x)
        }
      }
    }
    sample.flush()
    return PurchaseValues([sample])
  }

  private mutating func summarise(threads: Int) {
    var byFrequency: [Int: Int64] = [:]
    for chunk in chunks {
      customers += chunk.customers
      customersLeftOut += chunk.customersLeftOut
      byFrequency.merge(chunk.customersByFrequency, uniquingKeysWith: +)
    }
    frequencies = byFrequency.map { ($0.key, $0.value) }.sorted { $0.x < $1.x }
    let n = Double(customers), greatest = chunks.map(\.greatest).max() ?? 1, xMax = Double(frequencies.last?.x ?? 1)
    let sums = sum([64, 64 * xMax, greatest, greatest * greatest, greatest * xMax], threads: threads) { Self.addValues($0, &$1) }
    (logs, weightedLogs) = (sums[0], sums[1])
    mean = sums[2] / n
    meanSquaredDeviation = max(0, sums[3] / n - mean * mean)
    if meanSquaredDeviation < 1e-12 * mean * mean { meanSquaredDeviation = 0 }
    var meanX = 0.0, meanXX = 0.0
    for (x, count) in frequencies {
      meanX += Double(x) * Double(count) / n
      meanXX += Double(x) * Double(x) * Double(count) / n
    }
    let spreadX = max(0, meanXX - meanX * meanX)
    if meanSquaredDeviation > 0 && spreadX > 1e-12 * meanXX {
      correlation = (sums[4] / n - meanX * mean) / (spreadX * meanSquaredDeviation).squareRoot()
    }
  }

  /// Log-likelihood with first and second derivatives by p, q and v.
  ///
  ///  ln L = ln Γ(px+q) − ln Γ(px) − ln Γ(q) + q ln v + (px−1) ln z̄ + px ln x − (px+q) ln(v + x·z̄)
  ///
  /// Source: note 025, eq. (1a). The sums that run over customers are of ln(v + x·z̄) and of powers of 1/(v + x·z̄).
  func evaluate(p: Double, q: Double, v: Double, threads: Int) -> ModelEvaluation {
    let xMax = Double(frequencies.last?.x ?? 1)
    let bounds = [64, 64 * xMax, 1, xMax, 1, xMax], rests = bounds[..<2].map { ExactSum(bound: $0).error }
    var s = sum(bounds + rests, threads: threads) { Self.addTerms($0, v: v, &$1) }
    s[0] += s[6]
    s[1] += s[7]
    let n = Double(customers), ofQ = gammaLogs(q)
    var value = n * q * log(v) + p * weightedLogs - logs - p * s[1] - q * s[0] - n * ofQ.value
    var g = [weightedLogs - s[1], n * log(v) - s[0] - n * ofQ.first, (n * q - p * s[3] - q * s[2]) / v]
    var pp = 0.0, pq = 0.0, qq = -n * ofQ.second
    for (whole, count) in frequencies {
      let x = Double(whole), n = Double(count), ofPX = gammaLogs(p * x), ofPXQ = gammaLogs(p * x + q), xLogX = x * log(x)
      value += n * (ofPXQ.value - ofPX.value + p * xLogX)
      g[0] += n * (x * (ofPXQ.first - ofPX.first) + xLogX)
      g[1] += n * ofPXQ.first
      pp += n * x * x * (ofPXQ.second - ofPX.second)
      pq += n * x * ofPXQ.second
      qq += n * ofPXQ.second
    }
    let pv = -s[3] / v, qv = (n - s[2]) / v, vv = (p * s[5] + q * s[4] - n * q) / (v * v)
    return ModelEvaluation(value: value, gradient: g, hessian: [[pp, pq, pv], [pq, qq, qv], [pv, qv, vv]])
  }

  /// Exact sums over all customers, each term no greater than its bound, of what `ofChunk` adds up.
  private func sum(_ bounds: [Double], threads: Int, _ ofChunk: @Sendable (Chunk, inout [ExactSum]) -> Void) -> [Double] {
    let empty = bounds.map { ExactSum(bound: $0) }
    let parts = parallelMap(chunks.count, threads: threads) { c in
      var sums = empty
      ofChunk(chunks[c], &sums)
      return sums
    }
    var result = empty
    for part in parts { for k in result.indices { result[k].add(part[k]) } }
    return result.map(\.value)
  }

  private static let step = ExactSum.termsMax / 8

  /// Σ ln z̄, Σ x ln z̄, Σ z̄, Σ z̄², Σ x z̄.
  private static func addValues(_ chunk: Chunk, _ sums: inout [ExactSum]) {
    let x = chunk.x, totals = chunk.totals
    let (e0, e1, e2, e3, e4) = (sums[0], sums[1], sums[2], sums[3], sums[4])
    for start in stride(from: 0, to: x.count, by: step) {
      var s0 = Vector(), s1 = Vector(), s2 = Vector(), s3 = Vector(), s4 = Vector()
      for i in start..<min(start + step, x.count) {
        let isThere = x[i] .> 0, weight = x[i].replacing(with: 1, where: x[i] .> 1)
        let value = Vector(repeating: 1).replacing(with: totals[i] / x[i], where: isThere), log = logarithm(value)
        s0 += e0.rounded(log)
        s1 += e1.rounded(x[i] * log)
        s2 += e2.rounded(weight * value)
        s3 += e3.rounded(weight * value * value)
        s4 += e4.rounded(totals[i])
      }
      for (k, lanes) in [s0, s1, s2, s3, s4].enumerated() { sums[k].add(lanes) }
    }
  }

  /// With s = v/(v + x·z̄): Σ ln(v + x·z̄), Σ x ln(v + x·z̄), Σ s, Σ x s, Σ s², Σ x s²; then what rounding took from the first two.
  private static func addTerms(_ chunk: Chunk, v: Double, _ sums: inout [ExactSum]) {
    let x = chunk.x, totals = chunk.totals
    let (e0, e1, e2, e3, e4, e5, e6, e7) = (sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7])
    for start in stride(from: 0, to: x.count, by: step) {
      var s0 = Vector(), s1 = Vector(), s2 = Vector(), s3 = Vector(), s4 = Vector(), s5 = Vector()
      var s6 = Vector(), s7 = Vector()
      for i in start..<min(start + step, x.count) {
        let weight = x[i].replacing(with: 1, where: x[i] .> 1), all = totals[i] + v
        let log = logarithm(all), share = v / all, square = share * share
        let counted = weight * log, weighted = x[i] * log, coarse = e0.rounded(counted), coarseWeighted = e1.rounded(weighted)
        s0 += coarse
        s1 += coarseWeighted
        s6 += e6.rounded(counted - coarse)
        s7 += e7.rounded(weighted - coarseWeighted)
        s2 += e2.rounded(weight * share)
        s3 += e3.rounded(x[i] * share)
        s4 += e4.rounded(weight * square)
        s5 += e5.rounded(x[i] * square)
      }
      for (k, lanes) in [s0, s1, s2, s3, s4, s5, s6, s7].enumerated() { sums[k].add(lanes) }
    }
  }
}
