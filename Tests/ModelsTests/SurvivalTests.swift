import Foundation
import Models
import TestSupport
import Testing

/// Survival against the numbers that lifelines and the textbooks print.
struct SurvivalTests {
  /// A data set of `Vectors/survival`: durations, ends, and the other columns.
  private func read(_ name: String) throws -> (lives: Lifetimes, columns: [[Double]]) {
    let rows = try Vectors.table("survival/\(name).tsv")
    let lives = Lifetimes(durations: rows.map { Int32($0[0]) ?? -1 }, hasEnded: rows.map { $0[1] == "1" })
    let others = (2..<(rows.first?.count ?? 2)).map { j in rows.map { Double($0[j]) ?? .nan } }
    return (lives, others)
  }

  private func rows(_ lives: Lifetimes, where isIn: (Int) -> Bool) -> Lifetimes {
    let kept = lives.durations.indices.filter(isIn)
    return Lifetimes(durations: kept.map { lives.durations[$0] }, hasEnded: kept.map { lives.hasEnded[$0] })
  }

  private func logRank(_ name: String, column: Int) throws -> SurvivalTest? {
    let (lives, columns) = try read(name)
    return Models.logRank(lives, groups: columns[column].map { Int($0) }, groupCount: 3)
  }

  /// As many digits as are printed.
  private func isPrinted(_ value: Double?, _ text: String) -> Bool {
    let digits = text.split(separator: ".").last?.count ?? 0
    return String(format: "%.\(digits)f", value ?? .nan) == text
  }

  @Test func `log-rank of waltons is 122.2491, as lifelines prints`() throws {
    let test = try logRank("waltons", column: 0)
    #expect(isPrinted(test?.chiSquare, "122.2491") && isClose(test?.chiSquare ?? 0, 122.24912557300615, 1e-12))
    #expect(isClose(test?.p ?? 0, 2.0359832222855426e-28, 1e-9) && test?.freedom == 1)
  }

  @Test func `log-rank of leukemia is 16.7929, and Cox's Rx 1.572125 with standard error .412397 and likelihood −85.00842`() throws {
    #expect(isPrinted(try logRank("leukemia", column: 0)?.chiSquare, "16.7929"))
    let (lives, columns) = try read("leukemia"), fit = try fitCox(lives, covariates: columns)
    #expect(isPrinted(fit.coefficients.first, "1.572125") && isPrinted(fit.standardErrors.first, "0.412397"))
    #expect(isPrinted(fit.logLikelihood, "-85.00842"))
  }

  @Test func `log-rank of lung by sex is 10.326742`() throws {
    #expect(isPrinted(try logRank("lung", column: 1)?.chiSquare, "10.326742"))
  }

  @Test func `Cox of rossi has lifelines' coefficients, errors, likelihood −658.747659, concordance .640329 and baseline`() throws {
    let (lives, columns) = try read("rossi"), fit = try fitCox(lives, covariates: columns)
    let printed = ["-0.379422", "-0.057438", "0.313900", "-0.149796", "-0.433704", "-0.084871", "0.091497"]
    let errors = [0.1913794807, 0.0219994704, 0.3079927766, 0.2122242964, 0.3818680571, 0.1957566719, 0.0286485499]
    for (j, text) in printed.enumerated() {
      #expect(isPrinted(fit.coefficients[j], text) && isClose(fit.standardErrors[j], errors[j], 1e-7))
    }
    #expect(isPrinted(fit.logLikelihood, "-658.747659") && isPrinted(fit.concordance, "0.640329"))
    #expect(isClose(2 * (fit.logLikelihood - fit.logLikelihoodNull), 33.26594580156939, 1e-9))
    #expect(isClose(fit.baselineHazard.last ?? 0, 0.2743728376430713, 1e-7))
    let first = columns.map { $0[0] }
    #expect(isClose(fit.survival(first, at: 26), 0.8682126324, 1e-7) && isClose(fit.survival(first, at: 52), 0.7156993141, 1e-7))
    let conditional = fit.survival(first, at: 52, reached: 26)
    #expect(isClose(conditional, fit.survival(first, at: 52) / fit.survival(first, at: 26), 1e-12))
  }

  /// lifelines ranks lives that ended together by their place in its table; ours share a rank.
  @Test func `proportional hazards of rossi: age and wexp fail the test, with lifelines' p up to the ranks of ties`() throws {
    let (lives, columns) = try read("rossi"), fit = try fitCox(lives, covariates: columns)
    let expected = [0.9023429056, 0.000713596, 0.2323399963, 0.0068383923, 0.3996185693, 0.7140491159, 0.8908428197]
    for (test, p) in zip(fit.proportionality, expected) { #expect(abs(test.p - p) < 0.03, "\(test)") }
    #expect(fit.proportionality.map { $0.p < 0.05 } == [false, true, false, true, false, false, false])
  }

  @Test(arguments: ["waltons-control", "waltons-miR-137", "leukemia-Rx1", "leukemia-Rx0", "rossi"])
  func `Kaplan–Meier curves and their log-log limits are lifelines'`(curve: String) throws {
    let expected = try Vectors.table("survival/curves.tsv").filter { $0[0] == curve }
    let (lives, columns) = try read(String(curve.prefix { $0 != "-" }))
    let group = ["waltons-control": 0.0, "waltons-miR-137": 1, "leukemia-Rx1": 1, "leukemia-Rx0": 0][curve]
    let found = SurvivalCurve(rows(lives) { row in group.map { columns[0][row] == $0 } ?? true })
    #expect(found.times.map { "\($0)" } == expected.map { $0[1] })
    #expect(found.atRisk.map { "\($0)" } == expected.map { $0[2] } && found.events.map { "\($0)" } == expected.map { $0[3] })
    for (i, row) in expected.enumerated() {
      let wanted = row[4...].map { Double($0) ?? .nan }
      if wanted[0] == 0 {
        #expect(found.survival[i] == 0 && found.low[i].isNaN && found.high[i].isNaN)
      } else {
        #expect(isClose(found.survival[i], wanted[0], 1e-12))
        #expect(isClose(found.low[i], wanted[1], 1e-9) && isClose(found.high[i], wanted[2], 1e-9), "\(curve) \(row[1])")
      }
    }
  }

  @Test func `Nelson–Aalen of waltons ends at 5.021337`() throws {
    #expect(isClose(SurvivalCurve(try read("waltons").lives).cumulativeHazard.last ?? 0, 5.021337029536772, 1e-9))
  }

  @Test func `the curve of those who reached an age is the whole curve over its value there`() throws {
    let lives = try read("rossi").lives
    let whole = SurvivalCurve(lives), later = SurvivalCurve(lives, reached: 20)
    #expect(later.times.first == 21 && later.count == Int64(lives.durations.count { $0 > 20 }))
    for time in later.times { #expect(isClose(later.survival(at: time), whole.survival(at: time) / whole.survival(at: 20), 1e-12)) }
  }

  @Test func `Efron's likelihood, its gradient and Harrell's c equal those of plain sums over all pairs`() throws {
    var random = Seeded(5)
    for _ in 0..<30 {
      let n = 25
      let lives = Lifetimes(
        durations: (0..<n).map { _ in Int32(random.next() % 8) }, hasEnded: (0..<n).map { _ in random.next() % 3 > 0 })
      let columns = (0..<2).map { _ in (0..<n).map { _ in Double(random.next() % 5) } }
      guard let fit = try? fitCox(lives, covariates: columns) else { continue }
      let score = (0..<n).map { row in zip(fit.coefficients, columns).reduce(0) { $0 + $1.0 * $1.1[row] } }
      #expect(isClose(fit.logLikelihood, slowLikelihood(lives, columns, fit.coefficients), 1e-10))
      for j in 0..<2 {
        var up = fit.coefficients, down = up
        up[j] += 1e-4
        down[j] -= 1e-4
        #expect(abs(slowLikelihood(lives, columns, up) - slowLikelihood(lives, columns, down)) < 1e-5, "a maximum")
      }
      #expect(abs(fit.concordance - slowConcordance(lives, score)) < 1e-12)
    }
  }

  private func slowLikelihood(_ lives: Lifetimes, _ columns: [[Double]], _ beta: [Double]) -> Double {
    let n = lives.durations.count, score = (0..<n).map { row in zip(beta, columns).reduce(0) { $0 + $1.0 * $1.1[row] } }
    var sum = 0.0
    for time in Set(lives.durations) {
      let dead = (0..<n).filter { lives.durations[$0] == time && lives.hasEnded[$0] }
      let risk = (0..<n).filter { lives.durations[$0] >= time }.reduce(0) { $0 + exp(score[$1]) }
      let tied = dead.reduce(0) { $0 + exp(score[$1]) }
      for (k, row) in dead.enumerated() { sum += score[row] - log(risk - Double(k) / Double(dead.count) * tied) }
    }
    return sum
  }

  private func slowConcordance(_ lives: Lifetimes, _ score: [Double]) -> Double {
    var pairs = 0.0, right = 0.0
    for i in score.indices where lives.hasEnded[i] {
      for j in score.indices
      where lives.durations[j] > lives.durations[i] || (lives.durations[j] == lives.durations[i] && !lives.hasEnded[j]) {
        pairs += 1
        // Sums of the same terms in another order may differ in the last digit.
        right += abs(score[i] - score[j]) < 1e-12 ? 0.5 : score[i] > score[j] ? 1 : 0
      }
    }
    return right / pairs
  }

  @Test func `three equal groups do not differ, and the order of rows and the numbers of the groups leave no trace`() throws {
    let (lives, _) = try read("rossi"), n = lives.durations.count
    let tripled = Lifetimes(
      durations: lives.durations + lives.durations + lives.durations, hasEnded: lives.hasEnded + lives.hasEnded + lives.hasEnded)
    let same = Models.logRank(tripled, groups: (0..<3 * n).map { $0 / n }, groupCount: 3)
    #expect(abs(same?.chiSquare ?? 1) < 1e-9 && same?.freedom == 2 && isClose(same?.p ?? 0, 1, 1e-9))
    let groups = (0..<n).map { $0 % 3 }
    let test = Models.logRank(lives, groups: groups, groupCount: 3)
    let turned = Models.logRank(lives, groups: groups.map { ($0 + 1) % 3 }, groupCount: 3)
    #expect(isClose(turned?.chiSquare ?? 0, test?.chiSquare ?? 1, 1e-9))
  }

  @Test func `a covariate that separates, a constant one, and a set without ends are refused by name`() {
    let lives = Lifetimes(durations: [1, 2, 3, 4, 5, 6], hasEnded: [true, true, true, false, false, false])
    #expect(throws: ModelError.self) { try fitCox(lives, covariates: [[1, 1, 1, 0, 0, 0]]) }
    #expect(throws: ModelError.self) { try fitCox(lives, covariates: [[1, 1, 1, 1, 1, 1]]) }
    let watched = Lifetimes(durations: [1, 2], hasEnded: [false, false])
    #expect(throws: ModelError.self) { try fitCox(watched, covariates: [[1, 2]]) }
    #expect(SurvivalCurve(watched).times.isEmpty && SurvivalCurve(watched).count == 2)
  }

  @Test func `tails of χ² are those of the tables`() {
    for (x, freedom, p) in [
      (3.841458820694124, 1, 0.05), (5.991464547107979, 2, 0.05), (7.814727903251179, 3, 0.05), (23.209251158954356, 10, 0.01),
    ] {
      #expect(isClose(chiSquareTail(x, freedom: freedom), p, 1e-12))
    }
    #expect(isClose(normalQuantile(level: 0.95), 1.959963984540054, 1e-14))
  }
}
