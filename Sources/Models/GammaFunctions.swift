import Foundation

/// ln Γ(x), ψ(x) = d/dx ln Γ(x) and ψ′(x).
package struct GammaLogs: Sendable {
  package var value, first, second: Double
}

/// ln Γ(x), ψ(x) and ψ′(x) for x > 0, each to about 10⁻¹⁵ relative to the greater of 1 and itself.
///
/// The asymptotic series (Abramowitz and Stegun 6.1.40, 6.3.18, 6.4.12) from x ≥ 10; below, the recurrences lead there.
package func gammaLogs(_ x: Double) -> GammaLogs {
  var y = x, product = 1.0, first = 0.0, second = 0.0
  while y < 10 {
    product *= y
    first -= 1 / y
    second += 1 / (y * y)
    y += 1
  }
  let inverse = 1 / y, w = inverse * inverse, logY = log(y)
  let series =
    inverse
    * (1 / 12.0 - w * (1 / 360.0 - w * (1 / 1260.0 - w * (1 / 1680.0 - w * (1 / 1188.0 - w * (691 / 360_360.0 - w * (1 / 156.0)))))))
  let firstSeries =
    w
    * (1 / 12.0 - w * (1 / 120.0 - w * (1 / 252.0 - w * (1 / 240.0 - w * (1 / 132.0 - w * (691 / 32_760.0 - w * (1 / 12.0)))))))
  let secondSeries =
    inverse * w
    * (1 / 6.0 - w * (1 / 30.0 - w * (1 / 42.0 - w * (1 / 30.0 - w * (5 / 66.0 - w * (691 / 2730.0 - w * (7 / 6.0)))))))
  return GammaLogs(
    value: (y - 0.5) * logY - y + 0.918_938_533_204_672_8 + series - log(product),
    first: first + logY - 0.5 * inverse - firstSeries,
    second: second + inverse + 0.5 * w + secondSeries)
}
