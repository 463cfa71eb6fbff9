import Foundation
import Models
import TestSupport
import Testing

/// Logistic regression and calibration against plain sums.
struct LogisticTests {
  /// Customers with two columns, and outcomes drawn at known odds.
  private func drawn(_ n: Int, seed: UInt64) -> (columns: [[Double]], outcome: [Bool]) {
    var random = Seeded(seed)
    let columns = [100.0, 0.01].map { scale in (0..<n).map { _ in scale * Double.random(in: -1...1, using: &random) } }
    let outcome = (0..<n).map { row in
      Double.random(in: 0..<1, using: &random) < 1 / (1 + exp(-(0.5 + 0.02 * columns[0][row] - 100 * columns[1][row])))
    }
    return (columns, outcome)
  }

  private func slowLikelihood(_ columns: [[Double]], _ outcome: [Bool], _ beta: [Double]) -> Double {
    outcome.indices.reduce(0.0) { sum, row in
      let eta = beta[2] + beta[0] * columns[0][row] + beta[1] * columns[1][row]
      return sum - log(1 + exp(outcome[row] ? -eta : eta))
    }
  }

  @Test(arguments: [30, 1024, 1025, 5000]) func `a fit is the maximum of the plain likelihood, with the errors of its curvature`(n: Int)
    throws
  {
    let (columns, outcome) = drawn(n, seed: UInt64(n)), fit = try fitLogistic(columns, outcome: outcome, threads: 2)
    let plain = fit.intercept - fit.coefficients[0] * fit.means[0] - fit.coefficients[1] * fit.means[1]
    let best = fit.coefficients + [plain]
    #expect(isClose(fit.logLikelihood, slowLikelihood(columns, outcome, best), 1e-12))
    // Curvature of the plain likelihood by each coefficient, the others at their best for it: profile drops by ½ at one standard error.
    for j in 0..<2 {
      var matrix = [[0.0, 0, 0], [0, 0, 0], [0, 0, 0]]
      for row in outcome.indices {
        let x = [columns[0][row], columns[1][row], 1], p = 1 / (1 + exp(-zip(best, x).reduce(0) { $0 + $1.0 * $1.1 }))
        for a in 0..<3 { for b in 0..<3 { matrix[a][b] += p * (1 - p) * x[a] * x[b] } }
      }
      #expect(isClose(fit.standardErrors[j], inverse(matrix)[j][j].squareRoot(), 1e-7))
    }
    for j in 0..<3 {
      var beside = best
      beside[j] += (j < 2 ? fit.standardErrors[j] : 1) * 1e-3
      #expect(slowLikelihood(columns, outcome, beside) < fit.logLikelihood)
    }
  }

  private func inverse(_ m: [[Double]]) -> [[Double]] {
    func minor(_ i: Int, _ j: Int) -> Double {
      let r = (0..<3).filter { $0 != i }, c = (0..<3).filter { $0 != j }
      return (m[r[0]][c[0]] * m[r[1]][c[1]] - m[r[0]][c[1]] * m[r[1]][c[0]]) * ((i + j) % 2 == 0 ? 1 : -1)
    }
    let determinant = (0..<3).reduce(0) { $0 + m[0][$1] * minor(0, $1) }
    return (0..<3).map { i in (0..<3).map { minor($0, i) / determinant } }
  }

  @Test func `estimates from 50,000 customers lie within 4 standard errors of the truth`() throws {
    let (columns, outcome) = drawn(50_000, seed: 1), fit = try fitLogistic(columns, outcome: outcome, threads: 2)
    for (j, truth) in [0.02, -100].enumerated() { #expect(abs(fit.coefficients[j] - truth) < 4 * fit.standardErrors[j]) }
  }

  @Test func `the number of threads leaves no trace, and rows that take no part might as well not be there`() throws {
    let (columns, outcome) = drawn(5000, seed: 2), one = try fitLogistic(columns, outcome: outcome, threads: 1)
    #expect(try fitLogistic(columns, outcome: outcome, threads: 7) == one)
    let some = try fitLogistic(
      columns.map { $0 + [9, 9] }, outcome: outcome + [true, true], takes: outcome.map { _ in true } + [false, false], threads: 2)
    #expect(some == one)
  }

  @Test func `separation, one outcome alone, a constant and a dependent column are refused by name`() throws {
    let n = 200, rising = (0..<n).map(Double.init)
    func message(_ columns: [[Double]], _ outcome: [Bool]) -> String {
      do {
        _ = try fitLogistic(columns, outcome: outcome, threads: 1)
        return ""
      } catch { return error.message }
    }
    #expect(message([rising], rising.map { $0 > 80 }).contains("separate"))
    #expect(message([rising], rising.map { _ in true }).contains("the same outcome"))
    #expect(message([rising, rising.map { _ in 3 }], rising.map { Int($0) % 3 == 0 }).contains("input 2 is the same"))
    #expect(message([rising, rising.map { 2 * $0 + 1 }], rising.map { Int($0) % 3 == 0 }).contains("depend"))
  }

  @Test func `Platt's calibration of scores at twice the true log odds halves them, and probabilities then add up to the outcomes`() throws
  {
    let (columns, outcome) = drawn(20_000, seed: 3)
    let fit = try fitLogistic(columns, outcome: outcome, threads: 2), twice = fit.logOdds(columns).map { 2 * $0 }
    let platt = try Calibration.platt(twice, outcome: outcome, threads: 2)
    guard case .platt(let slope, let intercept) = platt else { throw ModelError(message: "not Platt's") }
    #expect(isClose(slope, 0.5, 1e-6) && abs(intercept) < 1e-6)
    let sum = twice.reduce(0) { $0 + platt.probability($1) }
    #expect(isClose(sum, Double(outcome.count { $0 }), 1e-6))
  }

  @Test func `the isotonic calibration is the best rising step function: by hand, and level where scores say nothing`() {
    let scores = [1.0, 2, 3, 4, 5, 6], outcome = [false, true, false, false, true, true]
    // 2, 3 and 4 pool to a third; 5 and 6 stay at one, which is one step.
    let found = Calibration.isotonic(scores, outcome: outcome)
    #expect(found == .isotonic(scores: [1, 3, 5.5], probabilities: [0, 1 / 3.0, 1]))
    #expect(found.probability(0) == 0 && found.probability(2) == 1 / 6.0 && found.probability(99) == 1)
    let falling = Calibration.isotonic([1, 2], outcome: [true, false])
    #expect(falling.probability(-5) == 0.5 && falling.probability(5) == 0.5)
    let tied = Calibration.isotonic([1, 1, 1, 2], outcome: [true, false, false, true])
    #expect(tied == .isotonic(scores: [1, 2], probabilities: [1 / 3.0, 1]))
  }

  @Test func `every calibrated probability lies in 0…1 and rises with the score`() throws {
    let (columns, outcome) = drawn(3000, seed: 4)
    let scores = try fitLogistic(columns, outcome: outcome, threads: 2).logOdds(columns)
    for calibration in [Calibration.isotonic(scores, outcome: outcome), try .platt(scores, outcome: outcome, threads: 1)] {
      let sorted = (scores + [-1e9, 1e9]).sorted().map { calibration.probability($0) }
      #expect(sorted.allSatisfy { (0...1).contains($0) } && zip(sorted, sorted.dropFirst()).allSatisfy { $0 <= $1 })
    }
  }
}
