import Buffers
import Columns
import Synchronization

extension EventStore {
  struct FirstLook: Sendable {
    var path: String
    var identity: FileIdentity?
    /// nil: to be read.
    var outcome: DumpOutcome?
    /// SHA-256 of the dump that this one takes the place of.
    var replaces: String?
    /// Of the load that this file was, for the check of its mapping.
    var knownMapping: String?
    var notes: [String] = []
    var needsReading: Bool { outcome == nil }
  }

  /// What can be said of a dump by its name, its size and, where those are known, its SHA-256.
  func firstLook(
    _ path: String, _ options: ExtractOptions, _ mapping: String, damaged: Set<String>
  ) throws(PipelineError) -> FirstLook {
    var look = FirstLook(path: path)
    func failed(_ error: PipelineError) -> FirstLook {
      look.outcome = DumpOutcome(path: path, kind: .failed, load: nil, rejects: [], error: error)
      return look
    }
    do throws(SystemFault) {
      guard let (identity, isRegular) = try FileIdentity.of(path) else {
        return failed(PipelineError(.noInput, "\(path): there is no such file", fix: "check feeds.transactions.dumps"))
      }
      look.identity = identity
      guard isRegular else {
        return failed(
          PipelineError(.badInput, "\(path): expected a regular file, found a folder, a device or a pipe", fix: "name dumps only"))
      }
      let (name, entries) = contents.withLock { ($0.names[path], $0.entries) }
      let known = name.flatMap { name in entries.first { $0.load.sha256 == name.sha256 } }
      look.knownMapping = known?.mapping
      if let known, name?.identity == identity {
        if damaged.contains(known.load.sha256)
          || known.mapping != options.mappingText(mapping, ofLoaded: known.mapping) && options.reload
        {
          look.replaces = known.load.sha256
        } else {
          look.outcome = DumpOutcome(path: path, kind: .unchanged, load: known.load, rejects: [], error: nil)
        }
        return look
      }
      if let reason = options.checks.unsettled(identity, notes: &look.notes) {
        look.outcome = DumpOutcome(path: path, kind: .unsettled, load: nil, rejects: [], error: nil)
        look.outcome?.notes = [reason]
        return look
      }
      // Same size as some load, or a known name with a new face: worth a look at the bytes before they are parsed.
      guard known != nil || entries.contains(where: { $0.load.fileBytes == identity.byteCount }) else { return look }
      let sha256 = try InputFile.sha256(of: path)
      if let same = entries.first(where: { $0.load.sha256 == sha256 }) {
        look.knownMapping = same.mapping
        if damaged.contains(sha256) || same.mapping != options.mappingText(mapping, ofLoaded: same.mapping) && options.reload {
          look.replaces = sha256
          return look
        }
        rememberName(path, Catalog.Name(sha256: sha256, identity: identity))
        look.outcome = DumpOutcome(path: path, kind: .sameBytes(as: same.load.path), load: same.load, rejects: [], error: nil)
      } else if let known {
        guard options.replace else {
          return failed(
            PipelineError(
              .badInput, "\(path): loaded before with other bytes", details: ["loaded: SHA-256 \(known.load.sha256)", "now: \(sha256)"],
              fix: "give new dumps new names, or run `extract --replace` to withdraw the old rows"))
        }
        look.replaces = known.load.sha256
      }
      return look
    } catch {
      return failed(PipelineError(.inputOutput, error.description, fix: "check the file and its rights, then run again"))
    }
  }

  func checkMapping(_ looks: [FirstLook], _ mapping: String, _ options: ExtractOptions) throws(PipelineError) {
    if options.reload { return }
    for look in looks {
      guard let known = look.knownMapping else { continue }
      let now = options.mappingText(mapping, ofLoaded: known)
      if known == now { continue }
      let old = Set(known.split(separator: "\n")), new = Set(now.split(separator: "\n"))
      let keys = Set(old.symmetricDifference(new).map { $0.prefix { $0 != "=" } }).sorted()
      throw PipelineError(
        .badPipeline, "\(look.path) was loaded with another mapping of its feed",
        details: ["changed: " + Self.named(keys)],
        fix: "put the old values back, or run `extract --reload` to read such dumps again")
    }
  }

  private static func named(_ keys: [Substring]) -> String {
    let names = keys.map { ($0.hasPrefix("rates.") ? "feeds." : "feeds.transactions.") + $0 }
    return names.prefix(20).joined(separator: ", ") + (names.count > 20 ? " and \(names.count - 20) more" : "")
  }
}
