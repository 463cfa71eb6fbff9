import Columns
import Events
import Testing

import Workflow

/// The lines that a pipeline text is refused with, without the file's name; empty: accepted.
private func problems(_ text: String) -> [String] { problems(Array(text.utf8)) }

private func problems(_ bytes: [UInt8]) -> [String] {
  do {
    _ = try Pipeline(file: "p.yaml", bytes: bytes)
    return []
  } catch {
    #expect(error.exit == .badPipeline)
    #expect(error.details.allSatisfy { $0.hasPrefix("p.yaml:") })
    return error.details.map { String($0.dropFirst("p.yaml:".count)) }
  }
}

private let feed = "feeds: {transactions: {dumps: [\"a.csv\"]}}\n"

/// A feed with further keys; they stand in line 4, from column 5.
private func feed(with line: String) -> String { "feeds:\n  transactions:\n    dumps: [\"a.csv\"]\n    \(line)\n" }

@Test func `only the dumps of the transactions are required`() {
  #expect(problems(feed) == [])
  #expect(problems("") == ["1:1: feeds.transactions.dumps is missing: which files hold the transactions, such as [\"dumps/*.csv.gz\"]"])
}

@Test func `all problems of a file are told at once, in the order of the file`() {
  let text = """
    nmae: x
    threads: lots
    feeds:
      transactions:
        dumps: ["a.csv"]
        currency: usd
    rhythm: {days_default: 13}
    """
  #expect(
    problems(text) == [
      "1:1: unknown key 'nmae'; did you mean 'name'?",
      "2:10: threads: expected a whole number from 0 to 1024, found the text 'lots'",
      "6:15: feeds.transactions.currency: expected an ISO 4217 code such as USD, found 'usd'; did you mean 'USD'?",
      "7:24: rhythm.days_default: expected a whole number from 14 to 365, found '13'",
    ])
}

@Test(arguments: [
  ("name: ''", "2:7: name: expected a text, found an empty one"),
  ("name: \"a\\u0007\"", "2:7: name: control characters are not allowed here"),
  ("name: [a]", "2:7: name: expected a text, found a list"),
  ("name:", "2:6: name: expected a text, found nothing"),
  ("as_of: yesterday", "2:8: as_of: expected latest or a day as YYYY-MM-DD, found 'yesterday'"),
  ("as_of: 2025-02-29", "2:8: as_of: expected latest or a day as YYYY-MM-DD, found '2025-02-29'"),
  ("as_of_jump_days_max: 0", "2:22: as_of_jump_days_max: expected a whole number from 1 to 36500, found '0'"),
  (
    "time_zone: Europe/Berln",
    "2:12: time_zone: expected an IANA name such as UTC or Europe/Berlin, found 'Europe/Berln'; did you mean 'Europe/Berlin'?"
  ),
  ("threads: 9999999999999999999999", "2:10: threads: expected a whole number from 0 to 1024, found '9999999999999999999999'"),
  ("threads: \"4\"", "2:10: threads: expected a whole number from 0 to 1024, found the text '4'"),
  ("threads: 1e3", "2:10: threads: expected a whole number from 0 to 1024, found the text '1e3'"),
  ("runs_keep: 0", "2:12: runs_keep: expected a whole number from 1 to 1000000, found '0'"),
  ("threads: -1", "2:10: threads: expected a whole number from 0 to 1024, found '-1'"),
  ("store: {buckets: 48}", "2:18: store.buckets: expected a power of two, found 48"),
  ("store: {buckets: 8192}", "2:18: store.buckets: expected a whole number from 1 to 4096, found '8192'"),
  ("store: 64", "2:8: store: expected keys and values, found the text '64'"),
  ("churn: {horizon: 90}", "2:18: churn.horizon: expected auto or days from 1d to 3650d, such as 90d, found '90'"),
  ("churn: {horizon: 0d}", "2:18: churn.horizon: expected auto or days from 1d to 3650d, such as 90d, found '0d'"),
  (
    "value: {model: pareto_nbd, covariates: [frist_channel]}",
    "2:40: value.covariates: expected first_channel, first_category, cohort_quarter, found 'frist_channel'; did you mean 'first_channel'?"
  ),
  (
    "value: {model: pareto_nbd, covariates: [favourite_category]}",
    "2:40: value.covariates: 'favourite_category' is not static, it changes with what the customer does later; static are first_channel, "
      + "first_category, cohort_quarter"
  ),
  (
    "value: {model: pareto_nbd, covariates: [cohort_month]}",
    "2:40: value.covariates: 'cohort_month' has too many values to tell apart; write cohort_quarter"
  ),
  (
    "value: {covariates: [cohort_quarter]}",
    "2:21: value.covariates: they scale Pareto/NBD, which value.model: pareto_nbd asks for, and auto tries"
  ),
  (
    "value: {model: pareto_nbd, covariates: [cohort_quarter, cohort_quarter]}",
    "2:57: value.covariates: 'cohort_quarter' stands twice in the list"
  ),
  (
    "value: {model: paretto_nbd}",
    "2:16: value.model: expected auto, bg_nbd, mbg_nbd, pareto_nbd, nbd or sbg, found 'paretto_nbd'; did you mean 'pareto_nbd'?"
  ),
  (
    "value: {model: sbg, contract: {period: mnth}}",
    "2:40: value.contract.period: expected auto, week, month, quarter, year or days from 5d to 400d, found 'mnth'; did you mean 'month'?"
  ),
  (
    "value: {model: sbg, contract: {period: 4d}}",
    "2:40: value.contract.period: expected auto, week, month, quarter, year or days from 5d to 400d, found '4d'"
  ),
  ("value: {model: sbg, contract: {grce: 4d}}", "2:32: unknown key 'grce' in value.contract; did you mean 'grace'?"),
  (
    "value: {model: sbg, contract: {period: week, grace: 4d}}",
    "2:53: value.contract.grace: expected 3d at most with that period, found '4d'"
  ),
  (
    "value: {model: sbg, contract: {grace: 0d}}",
    "2:39: value.contract.grace: expected days from 1d to 200d, such as 90d, found '0d'"
  ),
  (
    "value: {model: nbd, contract: {period: week}}",
    "2:31: value.contract: it is of sBG, which value.model: sbg asks for, and auto tries"
  ),
  ("value: {risk: survival}", "2:15: value.risk: survival is of contracts, which value.model: sbg asks for, and auto tries"),
  (
    "value: {model: sbg, covariates: [cohort_quarter]}",
    "2:33: value.covariates: they scale Pareto/NBD, which value.model: pareto_nbd asks for, and auto tries"
  ),
  ("churn: {tenure: curve}", "2:17: churn.tenure: expected none, curves or drivers, found 'curve'; did you mean 'curves'?"),
  ("value: {fit: weakly}", "2:14: value.fit: expected nightly, weekly, on-drift or never, found 'weakly'; did you mean 'weekly'?"),
  ("value: {fit: ondrift}", "2:14: value.fit: expected nightly, weekly, on-drift or never, found 'ondrift'; did you mean 'on-drift'?"),
  ("value: {drift_limit: 0}", "2:22: value.drift_limit: expected a number from 0.01 to 10.0, found '0'"),
  ("value: {drift_limit: high}", "2:22: value.drift_limit: expected a number from 0.01 to 10.0, found 'high'"),
  ("value: {drift_limit: []}", "2:22: value.drift_limit: expected a number from 0.01 to 10.0, found a list"),
  ("value: {risk_horizon: 0d}", "2:23: value.risk_horizon: expected days from 1d to 3650d, such as 90d, found '0d'"),
  ("value: {risk_horizon: 90}", "2:23: value.risk_horizon: expected days from 1d to 3650d, such as 90d, found '90'"),
  ("value: {clv_horizon: 4000d}", "2:22: value.clv_horizon: expected days from 1d to 3650d, such as 90d, found '4000d'"),
  ("value: {clv_step: 366d}", "2:19: value: the step of 366d is longer than the horizon of 365d"),
  ("value: {clv_horizon: 20d}", "2:22: value: the step of 30d is longer than the horizon of 20d"),
  ("value: {discount_per_year: 10%}", "2:28: value.discount_per_year: expected a number from 0 to 1, found '10%'"),
  ("value: {margin: 40}", "2:17: value.margin: expected auto or a number from 0 to 1, found '40'"),
  (
    "value: {tiers: 0.5}",
    "2:16: value.tiers: expected 1 to 9 rising numbers between 0 and 1, such as [0.5, 0.8, 0.95], found the text '0.5'"
  ),
  ("value: {tiers: []}", "2:16: value.tiers: expected 1 to 9 rising numbers between 0 and 1, such as [0.5, 0.8, 0.95], found none"),
  (
    "value: {tiers: [0.8, 0.5]}",
    "2:16: value.tiers: expected 1 to 9 rising numbers between 0 and 1, such as [0.5, 0.8, 0.95], found 0.8, 0.5"
  ),
  (
    "value: {tiers: [0.5, 1]}",
    "2:16: value.tiers: expected 1 to 9 rising numbers between 0 and 1, such as [0.5, 0.8, 0.95], found 0.5, 1.0"
  ),
  ("value: {tiers: [0.5, x]}", "2:22: value.tiers[1]: expected a number from 0 to 1, found 'x'"),
  ("value: {discount: 0.1}", "2:9: unknown key 'discount' in value; it belongs in feeds.transactions.columns"),
  ("output: {mode: \"0666\"}", "2:16: output.mode: expected permissions from \"0600\" to \"0664\", such as \"0640\", found '0666'"),
  ("output: {mode: rw}", "2:16: output.mode: expected permissions from \"0600\" to \"0664\", such as \"0640\", found 'rw'"),
  ("publish: {columns: [net_minor]}", "2:20: publish.columns: expected all or a list that begins with customer_id"),
  ("publish: {columns: some}", "2:20: publish.columns: expected a list, found the text 'some'; write [\"some\"]"),
  ("rejects: {rows_max: 3}", "2:1: unknown key 'rejects'; it belongs in feeds.transactions"),
  (
    "colour: red",
    "2:1: unknown key 'colour'; known are name, as_of, as_of_jump_days_max, time_zone, state, runs_keep, retention, threads, store, feeds, "
      + "rhythm, churn, value, output, publish"
  ),
  ("? [a]\n: b", "2:3: expected a key, found a list"),
  ("name: a\nname: b", "2:1: stands twice in one section: 'name'"),
])
func `a wrong key or value at the top is told with its line and column`(line: String, problem: String) {
  #expect(problems(feed + line + "\n") == [problem])
}

@Test(arguments: [
  ("columns: {amuont: sum}", "4:15: unknown key 'amuont' in feeds.transactions.columns; did you mean 'amount'?"),
  ("columns: {amount: null}", "4:23: feeds.transactions.columns.amount: cannot be null, every transaction has one"),
  ("columns: {amount: x, cost: x}", "4:32: feeds.transactions.columns.cost: the column 'x' is amount already"),
  ("kinds: {purchase: []}", "4:23: feeds.transactions.kinds.purchase: expected at least one value, found an empty list"),
  ("kinds: {purchase: [s, s]}", "4:27: feeds.transactions.kinds.purchase: 's' stands twice in the list"),
  ("kinds: {refund: [purchase]}", "4:21: feeds.transactions.kinds: 'purchase' is both a purchase and a refund"),
  ("identity: [customer_id]", "4:15: feeds.transactions.identity: expected transaction_id, kind or line, found 'customer_id'"),
  (
    "delimiter: \"||\"",
    "4:16: feeds.transactions.delimiter: expected one character such as \",\" or \"\\t\", not a letter, digit, space or -+.:, found '||'"
  ),
  ("delimiter: '\"'", "4:16: feeds.transactions: delimiter and quote are the same character"),
  ("field_bytes_max: 1", "4:22: feeds.transactions.field_bytes_max: expected a whole number from 16 to 67108864, found '1'"),
  ("rejects: {rows_max: -1}", "4:25: feeds.transactions.rejects.rows_max: expected a whole number from 0, found '-1'"),
  ("rejects: {share_max: 1.5}", "4:26: feeds.transactions.rejects.share_max: expected a number from 0 to 1, found '1.5'"),
  ("rejects: {share_max: nan}", "4:26: feeds.transactions.rejects.share_max: expected a number from 0 to 1, found 'nan'"),
  ("rejects: {share_max: 0x1}", "4:26: feeds.transactions.rejects.share_max: expected a number from 0 to 1, found '0x1'"),
  ("settle: 5", "4:13: feeds.transactions.settle: expected 0 or a time up to 7d, such as 5m, found '5'"),
  ("settle: 8d", "4:13: feeds.transactions.settle: expected 0 or a time up to 7d, such as 5m, found '8d'"),
  ("setle: 5m", "4:5: unknown key 'setle' in feeds.transactions; did you mean 'settle'?"),
  ("allow_empty: ture", "4:18: feeds.transactions.allow_empty: expected false or true, found 'ture'; did you mean 'true'?"),
  ("rows_min: -1", "4:15: feeds.transactions.rows_min: expected a whole number from 0, found '-1'"),
  ("freshness: {warm: 1d}", "4:17: unknown key 'warm' in feeds.transactions.freshness; did you mean 'warn'?"),
  (
    "freshness: {warn: 36}",
    "4:23: feeds.transactions.freshness.warn: expected null or a time such as 90m, 36h or 3d, found '36'"
  ),
  (
    "freshness: {warn: 3d, fail: 72h}", "4:23: feeds.transactions.freshness: warn at 3d says nothing where fail stands at 3d"
  ),
  (
    "on_schema_change: freze",
    "4:23: feeds.transactions.on_schema_change: expected evolve or freeze, found 'freze'; did you mean 'freeze'?"
  ),
])
func `a wrong key or value of the feed is told with its line and column`(line: String, problem: String) {
  #expect(problems(feed(with: line)) == [problem])
}

@Test(arguments: [
  ("dumps: []", "feeds.transactions.dumps: expected at least one pattern, found an empty list"),
  ("dumps: a.csv", "feeds.transactions.dumps: expected a list, found the text 'a.csv'; write [\"a.csv\"]"),
  ("dumps: [null]", "feeds.transactions.dumps[0]: expected a text, found nothing"),
])
func `dumps are a list of patterns`(line: String, problem: String) {
  #expect(problems("feeds: {transactions: {\(line)}}").contains { $0.hasSuffix(problem) })
}

@Suite struct `Hostile YAML is refused cleanly` {
  @Test func `an alias bomb is refused at its first anchor`() {
    let bomb = "a: &a [x, x, x]\n" + (1...40).map { "a\($0): &a\($0) [*a, *a, *a, *a]\n" }.joined()
    #expect(problems(bomb) == ["1:4: anchors (&) are not allowed; put a text that begins with & in quotes"])
  }

  @Test func `a pattern without quotes is named as what went wrong`() {
    #expect(
      problems("feeds:\n  transactions:\n    dumps: [*.csv.gz]\n")
        == ["3:13: a value that begins with * is an alias in YAML; put the pattern in quotes"])
  }

  @Test func `asterisks and ampersands in quotes, comments and within texts are no aliases`() {
    #expect(problems("# *a &b\nname: R & D*\nfeeds: {transactions: {dumps: ['*.gz', \"*.csv\"]}} # *\n") == [])
  }

  @Test func `a file of more than 256 KiB is not read`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("big.yaml", String(repeating: "#", count: 300_000))
    let error = #expect(throws: PipelineError.self) { try Pipeline(file: path) }
    #expect(error?.exit == .badPipeline)
    #expect(error?.message == "\(path): longer than 262144 bytes, the limit for a pipeline file")
  }

  @Test func `lists nested 100,000 deep are refused by depth`() {
    let found = problems(String(repeating: "[", count: 100_000))
    #expect(found.count == 1)
    #expect(found.first?.contains("no valid YAML") == true)
    #expect(problems(String(repeating: "- ", count: 100_000) + "x").count == 1)
  }

  @Test func `a byte that is no UTF-8 is named with its place`() {
    #expect(problems(Array("name: a\nstate: x".utf8) + [0xE9, 0x0A]) == ["2:9: expected UTF-8, found the byte 0xe9"])
    #expect(problems([0xFF, 0xFE] + Array("n\0a\0".utf8)).first?.hasPrefix("1:1: expected UTF-8") == true)
  }

  @Test func `a tab in the indentation is named with its place`() {
    #expect(problems("store:\n\tbuckets: 8\n").first?.hasPrefix("2:1: no valid YAML") == true)
    #expect(problems("store:\n\tbuckets: 8\n").first?.contains("indent with spaces, not tabs") == true)
  }

  @Test(arguments: [
    "a: [", "a: b: c", "\"", "--- a\n--- b\n", "a\n", "- a\n", "{", "\u{1}", "!!binary a", "%YAML 9.9\n---\na: b\n", "&a", "a: !<x> y",
  ])
  func `what is no mapping of keys is one problem or more, and never a crash`(text: String) {
    #expect(!problems(text).isEmpty)
  }

  @Test func `every prefix of the whole example file is accepted or refused, and never crashes`() throws {
    let bytes = try Array(PackageFiles.text("pipelines/nightly.yaml").utf8)
    for count in stride(from: 0, to: bytes.count, by: 7) { _ = problems(Array(bytes[..<count])) }
    var broken = bytes
    var state: UInt64 = 42
    for _ in 0..<400 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      broken[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
      _ = problems(broken)
    }
  }
}
