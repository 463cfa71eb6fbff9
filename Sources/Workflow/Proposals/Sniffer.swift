import Buffers
import Columns
import Dumps

/// Looks at samples of dumps and proposes how to read them, key by key, with what speaks for each.
struct Sniffer {
  let dumps: SampledDumps
  let options: SniffOptions
  var choice: ColumnChoice
  let nulls: [String]
  let absent: Set<[UInt8]>
  let isTrimmed: Bool
  var findings: [Finding] = []

  // Decided one after the other; later ones lean on earlier ones.
  var currency = "USD"
  var numbers = NumberFormat()
  var columnNumbers: [TransactionField: NumberFormat] = [:]
  var times: [TransactionField: TimeFormat] = [:]
  var refunds = RefundRule.kind
  var usesKindColumn = false
  var usesLineColumn = false
  var skipsRowsWithoutCustomer = false
  var identity: [String] = []

  var table: SampleTable { dumps.table }
  var rowCount: Int { dumps.table.rowCount }

  init(_ paths: [String], _ options: SniffOptions) throws(PipelineError) {
    try options.check()
    self.options = options
    dumps = try SampledDumps(paths, sampleBytes: options.sampleBytes)
    let table = dumps.table, isJSON = dumps.isJSON
    let mappable = Self.mappable(table.names)
    let profiles = mappable.map { ColumnProfile(table, $0, isJSON: isJSON) }
    choice = try ColumnChoice(profiles, table, given: options.columns, path: paths.first ?? "")
    let used = choice.chosen.values.map(\.profile)
    nulls = Array(Set(used.flatMap(\.nulls.keys)).sorted().prefix(16))
    absent = Set(nulls.map { Array($0.utf8) })
    isTrimmed = used.contains { $0.padded > 0 || (!isJSON && SampleText.trimmed($0.name) != $0.name) }
    decideCurrency()
    decideNumbers()
    decideTimes()
    decideCustomers()
    decideRefunds()
    leaveOutNegatives()
    decideIdentity()
    findings = formatFindings() + columnFindings() + findings
  }

  /// Columns that a pipeline file can name: with a name, that stands there once, without control characters.
  private static func mappable(_ names: [String]) -> [Int] {
    var counts: [String: Int] = [:]
    for name in names { counts[SampleText.trimmed(name), default: 0] += 1 }
    return names.indices.filter { i in
      let name = SampleText.trimmed(names[i])
      return !name.isEmpty && counts[name] == 1 && name.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
    }
  }

  /// The name as the pipeline file writes it: trimming takes the spaces off names, too.
  func name(_ profile: ColumnProfile) -> String { isTrimmed && !dumps.isJSON ? SampleText.trimmed(profile.name) : profile.name }

  func value(_ field: TransactionField, _ row: Int) -> ArraySlice<UInt8>? {
    guard let profile = choice[field] else { return nil }
    let value = SampleText.trimmed(table.value(profile.index, row))
    return value.isEmpty || (!absent.isEmpty && value.count <= 16 && absent.contains(Array(value))) ? nil : value
  }

  mutating func add(
    _ key: String, _ value: String, _ evidence: String, _ certainty: Finding.Certainty = .sure, otherwise: String? = nil,
    isHint: Bool = false
  ) {
    findings.append(Finding(key, value, evidence, certainty, otherwise: otherwise, isHint: isHint))
  }

  /// `10,000 of 10,000 values`
  static func share(_ part: Int, _ whole: Int, _ noun: String) -> String {
    "\(PageText.grouped(Int64(part))) of \(PageText.grouped(Int64(whole))) \(noun)"
  }

  // MARK: text

  private func formatFindings() -> [Finding] {
    let rows = table.rowCount + table.misfits
    if dumps.isJSON {
      let found = table.misfits > 0 ? Self.share(table.rowCount, rows, "lines are objects") : "each line is an object"
      return [Finding("format", "jsonl", rows == 0 ? "the text begins with {" : found)]
    }
    let guess = dumps.delimiter, first = dumps.sampled[0]
    var found = [
      Finding(
        "format", "csv",
        "a header of \(guess.fields) columns; lines end in \(first.lineEnds.rawValue == "no" ? "nothing" : first.lineEnds.rawValue)"),
      encodingFinding(),
      Finding(
        "delimiter", Pipeline.quoted(guess.delimiter),
        rows == 0 ? "the header's" : Self.share(table.rowCount, rows, "rows have \(guess.fields) fields"),
        rows > 0 && table.rowCount * 100 < rows * 98 ? .uncertain : .sure),
      Finding(
        "quote", Pipeline.quoted(guess.quote), guess.quoted > 0 ? "fields stand in it" : "no field is quoted",
        guess.quoted > 0 ? .sure : .assumed),
    ]
    if isTrimmed { found.append(Finding("trim", "true", "there are spaces around values or names")) }
    return found
  }

  private func encodingFinding() -> Finding {
    let guesses = dumps.sampled.map(\.encoding)
    let wide = guesses.reduce(0) { $0 + $1.wide }, invalid = guesses.reduce(0) { $0 + $1.invalid }
    let other = guesses.first { $0.encoding != .utf8 }
    guard let other else {
      if invalid > 0 { return Finding("encoding", "utf-8", "\(invalid) bytes are not UTF-8, \(wide) characters are", .uncertain) }
      return Finding(
        "encoding", "utf-8", wide > 0 ? "characters beyond ASCII: \(PageText.grouped(Int64(wide))), all sound" : "all is ASCII")
    }
    let encoding = guesses.contains { $0.encoding == .windows1252 } ? TextEncoding.windows1252 : other.encoding
    return Finding(
      "encoding", encoding.rawValue, "\(PageText.grouped(Int64(invalid))) bytes are not UTF-8", .uncertain,
      otherwise: "another code of one byte a character, where letters look wrong")
  }

  // MARK: columns

  private func columnFindings() -> [Finding] {
    var found: [Finding] = []
    for field in (PipelineKeys.sections["feeds.transactions.columns"] ?? []).compactMap({ TransactionField(rawValue: $0) }) {
      let key = "columns.\(field.rawValue)"
      if let chosen = choice.chosen[field], field != .kind || usesKindColumn, field != .line || usesLineColumn {
        found.append(finding(key, field, chosen))
      } else if TransactionDefaults.mapping.name(field) != nil && (field != .kind || refunds == .kind) {
        found.append(Finding(key, "null", field == .amount ? "quantity × unit_price" : choice.leftOut[field] ?? "no column for it", .sure))
      }
    }
    return found + [nullsFinding].compactMap { $0 }
  }

  private func finding(_ key: String, _ field: TransactionField, _ chosen: ColumnChoice.Chosen) -> Finding {
    let profile = chosen.profile
    var certainty = Finding.Certainty.sure, evidence = "by its name"
    if chosen.isGiven { evidence = "as asked" } else if chosen.score == 0 { (certainty, evidence) = (.uncertain, "by its values") }
    if rowCount > 0 { evidence += "; " + contents(field, profile) }
    if let doubt = chosen.doubt { (certainty, evidence) = (.uncertain, evidence + "; " + doubt) }
    let other = chosen.isGiven ? nil : chosen.otherwise ?? chosen.rival.map { "column \(SniffText.shown($0))" }
    if other != nil && [.transactionID, .customerID, .occurredAt, .amount, .quantity, .unitPrice].contains(field) {
      certainty = .uncertain
    }
    if rowCount == 0 { (certainty, evidence) = (.uncertain, evidence + " alone: there are no rows") }
    return Finding(key, columnText(field, profile), evidence, certainty, otherwise: other)
  }

  private func contents(_ field: TransactionField, _ profile: ColumnProfile) -> String {
    func of(_ count: Int, _ noun: String) -> String { Self.share(count, profile.values, noun) }
    let missing = profile.empty > 0 ? ", \(PageText.grouped(Int64(profile.empty))) rows without" : ""
    switch field {
    case .occurredAt, .updatedAt:
      return of(times[field].flatMap { format in profile.times.candidates.first { $0.format == format }?.fitting } ?? 0, "are times")
        + missing
    case .amount, .quantity, .unitPrice, .discount, .cost:
      return of(fitting(field, profile, columnNumbers[field] ?? numbers), "are numbers") + missing
    default: return "\(PageText.grouped(Int64(profile.distinct))) distinct in \(PageText.grouped(Int64(profile.values)))" + missing
    }
  }

  /// The column's name, or the long form where it differs from the others.
  private func columnText(_ field: TransactionField, _ profile: ColumnProfile) -> String {
    let name = SniffText.scalar(name(profile))
    var parts = ["column: \(name)"]
    if let format = columnNumbers[field] { parts += SniffText.differences(format, from: numbers) }
    if field == .updatedAt, let own = times[.updatedAt], let main = times[.occurredAt], own != main {
      parts.append("format: \(SniffText.scalar(own.text))")
    }
    return parts.count > 1 ? "{" + parts.joined(separator: ", ") + "}" : name
  }

  private var nullsFinding: Finding? {
    if nulls.isEmpty { return nil }
    let rows = choice.chosen.values.reduce(0) { $0 + $1.profile.nulls.values.reduce(0, +) }
    return Finding(
      "nulls", "[" + nulls.map { Pipeline.quoted($0) }.joined(separator: ", ") + "]",
      "\(PageText.grouped(Int64(rows))) values stand for nothing")
  }
}
