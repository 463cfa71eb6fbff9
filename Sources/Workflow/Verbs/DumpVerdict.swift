import Buffers
import Columns
import Dumps
import Events

/// What `validate` says of one dump.
struct DumpVerdict: Encodable, Sendable {
  var dump: String
  var isSound = true
  var rows: Int64 = 0
  var rowsRejected: Int64 = 0
  var rowsFiltered: Int64 = 0
  /// With their lines.
  var problems: [String] = []
  var notes: [String] = []
  /// How the process would end for this dump alone.
  var exit: Int32 = 0

  private static let problemsMax = 20

  private mutating func refuse(_ exit: PipelineError.Exit, _ problems: [String]) {
    isSound = false
    self.exit = exit.rawValue
    self.problems += problems.prefix(Self.problemsMax)
    if problems.count > Self.problemsMax { self.problems.append("\(dump): … and \(problems.count - Self.problemsMax) other reasons") }
  }

  private mutating func refuse(_ error: PipelineError) {
    // Nothing is loaded here anyway.
    let details = error.details.filter { $0 != "nothing of this dump was loaded" }
    refuse(error.exit, [error.message] + details.map { "  " + $0 } + (error.fix.isEmpty ? [] : ["  fix: \(error.fix)"]))
  }

  /// `sound, 1,234 rows, 5 rejected`
  var line: String {
    var text = "\(dump): sound, \(rows == 1 ? "1 row" : PageText.grouped(rows) + " rows")"
    if rowsRejected > 0 { text += ", \(PageText.grouped(rowsRejected)) rejected within the limit" }
    if rowsFiltered > 0 { text += ", \(PageText.grouped(rowsFiltered)) filtered" }
    return text
  }

  /// A dump by itself.
  init(alone path: String) {
    dump = path
    do throws(PipelineError) {
      try Self.requireFile(path)
      let check = try DumpCheck(path: path)
      rows = check.rows
      notes = check.notes
      let found = check.problems.map {
        "\(path), line \($0.line): \($0.text)\($0.rows > 1 ? "; \(PageText.grouped($0.rows)) of them" : "")"
      }
      if !found.isEmpty {
        refuse(.checkFailed, found)
      } else if rows == 0 {
        refuse(.checkFailed, ["\(path), line 2: expected rows, found \(check.isJSON ? "none" : "a header alone")"])
      }
      let shape = check.isJSON ? "JSON Lines" : "\(check.columns) columns, parted by \(Pipeline.quoted(check.delimiter))"
      notes.insert("\(check.facts?.isGzip == true ? "gzip, sound to its last byte; " : "")\(shape)", at: 0)
    } catch {
      refuse(error)
    }
  }

  /// Never opens what would block.
  private static func requireFile(_ path: String) throws(PipelineError) {
    _ = try Globs.expand([path])
  }

  /// A dump by a pipeline's mapping and limits, read by the reader that a night reads with. Nothing of it is kept.
  init(_ path: String, by pipeline: Pipeline, now: Int64) {
    dump = path
    do throws(PipelineError) {
      guard let zone = ZoneTable(name: pipeline.store.timeZone) else {
        throw PipelineError(.badPipeline, "time_zone: \(pipeline.store.timeZone) is not known on this machine", fix: "install tzdata")
      }
      let feed = pipeline.transactions
      let options = ReaderOptions(
        mapping: feed.mapping, dialect: feed.dialect, zone: zone, bucketCount: 1, key: HashKey(k0: 1, k1: 2), stripeRowsMax: 1 << 14,
        rejectsKeptMax: 10_000)
      let reader = try TransactionReader(path: path, options: options, pipelined: false)
      let facts = try reader.read(progress: { _ in }, flush: { (_) throws(PipelineError) in })
      (rows, rowsRejected, rowsFiltered) = (reader.rowsRead, reader.rowsRejected, reader.rowsFiltered)
      judge(reader, facts, feed, now)
    } catch {
      refuse(error)
    }
  }

  private mutating func judge(_ reader: TransactionReader, _ facts: DumpFacts, _ feed: TransactionsFeed, _ now: Int64) {
    var checks = feed.checks
    checks.now = now
    if let young = checks.unsettled(reader.identity, notes: &notes) { notes.append(young) }
    let refused = Trial.grouped(reader.rejects, dump).map { Trial.line($0) } + (reader.fix.isEmpty ? [] : ["  fix: \(reader.fix)"])
    let share = rows > 0 ? Double(rowsRejected) / Double(rows) : 0
    if facts.textBytes == 0 && !checks.allowsEmpty {
      refuse(.badInput, ["\(dump): expected a header row, found \(facts.fileBytes == 0 ? "a file of 0 bytes" : "0 bytes of text")"])
    } else if rows == 0 && !checks.allowsEmpty {
      refuse(.checkFailed, ["\(dump), line 2: expected rows, found a header alone"])
    } else if rowsRejected > feed.limits.rowsMax || share > feed.limits.shareMax {
      refuse(.checkFailed, ["\(dump): \(rowsRejected) of \(rows) rows would be rejected, the limit is \(feed.limits.rowsMax)"] + refused)
    } else if rows > 0 && rowsRejected == rows {
      refuse(.checkFailed, ["\(dump): expected rows, found \(rows) and none of them valid"] + refused)
    } else if rows > 0 && rows < checks.rowsMin {
      refuse(.checkFailed, ["\(dump): expected at least \(checks.rowsMin) rows, found \(rows)"])
    } else if rowsRejected > 0 {
      notes += refused
    }
  }
}
