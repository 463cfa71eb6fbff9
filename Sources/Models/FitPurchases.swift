import Foundation

/// Fits a model of purchases by maximum likelihood, or NBD where the data do not show that customers leave at all.
///
/// A fit over a sample of 20,000 customers says where to begin; Newton's method over all histories ends it. The optimum does not depend on
/// the number of threads. Dropout counts as not identified where the model's log-likelihood exceeds that of NBD, which is its limit for
/// dropout without chance or far in the future, by less than 1.353 (a one-sided likelihood ratio test at 5 %).
/// - Parameter name: the model asked for.
/// - Throws: where no customer has a repeat purchase, or no optimum was found; the message says which.
package func fitPurchases(
  _ counts: PurchaseCounts, model name: PurchaseModelName = .bgNBD, threads: Int
) throws(ModelError) -> PurchaseFit {
  guard counts.customers > 0 else { throw ModelError(message: "no customer has a purchase history to fit \(name.title) to") }
  guard counts.repeatPurchases > 0 else {
    throw ModelError(message: "none of the \(counts.customers) customers has bought on a second day: \(name.title) needs repeat purchases")
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
  if name == .nbd { return try fit(name, nbd, counts, warnings) }

  let sampleStep = counts.customers / 20_000
  var start: [Double]?
  if sampleStep >= 3 {
    let sample = counts.sample(everyCustomer: sampleStep)
    if sample.repeatPurchases > 0 { start = PurchaseSearch(sample).best(name, from: nil, threads: 1).point }
  }
  var best = search.best(name, from: start, threads: threads)
  if start != nil && !best.isConverged { best = search.best(name, from: nil, threads: threads) }
  let gain = best.evaluation.value - nbd.evaluation.value
  if !(gain > 1.353) || leavingShare(name, best.point) < 1e-7 {
    warnings.append(
      "dropout is not identified: \(name.title)'s log-likelihood is only \(shown(max(0, gain), 3)) above that of NBD, in which nobody "
        + "leaves (\(described(name, best.point, 2...))); NBD is used")
    return try fit(.nbd, nbd, counts, warnings)
  }
  return try fit(name, best, counts, warnings)
}

/// The mean chance of leaving after a purchase; 1 where one leaves at any time.
private func leavingShare(_ name: PurchaseModelName, _ point: [Double]) -> Double {
  switch name {
  case .bgNBD, .mbgNBD: point[2] / (point[2] + point[3])
  case .paretoNBD: 1
  case .nbd: 0
  }
}

/// `a = 0.8, b = 2.4`
private func described(_ name: PurchaseModelName, _ point: [Double], _ range: PartialRangeFrom<Int>) -> String {
  range.relative(to: point).map { "\(name.parameterNames[$0]) = \(shown(point[$0], 6))" }.joined(separator: ", ")
}

private func fit(
  _ name: PurchaseModelName, _ best: Maximum, _ counts: PurchaseCounts, _ warnings: [String]
) throws(ModelError) -> PurchaseFit {
  guard best.isConverged, best.point.allSatisfy(\.isFinite), let model = PurchaseModel(name, best.point) else {
    throw ModelError(
      message: "\(name.title): no optimum found after \(best.iterations) steps; the last point was \(described(name, best.point, 0...))")
  }
  return PurchaseFit(
    model: model, logLikelihood: best.evaluation.value, gradientNorm: best.gradientNorm(customers: counts.customers),
    iterations: best.iterations, customers: counts.customers, histories: counts.histories, standardErrors: best.standardErrors,
    warnings: warnings + edgeWarnings(name, best))
}

/// What it means that a parameter ended at the edge of the range searched.
private func edgeWarnings(_ name: PurchaseModelName, _ best: Maximum) -> [String] {
  var warnings: [String] = []
  if best.atEdge.contains(0) || best.atEdge.contains(1) {
    warnings.append("r or α lies at the edge of the range searched: customers hardly differ in their rates, or nearly all bought once")
  }
  if best.atEdge.contains(2) || best.atEdge.contains(3) {
    warnings.append(
      "\(name.parameterNames[2...].joined(separator: " or ")) lies at the edge of the range searched: customers hardly differ in how likely "
        + "they leave")
  }
  return warnings
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

  /// - Parameter start: nil: from a usual place.
  func best(_ name: PurchaseModelName, from start: [Double]?, threads: Int) -> Maximum {
    let alpha = 0.7 * meanDays / max(meanPurchases, 0.2) / 2
    switch name {
    case .nbd: return nbd()
    case .paretoNBD:
      return maximum(from: start ?? [0.7, alpha, 0.6, 0.4 * meanDays], ranges: [shapes, scales, shapes, scales]) {
        counts.evaluate(ParetoNBD(r: $0[0], alphaDays: $0[1], s: $0[2], betaDays: $0[3]), threads: threads)
      }
    case .bgNBD, .mbgNBD:
      return maximum(from: start ?? [0.7, alpha, 0.8, 2.5], ranges: [shapes, scales, shapes, shapes]) { p in
        let (r, alpha, a, b) = (p[0], p[1], p[2], p[3])
        return name == .bgNBD
          ? counts.evaluate(BGNBD(r: r, alphaDays: alpha, a: a, b: b), threads: threads)
          : counts.evaluate(MBGNBD(r: r, alphaDays: alpha, a: a, b: b), threads: threads)
      }
    }
  }
}
