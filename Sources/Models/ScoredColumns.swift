/// The customers' columns that scores are computed from, of one length.
struct ScoredColumns: Sendable {
  let frequency, recencyDays, tenureDays: [Int32]
  let isPresent: [Bool]?

  @inline(__always)
  func isScored(_ row: Int) -> Bool { (isPresent?[row] ?? true) && isHistory(frequency[row], recencyDays[row], tenureDays[row]) }
}
