import Scores
import Testing
import Twins

/// The selection against the definition.
struct QuintileTests {
  /// 1 + ⌊5 · strictly smaller ÷ all⌋, by counting.
  private func counted(_ values: [Int64]) -> [Int32] {
    values.map { value in Int32(1 + 5 * values.filter { $0 < value }.count / values.count) }
  }

  @Test(arguments: Array(0...41) + [100, 333, 1000])
  func `scores of n random values are those of the definition`(n: Int) {
    var numbers = SeededNumbers(seed: UInt64(n))
    for distinct in [1, 2, 3, 5, 10, 1000, UInt64.max] as [UInt64] {
      for _ in 0..<(n > 50 ? 2 : 20) {
        let values = (0..<n).map { _ in Int64(bitPattern: numbers.next() % distinct) }
        #expect(quintileScores(values) == counted(values))
      }
    }
  }

  @Test func `extremes, equal values and sorted ones are scored by the definition`() {
    let runs: [[Int64]] = [
      [.min], [.max], [.min, .max], [.max, .min, 0], [.min, .min, .max, .max, 0, 0], [Int64](repeating: .min, count: 1000),
      [Int64](repeating: .max, count: 77), Array(0..<1000), Array((0..<1000).reversed()), (0..<1000).map { $0 % 7 },
      (0..<1000).map { $0 < 500 ? $0 : 1000 - $0 }, [Int64](repeating: 0, count: 999) + [1], [1] + [Int64](repeating: 0, count: 999),
      // Of which each counting of ranges finds nearly all in the lowest.
      (0..<1000).map { 1 << ($0 % 63) }, (0..<1000).map { $0 == 0 ? .max : -1 << ($0 % 64) }, [.max] + Array(0..<99),
    ]
    for values in runs { #expect(quintileScores(values) == counted(values)) }
  }

  @Test func `equal values get one score, and it is the lowest of their places`() {
    #expect(quintileScores([7, 7, 7, 7, 7]) == [1, 1, 1, 1, 1])
    #expect(quintileScores([1, 2, 3, 4, 5]) == [1, 2, 3, 4, 5])
    #expect(quintileScores([1, 1, 3, 4, 5]) == [1, 1, 3, 4, 5])
    #expect(quintileScores([]) == [])
  }

  @Test func `half a million values with many ties are scored in the time of a few passes`() {
    var numbers = SeededNumbers(seed: 3)
    let values = (0..<500_000).map { _ in Int64(numbers.next() % 900) }
    let sorted = values.sorted()
    var firstPlace: [Int64: Int] = [:]
    for (place, value) in sorted.enumerated() where firstPlace[value] == nil { firstPlace[value] = place }
    let expected = values.map { Int32(1 + 5 * (firstPlace[$0] ?? 0) / values.count) }
    #expect((quintileScores(values) == expected) as Bool)
  }
}
