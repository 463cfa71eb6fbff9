import Foundation

/// Fits BG/NBD by maximum likelihood, or NBD where the data do not show that customers leave at all.
///
/// A fit over a sample of 20,000 customers says where to begin; Newton's method over all histories ends it. The optimum does not depend on
/// the number of threads. Dropout counts as not identified where BG/NBD's log-likelihood exceeds that of NBD, which is its limit for a → 0 or
/// b → ∞, by less than 1.353 (a one-sided likelihood ratio test at 5 %).
/// - Throws: where no customer has a repeat purchase, or no optimum was found; the message says which.
package func fitPurchases(_ counts: PurchaseCounts, threads: Int) throws(ModelError) -> PurchaseFit {
  guard counts.customers > 0 else { throw ModelError(message: "no customer has a purchase history to fit BG/NBD to") }
  guard !counts.groups.isEmpty else {
    throw ModelError(message: "none of the \(counts.customers) customers has bought on a second day: BG/NBD needs repeat purchases")
  }
  guard counts.customersByTenure.indices.contains(where: { $0 > 0 && counts.customersByTenure[$0] > 0 }) else {
    throw ModelError(message: "all customers made their first purchase on the as-of day")
  }
  let search = PurchaseSearch(counts)
  let nbd = search.nbd()
  var warnings: [String] = []
  if counts.rowsLeftOut > 0 {
    warnings.append("customers left out, since their days or counts are no possible history: \(counts.rowsLeftOut)")
  }

  let sampleStep = counts.customers / 20_000
  var start: [Double]?
  if sampleStep >= 3 {
    let sample = counts.sample(everyCustomer: sampleStep)
    if !sample.groups.isEmpty { start = PurchaseSearch(sample).bgNBD(from: nil, threads: 1).point }
  }
  var best = search.bgNBD(from: start, threads: threads)
  if start != nil && !best.isConverged { best = search.bgNBD(from: nil, threads: threads) }
  let gain = best.evaluation.value - nbd.evaluation.value
  let leaving = best.point[2] / (best.point[2] + best.point[3])
  if !(gain > 1.353) || leaving < 1e-7 {
    guard nbd.isConverged, nbd.point.allSatisfy(\.isFinite) else {
      throw ModelError(message: "NBD: no optimum found after \(nbd.iterations) steps")
    }
    warnings.append(
      "dropout is not identified: BG/NBD's log-likelihood is only \(shown(max(0, gain), 3)) above that of NBD, in which nobody leaves "
        + "(a = \(shown(best.point[2], 6)), b = \(shown(best.point[3], 3))); NBD is used")
    warnings += search.edgeWarnings(nbd)
    return fit(.nbd(NBD(r: nbd.point[0], alphaDays: nbd.point[1])), nbd, counts, warnings)
  }
  guard best.isConverged, best.point.allSatisfy(\.isFinite) else {
    throw ModelError(
      message: "BG/NBD: no optimum found after \(best.iterations) steps; the last point was r = \(shown(best.point[0], 4)), α = "
        + "\(shown(best.point[1], 3)) days, a = \(shown(best.point[2], 4)), b = \(shown(best.point[3], 4))")
  }
  warnings += search.edgeWarnings(best)
  let p = best.point
  return fit(.bgNBD(BGNBD(r: p[0], alphaDays: p[1], a: p[2], b: p[3])), best, counts, warnings)
}

private func fit(_ model: PurchaseModel, _ best: Maximum, _ counts: PurchaseCounts, _ warnings: [String]) -> PurchaseFit {
  PurchaseFit(
    model: model, logLikelihood: best.evaluation.value, gradientNorm: best.gradientNorm(customers: counts.customers),
    iterations: best.iterations, customers: counts.customers, histories: counts.histories, standardErrors: best.standardErrors,
    warnings: warnings)
}

private struct PurchaseSearch {
  let counts: PurchaseCounts
  /// Mean T in days, at least 1.
  let meanDays: Double
  /// Repeat purchases a customer.
  let meanPurchases: Double

  init(_ counts: PurchaseCounts) {
    self.counts = counts
    var days = 0.0
    for (t, n) in counts.customersByTenure.enumerated() { days += Double(t) * Double(n) }
    meanDays = max(1, days / Double(counts.customers))
    meanPurchases = max(1e-6, Double(counts.repeatPurchases) / Double(counts.customers))
  }

  private var shapes: ClosedRange<Double> { 1e-6...1e6 }
  private var scales: ClosedRange<Double> { 1e-6 * meanDays...1e6 * meanDays / min(1, meanPurchases) }

  func nbd() -> Maximum {
    maximum(from: [1, meanDays / meanPurchases], ranges: [shapes, scales]) { counts.evaluateNBD(r: $0[0], alpha: $0[1]) }
  }

  func bgNBD(from start: [Double]?, threads: Int) -> Maximum {
    let first = start ?? [0.7, 0.7 * meanDays / max(meanPurchases, 0.2) / 2, 0.8, 2.5]
    return maximum(from: first, ranges: [shapes, scales, shapes, shapes]) {
      counts.evaluateBGNBD(r: $0[0], alpha: $0[1], a: $0[2], b: $0[3], threads: threads)
    }
  }

  /// What it means that a parameter ended at the edge of the range searched.
  func edgeWarnings(_ best: Maximum) -> [String] {
    if best.atEdge.isEmpty { return [] }
    var warnings: [String] = []
    if best.atEdge.contains(0) || best.atEdge.contains(1) {
      warnings.append("r or α lies at the edge of the range searched: customers hardly differ in their rates, or nearly all bought once")
    }
    if best.atEdge.contains(2) || best.atEdge.contains(3) {
      warnings.append("a or b lies at the edge of the range searched: customers hardly differ in how likely they leave")
    }
    return warnings
  }
}
