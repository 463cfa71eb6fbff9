/// What is wrong with a malformed row.
enum Flaw: UInt8, CaseIterable, Sendable {
  case impossibleDate = 1
  case notADate
  case notANumber
  case twoPoints
  case emptyAmount
  case fourFields
  case sevenFields
}

/// The rows that dumps hold beyond the true ones: some a second time, some malformed.
struct RowFaults: Sendable {
  struct Extra: Sendable {
    /// Stands behind this row of the timeline.
    var after: UInt32
    /// The row of the timeline that it repeats.
    var source: UInt32
    /// nil: a plain duplicate.
    var flaw: Flaw?
    /// Of a malformed row, which has an id of its own: counted from 0.
    var number: UInt32
  }
  /// In the order in which they are written.
  let extras: [Extra]

  /// Nine in ten duplicates follow within 2,000 rows, one in ten about a file later. Malformed rows take the flaws in turn.
  init(_ plan: PopulationPlan) {
    var extras = [Extra]()
    extras.reserveCapacity(plan.duplicates + plan.malformed)
    let last = plan.rows - 1
    let duplicates = Draws(seed: plan.seed, .duplicates)
    choose(plan.duplicates, of: plan.rows, by: duplicates) { row in
      let position = UInt64(plan.rows + 2 * row)
      let isFar = duplicates.uniform(position) < 0.1
      let distance = isFar ? plan.rows / plan.files : 1 + Int(duplicates.whole(position + 1, below: 1999))
      extras.append(Extra(after: UInt32(min(row + distance, last)), source: UInt32(row), flaw: nil, number: 0))
    }
    choose(plan.malformed, of: plan.rows, by: Draws(seed: plan.seed, .malformedRows)) { row in
      let number = extras.count - plan.duplicates
      let flaw = Flaw.allCases[number % Flaw.allCases.count]
      extras.append(Extra(after: UInt32(row), source: UInt32(row), flaw: flaw, number: UInt32(number)))
    }
    // Sorting is not stable: ties end with the place in the list before.
    let order = extras.indices.sorted { (extras[$0].after, $0) < (extras[$1].after, $1) }
    self.extras = order.map { extras[$0] }
  }

  /// How many of the extras stand before line `line` of the whole population (0 is the first line behind the headers).
  func count(beforeLine line: Int) -> Int {
    // Extra `j` is line `after + 1 + j`: behind the rows up to `after` and the extras before it.
    var low = 0
    var high = extras.count
    while low < high {
      let middle = (low + high) / 2
      if Int(extras[middle].after) + 1 + middle < line { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
