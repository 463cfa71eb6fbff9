import Foundation
import Populations
import Testing

/// The largest distance between the empirical distribution of a sample and `distribution`, times √n: Kolmogorov and Smirnov's statistic.
private func kolmogorovSmirnov(_ sample: [Double], _ distribution: (Double) -> Double) -> Double {
  let count = Double(sample.count)
  var distance = 0.0
  for (index, value) in sample.sorted().enumerated() {
    let expected = distribution(value)
    distance = max(distance, abs(Double(index) / count - expected), abs(Double(index + 1) / count - expected))
  }
  return distance * count.squareRoot()
}

/// P(X ≤ x) of Gamma(shape, 1): x^k e^(−x) Σ xⁿ / Γ(k + n + 1).
private func gammaDistribution(_ x: Double, shape: Double) -> Double {
  if x <= 0 { return 0 }
  var term = Foundation.exp(shape * Foundation.log(x) - x - lgamma(shape + 1))
  var sum = term
  var n = 1.0
  while n < x || term > 1e-16 * sum {
    term *= x / (shape + n)
    sum += term
    n += 1
  }
  return min(sum, 1)
}

/// P(X ≤ x) of Beta(a, b) by the binomial-like series x^a (1−x)^b / (a·B(a, b)) · Σ Π (a + b + k)/(a + 1 + k) x^(n+1), for x below 1.
private func betaDistribution(_ x: Double, _ a: Double, _ b: Double) -> Double {
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  if x > 0.5 { return 1 - betaDistribution(1 - x, b, a) }
  let powers: Double = a * Foundation.log(x) + b * Foundation.log(1 - x)
  let logarithm: Double = powers + lgamma(a + b) - lgamma(a + 1) - lgamma(b)
  var term = 1.0, sum = 1.0, n = 0.0
  while abs(term) > 1e-16 * sum {
    term *= x * (a + b + n) / (a + 1 + n)
    sum += term
    n += 1
  }
  return Foundation.exp(logarithm) * sum
}

@Suite struct DistributionTests {
  private static let count = 100_000
  /// The statistic passes this in one of a million samples of a right generator.
  private static let kolmogorovSmirnovMax = 2.7

  private func sample(_ seed: UInt64, _ draw: (inout DrawSequence) -> Double) -> [Double] {
    (0..<UInt32(Self.count)).map { thing in
      var draws = DrawSequence(seed: seed, .buyers, of: thing)
      return draw(&draws)
    }
  }

  @Test func `the distribution functions that these tests compare with agree with closed forms`() {
    for x in [0.01, 0.3, 1, 4, 20] {
      #expect(abs(gammaDistribution(x, shape: 1) - (1 - Foundation.exp(-x))) < 1e-13)
      #expect(abs(gammaDistribution(x, shape: 0.5) - erf(x.squareRoot())) < 1e-13)
    }
    for x in [0.001, 0.2, 0.5, 0.7, 0.999] {
      #expect(abs(betaDistribution(x, 1, 3) - (1 - pow(1 - x, 3))) < 1e-13)
      #expect(abs(betaDistribution(x, 0.5, 0.5) - 2 / Double.pi * asin(x.squareRoot())) < 1e-13)
    }
  }

  @Test(arguments: [0.1, 0.243, 0.5, 0.999, 1, 1.5, 3.74, 6.25, 50])
  func `gamma draws follow the gamma distribution`(shape: Double) {
    let sample = sample(3) { $0.gamma(shape: shape) }
    #expect(sample.allSatisfy { $0 > 0 && $0.isFinite })
    #expect(kolmogorovSmirnov(sample) { gammaDistribution($0, shape: shape) } < Self.kolmogorovSmirnovMax)
    let count = Double(Self.count)
    let mean = sample.reduce(0, +) / count
    let variance = sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    // Five standard errors; the fourth central moment is 3k² + 6k.
    #expect(abs(mean - shape) < 5 * (shape / count).squareRoot())
    #expect(abs(variance - shape) < 5 * ((2 * shape * shape + 6 * shape) / count).squareRoot())
  }

  @Test(arguments: [(0.793, 2.426), (0.5, 0.5), (1, 3), (2, 5), (0.1, 0.2), (30, 4)])
  func `beta draws follow the beta distribution`(a: Double, b: Double) {
    let sample = sample(4) { $0.beta(a, b) }
    #expect(sample.allSatisfy { (0...1).contains($0) })
    #expect(kolmogorovSmirnov(sample) { betaDistribution($0, a, b) } < Self.kolmogorovSmirnovMax)
    let mean = sample.reduce(0, +) / Double(Self.count)
    let variance = a * b / ((a + b) * (a + b) * (a + b + 1))
    #expect(abs(mean - a / (a + b)) < 5 * (variance / Double(Self.count)).squareRoot())
  }

  @Test func `a distribution a tenth off is told apart`() {
    let sample = sample(5) { $0.gamma(shape: 0.243) }
    #expect(kolmogorovSmirnov(sample) { gammaDistribution($0, shape: 0.267) } > 2 * Self.kolmogorovSmirnovMax)
  }
}
