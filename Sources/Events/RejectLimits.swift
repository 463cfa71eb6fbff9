import Columns
import Dumps

extension EventStore {
  /// The error of a dump with more rejects than the limits allow; nil where it may be loaded.
  func overLimit(_ path: String, _ load: LoadRecord, _ rejects: [Reject], _ options: ExtractOptions, dialectFix: String) -> PipelineError? {
    let share = load.rowsRead > 0 ? Double(load.rowsRejected) / Double(load.rowsRead) : 0
    guard load.rowsRejected > options.limits.rowsMax || share > options.limits.shareMax else { return nil }
    let limit =
      load.rowsRejected > options.limits.rowsMax
      ? "limit is \(options.limits.rowsMax)" : "\(share * 100) % of \(load.rowsRead) rows, limit is \(options.limits.shareMax * 100) %"
    let rows = load.rowsRejected == 1 ? "1 row rejected" : "\(load.rowsRejected) rows rejected"
    guard let first = rejects.first else { return PipelineError(.checkFailed, "\(path): \(rows), \(limit)") }
    var details = ["at byte \(first.byteOffset) after decompression; \(rows), \(limit)"]
    for reject in rejects.dropFirst().prefix(4) { details.append("line \(reject.line)\(Self.column(reject)): \(reject.reason)") }
    if load.rowsRejected > 5 { details.append("… and \(load.rowsRejected - 5) more") }
    if options.showValues, !first.raw.isEmpty {
      details.append("row: " + String(decoding: first.raw.prefix(200), as: UTF8.self).debugDescription)
    }
    let place = dialectFix.contains("feeds.") ? "" : " in feeds.transactions, if that is how the dump is written"
    return PipelineError(
      .checkFailed, "\(path), line \(first.line)\(Self.column(first)): \(first.reason)", details: details,
      fix: (dialectFix.isEmpty ? "" : dialectFix + place + "; else ") + "repair the dump, or raise feeds.transactions.rejects.rows_max")
  }

  private static func column(_ reject: Reject) -> String { reject.column.isEmpty ? "" : ", column \(reject.column.debugDescription)" }
}

extension Array {
  /// `map` for bodies with a typed error.
  package func mapTyped<T, E: Error>(_ body: (Element) throws(E) -> T) throws(E) -> [T] {
    var result: [T] = []
    result.reserveCapacity(count)
    for element in self { result.append(try body(element)) }
    return result
  }
}
