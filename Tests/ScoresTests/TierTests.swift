import Scores
import Testing
import Twins

/// Tiers by classes against tiers by sorting.
struct TierTests {
  private func check(_ values: [Double], shares: [Double] = [0.5, 0.8, 0.95], absent: Set<Int> = []) {
    // Ids in another order than the rows.
    let ids = values.indices.map { "c\(($0 * 7919) % 100_003)" }
    let byID = values.indices.sorted { precedes(ids[$0], ids[$1]) }.map(UInt32.init)
    let present = values.indices.map { !absent.contains($0) }
    let found = valueTiers(values, absent.isEmpty ? nil : present, shares: shares, byID: byID)
    var expected: [String: Double] = [:]
    for row in values.indices where present[row] { expected[ids[row]] = values[row] }
    let twin = twinTiers(expected, shares: shares)
    let names = found.map { $0 == 0 ? nil : valueTierNames[Int($0) - 1] }
    #expect((names == ids.indices.map { present[$0] ? twin[ids[$0]] : nil }) as Bool, "\(values.prefix(20))")
  }

  @Test(arguments: 1...40)
  func `tiers of random values are the twin's`(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    let count = [1, 2, 3, 10, 100, 2000][Int(seed % 6)]
    for distinct in [1, 2, 7, 1000, 1 << 31] as [UInt64] {
      for scale in [1e-6, 1, 1e6] {
        let values = (0..<count).map { _ in Double(numbers.next() % distinct) * scale }
        check(values)
        check(values, shares: [0.3], absent: Set((0..<count).filter { _ in numbers.next() % 3 == 0 }))
        check(values, shares: [0.01, 0.02, 0.03, 0.5, 0.51, 0.9, 0.99, 0.999, 0.9999])
      }
    }
  }

  @Test func `a customer who holds more than a tier's share alone is in the first tier, the next one is past it`() {
    check([97, 1, 1, 1])
    #expect(valueTiers([97, 1, 1, 1], nil, shares: [0.5, 0.8, 0.95], byID: [0, 1, 2, 3]) == [1, 4, 4, 4])
  }

  @Test func `among equals the first by id comes first`() {
    #expect(valueTiers([1, 1, 1, 1], nil, shares: [0.5], byID: [3, 1, 0, 2]) == [2, 1, 2, 1])
  }

  @Test func `without any value, and with nobody, there are no tiers`() {
    #expect(valueTiers([0, 0], nil, shares: [0.5], byID: [0, 1]) == [0, 0])
    #expect(valueTiers([], nil, shares: [0.5], byID: []) == [])
    #expect(valueTiers([5, 5], [false, false], shares: [0.5], byID: [0, 1]) == [0, 0])
  }

  @Test func `values that add up to more than 64 bits are cumulated all the same`() {
    let values = [Double](repeating: 4e15, count: 4000)
    let tiers = valueTiers(values, nil, shares: [0.5], byID: (0..<4000).map { UInt32($0) })
    #expect(tiers.filter { $0 == 1 }.count == 2000 && tiers.prefix(2000).allSatisfy { $0 == 1 })
  }
}
