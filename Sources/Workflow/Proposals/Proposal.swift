import Columns
import Dumps

/// What a pipeline file may say of dumps: the text to paste, tried out on the sample.
struct Proposal {
  let sniffer: Sniffer
  /// As the pipeline file names the dumps.
  let patterns: [String]
  let pipeline: Pipeline
  let trial: Trial

  /// - Parameter patterns: how the pipeline file is to name the dumps.
  /// - Throws: 65 or 66 for dumps that cannot be read, 64 for wishes that make no sense.
  init(_ paths: [String], patterns: [String], _ options: SniffOptions) throws(PipelineError) {
    let sniffer = try Sniffer(paths, options)
    self.sniffer = sniffer
    self.patterns = patterns
    let text = Self.feed(sniffer, patterns).joined(separator: "\n") + "\n"
    do {
      pipeline = try Pipeline(file: "proposal.yaml", bytes: Array(text.utf8))
    } catch {
      throw PipelineError(.internalError, "the proposal is no pipeline file", details: error.details)
    }
    trial = try Trial(pipeline, sniffer.dumps.sampled.map(\.path), textBytes: sniffer.dumps.bytesPerDump)
  }

  /// Findings that a person has to look at.
  var uncertain: [Finding] { sniffer.findings.filter { $0.certainty == .uncertain } }

  // MARK: text

  /// The section `feeds`, with the evidence as comments.
  var feed: [String] { heading + Self.feed(sniffer, patterns) }

  /// What was looked at and what came of it, as comments.
  var heading: [String] {
    let dumps = sniffer.dumps, bytes = dumps.sampled.reduce(0) { $0 + $1.bytesRead }
    let isWhole = dumps.sampled.allSatisfy(\.isWhole) && dumps.sampled.count == dumps.paths.count
    let which =
      dumps.paths.count == 1
      ? "the dump"
      : dumps.sampled.count < dumps.paths.count ? "\(dumps.sampled.count) of \(dumps.paths.count) dumps" : "\(dumps.paths.count) dumps"
    let part = isWhole ? "all \(PageText.bytes(Int64(bytes))) of \(which)" : "the first \(PageText.bytes(Int64(bytes))) of text of \(which)"
    var lines = PageText.wrapped("Proposed by holdfast from \(part). Trial: \(trial.counts).", 76)
    if trial.rowsLoaded > 0 { lines += PageText.wrapped(trial.sums(pipeline.transactions.currency), 76) }
    if !uncertain.isEmpty {
      lines += PageText.wrapped("Uncertain, so look at: " + Set(uncertain.map(\.key)).sorted().joined(separator: ", "), 76)
    }
    return lines.map { "# " + $0 }
  }

  static func feed(_ sniffer: Sniffer, _ patterns: [String]) -> [String] {
    let path = "feeds.transactions"
    var lines = ["feeds:", "  transactions:"]
    for key in PipelineKeys.sections[path] ?? [] {
      if key == "dumps" {
        lines += ["    dumps: [" + patterns.map { Pipeline.quoted($0) }.joined(separator: ", ") + "]"]
        continue
      }
      lines += sniffer.findings.filter { $0.key == key }.flatMap { self.lines($0, key, indent: 4) }
      guard let members = PipelineKeys.sections["\(path).\(key)"] else { continue }
      let inner = members.flatMap { member in
        sniffer.findings.filter { $0.key == "\(key).\(member)" }.flatMap { self.lines($0, member, indent: 6) }
      }
      if !inner.isEmpty { lines += ["    \(key):"] + inner }
    }
    return lines
  }

  /// A key with its evidence: beside it where both fit a line of 80 characters, else above it.
  private static func lines(_ finding: Finding, _ key: String, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent), line = margin + (finding.isHint ? "# " : "") + "\(key): \(finding.value)"
    let comment = finding.comment
    if line.count + 4 + comment.count <= 80 {
      // Comments stand under each other where they can.
      return [PageText.atLeft(line, max(line.count + 2, min(32, 78 - comment.count))) + "# " + comment]
    }
    return PageText.wrapped(comment, 78 - indent).map { margin + "# " + $0 } + [line]
  }
}

extension Proposal: Encodable {
  private enum Key: String, CodingKey { case dumps, sampledDumps, sampledBytes, isWhole, rows, findings, uncertain, trial, yaml }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(sniffer.dumps.paths, forKey: .dumps)
    try container.encode(sniffer.dumps.sampled.map(\.path), forKey: .sampledDumps)
    try container.encode(sniffer.dumps.sampled.reduce(0) { $0 + $1.bytesRead }, forKey: .sampledBytes)
    try container.encode(sniffer.dumps.sampled.allSatisfy(\.isWhole), forKey: .isWhole)
    try container.encode(sniffer.rowCount + sniffer.table.misfits, forKey: .rows)
    try container.encode(sniffer.findings, forKey: .findings)
    try container.encode(Set(uncertain.map(\.key)).sorted(), forKey: .uncertain)
    try container.encode(trial, forKey: .trial)
    try container.encode(feed.joined(separator: "\n") + "\n", forKey: .yaml)
  }
}
