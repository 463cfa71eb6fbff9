import Foundation

/// Expectations over p ~ Beta(a, c), the probability of leaving: Σ weights · g(p) with nodes that suit every g of these models.
///
/// The trapezoidal rule over s, where the logit of p is v = s − e^(k−s) + e^(s−3): the integrand p^a (1−p)^c g(p) dv is analytic up to Im v = π
/// for every g(p) = f(1 + pτ), however great τ, so the rule gives full accuracy with one set of nodes for all horizons and customers that
/// share x; the exponentials bend both tails, so that small a and c need no more nodes. There is no 0/0 at a = 1, and all terms are positive.
struct BetaRule {
  /// Eight nodes an element, the last one filled up with weights 0.
  private(set) var p: [Vector] = []
  private(set) var weights: [Vector] = []
  private(set) var weightsOverP: [Vector] = []

  init(a: Double, c: Double) {
    let peak = log(a / c), left = min(-10, peak - 3)
    let step = min(0.28, 0.7 / a.squareRoot())
    func node(_ s: Double) -> (v: Double, logWeight: Double) {
      let bendLeft = exp(left - s), bendRight = exp(s - 3)
      let v = s - bendLeft + bendRight
      return (v, a * v - (a + c) * softPlus(v) + log(1 + bendLeft + bendRight))
    }
    let top = node(peak).logWeight
    var nodes: [(p: Double, weight: Double)] = []
    for direction in [1.0, -1.0] {
      var i = direction > 0 ? 0 : 1
      while i < 20_000 {
        let (v, logWeight) = node(peak + direction * Double(i) * step)
        if !(logWeight > top - 42) { break }
        nodes.append((1 / (1 + exp(min(-v, 640))), exp(logWeight - top)))
        i += 1
      }
    }
    let sum = nodes.reduce(0) { $0 + $1.weight }
    for start in stride(from: 0, to: nodes.count, by: 8) {
      var p = Vector(repeating: 0.5), weight = Vector()
      for lane in 0..<min(8, nodes.count - start) { (p[lane], weight[lane]) = (nodes[start + lane].p, nodes[start + lane].weight / sum) }
      self.p.append(p)
      weights.append(weight)
      weightsOverP.append(weight / p)
    }
  }

  /// E[(1 − (1 + pτ)^(−R)) / p]: purchases expected within τ · (α+T) days of someone alive with R = r + x.
  func purchases(within tau: Double, shape: Double) -> Double {
    var sum = Vector()
    for i in p.indices { sum -= weightsOverP[i] * exponentialMinusOne(-shape * logarithmOfOnePlus(p[i] * tau)) }
    return sum.sum()
  }

  /// E[g(p)] for any g as above, one value at a time.
  func expectation(_ g: (Double) -> Double) -> Double {
    var sum = 0.0
    for i in p.indices { for lane in 0..<8 where weights[i][lane] > 0 { sum += weights[i][lane] * g(p[i][lane]) } }
    return sum
  }

  /// E[R (1 + pu)^(−R−1)]: the rate of purchases after u · (α+T) days, in purchases a unit of u.
  func rate(after u: Double, shape: Double) -> Double {
    var sum = Vector()
    for i in p.indices { sum += weights[i] * exponential(-(shape + 1) * logarithmOfOnePlus(p[i] * u)) }
    return shape * sum.sum()
  }

  /// ln(1 + eᵛ)
  private func softPlus(_ v: Double) -> Double { max(v, 0) + log1p(exp(-abs(v))) }
}

/// ∫ F(u) e^(−yu) du over u > 0 for rates F of purchases: discounted purchases without end, y = δ · time with δ the continuous discount a day.
///
/// F falls from 1 or so and is analytic but for u ≤ −1; u and F are in units of the clock's time.
///
/// The trapezoidal rule over s with u = exp(s − e^(−s)), step 0.3: the error is below e^(−π²/0.3) = 10⁻¹⁴ of the result for every y ≥ `least`.
struct DiscountRule {
  private var u: [Vector] = []
  private var weights: [Vector] = []

  init(least y: Double, _ rate: (Double) -> Double) {
    let end = max(1, log(45 / y)), step = 0.3
    var s = -3.75
    while s < end {
      var time = Vector(), weight = Vector()
      for lane in 0..<8 where s < end {
        let bend = exp(-s)
        time[lane] = exp(s - bend)
        weight[lane] = step * time[lane] * (1 + bend) * rate(time[lane])
        s += step
      }
      u.append(time)
      weights.append(weight)
    }
  }

  func discounted(_ y: Double) -> Double {
    var sum = Vector()
    for i in u.indices { sum += weights[i] * exponential(-y * u[i]) }
    return sum.sum()
  }
}
