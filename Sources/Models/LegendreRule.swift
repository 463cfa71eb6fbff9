import Foundation

/// Gauss–Legendre's nodes and weights on 0…1, exact for polynomials of degree 2n − 1.
struct LegendreRule: Sendable {
  /// (place, weight)
  let nodes: [SIMD2<Double>]

  /// Zeros of the Legendre polynomial by Newton's method from the usual asymptotic guess.
  init(_ count: Int) {
    let n = Double(count)
    nodes = (0..<count).map { i in
      var x = cos(.pi * (Double(count - i) - 0.25) / (n + 0.5)), slope = 1.0
      for _ in 0..<8 {
        var here = 1.0, before = 0.0
        for k in 0..<count {
          let k = Double(k)
          (here, before) = (((2 * k + 1) * x * here - k * before) / (k + 1), here)
        }
        slope = n * (x * here - before) / (x * x - 1)
        x -= here / slope
      }
      return SIMD2(0.5 * (1 + x), 1 / ((1 - x * x) * slope * slope))
    }
  }

  static let daily = LegendreRule(8), small = LegendreRule(12), middle = LegendreRule(16), great = LegendreRule(24)
  static let greatest = LegendreRule(64)
}
