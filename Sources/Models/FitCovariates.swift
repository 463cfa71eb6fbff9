import Foundation

/// Pareto/NBD with covariates, fitted, and how the fit went.
package struct CovariateFit: Sendable {
  package var model: ParetoCovariates
  package var logLikelihood: Double
  /// Length of the gradient of the mean log-likelihood of a customer by the unknowns of `covariateLikelihood`.
  package var gradientNorm: Double
  package var iterations: Int
  package var customers: Int64
  /// Distinct (x, t_x, T), counted in each cell.
  package var histories: Int
  /// From the observed information: of r, α₀ (days), s, β₀ (days), γ₁ …, γ₂ ….
  package var standardErrors: [Double]
  /// 2 · (ln L − ln L without covariates), χ² with that freedom where no covariate tells anything, and P(a greater one) then.
  package var likelihoodRatio: Double
  package var freedom: Int
  package var chance: Double
}

/// Fits Pareto/NBD with covariates by maximum likelihood: Newton's method from the fit without them, over the histories of each cell.
/// - Parameters:
///   - cells: with all customers that `base` was fitted to.
///   - names: of the dummies, for messages.
///   - base: the fit without covariates, which must be of Pareto/NBD.
/// - Throws: where dummies follow from each other, an effect has no finite estimate, or no optimum was found; the message says which.
package func fitCovariates(
  _ cells: [CovariateCell], names: [String], base: PurchaseFit, threads: Int
) throws(ModelError) -> CovariateFit {
  guard case .paretoNBD(let start) = base.model else { throw ModelError(message: "\(base.model.name.title) takes no covariates") }
  guard !names.isEmpty else { throw ModelError(message: "all customers have the same level of each covariate") }
  if let name = dependent(cells, names) {
    throw ModelError(message: "\(name) follows from the other levels, or none of them: nothing can tell their effects apart")
  }
  let shapes = 1e-6...1e6, factors = 1e-3...1e3
  let scales = [start.alphaDays, start.betaDays].map { 1e-5 * $0...1e5 * $0 }
  let best = maximumByLogarithms(
    from: [start.r, start.alphaDays, start.s, start.betaDays] + [Double](repeating: 1, count: 2 * names.count),
    ranges: [shapes, scales[0], shapes, scales[1]] + [ClosedRange<Double>](repeating: factors, count: 2 * names.count)
  ) { covariateLikelihood(cells, at: $0, threads: threads) }
  if let edge = best.atEdge.first { throw ModelError(message: edgeReason(edge, best, names)) }
  guard best.isConverged, best.point.allSatisfy(\.isFinite) else {
    throw ModelError(message: "no optimum found after \(best.iterations) steps")
  }
  let effects = best.point.dropFirst(4).map { log($0) }
  // Of an effect by itself, of the others by the parameter.
  let errors = best.standardErrors.enumerated().map { $0 < 4 ? $1 : $1 / best.point[$0] }
  guard errors.allSatisfy(\.isFinite) else {
    throw ModelError(message: "the effects have no standard errors: the data do not tell them apart")
  }
  let model = ParetoCovariates(
    base: ParetoNBD(r: best.point[0], alphaDays: best.point[1], s: best.point[2], betaDays: best.point[3]),
    rateEffects: Array(effects[..<names.count]), leavingEffects: Array(effects[names.count...]))
  let ratio = max(0, 2 * (best.evaluation.value - base.logLikelihood)), freedom = 2 * names.count
  return CovariateFit(
    model: model, logLikelihood: best.evaluation.value, gradientNorm: best.gradientNorm(customers: base.customers),
    iterations: best.iterations, customers: base.customers, histories: cells.reduce(0) { $0 + $1.counts.histories },
    standardErrors: errors, likelihoodRatio: ratio, freedom: freedom, chance: chiSquareTail(ratio, freedom: freedom))
}

/// The first dummy that is a sum of those before it and of a constant; nil: none. Cholesky's decomposition of the customers' dummies.
private func dependent(_ cells: [CovariateCell], _ names: [String]) -> String? {
  let width = names.count + 1
  var products = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
  for cell in cells {
    let ones = [0] + cell.dummies.map { $0 + 1 }
    for i in ones { for j in ones { products[i][j] += Double(cell.counts.customers) } }
  }
  for i in 0..<width {
    for j in 0...i {
      let rest = (0..<j).reduce(products[i][j]) { $0 - products[i][$1] * products[j][$1] }
      if i != j {
        products[i][j] = rest / products[j][j]
      } else if rest > 1e-9 * products[i][i] {
        products[i][i] = rest.squareRoot()
      } else {
        return i > 0 ? names[i - 1] : "the first level"
      }
    }
  }
  return nil
}

/// What it means that an unknown ended at the edge of the range searched.
private func edgeReason(_ unknown: Int, _ best: Maximum, _ names: [String]) -> String {
  if unknown < 4 {
    let name = PurchaseModelName.paretoNBD.parameterNames[unknown]
    return "\(name) lies at the edge of the range searched: customers hardly differ beside their levels"
  }
  let isRate = unknown < 4 + names.count, isLow = best.point[unknown] < 1, name = names[(unknown - 4) % names.count]
  let meaning =
    isRate
    ? (isLow ? "hardly any of these customers bought again" : "these customers buy beyond all comparison")
    : (isLow ? "none of these customers seems to leave" : "these customers seem to leave at once")
  return "the effect of \(name) on the rate of \(isRate ? "purchases" : "leaving") has no finite estimate: \(meaning)"
}
