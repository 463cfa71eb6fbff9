import Columns
import Dumps
import Events
import Features
import Foundation
import Scores
import Testing
import Workflow

private func pipeline(_ text: String, file: String = "folder/shop.yaml") throws -> Pipeline {
  try Pipeline(file: file, bytes: Array(text.utf8))
}

private let least = "feeds: {transactions: {dumps: [\"../dumps/*.csv.gz\"]}}\n"

@Test func `a pipeline with dumps alone resolves to the stages' own defaults`() throws {
  let pipeline = try pipeline(least)
  #expect(pipeline.name == "shop")
  #expect(pipeline.asOf == .latest)
  #expect(pipeline.asOfJumpDaysMax == 45)
  #expect(pipeline.store == StoreParameters())
  #expect(pipeline.transactions.mapping == TransactionMapping())
  #expect(pipeline.transactions.dialect == Dialect())
  #expect(pipeline.transactions.limits == RejectLimits())
  #expect(pipeline.transformOptions(asOf: Day(0)) == TransformOptions(asOf: Day(0), threads: pipeline.threadCount))
  #expect(pipeline.publishOptions.mode == 0o640)
  #expect(pipeline.publishOptions.group == nil)
  #expect(pipeline.publishOptions.columns == nil)
  #expect(
    pipeline.fit == .nightly && pipeline.driftLimit == 0.25 && pipeline.tenure == .none && pipeline.value == ValueOptions()
      && pipeline.featureColumns == nil)
}

@Test func `paths start at the pipeline file's folder`() throws {
  let pipeline = try pipeline(least + "state: /var/holdfast\n")
  #expect(pipeline.transactions.dumps.map(\.path) == ["dumps/*.csv.gz"])
  #expect(pipeline.database.path == "output/shop.sqlite")
  #expect(pipeline.state.path == "/var/holdfast")
  #expect(try Pipeline(file: "shop.yaml", bytes: Array(least.utf8)).transactions.dumps.map(\.path) == ["../dumps/*.csv.gz"])
  #expect(try Pipeline(file: "/a/b/shop.yaml", bytes: Array(least.utf8)).transactions.dumps.map(\.path) == ["/a/dumps/*.csv.gz"])
}

@Test func `every key reaches the stage that it is for`() throws {
  let pipeline = try pipeline(
    """
    as_of: 2025-01-01
    as_of_jump_days_max: 7
    time_zone: Europe/Berlin
    threads: 3
    store: {buckets: 8}
    feeds:
      transactions:
        dumps: ["a", "b"]
        columns: {transaction_id: id, customer_id: who, occurred_at: at, amount: sum, discount: null, cost: null, category: group,
          channel: where, kind: null, updated_at: changed}
        kinds: {purchase: [S, s], refund: []}
        identity: [transaction_id]
        delimiter: "\\t"
        quote: "'"
        field_bytes_max: 4096
        currency: KWD
        rejects: {rows_max: 9223372036854775807, share_max: 0.25}
        settle: 90s
        allow_empty: true
        rows_min: 7
        freshness: {warn: 36h, fail: 3d}
        on_schema_change: freeze
    rhythm: {days_default: 30}
    churn: {horizon: 120d, tenure: drivers}
    value: {model: pareto_nbd, covariates: [cohort_quarter, first_channel], fit: on-drift, drift_limit: 0.4, risk_horizon: 30d, clv_horizon: 730d, clv_step: 7d, discount_per_year: 0.15, margin: 0.4, tiers: [0.2, 0.9]}
    output: {database: out/x.sqlite, mode: "0600", group: analysts}
    publish: {columns: [customer_id, net_minor]}
    """)
  let extract = pipeline.extractOptions(runID: "r")
  #expect(
    extract.mapping
      == TransactionMapping(
        transactionID: "id", customerID: "who", occurredAt: "at", amount: "sum", discount: nil, cost: nil, category: "group",
        channel: "where",
        kind: nil, updatedAt: "changed", purchaseKinds: ["S", "s"], refundKinds: [], identity: ["transaction_id"], fractionDigits: 3))
  #expect(extract.dialect == Dialect(delimiter: 9, quote: UInt8(ascii: "'"), fieldBytesMax: 4096))
  #expect(extract.limits == RejectLimits(rowsMax: .max, shareMax: 0.25))
  var checks = DumpChecks()
  (checks.settleSeconds, checks.allowsEmpty, checks.rowsMin, checks.freezesColumns) = (90, true, 7, true)
  #expect(extract.checks == checks)
  #expect(pipeline.transactions.freshness.warn == TimeSpan("36h") && pipeline.transactions.freshness.fail == TimeSpan("72h"))
  #expect(extract.threads == 3)
  #expect(extract.runID == "r")
  #expect(pipeline.store == StoreParameters(bucketCount: 8, timeZone: "Europe/Berlin"))
  #expect(pipeline.asOf == .day(Day(year: 2025, month: 1, day: 1)))
  #expect(pipeline.asOfJumpDaysMax == 7)
  let transform = pipeline.transformOptions(asOf: Day(5))
  #expect(transform == TransformOptions(asOf: Day(5), threads: 3, churnHorizonDays: 120, rhythmDaysDefault: 30))
  var value = ValueOptions()
  (value.riskHorizonDays, value.clvHorizonDays, value.clvStepDays, value.discountPerYear) = (30, 730, 7, 0.15)
  (value.marginShare, value.tierShares) = (0.4, [0.2, 0.9])
  (value.purchaseModel, value.covariates) = (.paretoNBD, [.cohortQuarter, .firstChannel])
  #expect(
    pipeline.fit == .onDrift && pipeline.driftLimit == 0.4 && pipeline.tenure == .drivers && pipeline.value == value
      && pipeline.scoreOptions.value == value)
  #expect(pipeline.scoreOptions.currency == "KWD" && pipeline.scoreOptions.fractionDigits == 3)
  #expect(pipeline.scoreOptions.columns == ["customer_id", "net_minor"] && pipeline.scoreOptions.threads == 3)
  #expect(pipeline.featureColumns == ["customer_id", "net_minor"], "no column of value is published, so nothing is computed for one")
  #expect(pipeline.publishOptions.path == "folder/out/x.sqlite")
  #expect(pipeline.publishOptions.mode == 0o600)
  #expect(pipeline.publishOptions.group == "analysts")
  #expect(pipeline.publishOptions.columns == ["customer_id", "net_minor"])
}

@Test(arguments: [("JPY", 0), ("KWD", 3), ("CLF", 4), ("USD", 2), ("EUR", 2)])
func `a currency sets the decimals of its minor unit`(code: String, digits: Int) throws {
  #expect(try pipeline("feeds: {transactions: {dumps: [a], currency: \(code)}}").transactions.mapping.fractionDigits == digits)
}

@Test func `nightly.yaml says of every key exactly what is its default`() throws {
  let text = try PackageFiles.text("pipelines/nightly.yaml")
  let written = try pipeline(text, file: "pipelines/nightly.yaml")
  let defaults = try pipeline(least, file: "pipelines/nightly.yaml")
  #expect(written.resolvedText == defaults.resolvedText)
}

@Test func `nightly.yaml shows every key that is known`() throws {
  let lines = try PackageFiles.text("pipelines/nightly.yaml").split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }
  var path: [(indent: Int, key: String)] = []
  var shown: Set<String> = []
  for line in lines {
    let indent = line.prefix { $0 == " " }.count
    guard let colon = line.firstIndex(of: ":") else { continue }
    path = path.filter { $0.indent < indent } + [(indent, String(line[..<colon].drop { $0 == " " }))]
    shown.insert(path.map(\.key).joined(separator: "."))
  }
  #expect(shown.sorted() == PipelineKeys.all)
}

@Test(arguments: ["nightly", "cdnow", "bench"])
func `the resolved text of a pipeline resolves to itself`(name: String) throws {
  let first = try Pipeline(file: PackageFiles.root + "/pipelines/\(name).yaml")
  let second = try Pipeline(file: first.file, bytes: Array(first.resolvedText.utf8))
  #expect(second.resolvedText == first.resolvedText)
  #expect(second.sha256 == first.sha256)
}

@Test(arguments: [
  ("month, grace: 10d", "period: month, grace: 10d"), ("28d", "period: 28d, grace: auto"), ("auto, grace: 4d", "period: auto, grace: 4d"),
  ("year", "period: year, grace: auto"),
])
func `a contract that is written is resolved, asks transform for gaps, and reads again as itself`(written: String, text: String) throws {
  let feed = "feeds: {transactions: {dumps: [a.csv]}}\n"
  let first = try Pipeline(file: "c.yaml", bytes: Array((feed + "value: {model: sbg, contract: {period: \(written)}}\n").utf8))
  #expect(first.resolvedText.contains("\n  model: sbg\n  contract: {\(text)}\n"))
  #expect(first.transformOptions(asOf: Day(0)).contract == first.value.contract)
  #expect(first.transformOptions(asOf: Day(0)).requiresContracts == !written.hasPrefix("auto"))
  let second = try Pipeline(file: "c.yaml", bytes: Array(first.resolvedText.utf8))
  #expect(second.value == first.value && second.resolvedText == first.resolvedText)
  let auto = try Pipeline(file: "c.yaml", bytes: Array((feed + "value: {model: auto}\n").utf8))
  #expect(auto.transformOptions(asOf: Day(0)).contract != nil && !auto.transformOptions(asOf: Day(0)).requiresContracts)
}

@Test func `the hash tells two pipelines apart by what they do, not by how they are written`() throws {
  let plain = try pipeline(least)
  #expect(plain.sha256 == (try pipeline("# a remark\n" + least + "threads: 0\n")).sha256)
  #expect(plain.sha256 != (try pipeline(least + "threads: 1\n")).sha256)
  #expect(plain.sha256.utf8.count == 64)
}

@Test func `flags take the place of the file's keys, with paths from the current folder`() throws {
  let folder = try TemporaryFolder()
  var invocation = Invocation(pipelineFile: try folder.write("p.yaml", least))
  (invocation.asOf, invocation.threads, invocation.state, invocation.database) = ("2024-02-29", 5, "s", "d.sqlite")
  invocation.dumps = ["x/*.csv"]
  let pipeline = try invocation.pipeline()
  #expect(pipeline.asOf == .day(Day(year: 2024, month: 2, day: 29)))
  #expect((pipeline.threads, pipeline.state.path, pipeline.database.path) == (5, "s", "d.sqlite"))
  #expect(pipeline.transactions.dumps.map(\.path) == ["x/*.csv"])
  invocation.asOf = "2023-02-29"
  let error = #expect(throws: PipelineError.self) { try invocation.pipeline() }
  #expect(error?.exit == .usage)
  #expect(error?.message == "--as-of: expected latest or a day as YYYY-MM-DD, found '2023-02-29'")
}

@Test(arguments: [
  ("missing.yaml", "there is no such pipeline file"), (".", "expected a pipeline file, found a folder"), ("/dev/null", "found a device"),
])
func `a pipeline file that is none is no input`(path: String, message: String) {
  let error = #expect(throws: PipelineError.self) { try Pipeline(file: path) }
  #expect(error?.exit == .noInput)
  #expect(error?.message.contains(message) == true)
}

@Test(arguments: [("thread", "threads"), ("asof", "as_of"), ("buckest", "buckets"), ("Name", "name")])
func `a slip of the pen is recognised`(word: String, known: String) {
  #expect(Spelling.nearest(to: word, among: ["name", "as_of", "threads", "buckets"]) == known)
}

@Test func `a word that resembles none has no suggestion`() {
  #expect(Spelling.nearest(to: "colour", among: ["name", "as_of"]) == nil)
  #expect(Spelling.distance("kitten", "sitting") == 3)
  #expect(Spelling.distance("ab", "ba") == 1)
}

@Test func `pseudonyms need known fields and a key file, which lies beside the pipeline`() throws {
  func feed(_ section: String) -> String { "feeds: {transactions: {dumps: [a], pseudonymize: \(section)}}" }
  let hidden = try Pipeline(file: "x/p.yaml", bytes: Array(feed("{columns: [customer_id], key_file: k}").utf8)).transactions.pseudonyms
  #expect(hidden.fields == ["customer_id"] && hidden.keyFile?.path == "x/k")
  #expect(try pipeline(feed("{columns: []}")).pseudonyms() == nil)
  for (section, message) in [
    ("{columns: [customer_id]}", "pseudonymize.key_file is missing"), ("{columns: [channel], key_file: k}", "found 'channel'"),
    ("{column: [customer_id]}", "did you mean 'columns'?"),
  ] {
    #expect {
      _ = try pipeline(feed(section))
    } throws: { ($0 as? PipelineError)?.details.contains { $0.contains(message) } == true }
  }
}
