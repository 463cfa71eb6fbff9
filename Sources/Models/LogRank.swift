/// A test of whether groups differ.
package struct SurvivalTest: Sendable, Hashable {
  package var chiSquare: Double
  package var freedom: Int
  package var p: Double
}

/// The log-rank test of whether k groups leave at the same hazard: Σ over times of what each group lost less its share of all losses, squared by
/// the inverse of its hypergeometric covariance. Source: Mantel (1966); Peto and Peto (1972); k groups as in Kalbfleisch and Prentice (2002), 1.5.
///
/// Groups without a row take no part. nil where fewer than two have rows, or no life ended while two groups were watched.
/// - Parameter groups: of each row, 0 ..< `groupCount`.
package func logRank(_ lives: Lifetimes, groups: [Int], groupCount: Int) -> SurvivalTest? {
  precondition(groups.count == lives.durations.count && groups.allSatisfy { (0..<groupCount).contains($0) })
  var rows = [[Int]](repeating: [], count: groupCount)
  for (row, group) in groups.enumerated() { rows[group].append(row) }
  return logRank(
    rows.map { rows in
      SurvivalCounts(Lifetimes(durations: rows.map { lives.durations[$0] }, hasEnded: rows.map { lives.hasEnded[$0] }))
    })
}

/// The same from counts, of each group.
package func logRank(_ groups: [SurvivalCounts]) -> SurvivalTest? {
  var left = groups.map { Double($0.watched.reduce(0, +)) }
  let taking = left.indices.filter { left[$0] > 0 }.dropLast()
  guard !taking.isEmpty else { return nil }
  var excess = [Double](repeating: 0, count: groups.count)
  var covariance = [[Double]](repeating: excess, count: groups.count)
  /// Of each group, the next of its times.
  var next = [Int](repeating: 0, count: groups.count)
  while let time = groups.indices.compactMap({ next[$0] < groups[$0].times.count ? groups[$0].times[next[$0]] : nil }).min() {
    var watched = [Double](repeating: 0, count: groups.count), ended = watched
    for (g, group) in groups.enumerated() where next[g] < group.times.count && group.times[next[g]] == time {
      (watched[g], ended[g]) = (Double(group.watched[next[g]]), Double(group.ended[next[g]]))
      next[g] += 1
    }
    let n = left.reduce(0, +), d = ended.reduce(0, +)
    if d > 0 {
      let scale = n > 1 ? d * (n - d) / (n - 1) : 0
      for i in taking {
        excess[i] += ended[i] - d * left[i] / n
        for j in taking { covariance[i][j] += scale * left[i] / n * ((i == j ? 1 : 0) - left[j] / n) }
      }
    }
    for i in left.indices { left[i] -= watched[i] }
  }
  let right = taking.map { excess[$0] }
  guard let solved = solve(taking.map { i in taking.map { covariance[i][$0] } }, right) else { return nil }
  let chiSquare = zip(right, solved).reduce(0) { $0 + $1.0 * $1.1 }
  return SurvivalTest(chiSquare: chiSquare, freedom: taking.count, p: chiSquareTail(chiSquare, freedom: taking.count))
}
