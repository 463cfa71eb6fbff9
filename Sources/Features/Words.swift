import Columns
import Events

/// The words of one field over all segments, numbered in byte order, so that a number means the same whatever came first. 0 is NULL.
struct Words: Sendable {
  /// Number 0 is the empty string.
  let words: [String]
  /// For each segment, the number here of each of its own numbers.
  let translation: [[UInt16]]

  init(_ lists: [[String]], field: String) throws(PipelineError) {
    var all = Set<String>()
    for list in lists { all.formUnion(list.dropFirst()) }
    let sorted = all.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard sorted.count <= 65_535 else {
      throw PipelineError(
        .badInput, "\(field): \(sorted.count) distinct values over all dumps, at most 65535 fit",
        fix: "map another column, or none: feeds.transactions.columns.\(field): null")
    }
    var numbers: [String: UInt16] = [:]
    for (i, word) in sorted.enumerated() { numbers[word] = UInt16(i + 1) }
    words = [""] + sorted
    translation = lists.map { list in list.enumerated().map { $0 == 0 ? 0 : numbers[$1] ?? 0 } }
  }
}
