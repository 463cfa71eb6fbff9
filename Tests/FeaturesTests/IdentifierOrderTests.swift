import Columns
import Features
import Testing

@Suite("The order of customers")
struct IdentifierOrderTests {
  /// One by one, by the bytes.
  private func twin(_ ids: [[UInt8]]) -> [[UInt8]] { ids.sorted { $0.lexicographicallyPrecedes($1) } }

  private func sorted(_ ids: [[UInt8]]) -> [[UInt8]] {
    var column = TextColumn()
    for id in ids { column.append(id) }
    return IdentifierOrder.sorted(column).map { ids[Int($0)] }
  }

  private func shuffled(_ ids: [String], seed: UInt64) -> [[UInt8]] {
    var generator = Seeded(state: seed)
    return Array(Set(ids)).sorted().shuffled(using: &generator).map { Array($0.utf8) }
  }

  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 33
    }
  }

  @Test(arguments: [1, 2, 63, 64, 65, 5000])
  func `of numbers, hexadecimal names, words and names that begin alike is that of their bytes`(count: Int) {
    let numbers = (0..<count).map { "customer-\(100_000 + $0 * 7 % 99_991)" }
    let names = (0..<count).map { String(UInt64($0) &* 0x9E37_79B9_7F4A_7C15, radix: 16) + "-" + String($0 % 13, radix: 16) }
    let words = (0..<count).map { String(repeating: "é", count: $0 % 7) + String($0) + (($0 % 3 == 0) ? "\u{0}" : "") }
    let alike = (0..<count).map { "a long beginning that all have" + String(repeating: "x", count: $0 % 40) + String($0 / 40) }
    let outlier = numbers + ["", "Z"]
    for (i, ids) in [numbers, names, words, alike, outlier].enumerated() {
      let ids = shuffled(ids, seed: UInt64(i + 1))
      #expect(sorted(ids) == twin(ids))
    }
  }

  @Test
  func `of ids that only zeros or ever longer beginnings tell apart is that of their bytes, too`() {
    let zeros = (0..<300).map { [UInt8](repeating: 0, count: $0) }
    let stairs = (0..<900).map { [UInt8](repeating: 97, count: $0) + [98] }
    for ids in [zeros, stairs] {
      var generator = Seeded(state: 7)
      let ids = ids.shuffled(using: &generator)
      #expect(sorted(ids) == twin(ids))
    }
  }
}
