import Buffers

/// How a column writes times, guessed from its values. What fits is judged by the reader's own kernels.
package struct TimeGuess: Sendable {
  package struct Candidate: Sendable {
    package var format: TimeFormat
    package var fitting = 0
    /// Fitting values without an offset.
    package var local = 0
    package var first = Int64.max
    package var last = Int64.min
    /// Tells whether two formats read the same times.
    package var digest: Int64 = 0
    /// Neighbours that go back in time.
    package var inversions = 0
  }
  /// Values that are not empty.
  package let values: Int
  /// The most fitting first; empty where no format fits any value.
  package let candidates: [Candidate]
  package var best: Candidate? { candidates.first }
  package var isTime: Bool { (best?.fitting ?? 0) * 10 >= max(1, values) * 6 }
  /// Whole numbers that may be seconds since 1970, or anything else.
  package var isEpoch: Bool { best.map { $0.format == .epochSeconds || $0.format == .epochMillis } ?? false }
  /// Others that read as many values, and as other times.
  package var rivals: [Candidate] { candidates.dropFirst().filter { $0.fitting == best?.fitting && $0.digest != best?.digest } }

  package init(_ column: ColumnValues) {
    values = column.count
    guard Self.looksLikeTimes(column) else {
      candidates = []
      return
    }
    var shapes: [[UInt8]: TimeShape] = [:]
    for value in column {
      guard let shape = TimeShape.key(value) else { continue }
      if shapes[shape] == nil && shapes.count >= 64 { continue }
      shapes[shape, default: TimeShape()].add(value)
    }
    var formats: [TimeFormat] = [.iso, .epochSeconds, .epochMillis]
    // The most frequent shape; of two the one that sorts first, so that nothing hangs on the order of a dictionary.
    let ranked = shapes.sorted {
      $0.value.count != $1.value.count ? $0.value.count > $1.value.count : $0.key.lexicographicallyPrecedes($1.key)
    }
    if let (key, shape) = ranked.first {
      formats += shape.patterns(key).compactMap { text in (try? TimePattern(text)).map { .pattern($0) } }
    }
    let tried = formats.map { Self.count($0, column) }.filter { $0.fitting > 0 }
    candidates = tried.enumerated().sorted { a, b in
      if a.element.fitting != b.element.fitting { return a.element.fitting > b.element.fitting }
      let isMoreLikely = Self.isMoreLikely(a.element, b.element)
      return isMoreLikely ?? (a.offset < b.offset)
    }.map(\.element)
  }

  /// Looks at the first values only.
  private static func looksLikeTimes(_ column: ColumnValues) -> Bool {
    var seen = 0, likely = 0
    for value in column.prefix(100) {
      seen += 1
      let digits = value.count { (48...57).contains($0) }
      if (6...40).contains(value.count) && digits >= 3 && digits * 3 >= value.count { likely += 1 }
    }
    return likely * 2 > seen
  }

  private static func count(_ format: TimeFormat, _ column: ColumnValues) -> Candidate {
    var candidate = Candidate(format: format), before = Int64.min
    // Numbers are seconds since 1970 only from 1980 to 2100.
    let range: ClosedRange<Int64> = format == .epochSeconds || format == .epochMillis ? 315_532_800...4_102_444_800 : .min ... .max
    for value in column {
      guard let (seconds, isLocal) = format.seconds(value), range.contains(seconds) else { continue }
      candidate.fitting += 1
      if isLocal { candidate.local += 1 }
      if seconds < before { candidate.inversions += 1 }
      before = seconds
      candidate.digest = candidate.digest &* 31 &+ seconds
      candidate.first = min(candidate.first, seconds)
      candidate.last = max(candidate.last, seconds)
    }
    return candidate
  }

  /// Of two that read as many values: dumps hold days that lie together, mostly in order. nil where neither tells.
  private static func isMoreLikely(_ a: Candidate, _ b: Candidate) -> Bool? {
    let (spanA, spanB) = (a.last - a.first, b.last - b.first)
    if spanA + 86_400 < spanB / 2 { return true }
    if spanB + 86_400 < spanA / 2 { return false }
    if a.inversions * 2 + 2 < b.inversions { return true }
    if b.inversions * 2 + 2 < a.inversions { return false }
    return nil
  }
}
