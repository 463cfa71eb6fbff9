import Columns

/// What to generate. Equal options (but for threads, level and overwriting) give equal text.
package struct PopulationOptions: Sendable, Hashable {
  /// Where the purchases come from.
  package enum Source: Sendable, Hashable {
    /// So many distinct transactions, purchases and refunds, whose numbers a customer are heavy-tailed (`CustomerLives`).
    case rows(Int)
    /// As many purchases as the model makes (`Buyers`), and no refunds.
    case model(BuyingModel)
  }

  /// Duplicated and malformed rows come on top.
  package var source: Source
  /// Each has at least one purchase; nil: one for ten rows, or 100,000 for a model.
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
    self.init(
      .rows(rows), customers: customers, files: files, seed: seed, start: start, months: months, threads: threads,
      compressionLevel: compressionLevel, overwrite: overwrite)
  }

  package init(
    _ source: Source, customers: Int? = nil, files: Int? = nil, seed: UInt64 = 1, start: Day = Day(year: 2023, month: 1, day: 1),
    months: Int = 24, threads: Int? = nil, compressionLevel: Int = 6, overwrite: Bool = false
  ) {
    self.source = source
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
  let model: BuyingModel?
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
  /// Distinct transactions; with a model 0 until it has been drawn (`hold`).
  private(set) var rows = 0
  private(set) var purchases = 0

  var refunds: Int { rows - purchases }
  /// 0.1 % of the rows appear twice.
  var duplicates: Int { rows / 1000 }
  /// 0.05 % more are malformed.
  var malformed: Int { rows / 2000 }
  var dayCount: Int { end - start }
  var acquisitionDays: Int { model?.acquisitionDays ?? dayCount }

  init(_ options: PopulationOptions, processors: Int) throws(PipelineError) {
    switch options.source {
    case .rows(let count):
      try Self.check(count, in: 1...Self.rowsMax, "rows")
      model = nil
      rows = count
      purchases = count - count * 3 / 100
      customers = options.customers ?? max(1, count / 10)
    case .model(let model):
      try model.check()
      self.model = model
      customers = options.customers ?? 100_000
    }
    try Self.check(customers, in: 1...Self.rowsMax, "customers")
    guard model != nil || customers <= purchases else {
      throw PipelineError(
        .usage, "--customers \(customers): each customer has a purchase, and \(rows) rows hold \(purchases) purchases",
        fix: "give at most \(purchases) customers, or more --rows")
    }
    // A model makes a row a customer at least.
    let rowsLeast = model == nil ? rows : customers
    files = options.files ?? min(8, rowsLeast)
    try Self.check(files, in: 1...min(rowsLeast, Self.filesMax), "files")
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
    if let model { try checkSize(model) }
  }

  private func checkSize(_ model: BuyingModel) throws(PipelineError) {
    try Self.check(acquisitionDays, in: 1...dayCount, "acquisition-days")
    // All alive all the time, and a tenth of the days with two transactions.
    let rowsExpected = 1.1 * Double(customers) * (1 + model.purchasesPerDay * Double(dayCount))
    guard rowsExpected <= Double(Self.rowsMax) else {
      throw PipelineError(
        .usage, "--customers \(customers): the model may make \(rowsExpected.rounded()) purchases, and \(Self.rowsMax) is the limit",
        fix: "give fewer --customers, or fewer --months")
    }
  }

  /// The model has made so many purchases.
  mutating func hold(purchases count: Int) throws(PipelineError) {
    try Self.check(count, in: 1...Self.rowsMax, "rows")
    rows = count
    purchases = count
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
