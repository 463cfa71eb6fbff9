/// 'Did you mean': the known word nearest to one that is not known.
package enum Spelling {
  /// nil where no word is within a third of the letters, at least one letter and at most three.
  package static func nearest(to word: String, among known: [String]) -> String? {
    let far = max(1, min(3, word.count / 3))
    let ranked = known.map { (distance($0, word), $0) }.sorted { $0 < $1 }
    guard let (distance, nearest) = ranked.first, distance <= far else { return nil }
    return nearest
  }

  /// What a message says behind the unknown word: `; did you mean 'x'?`, or nothing where no known word is near.
  package static func suggestion(for word: String, among known: [String]) -> String {
    nearest(to: word, among: known).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// Letters to insert, delete, replace or swap with their neighbour (optimal string alignment), case ignored.
  package static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.lowercased().unicodeScalars.prefix(64)), Array(b.lowercased().unicodeScalars.prefix(64)))
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
      var current = [i + 1]
      for j in b.indices {
        var best = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
        current.append(best)
      }
      (before, previous) = (previous, current)
    }
    return previous[b.count]
  }
}
