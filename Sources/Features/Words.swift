import Columns
import Events

/// The words of one field over all segments, numbered in byte order, so that a number means the same whatever came first. 0 is NULL.
struct Words: Sendable {
  /// Number 0 is the empty string.
  let words: [String]
  /// For each segment, the number here of each of its own numbers.
  let translation: [[UInt16]]

  init(_ lists: [[String]], field: String) throws(PipelineError) {
    // By bytes: strings compare by what they look like, and of two spellings the one would stand that came first.
    var all = Set<[UInt8]>()
    for list in lists { all.formUnion(list.dropFirst().map { Array($0.utf8) }) }
    let sorted = all.sorted { $0.lexicographicallyPrecedes($1) }
    guard sorted.count <= 65_535 else {
      throw PipelineError(
        .badInput, "\(field): \(sorted.count) distinct values over all dumps, at most 65535 fit",
        fix: "map another column, or none: feeds.transactions.columns.\(field): null")
    }
    var numbers: [[UInt8]: UInt16] = [:]
    for (i, word) in sorted.enumerated() { numbers[word] = UInt16(i + 1) }
    words = [""] + sorted.map { String(decoding: $0, as: UTF8.self) }
    translation = lists.map { list in list.enumerated().map { $0 == 0 ? 0 : numbers[Array($1.utf8)] ?? 0 } }
  }
}
