import Columns
import Features
import Foundation
import Testing
import Twins

/// Counts of gaps, the last place holding longer ones.
private func counts(_ gaps: [Int]) -> [Int64] {
  var counts = [Int64](repeating: 0, count: 422)
  for gap in gaps { counts[min(gap, 421)] += 1 }
  return counts
}

/// Gaps of 200 customers who pay on the same day of each month.
private func calendar(months: Int) -> [Int] {
  (0..<200).flatMap { customer -> [Int] in
    let first = Day(year: 2023, month: customer % 12 + 1, day: customer % 28 + 1)
    let days = (0..<12).map { Day.first(ofMonth: first.month + Int32($0 * months)) + (first.civil.day - 1) }
    return zip(days.dropFirst(), days).map { $0 - $1 }
  }
}

struct ContractTermsTests {
  private static let populations: [(gaps: [Int], period: Double)] = {
    var populations = [7, 14, 28, 30, 45].map { (gaps: [Int](repeating: $0, count: 60), period: Double($0)) }
    populations += [1, 3, 12].map { (gaps: calendar(months: $0), period: 365.25 / 12 * Double($0)) }
    // One in twelve pays later or twice.
    let late = (0..<240).map { i in i % 12 == 0 ? 61 : i % 5 == 0 ? 34 : 30 + i % 2 }
    return populations + [(gaps: late, period: 365.25 / 12)]
  }()

  @Test(arguments: populations)
  func `the period of payments is found`(gaps: [Int], period: Double) {
    let terms = ContractTerms(counts(gaps), ContractWish())
    #expect(terms.periodDays == period && terms.areRegular, "\(terms)")
    #expect(terms.laterShares.count == terms.lastDay + 1 && terms.laterShares.last == 0 && terms.laterShares[0] == 1)
    #expect(zip(terms.laterShares, terms.laterShares.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test func `gaps that are of no one period, or too few, are not like those of contracts`() {
    // Poisson's gaps, whatever their mean.
    for mean in [3.0, 10, 30, 90, 300] {
      let gaps = (0..<5000).map { 1 + Int(-mean * log(1 - (Double($0) + 0.5) / 5000)) }
      #expect(ContractTerms(counts(gaps), ContractWish()).regularShare < 0.35)
    }
    #expect(!ContractTerms(counts([Int](repeating: 30, count: 49)), ContractWish()).areRegular)
    #expect(ContractTerms(counts([Int](repeating: 30, count: 50)), ContractWish()).areRegular)
    let none = ContractTerms(counts([]), ContractWish())
    #expect(!none.areRegular && none.regularShare == 0 && none.laterShares.allSatisfy { $0 == 0 })
    let half = ContractTerms(counts((0..<200).map { $0 % 2 == 0 ? 30 : 90 }), ContractWish())
    #expect(!half.areRegular && half.regularShare == 0.5)
    #expect(!ContractTerms(counts((0..<200).map { $0 % 2 == 0 ? 30 : 90 }), ContractWish(period: .days(7))).areRegular)
  }

  @Test func `CDNOW's purchases are not like those of contracts, and gaps are counted the same in any number of buckets`() throws {
    let folder = try StoreFolder()
    let store = try folder.store(try fixture("cdnow"), mapping: cdnowMapping)
    var options = TransformOptions(asOf: Day(year: 1998, month: 6, day: 30), threads: 2)
    options.contract = ContractWish()
    let features = try transform(store, options: options), gaps = try #require(features.gaps)
    let terms = ContractTerms(gaps, ContractWish())
    #expect(!terms.areRegular && terms.regularShare < 0.3, "\(terms)")
    guard case .int32(let frequency)? = features.customers["frequency"]?.values else { return }
    #expect(gaps.reduce(0, +) == frequency.reduce(0) { $0 + Int64($1) })
    options.threads = 1
    options.columns = ["frequency"]
    options.churnHorizonDays = 90
    #expect(try transform(store, options: options).gaps == gaps)
  }

  @Test func `a payment may be late by a third of the period, 15 days at most, and by what is asked for`() {
    #expect([7, 14, 30, 365.25 / 12, 365.25].map { ContractTerms.grace(ofDays: $0) } == [2, 4, 10, 10, 15])
    let gaps = counts([Int](repeating: 30, count: 80) + [34, 38, 44, 50])
    let terms = ContractTerms(gaps, ContractWish(period: .days(30), graceDays: 5))
    #expect(terms.lastDay == 35 && abs(terms.laterShares[30] - 1 / 81.0) < 1e-15 && terms.laterShares[34] == 0)
    // Regular are all within the tolerance, whatever the grace.
    #expect(abs(terms.regularShare - 82 / 84.0) < 1e-15)
    #expect(ContractTerms(gaps, ContractWish(period: .days(30), graceDays: 100)).graceDays == 15)
    #expect(ContractTerms(gaps, ContractWish(period: .days(400), graceDays: 200)).lastDay == 420)
  }
}
