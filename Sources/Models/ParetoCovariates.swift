import Foundation

/// Pareto/NBD whose scales hang on what was known of a customer when he came: α_i = α₀ · exp(−γ₁ᵀz_i), β_i = β₀ · exp(−γ₂ᵀz_i).
///
/// z are dummies, 0 or 1. As long as he lives, who has dummy j buys exp(γ₁ⱼ) times as often as one who is like him but for that, and he leaves at
/// exp(γ₂ⱼ) times the rate. r and s are everyone's.
///
/// Source: Fader and Hardie (2007), Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models, brucehardie.com/notes/019.
package struct ParetoCovariates: Sendable, Hashable {
  /// Of customers without any dummy.
  package var base: ParetoNBD
  /// γ₁ and γ₂, by dummy.
  package var rateEffects, leavingEffects: [Double]

  package init(base: ParetoNBD, rateEffects: [Double], leavingEffects: [Double]) {
    precondition(rateEffects.count == leavingEffects.count)
    (self.base, self.rateEffects, self.leavingEffects) = (base, rateEffects, leavingEffects)
  }

  /// The model of customers who have these dummies.
  /// - Parameter others: what else γ₁ᵀz and γ₂ᵀz hold.
  package func model(of dummies: [Int], besides others: (rate: Double, leaving: Double) = (0, 0)) -> ParetoNBD {
    let rate = dummies.reduce(others.rate) { $0 + rateEffects[$1] }, leaving = dummies.reduce(others.leaving) { $0 + leavingEffects[$1] }
    return ParetoNBD(r: base.r, alphaDays: base.alphaDays * exp(-rate), s: base.s, betaDays: base.betaDays * exp(-leaving))
  }
}

/// Customers with the same dummies.
package struct CovariateCell: Sendable {
  /// Those that are 1, each once.
  package var dummies: [Int]
  package var counts: PurchaseCounts

  package init(dummies: [Int], counts: PurchaseCounts) { (self.dummies, self.counts) = (dummies, counts) }
}

/// Log-likelihood of Pareto/NBD with covariates, with first and second derivatives by ln r, ln α₀, ln s, ln β₀, γ₁ …, γ₂ ….
///
/// ln α and ln β of a cell are sums of those unknowns, so that the cell's slopes and curvatures by its own four logarithms are handed on with signs.
/// - Parameter point: the unknowns in that order, 4 + 2 · dummies.
package func covariateLikelihood(_ cells: [CovariateCell], at point: [Double], threads: Int) -> ModelEvaluation {
  let width = point.count, dummyCount = (width - 4) / 2
  let model = ParetoCovariates(
    base: ParetoNBD(r: exp(point[0]), alphaDays: exp(point[1]), s: exp(point[2]), betaDays: exp(point[3])),
    rateEffects: Array(point[4..<4 + dummyCount]), leavingEffects: Array(point[(4 + dummyCount)...]))
  var sum = ModelEvaluation(
    value: 0, gradient: [Double](repeating: 0, count: width),
    hessian: [[Double]](repeating: [Double](repeating: 0, count: width), count: width))
  for cell in cells {
    let own = model.model(of: cell.dummies)
    let here = cell.counts.evaluate(own, threads: threads).inLogarithms(of: [own.r, own.alphaDays, own.s, own.betaDays])
    // What ln r, ln α, ln s and ln β of the cell are sums of.
    let terms: [[(unknown: Int, sign: Double)]] = [
      [(0, 1)], [(1, 1)] + cell.dummies.map { (4 + $0, -1) }, [(2, 1)], [(3, 1)] + cell.dummies.map { (4 + dummyCount + $0, -1) },
    ]
    sum.value += here.value
    for i in 0..<4 {
      for (u, sign) in terms[i] {
        sum.gradient[u] += sign * here.gradient[i]
        for j in 0..<4 { for (v, other) in terms[j] { sum.hessian[u][v] += sign * other * here.hessian[i][j] } }
      }
    }
  }
  // The same sums in another order.
  for u in 0..<width { for v in 0..<u { sum.hessian[u][v] = sum.hessian[v][u] } }
  return sum
}
