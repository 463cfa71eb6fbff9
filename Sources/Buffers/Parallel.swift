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
  let results = Mutex([T?](repeating: nil, count: count))
  inParallel(count, threads: threads) { i in
    let result = body(i)
    results.withLock { $0[i] = result }
  }
  return results.withLock { $0.map { $0! } }
}

/// As `parallelMap`, where each thread has a working space of its own that it uses again for one item after another.
package func parallelMap<T: Sendable, Space>(
  _ count: Int, threads: Int, space: @Sendable () -> Space, _ body: @Sendable (Int, inout Space) -> T
) -> [T] {
  let results = Mutex([T?](repeating: nil, count: count))
  let next = Atomic<Int>(0)
  inParallel(min(max(threads, 1), count), threads: threads) { _ in
    var mine = space()
    while true {
      let i = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if i >= count { return }
      let result = body(i, &mine)
      results.withLock { $0[i] = result }
    }
  }
  return results.withLock { $0.map { $0! } }
}
