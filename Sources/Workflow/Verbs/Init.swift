import Buffers
import Columns
import Dumps

/// What `init` is asked for.
package struct InitOptions: Sendable {
  /// Files, or patterns of them, from the current folder.
  package var dumps: [String]
  package var sniff = SniffOptions()
  /// The file to write; nil: NAME.yaml in the current folder.
  package var out: String?
  package var name: String?
  package var replaces = false
  package var isDryRun = false

  package init(dumps: [String]) { self.dumps = dumps }
}

/// Writes a whole pipeline file for dumps, whole or not at all.
/// - Returns: 0; 1 where no row of the sample would be loaded; 64 where the file is there already; 65, 66 and 74 as the errors say.
package func initPipeline(_ options: InitOptions) -> Int32 {
  Verb.exitCode { () throws(PipelineError) in
    let paths = try Globs.expand(options.dumps)
    let name = options.name ?? InitText.name(for: paths.first ?? "shop")
    let out = options.out ?? name + ".yaml"
    if !options.isDryRun && !options.replaces { try refuseExisting(out) }
    var sniff = options.sniff
    // The file says the zone once, for days and for clocks.
    sniff.zone = nil
    try options.sniff.check()
    let patterns = InitText.patterns(options.dumps, paths).map { Paths.relative($0, to: Paths.parent(out)) }
    let proposal = try Proposal(paths, patterns: patterns, sniff)
    let text = InitText.file(proposal, name: name, zone: options.sniff.zone, out: out)
    try InitText.check(text, out)
    proposal.report()
    try proposal.requireRows()
    if options.isDryRun { return try Streams.output(text) }
    do { try SmallFile.replace(out, with: Array(text.utf8), mode: 0o644) } catch {
      throw PipelineError(.inputOutput, "\(error)", fix: "make its folder, or name another file with --out")
    }
    try Streams.output("wrote \(out)\nnext: holdfast validate \(ShellText.quoted(out)) && holdfast run \(ShellText.quoted(out))\n")
  }
}

private func refuseExisting(_ path: String) throws(PipelineError) {
  guard PathKind(of: path) != .missing else { return }
  throw PipelineError(.usage, "\(path): there is such a file already", fix: "name another one with --out, or replace it with --force")
}

/// The text of a new pipeline file.
enum InitText {
  /// The first dump's name without its endings, in letters that a folder may bear.
  static func name(for path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? ""
    let stem = file.prefix { $0 != "." }.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? String($0) : "-" }
      .joined()
    return stem.contains { $0 != "-" } ? stem : "shop"
  }

  /// Patterns as they were given; of several files of one folder one pattern, where it means just them.
  static func patterns(_ given: [String], _ paths: [String]) -> [String] {
    guard given.count > 1, given == paths, let first = paths.first else { return given }
    let folder = Paths.parent(first), name = first.split(separator: "/").last.map(String.init) ?? ""
    guard let dot = name.firstIndex(of: ".") else { return given }
    let pattern = (folder == "." && !first.hasPrefix("./") ? "" : folder + "/") + "*" + name[dot...]
    let found = try? Globs.expand([pattern])
    return found.map { Set($0) == Set(paths) } == true ? [pattern] : given
  }

  static func file(_ proposal: Proposal, name: String, zone: String?, out: String) -> String {
    // Beside the file; a folder of pipelines keeps them out of itself.
    let base = Paths.parent(out).split(separator: "/").last == "pipelines" ? "../" : ""
    var lines =
      proposal.heading + [
        "# pipelines/nightly.yaml of holdfast shows every key with its default.", "",
        "name: \(SniffText.scalar(name))",
        "as_of: latest                   # results stand for the newest transaction's day",
        "time_zone: \(zone ?? "UTC")  # where days begin and end\(zone == nil ? "; fixed with the first run" : "")",
        "state: \(SniffText.scalar(base + "state/" + name))  # the event store and the records of runs", "",
      ]
    lines += Proposal.feed(proposal.sniffer, proposal.patterns)
    lines += [
      "    rejects: {rows_max: 0}      # more rejected rows in a dump stop the night",
      "    settle: 5m                  # a dump modified within it may still be growing",
      "    allow_empty: false          # true: nights without a row are real",
      "    on_schema_change: evolve    # freeze: a column that is new stops the night",
      "    # freshness: {warn: 36h, fail: 72h}", "",
      "churn: {horizon: auto}          # lost after twice the customer's own rhythm", "",
      "output:", "  database: \(SniffText.scalar(base + "output/" + name + ".sqlite"))",
      "  mode: \"0640\"                  # who may read the results", "",
      "publish: {columns: all}         # of customers",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  static func check(_ text: String, _ out: String) throws(PipelineError) {
    do { _ = try Pipeline(file: out, bytes: Array(text.utf8)) } catch {
      // A name with line breaks, or dumps in a folder of such a name.
      throw PipelineError(.usage, "no pipeline file can say this", details: error.details, fix: "choose another --name or other paths")
    }
  }
}
