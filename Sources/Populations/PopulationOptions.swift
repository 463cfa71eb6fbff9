import Columns

/// What to generate. Equal options (but for threads, level and overwriting) give equal text.
package struct PopulationOptions: Sendable, Hashable {
  /// Distinct transactions: purchases and refunds. Duplicated and malformed rows come on top.
  package var rows: Int
  /// Each has at least one purchase; nil: one for ten rows.
  package var customers: Int?
  /// Dumps, one after the other in time; nil: 8, or as many as there are rows.
  package var files: Int?
  package var seed: UInt64
  package var start: Day
  package var months: Int
  /// Files written at a time; nil: one for each processor.
  package var threads: Int?
  /// zlib's, 1 (fast) … 9 (small).
  package var compressionLevel: Int
  /// Whether a population that stands in the directory may be replaced.
  package var overwrite: Bool

  package init(
    rows: Int, customers: Int? = nil, files: Int? = nil, seed: UInt64 = 1, start: Day = Day(year: 2023, month: 1, day: 1),
    months: Int = 24, threads: Int? = nil, compressionLevel: Int = 6, overwrite: Bool = false
  ) {
    self.rows = rows
    self.customers = customers
    self.files = files
    self.seed = seed
    self.start = start
    self.months = months
    self.threads = threads
    self.compressionLevel = compressionLevel
    self.overwrite = overwrite
  }
}

/// Options with every default filled in, and checked.
struct PopulationPlan: Sendable {
  let rows: Int
  let purchases: Int
  let refunds: Int
  let duplicates: Int
  let malformed: Int
  let customers: Int
  let files: Int
  let seed: UInt64
  let start: Day
  /// The first day after the population's time.
  let end: Day
  let months: Int
  let threads: Int
  let compressionLevel: Int32
  let overwrite: Bool

  /// 3 % of the rows are refunds; 0.1 % appear twice; 0.05 % more are malformed.
  init(_ options: PopulationOptions, processors: Int) throws(PipelineError) {
    try Self.check(options.rows, in: 1...Self.rowsMax, "rows")
    rows = options.rows
    refunds = rows * 3 / 100
    purchases = rows - refunds
    duplicates = rows / 1000
    malformed = rows / 2000

    customers = options.customers ?? max(1, rows / 10)
    try Self.check(customers, in: 1...Self.rowsMax, "customers")
    guard customers <= purchases else {
      throw PipelineError(
        .usage, "--customers \(customers): each customer has a purchase, and \(rows) rows hold \(purchases) purchases",
        fix: "give at most \(purchases) customers, or more --rows")
    }
    files = options.files ?? min(8, rows)
    try Self.check(files, in: 1...min(rows, Self.filesMax), "files")
    try Self.check(options.months, in: 1...Self.monthsMax, "months")
    try Self.check(options.compressionLevel, in: 1...9, "level")
    threads = options.threads ?? processors
    try Self.check(threads, in: 1...1024, "threads")

    months = options.months
    seed = options.seed
    start = options.start
    end = Self.day(months, monthsAfter: start)
    guard (1970...9899).contains(start.civil.year) else {
      throw PipelineError(.usage, "--start \(start): expected a day in the years 1970 to 9899", fix: "give a later or an earlier --start")
    }
    compressionLevel = Int32(options.compressionLevel)
    overwrite = options.overwrite
  }

  /// Row and purchase numbers take 31 bits.
  private static let rowsMax = 2_000_000_000
  private static let filesMax = 100_000
  /// Seconds since the start take 32 bits.
  private static let monthsMax = 1200

  private static func check(_ value: Int, in range: ClosedRange<Int>, _ flag: String) throws(PipelineError) {
    guard range.contains(value) else {
      throw PipelineError(
        .usage, "--\(flag) \(value): expected a number from \(range.lowerBound) to \(range.upperBound)",
        fix: "give --\(flag) a number in that range")
    }
  }

  /// The same day of the month, `months` later, or that month's last day where it has no such day.
  private static func day(_ months: Int, monthsAfter start: Day) -> Day {
    let month = start.month + Int32(months)
    let dayOfMonth = start.civil.day - 1
    let length = Day.first(ofMonth: month + 1) - Day.first(ofMonth: month)
    return Day.first(ofMonth: month) + min(dayOfMonth, length - 1)
  }
}
