import Buffers

extension TransactionFeed {
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
