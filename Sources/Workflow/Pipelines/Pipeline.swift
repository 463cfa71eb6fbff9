import Columns
import Dumps
import Events
import Features
import Foundation
import Scores
import Warehouse
import Yams

/// How old the newest transaction may be; nil: not asked.
package struct Freshness: Sendable, Hashable {
  package var warn: TimeSpan?
  package var fail: TimeSpan?
}

/// The section `feeds.transactions.pseudonymize`, resolved.
package struct PseudonymOptions: Sendable, Hashable {
  /// Fields that are replaced by keyed hashes; empty: none.
  package var fields: [String] = []
  package var keyFile: PipelinePath?

  /// A shorter key could be guessed.
  static let keyBytesMin = 32
}

/// The feed of transactions, resolved.
package struct TransactionsFeed: Sendable, Hashable {
  /// Patterns of files.
  package var dumps: [PipelinePath]
  package var mapping: TransactionMapping
  package var dialect: Dialect
  package var limits: RejectLimits
  package var checks: DumpChecks
  package var freshness: Freshness
  package var pseudonyms: PseudonymOptions
  /// ISO 4217.
  package var currency: String
}

/// A pipeline with every default filled in and the command line's wishes applied: what the stages get their options from.
package struct Pipeline: Sendable {
  package enum AsOf: Sendable, Hashable {
    /// The day of the newest transaction.
    case latest
    case day(Day)
  }
  /// The pipeline file as the user named it.
  package var file: String
  package var name: String
  package var asOf: AsOf
  package var asOfJumpDaysMax: Int
  package var store: StoreParameters
  /// Folder of the event store and the run ledger.
  package var state: PipelinePath
  /// Records of runs that are kept, the newest.
  package var runsKeep: Int
  /// Older events are removed; nil: all are kept.
  package var retention: Retention?
  /// As written: 0 stands for all cores.
  package var threads: Int
  package var transactions: TransactionsFeed
  package var rates: RatesFeed
  package var rhythmDaysDefault: Int
  package var churnHorizonDays: Int?
  package var tenure: TenureWish
  package var fit: FitCadence
  /// With `on-drift`, the population stability index at which an input has shifted.
  package var driftLimit: Double
  package var value: ValueOptions
  package var database: PipelinePath
  package var databaseMode: UInt16
  package var databaseGroup: String?
  package var publishColumns: [String]?

  /// Reads, checks and resolves a pipeline file.
  /// - Throws: 66 where there is no such file, 78 with every problem of it, one a line as `FILE:LINE:COLUMN: message`.
  package init(file: String) throws(PipelineError) {
    try self.init(file: file, bytes: PipelineSource.read(file))
  }

  package init(file: String, bytes: [UInt8]) throws(PipelineError) {
    let root: Node?
    do {
      root = try PipelineSource.compose(bytes)
    } catch {
      throw Self.error(file, error.problems)
    }
    let (written, problems) = PipelineParser.parse(root ?? .mapping(.init([])))
    guard problems.isEmpty else { throw Self.error(file, problems) }
    self.init(file: file, written)
  }

  /// The patterns of dumps in a pipeline file that has problems, as far as they can be read.
  static func dumpPatterns(ofUnsound file: String) -> [String] {
    guard let bytes = try? PipelineSource.read(file), let root = try? PipelineSource.compose(bytes) else { return [] }
    let folder = Paths.parent(file)
    return (PipelineParser.parse(root).0.transactions.dumps ?? []).map { PipelinePath($0, from: folder).path }
  }

  private static func error(_ file: String, _ problems: [PipelineProblem]) -> PipelineError {
    let lines = problems.map { "\(file):\($0.line):\($0.column): \($0.message)" }
    let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
    return PipelineError(
      .badPipeline, "\(file): \(count) in the pipeline file", details: lines,
      fix: "correct the lines named; pipelines/nightly.yaml shows every key with its default")
  }

  private init(file: String, _ written: WrittenPipeline) {
    self.file = file
    let stem = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    name = written.name ?? stem
    switch written.asOf {
    case .day(let day): asOf = .day(day)
    case .latest, nil: asOf = .latest
    }
    asOfJumpDaysMax = written.asOfJumpDaysMax ?? 45
    store = StoreParameters(bucketCount: written.storeBuckets ?? 64, timeZone: written.timeZone ?? "UTC")
    let folder = Paths.parent(file)
    state = PipelinePath(written.state ?? "../state/" + name, from: folder)
    runsKeep = written.runsKeep ?? 400
    if case .value(let text) = written.retention { retention = Retention(text) }
    threads = written.threads ?? 0
    transactions = TransactionsFeed(written.transactions, folder: folder)
    rates = RatesFeed(written.rates, folder: folder)
    rhythmDaysDefault = written.rhythmDaysDefault ?? 90
    if case .days(let days) = written.churnHorizon { churnHorizonDays = days }
    tenure = written.tenure ?? .none
    fit = written.value.fit ?? .nightly
    driftLimit = written.value.driftLimit ?? DriftLevel.shiftedFrom
    value = ValueOptions(written.value)
    database = PipelinePath(written.outputDatabase ?? "../output/" + name + ".sqlite", from: folder)
    databaseMode = written.outputMode ?? 0o640
    if case .value(let group) = written.outputGroup { databaseGroup = group }
    if case .names(let names) = written.publishColumns { publishColumns = names }
  }

  package var threadCount: Int { threads > 0 ? threads : max(1, ProcessInfo.processInfo.activeProcessorCount) }
}

extension TransactionsFeed {
  init(_ written: WrittenTransactions, folder: String) {
    currency = written.currency ?? TransactionDefaults.currency
    dumps = (written.dumps ?? []).map { PipelinePath($0, from: folder) }
    mapping = written.resolvedMapping()
    let dialect = TransactionDefaults.dialect
    self.dialect = Dialect(
      format: written.dialect.format ?? dialect.format, encoding: written.dialect.encoding ?? dialect.encoding,
      delimiter: written.delimiter ?? dialect.delimiter, quote: written.quote ?? dialect.quote,
      isTrimmed: written.dialect.isTrimmed ?? dialect.isTrimmed, nulls: written.dialect.nulls ?? dialect.nulls,
      fieldBytesMax: written.fieldBytesMax ?? dialect.fieldBytesMax)
    pseudonyms = PseudonymOptions(fields: written.pseudonymizedFields ?? [])
    if case .value(let path) = written.pseudonymKeyFile { pseudonyms.keyFile = PipelinePath(path, from: folder) }
    limits = RejectLimits(rowsMax: written.rejectRowsMax ?? 0, shareMax: written.rejectShareMax ?? 1)
    checks = DumpChecks(written.checks)
    freshness = Freshness(warn: written.checks.freshnessWarn, fail: written.checks.freshnessFail)
  }
}

extension ValueOptions {
  init(_ written: WrittenValue) {
    self.init()
    switch written.model {
    case .auto: choosesModel = true
    case .named(let name): purchaseModel = name
    case .contracts: hasContracts = true
    case nil: break
    }
    contract = written.contract ?? contract
    covariates = written.covariates ?? covariates
    learnedMethod = written.learned ?? learnedMethod
    riskSource = written.risk ?? riskSource
    riskHorizonDays = written.riskHorizonDays ?? riskHorizonDays
    clvHorizonDays = written.clvHorizonDays ?? clvHorizonDays
    clvStepDays = written.clvStepDays ?? clvStepDays
    discountPerYear = written.discountPerYear ?? discountPerYear
    if case .share(let share) = written.margin { marginShare = share }
    tierShares = written.tiers ?? tierShares
  }
}

extension Pipeline {
  package func extractOptions(runID: String) -> ExtractOptions {
    var options = ExtractOptions(
      mapping: transactions.mapping, dialect: transactions.dialect, limits: transactions.limits, threads: threadCount, runID: runID)
    options.checks = transactions.checks
    return options
  }

  package func transformOptions(asOf: Day) -> TransformOptions {
    var options = TransformOptions(
      asOf: asOf, threads: threadCount, churnHorizonDays: churnHorizonDays, rhythmDaysDefault: rhythmDaysDefault)
    (options.contract, options.requiresContracts) = (value.contractWish, value.hasContracts && value.contract.period != .auto)
    return options
  }

  /// Columns that publishing or scoring asks transform for; nil: all.
  package var featureColumns: [String]? { publishColumns.map { $0 + scoreOptions.wanted.features.sorted() } }

  package var scoreOptions: ScoreOptions {
    var options = ScoreOptions(
      value: value, columns: publishColumns, currency: transactions.currency, fractionDigits: transactions.mapping.fractionDigits,
      threads: threadCount)
    options.learns = publishColumns?.contains(where: learnedColumnNames.contains) ?? false
    return options
  }

  package var publishOptions: PublishOptions {
    var options = PublishOptions(path: database.path, mode: databaseMode, group: databaseGroup, columns: publishColumns)
    options.threads = threadCount
    return options
  }
}
