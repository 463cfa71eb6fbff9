import Buffers
import Columns
import Dumps

/// What the real reader makes of samples by a proposal.
struct Trial: Encodable {
  struct Refused: Encodable {
    var column: String
    var reason: String
    var rows: Int64
    /// Where the first one stands.
    var dump: String
    var line: Int64
  }
  var rowsRead: Int64 = 0
  var rowsLoaded: Int64 = 0
  var rowsRejected: Int64 = 0
  var rowsFiltered: Int64 = 0
  var purchasesMinor: Int64 = 0
  var refundsMinor: Int64 = 0
  var refundRows: Int64 = 0
  var firstEventAt: Int64?
  var lastEventAt: Int64?
  var refused: [Refused] = []
  /// The key that may make the first reject a sound row.
  var fix = ""
  /// Why a dump cannot be read at all.
  var error: String?

  /// - Parameter textBytes: of each dump, from its start.
  init(_ pipeline: Pipeline, _ paths: [String], textBytes: Int) throws(PipelineError) {
    guard let zone = ZoneTable(name: pipeline.store.timeZone) else {
      throw PipelineError(.badPipeline, "time_zone: \(pipeline.store.timeZone) is not known on this machine", fix: "install tzdata")
    }
    for path in paths {
      var options = ReaderOptions(
        mapping: pipeline.transactions.mapping, dialect: pipeline.transactions.dialect, zone: zone, bucketCount: 1,
        key: HashKey(k0: 1, k1: 2), stripeRowsMax: 1 << 16, rejectsKeptMax: 100_000)
      options.textBytesMax = Int64(textBytes)
      do throws(PipelineError) {
        let reader = try TransactionReader(path: path, options: options, pipelined: false)
        var sums = Sums()
        _ = try reader.read(progress: { _ in }, flush: { (stripe) throws(PipelineError) in sums.add(stripe) })
        add(reader, sums)
      } catch {
        self.error = self.error ?? error.message
        fix = fix.isEmpty ? error.fix : fix
      }
    }
  }

  private struct Sums {
    var rows: Int64 = 0, purchases: Int64 = 0, refunds: Int64 = 0, refundRows: Int64 = 0
    var first = Int64.max, last = Int64.min

    mutating func add(_ stripe: TransactionStripe) {
      rows += Int64(stripe.customers.count(0))
      let kinds = stripe.kinds.withBucket(0) { span in span.indices.map { span[$0] } }
      stripe.amounts.withBucket(0) { amounts in
        for i in amounts.indices {
          if kinds[i] == 0 {
            purchases = Self.sum(purchases, amounts[i])
          } else {
            refunds = Self.sum(refunds, amounts[i])
            refundRows += 1
          }
        }
      }
      stripe.times.withBucket(0) { times in
        for i in times.indices { (first, last) = (min(first, times[i]), max(last, times[i])) }
      }
    }

    /// Stays at the greatest number instead of wrapping: it is for a glance.
    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
      let (sum, overflow) = a.addingReportingOverflow(b)
      return overflow ? Int64.max : sum
    }
  }

  private mutating func add(_ reader: TransactionReader, _ sums: Sums) {
    rowsRead += reader.rowsRead
    rowsLoaded += sums.rows
    rowsRejected += reader.rowsRejected
    rowsFiltered += reader.rowsFiltered
    purchasesMinor = purchasesMinor.addingReportingOverflow(sums.purchases).partialValue
    refundsMinor = refundsMinor.addingReportingOverflow(sums.refunds).partialValue
    refundRows += sums.refundRows
    if sums.rows > 0 {
      firstEventAt = min(firstEventAt ?? .max, sums.first)
      lastEventAt = max(lastEventAt ?? .min, sums.last)
    }
    if fix.isEmpty { fix = reader.fix }
    refused = Self.grouped(reader.rejects, reader.path, refused)
  }

  /// Rejects by column and reason, the most frequent first.
  static func grouped(_ rejects: [Reject], _ path: String, _ known: [Refused] = []) -> [Refused] {
    var groups = known
    for reject in rejects {
      if let i = groups.firstIndex(where: { $0.column == reject.column && $0.reason == reject.reason }) {
        groups[i].rows += 1
      } else if groups.count < 1000 {
        groups.append(Refused(column: reject.column, reason: reject.reason, rows: 1, dump: path, line: reject.line))
      }
    }
    return groups.sorted { $0.rows != $1.rows ? $0.rows > $1.rows : ($0.dump, $0.line) < ($1.dump, $1.line) }
  }

  static func line(_ refused: Refused) -> String {
    let rows = refused.rows == 1 ? "" : "; \(PageText.grouped(refused.rows)) such rows, this one first"
    let column = refused.column.isEmpty ? "" : ", column \(SniffText.shown(refused.column))"
    return "\(refused.dump), line \(refused.line)\(column): \(refused.reason)\(rows)"
  }

  /// `52,428 rows: 39,000 loaded, 0 rejected, 13,428 filtered`
  var counts: String {
    "\(PageText.grouped(rowsRead)) \(rowsRead == 1 ? "row" : "rows"): \(PageText.grouped(rowsLoaded)) would be loaded, \(PageText.grouped(rowsRejected)) rejected, "
      + "\(PageText.grouped(rowsFiltered)) filtered"
  }

  /// What the rows that would be loaded come to.
  func sums(_ currency: String) -> String {
    let digits = Currency.fractionDigits(currency)
    var text = "purchases of \(PageText.money(purchasesMinor, fractionDigits: digits)) \(currency)"
    if refundRows > 0 {
      text += ", \(PageText.grouped(refundRows)) refunds of \(PageText.money(refundsMinor, fractionDigits: digits)) \(currency)"
    }
    if let first = firstEventAt.flatMap({ UTC.localDay($0, timeZone: "UTC") }),
      let last = lastEventAt.flatMap({ UTC.localDay($0, timeZone: "UTC") })
    {
      text += ", \(first) … \(last)"
    }
    return text
  }
}
