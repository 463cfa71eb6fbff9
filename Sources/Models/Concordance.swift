/// Harrell's c: of all pairs in which it is known who left first, the share in which he had the greater risk; equal risks count half. NaN
/// where there is no such pair. Who was last seen at the very time that another left outlived him.
package func concordance(_ lives: Lifetimes, risk: [Double]) -> Double {
  let sorted = Array(Set(risk)).sorted()
  let rankOf = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, $0 + 1) })
  var tree = RankCounts(sorted.count)
  let order = lives.durations.indices.sorted { lives.durations[$0] > lives.durations[$1] }
  var pairs: Int64 = 0, halves: Int64 = 0, at = 0
  while at < order.count {
    let end = order[at...].firstIndex { lives.durations[$0] != lives.durations[order[at]] } ?? order.count
    let rows = order[at..<end]
    for row in rows where !lives.hasEnded[row] { tree.add(rankOf[risk[row]] ?? 1) }
    for row in rows where lives.hasEnded[row] {
      let rank = rankOf[risk[row]] ?? 1, below = tree.count(upTo: rank - 1)
      pairs += tree.total
      halves += 2 * below + (tree.count(upTo: rank) - below)
    }
    for row in rows where lives.hasEnded[row] { tree.add(rankOf[risk[row]] ?? 1) }
    at = end
  }
  return pairs > 0 ? Double(halves) / Double(2 * pairs) : .nan
}

/// How many of some ranks 1…n lie up to each: a Fenwick tree.
private struct RankCounts {
  private var nodes: [Int64]
  private(set) var total: Int64 = 0

  init(_ n: Int) { nodes = [Int64](repeating: 0, count: n + 1) }

  mutating func add(_ rank: Int) {
    total += 1
    var i = rank
    while i < nodes.count {
      nodes[i] += 1
      i += i & -i
    }
  }

  func count(upTo rank: Int) -> Int64 {
    var sum: Int64 = 0, i = rank
    while i > 0 {
      sum += nodes[i]
      i &= i - 1
    }
    return sum
  }
}
