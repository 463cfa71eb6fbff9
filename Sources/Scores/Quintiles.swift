/// Scores 1…5: 1 + ⌊5 · values that are strictly smaller ÷ all values⌋; equal values get one and the same score.
///
/// A value scores at least k + 1 when at least ⌈k · n / 5⌉ values are smaller, that is, when it is greater than the value at that place of
/// the sorted column: four thresholds say everything, and each is one selection.
package func quintileScores(_ values: [Int64]) -> [Int32] {
  let thresholds = quintileThresholds(values)
  if thresholds.isEmpty { return [] }
  let (a, b, c, d) = (thresholds[0], thresholds[1], thresholds[2], thresholds[3])
  return values.map { value in 1 + (value > a ? 1 : 0) + (value > b ? 1 : 0) + (value > c ? 1 : 0) + (value > d ? 1 : 0) }
}

/// The greatest values that score 1, 2, 3 and 4, ascending; none of no values.
func quintileThresholds(_ values: [Int64]) -> [Int64] {
  let n = values.count
  if n == 0 { return [] }
  var copy = values
  var sorted = copy.mutableSpan
  var thresholds: [Int64] = []
  var from = 0
  for k in 1...4 {
    let place = (k * n + 4) / 5 - 1
    select(&sorted, place, from: min(from, place))
    thresholds.append(sorted[place])
    from = place
  }
  return thresholds
}

/// Puts at `place` what would stand there in sorted order, smaller values before it and greater ones behind; everything before `from` is
/// known to be no greater. Quickselect with the median of three; a range that shrinks too slowly is sorted.
private func select(_ values: inout MutableSpan<Int64>, _ place: Int, from: Int) {
  var low = from, high = values.count - 1, patience = 64
  while high - low > 32 {
    patience -= 1
    if patience == 0 { break }
    let middle = low + (high - low) / 2
    let (x, y, z) = (values[low], values[middle], values[high])
    let pivot = max(min(x, y), min(max(x, y), z))
    var i = low, j = high
    while i <= j {
      while values[i] < pivot { i += 1 }
      while values[j] > pivot { j -= 1 }
      if i <= j {
        values.swapAt(i, j)
        i += 1
        j -= 1
      }
    }
    if place <= j { high = j } else if place >= i { low = i } else { return }
  }
  let rest = (low...high).map { values[$0] }.sorted()
  for i in low...high { values[i] = rest[i - low] }
}
