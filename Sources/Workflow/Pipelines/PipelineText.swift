import Crypto
import Dumps

extension Pipeline {
  /// The pipeline as resolved, in the form of a pipeline file: every key, in the order of `pipelines/nightly.yaml`.
  package var resolvedText: String {
    let feed = transactions
    let mapping = feed.mapping
    let day =
      switch asOf {
      case .latest: "latest"
      case .day(let day): day.description
      }
    var lines = [
      "name: \(Self.quoted(name))", "as_of: \(day)", "as_of_jump_days_max: \(asOfJumpDaysMax)", "time_zone: \(Self.quoted(store.timeZone))",
      "state: \(Self.quoted(state.written))", "runs_keep: \(runsKeep)", "retention: \(retention?.text ?? "null")", "threads: \(threads)",
      "store:", "  buckets: \(store.bucketCount)",
      "feeds:", "  transactions:", "    dumps: \(Self.list(feed.dumps.map(\.written)))",
      "    format: \(feed.dialect.format.rawValue)", "    encoding: \(feed.dialect.encoding.rawValue)", "    columns:",
    ]
    lines += (PipelineKeys.sections["feeds.transactions.columns"] ?? []).compactMap { TransactionField(rawValue: $0) }.map {
      "      \($0.rawValue): \(Self.column($0, mapping))"
    }
    lines += [
      "    kinds:", "      purchase: \(Self.list(mapping.purchaseKinds))", "      refund: \(Self.list(mapping.refundKinds))",
      "    refunds:",
    ]
    lines += Self.refunds(mapping.refunds).map { "      " + $0 }
    lines += [
      "    empty_customer: \(mapping.skipsRowsWithoutCustomer ? "skip" : "reject")",
      "    identity: \(Self.list(mapping.identity))", "    delimiter: \(Self.quoted(feed.dialect.delimiter))",
      "    quote: \(Self.quoted(feed.dialect.quote))", "    trim: \(feed.dialect.isTrimmed)",
      "    nulls: \(Self.list(feed.dialect.nulls))", "    numbers:",
    ]
    lines += Self.numbers(mapping.numbers).map { "      " + $0 }
    lines += ["    times:"] + Self.times(mapping.times).map { "      " + $0 }
    lines += [
      "    field_bytes_max: \(feed.dialect.fieldBytesMax)",
      "    currency: \(currencyText)", "    pseudonymize:", "      columns: \(Self.list(feed.pseudonyms.fields))",
      "      key_file: \(feed.pseudonyms.keyFile.map { Self.quoted($0.written) } ?? "null")", "    rejects:",
      "      rows_max: \(feed.limits.rowsMax)",
      "      share_max: \(feed.limits.shareMax)",
    ]
    lines += feed.checksText + rates.text
    lines += [
      "rhythm:", "  days_default: \(rhythmDaysDefault)", "churn:", "  horizon: \(churnHorizonDays.map { "\($0)d" } ?? "auto")",
      "  tenure: \(tenure.rawValue)",
      "value:", "  model: \(value.purchaseModelName)",
      "  contract: {\(value.contract.text)}",
      "  covariates: [\(value.covariates.map(\.rawValue).joined(separator: ", "))]", "  learned: \(value.learnedMethod.rawValue)",
      "  risk: \(value.riskSource.rawValue)", "  fit: \(fit.rawValue)", "  drift_limit: \(driftLimit)",
      "  risk_horizon: \(value.riskHorizonDays)d",
      "  clv_horizon: \(value.clvHorizonDays)d",
      "  clv_step: \(value.clvStepDays)d", "  discount_per_year: \(value.discountPerYear)",
      "  margin: \(value.marginShare.map { "\($0)" } ?? "auto")",
      "  tiers: [\(value.tierShares.map { "\($0)" }.joined(separator: ", "))]",
      "output:", "  database: \(Self.quoted(database.written))", "  mode: \"0\(String(databaseMode, radix: 8))\"",
      "  group: \(databaseGroup.map(Self.quoted) ?? "null")", "publish:", "  columns: \(publishColumns.map(Self.list) ?? "all")",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// SHA-256 of the resolved text, lower-case hexadecimal: tells whether two runs did the same.
  package var sha256: String {
    SHA256.hash(data: Array(resolvedText.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  static func quoted(_ byte: UInt8) -> String { quoted(String(Unicode.Scalar(byte))) }

  /// In double quotes, with escapes for what YAML does not take as it is and for what would command a terminal.
  static func quoted(_ text: String) -> String {
    let plain = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\t", with: "\\t")
    return "\"" + plain.unicodeScalars.map { isPrintable($0) ? String($0) : escape($0) }.joined() + "\""
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case ..<0x20, 0x7F...0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: false
    default: !Streams.commands(scalar)
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let (letter, width) = scalar.value < 0x1_0000 ? ("u", 4) : ("U", 8)
    return "\\" + letter + String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  static func list(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ", ") + "]" }
}
