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
  return valuesInOrder(values, at: (1...4).map { k in (k * n + 4) / 5 - 1 })
}

/// What stands at some places of the sorted column. Values are counted in up to 4096 equal ranges; of the range that a place falls into, the
/// same again, at most six times. Exact, and linear whatever the values are.
/// - Parameter places: ascending, each below the number of values.
private func valuesInOrder(_ values: [Int64], at places: [Int]) -> [Int64] {
  guard var least = values.first else { return [] }
  var greatest = least
  for value in values { (least, greatest) = (min(least, value), max(greatest, value)) }
  let width = UInt64(bitPattern: greatest &- least)
  let shift = UInt64(max(0, 64 - width.leadingZeroBitCount - 12))
  // Two counters a range: where most values fall into one, each would else wait for the one before.
  var counts = [Int](repeating: 0, count: Int(width &>> shift) + 1), others = counts
  for i in stride(from: 0, to: values.count - 1, by: 2) {
    counts[Int(UInt64(bitPattern: values[i] &- least) &>> shift)] &+= 1
    others[Int(UInt64(bitPattern: values[i + 1] &- least) &>> shift)] &+= 1
  }
  if values.count % 2 == 1 { counts[Int(UInt64(bitPattern: values[values.count - 1] &- least) &>> shift)] &+= 1 }
  for range in counts.indices { counts[range] &+= others[range] }
  var found: [Int64] = []
  var before = 0
  for (range, count) in counts.enumerated() where count > 0 {
    let here = places.filter { $0 >= before && $0 < before + count }.map { $0 - before }
    before += count
    if here.isEmpty { continue }
    if shift == 0 {
      found += here.map { _ in least &+ Int64(range) }
    } else {
      found += valuesInOrder(values.filter { UInt64(bitPattern: $0 &- least) &>> shift == UInt64(range) }, at: here)
    }
  }
  return found
}
