import Buffers
import Synchronization
import Testing

@Suite("Results in turn")
struct InTurnTests {
  /// Touched by whoever's turn it is, which is what is tested.
  private final class Taken: @unchecked Sendable {
    var numbers: [Int] = []
    let takers = Atomic<Int>(0)
    let mostTakers = Atomic<Int>(0)
  }

  @Test(arguments: [1, 2, 7])
  func `are taken one at a time and in the order of their numbers, whichever thread has them first`(threads: Int) {
    let turns = InTurn<Int>(), taken = Taken(), count = 500
    inParallel(count, threads: threads) { i in
      // Some are a long time coming.
      var spin = i % 7 == 0 ? 20_000 : 10, value = UInt64(i)
      while spin > 0 {
        value = value &* 6_364_136_223_846_793_005 &+ 1
        spin -= 1
      }
      turns.put(value == 0 ? -1 : i, at: i) { number in
        let now = taken.takers.wrappingAdd(1, ordering: .relaxed).newValue
        if now > 1 { taken.mostTakers.store(now, ordering: .relaxed) }
        taken.numbers.append(number)
        _ = taken.takers.wrappingSubtract(1, ordering: .relaxed)
      }
    }
    #expect(taken.numbers == Array(0..<count))
    #expect(taken.mostTakers.load(ordering: .relaxed) == 0)
  }

  @Test func `wait for the first one, and all are taken by whoever brings it`() {
    let turns = InTurn<Int>()
    var taken: [Int] = []
    for i in [3, 1, 2] { turns.put(i, at: i) { taken.append($0) } }
    #expect(taken.isEmpty)
    turns.put(0, at: 0) { taken.append($0) }
    #expect(taken == [0, 1, 2, 3])
  }
}
