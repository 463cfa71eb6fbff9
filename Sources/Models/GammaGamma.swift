import Buffers
import Foundation

/// Gamma-Gamma: the value of a purchase is Gamma(p, ν) with ν ~ Gamma(q, v) from customer to customer, whatever the frequency.
///
/// Source: Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value, note 025 at brucehardie.com.
package struct GammaGamma: Sendable, Hashable {
  /// Shapes, without unit.
  package var p, q: Double
  /// Scale, in major units of money.
  package var v: Double

  package init(p: Double, q: Double, v: Double) { (self.p, self.q, self.v) = (p, q, v) }

  /// E[Z] = p(v + x·z̄)/(px + q − 1), major units: the value of a customer's purchases to come, z̄ being the mean of x so far.
  /// NaN where px + q ≤ 1, for which the mean is infinite.
  package func expectedValue(frequency x: Int32, meanValue: Double) -> Double {
    let x = max(0, Double(x)), known = x > 0 && meanValue > 0 ? x : 0
    let below = p * known + q - 1
    return below > 0 ? p * (v + (known > 0 ? known * meanValue : 0)) / below : .nan
  }
}

/// A fitted model and how the fit went.
package struct ValueFit: Sendable {
  package var model: GammaGamma
  package var logLikelihood: Double
  /// Length of the gradient of the mean log-likelihood of a customer by the logarithms of the parameters.
  package var gradientNorm: Double
  /// Newton steps over all customers.
  package var iterations: Int
  package var customers: Int64
  /// Customers with repeat purchases whose mean value is zero, negative or no possible amount.
  package var customersLeftOut: Int64
  /// Pearson's r of x and z̄ over the customers who take part; NaN where one of them does not vary.
  package var correlation: Double
  /// From the observed information, of p, q and v; NaN where it is singular.
  package var standardErrors: [Double]
  package var warnings: [String]
}

/// Fits Gamma-Gamma by maximum likelihood to customers with x > 0 repeat purchase days of mean value z̄ > 0 (major units).
///
/// Rows that are absent or have x ≤ 0 do not take part. Neither the order of the rows nor the number of threads leaves a trace. A fit over
/// about 20,000 customers, chosen by a hash of x and z̄, says where to begin.
/// - Throws: where no customer takes part, all have one and the same history of values, or no optimum was found.
package func fitValues(frequency: [Int32], meanValues: [Double], isPresent: [Bool]?, threads: Int) throws(ModelError) -> ValueFit {
  let values = PurchaseValues(frequency: frequency, meanValues: meanValues, isPresent: isPresent, threads: threads)
  guard values.customers > 0 else {
    throw ModelError(message: "no customer has a repeat purchase of positive value: Gamma-Gamma needs some")
  }
  guard values.customers > 2 && values.meanSquaredDeviation > 0 else {
    throw ModelError(
      message: "the mean values of all \(values.customers) customers with repeat purchases are the same: Gamma-Gamma is not identified")
  }
  let mean = values.mean
  let ranges = [1e-4...1e6, 1e-4...1e6, 1e-6 * mean...1e6 * mean]
  func search(_ values: PurchaseValues, _ start: [Double], _ threads: Int) -> Maximum {
    maximum(from: start, ranges: ranges) { values.evaluate(p: $0[0], q: $0[1], v: $0[2], threads: threads) }
  }
  var start = [2, 3, mean]
  if values.customers > 60_000 {
    let sampled = values.sample(oneIn: values.customers / 20_000)
    if sampled.customers > 1000 { start = search(sampled, start, 1).point }
  }
  let best = search(values, start, threads)
  guard best.isConverged, best.point.allSatisfy(\.isFinite) else {
    throw ModelError(message: "Gamma-Gamma: no optimum found after \(best.iterations) steps")
  }
  let model = GammaGamma(p: best.point[0], q: best.point[1], v: best.point[2])
  return ValueFit(
    model: model, logLikelihood: best.evaluation.value, gradientNorm: best.gradientNorm(customers: values.customers),
    iterations: best.iterations, customers: values.customers, customersLeftOut: values.customersLeftOut, correlation: values.correlation,
    standardErrors: best.standardErrors, warnings: warnings(model, values, best))
}

private func warnings(_ model: GammaGamma, _ values: PurchaseValues, _ best: Maximum) -> [String] {
  var warnings: [String] = []
  if values.customersLeftOut > 0 {
    warnings.append("repeat customers left out, since their mean value is not positive: \(values.customersLeftOut)")
  }
  if abs(values.correlation) > 0.3 {
    warnings.append(
      "value and frequency correlate (r = \(shown(values.correlation, 2))): Gamma-Gamma takes them as independent, "
        + "expected values are biased")
  }
  if model.q <= 1 {
    warnings.append("q = \(shown(model.q, 3)) ≤ 1: the mean over customers is infinite, customers with p·x + q ≤ 1 get no expected value")
  }
  if !best.atEdge.isEmpty {
    warnings.append("p, q or v lies at the edge of the range searched: values hardly differ within or between customers")
  }
  return warnings
}

/// E[Z] of each row, major units; NaN where a row is absent. Without a repeat purchase of positive value it is the mean over customers,
/// pv/(q − 1); NaN where px + q ≤ 1.
package func expectedValues(
  _ model: GammaGamma, frequency: [Int32], meanValues: [Double], isPresent: [Bool]?, threads: Int
) -> [Double] {
  precondition(meanValues.count == frequency.count && (isPresent?.count ?? frequency.count) == frequency.count)
  var columns = filledColumns(1, rowCount: frequency.count, threads: threads) { rows, space in
    for (place, row) in rows.enumerated() {
      space[place] = (isPresent?[row] ?? true) ? model.expectedValue(frequency: frequency[row], meanValue: meanValues[row]) : .nan
    }
  }
  return columns.removeLast()
}

/// Log-likelihood of Gamma-Gamma with first and second derivatives by p, q and v, over the rows that `fitValues` would take.
package func valueLogLikelihood(
  _ model: GammaGamma, frequency: [Int32], meanValues: [Double], isPresent: [Bool]?, threads: Int
) -> ModelEvaluation {
  PurchaseValues(frequency: frequency, meanValues: meanValues, isPresent: isPresent, threads: threads)
    .evaluate(p: model.p, q: model.q, v: model.v, threads: threads)
}
