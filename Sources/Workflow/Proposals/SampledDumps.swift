import Buffers
import Columns
import Dumps

/// The samples of dumps of one shape, as one table.
struct SampledDumps {
  let paths: [String]
  /// Dumps that were looked at: of many, some from first to last.
  let sampled: [DumpSample]
  let bytesPerDump: Int
  let isJSON: Bool
  let delimiter: DelimiterGuess
  let table: SampleTable
  private static let dumpsMax = 32

  /// - Throws: 65 for dumps that are no tables, or of different shapes.
  init(_ paths: [String], sampleBytes: Int) throws(PipelineError) {
    self.paths = paths
    let chosen = paths.count <= Self.dumpsMax ? paths : (0..<Self.dumpsMax).map { paths[$0 * (paths.count - 1) / (Self.dumpsMax - 1)] }
    bytesPerDump = max(64 << 10, sampleBytes / max(1, chosen.count))
    var samples: [DumpSample] = []
    for path in chosen { samples.append(try DumpSample(path: path, bytesMax: bytesPerDump)) }
    sampled = samples
    isJSON = try Self.isJSON(samples)
    guard let first = samples.first else { throw PipelineError(.noInput, "no dump to look at", fix: "name a dump") }
    // The longest sample tells most of the delimiter.
    let telling = samples.max { $0.text.count < $1.text.count } ?? first
    delimiter = isJSON ? DelimiterGuess([]) : DelimiterGuess(telling.text)
    var table = SampleTable()
    for (i, sample) in samples.enumerated() {
      let next = isJSON ? SampleTable(json: sample) : SampleTable(csv: sample, delimiter)
      if isJSON { try Self.checkObjects(sample, next) } else { try Self.checkHeader(sample, next, delimiter) }
      if i == 0 {
        table = next
      } else {
        if !isJSON { try Self.checkSameShape(first.path, table, sample.path, next) }
        table.append(next)
      }
    }
    self.table = table
  }

  private static func isJSON(_ samples: [DumpSample]) throws(PipelineError) -> Bool {
    var found: [Bool] = []
    for sample in samples {
      let first = sample.text.first { ![32, 9, 10, 13].contains($0) }
      if first == UInt8(ascii: "["), sample.text.contains(UInt8(ascii: "{")) {
        throw PipelineError(
          .badInput, "\(sample.path): expected JSON Lines, found one JSON list", fix: "write one object a line, such as with jq -c '.[]'")
      }
      guard first != nil else {
        throw PipelineError(
          .badInput, "\(sample.path): expected a header row, found no text", fix: "deliver the dump again with its header")
      }
      found.append(first == UInt8(ascii: "{"))
    }
    if Set(found).count > 1, let other = found.firstIndex(of: !found[0]) {
      throw PipelineError(
        .badInput, "\(samples[other].path): \(found[other] ? "JSON" : "CSV"), though \(samples[0].path) is \(found[0] ? "JSON" : "CSV")",
        fix: "sniff dumps of one shape at a time")
    }
    return found.first ?? false
  }

  private static func checkObjects(_ sample: DumpSample, _ table: SampleTable) throws(PipelineError) {
    guard table.rowCount == 0 else { return }
    let first = sample.text.firstIndex { ![32, 9, 10, 13].contains($0) } ?? 0
    let line = Array(sample.text[first...].prefix { $0 != 10 })
    let problem = jsonProblem(line).map { "expected \($0.expected) at byte \($0.offset + 1) of the line" } ?? "expected an object a line"
    throw PipelineError(
      .badInput, "\(sample.path), line \(sample.text[..<first].count { $0 == 10 } + 1): no line is sound JSON; \(problem)",
      fix: "write one JSON object a line")
  }

  private static func checkHeader(_ sample: DumpSample, _ table: SampleTable, _ guess: DelimiterGuess) throws(PipelineError) {
    guard table.names.count > 1 else {
      throw PipelineError(
        .badInput, "\(sample.path), line 1: expected a table, found one column",
        details: ["tried as delimiters: , ; tab | ^ ~ ! # *"], fix: "name a dump of CSV or JSON Lines")
    }
    let looksLikeData = table.names.filter { isValue($0) }
    guard looksLikeData.count > 0,
      table.names.allSatisfy({ name in TransactionField.allCases.allSatisfy { FieldNames.score(name, $0) < 60 } })
    else { return }
    throw PipelineError(
      .badInput, "\(sample.path), line 1: expected a header row, found values",
      details: ["\(looksLikeData.count) of \(table.names.count) fields of the first line are numbers or times"],
      fix: "put a line with the columns' names on top: columns are found by name")
  }

  private static func isValue(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first(where: { $0 != 32 }) else { return false }
    return bytes.contains { (48...57).contains($0) } && !bytes.contains { $0 | 0x20 >= 97 && $0 | 0x20 <= 122 }
      && ((48...57).contains(first) || [45, 43, 40].contains(first) || first >= 0x80 || first == 36)
  }

  private static func checkSameShape(_ path: String, _ table: SampleTable, _ otherPath: String, _ other: SampleTable) throws(PipelineError)
  {
    let missing = table.names.filter { !other.names.contains($0) }, new = other.names.filter { !table.names.contains($0) }
    guard !missing.isEmpty || !new.isEmpty else { return }
    let parts = [missing.isEmpty ? "" : "lacks \(list(missing))", new.isEmpty ? "" : "has \(list(new))"].filter { !$0.isEmpty }
    throw PipelineError(
      .badInput, "\(otherPath), line 1: another header than that of \(path): it \(parts.joined(separator: " and "))",
      fix: "sniff dumps of one shape at a time")
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(5).map { Pipeline.quoted(String($0.prefix(40))) }.joined(separator: ", ") + (names.count > 5 ? ", …" : "")
  }
}
