import Buffers
import Columns

/// The feed of transactions: everything that its dumps are written from. It is read by several threads at a time.
struct TransactionFeed: Sendable {
  let plan: PopulationPlan
  let lives: CustomerLives
  let timeline: TransactionTimeline
  let faults: RowFaults
  let sales: Draws
  let transactionDigits: Int
  let customerDigits: Int

  init(_ plan: PopulationPlan) {
    self.plan = plan
    lives = CustomerLives(plan)
    timeline = TransactionTimeline(plan, lives)
    faults = RowFaults(plan)
    sales = Draws(seed: plan.seed, .purchases)
    transactionDigits = max(9, String(plan.rows + plan.malformed).utf8.count)
    customerDigits = max(7, String(plan.customers - 1).utf8.count)
  }

  var lineCount: Int { plan.rows + faults.extras.count }

  /// The lines of dump `file`: equal parts, the first ones a line longer where they do not come out even.
  func lines(ofFile file: Int) -> Range<Int> {
    let (length, remainder) = lineCount.quotientAndRemainder(dividingBy: plan.files)
    let start = file * length + min(file, remainder)
    return start..<(start + length + (file < remainder ? 1 : 0))
  }

  /// Writes dump `file` and says what is in it. `progress` gets the number of lines since it was last called.
  func writeDump(_ file: Int, to path: String, progress: (_ lines: Int) -> Void) throws(SystemFault) -> DumpTruth {
    let writer = try GzipWriter(path: path, level: plan.compressionLevel)
    let header = TransactionText.header
    try writer.write(header.span)
    let lines = lines(ofFile: file)
    var nextExtra = faults.count(beforeLine: lines.lowerBound)
    var nextRow = lines.lowerBound - nextExtra
    var truth = DumpTruth()
    var text = TransactionText(self)
    var pending = 0
    for _ in lines {
      if nextExtra < faults.extras.count, Int(faults.extras[nextExtra].after) < nextRow {
        text.append(faults.extras[nextExtra], counting: &truth)
        nextExtra += 1
      } else {
        text.append(row: nextRow, counting: &truth)
        nextRow += 1
      }
      pending += 1
      if text.isFull {
        try text.flush(to: writer)
        progress(pending)
        pending = 0
      }
    }
    try text.flush(to: writer)
    truth.textBytes = writer.textByteCount
    truth.fileBytes = try writer.finish()
    progress(pending)
    return truth
  }
}
