import Dispatch
import Synchronization

/// Calls `body` with 0 ..< count, each once, on up to `threads` threads; returns when all have returned.
package func inParallel(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
  let workers = min(threads, count)
  if workers <= 1 {
    for i in 0..<count { body(i) }
    return
  }
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: workers) { _ in
    while true {
      let i = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if i >= count { return }
      body(i)
    }
  }
}

/// `body(i)` for 0 ..< count, in order of i, computed on up to `threads` threads.
package func parallelMap<T: Sendable>(_ count: Int, threads: Int, _ body: @Sendable (Int) -> T) -> [T] {
  gathered(count) { results in
    inParallel(count, threads: threads) { i in results.put(body(i), at: i) }
  }
}

/// As `parallelMap`, where each thread has a working space of its own that it uses again for one item after another.
package func parallelMap<T: Sendable, Space>(
  _ count: Int, threads: Int, space: @Sendable () -> Space, _ body: @Sendable (Int, inout Space) -> T
) -> [T] {
  gathered(count) { results in
    let next = Atomic<Int>(0)
    inParallel(min(max(threads, 1), count), threads: threads) { _ in
      var mine = space()
      while true {
        let i = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if i >= count { return }
        results.put(body(i, &mine), at: i)
      }
    }
  }
}

/// Hands results on one at a time, in the order of their numbers, whichever thread has them first: none waits for another's.
@safe package final class InTurn<T: Sendable>: @unchecked Sendable {
  // Safety: all of it is touched between `wait` and `signal` alone. Not a Mutex: the thread sanitizer does not see one that threads wait for.
  private let lock = DispatchSemaphore(value: 1)
  private var next = 0
  private var isTaking = false
  private var waiting: [Int: T] = [:]

  package init() {}

  /// - Parameters:
  ///   - place: from 0 on, each once.
  ///   - take: gets this result or others that have come, when it is their turn; never called by two threads at once.
  package func put(_ result: T, at place: Int, _ take: (T) -> Void) {
    lock.wait()
    waiting[place] = result
    // Whoever is taking now comes back for this one.
    while !isTaking, let mine = waiting.removeValue(forKey: next) {
      next += 1
      isTaking = true
      lock.signal()
      take(mine)
      lock.wait()
      isTaking = false
    }
    lock.signal()
  }
}

/// Places for the results of several threads.
@safe private struct ResultPlaces<T>: @unchecked Sendable {
  // Safety: each place is filled once, by the one thread that has its number, before the array is anybody's.
  let start: UnsafeMutablePointer<T>
  func put(_ result: T, at place: Int) { unsafe (start + place).initialize(to: result) }
}

/// An array of `count` results, every one of which `fill` puts at its place.
private func gathered<T>(_ count: Int, _ fill: (ResultPlaces<T>) -> Void) -> [T] {
  if count <= 0 { return [] }
  return unsafe [T](unsafeUninitializedCapacity: count) { buffer, initialized in
    guard let start = buffer.baseAddress else { return }
    fill(unsafe ResultPlaces(start: start))
    initialized = count
  }
}
