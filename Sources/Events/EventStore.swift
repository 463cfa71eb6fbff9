import Buffers
import Columns
import Dispatch
import Dumps
import Synchronization

/// The events of all dumps: `STATE/events/<feed>/<sha>.seg`, and `STATE/catalog.sqlite`, which says which of them count.
///
/// Segments that this process made are readable at once; they become durable, and part of the catalog, in the background, in the order
/// of their dumps. `waitUntilCommitted` stands between that and anything that is published from them.
package final class EventStore: Sendable {
  package let directory: String
  package let parameters: StoreParameters
  package let zone: ZoneTable
  let key: HashKey
  let catalog: Catalog
  let folder: String

  struct Contents {
    var entries: [Catalog.Entry]
    var names: [String: Catalog.Name]
    /// By the name of the segment.
    var readers: [String: SegmentReader] = [:]
    /// Of loads that this process made, by SHA-256.
    var rejects: [String: [Reject]] = [:]
    var fault: PipelineError?
  }
  let contents: Mutex<Contents>
  /// One at a time, in order: fsync, rename, catalog.
  let committer = DispatchQueue(label: "holdfast.commit", qos: .userInitiated)

  package static let feed = "transactions"

  /// Opens the store, creating it where there is none, and sweeps what an interrupted run left behind.
  /// - Throws: 78 when the pipeline file asks for another number of buckets or time zone than the store was made with.
  package static func open(directory: String, parameters: StoreParameters) throws(PipelineError) -> EventStore {
    try EventStore(directory, parameters)
  }

  private init(_ directory: String, _ wanted: StoreParameters) throws(PipelineError) {
    self.directory = directory
    folder = directory + "/events/" + Self.feed
    guard let zone = ZoneTable(name: wanted.timeZone) else {
      throw PipelineError(
        .badPipeline, "time_zone: \(wanted.timeZone.debugDescription) is no known zone", fix: "use an IANA name such as Europe/Berlin")
    }
    self.zone = zone
    do { try makeFolder(folder) } catch { throw storeFault(error) }
    catalog = try Self.openCatalog(directory, folder)
    (parameters, key) = try catalog.parameters(wanted)
    guard parameters == wanted else {
      var differences: [String] = []
      if parameters.bucketCount != wanted.bucketCount {
        differences.append("store.buckets: the store has \(parameters.bucketCount), asked for \(wanted.bucketCount)")
      }
      if parameters.timeZone != wanted.timeZone {
        differences.append("time_zone: the store has \(parameters.timeZone), asked for \(wanted.timeZone)")
      }
      throw PipelineError(
        .badPipeline, "\(directory): fixed when the store was made, and now different", details: differences,
        fix: "put the old values back, or load all dumps into a new state folder")
    }
    contents = Mutex(Contents(entries: try catalog.entries(), names: try catalog.names(feed: Self.feed)))
    try sweep()
  }

  /// Without a catalog no segment counts, and all would be swept, also those whose dumps are long gone.
  private static func openCatalog(_ directory: String, _ folder: String) throws(PipelineError) -> Catalog {
    let path = directory + "/catalog.sqlite", isLost: Bool
    do throws(SystemFault) {
      let names = try folderNames(folder)
      isLost = try FileIdentity.of(path) == nil && names.contains { $0.hasSuffix(".seg") }
    } catch { throw storeFault(error) }
    if isLost {
      throw PipelineError(.badInput, "catalog \(path): there is no such file, though \(folder) holds segments", fix: CatalogSeal.fix)
    }
    return try Catalog(path: path)
  }

  /// Removes files that no row of the catalog names: what an interrupted run left.
  private func sweep() throws(PipelineError) {
    let known = Set(contents.withLock { $0.entries.map(\.segment) })
    do throws(SystemFault) {
      for name in try folderNames(folder) where !known.contains(name) && (name.hasSuffix(".seg") || name.hasSuffix(".tmp")) {
        try removeFile(folder + "/" + name)
      }
    } catch { throw storeFault(error) }
  }

  /// Returns when every segment made so far is durable and in the catalog.
  package func waitUntilCommitted() throws(PipelineError) {
    committer.sync {}
    if let fault = contents.withLock({ $0.fault }) { throw fault }
    try catalog.sealAnew()
  }

  /// Loads in the order of their paths, repaired rejects counted as loaded with their dump; duplicates are not known here (0): `transform`
  /// counts them.
  package func loads() throws(PipelineError) -> [LoadRecord] {
    let entries = contents.withLock { $0.entries }
    var loads = entries.filter { $0.repairs == nil }.map(\.load).sorted { ($0.path, $0.sha256) < ($1.path, $1.sha256) }
    for repair in entries {
      if let i = loads.firstIndex(where: { $0.sha256 == repair.repairs }) { loads[i].countAsLoaded(repair.load) }
    }
    return loads
  }

  package func rejects() throws(PipelineError) -> [RejectRecord] {
    let (fresh, entries) = contents.withLock { ($0.rejects, $0.entries) }
    // The catalog may still hold what is withdrawn, until the committer has come that far.
    let counted = Set(entries.map(\.load.sha256))
    var all = try catalog.rejects().filter { fresh[$0.sha256] == nil && counted.contains($0.sha256) }
    for entry in entries {
      for reject in fresh[entry.load.sha256] ?? [] {
        all.append(RejectRecord(feed: entry.load.feed, path: entry.load.path, sha256: entry.load.sha256, reject: reject))
      }
    }
    return all.sorted { ($0.path, $0.sha256, $0.reject.line) < ($1.path, $1.sha256, $1.reject.line) }
  }

  /// Of any event that counts, in seconds since 1970, UTC.
  package func newestEventAt() throws(PipelineError) -> Int64? {
    contents.withLock { $0.entries.compactMap(\.load.lastEventAt).max() }
  }

  /// Checks every block of every segment, and the catalog; one line a problem.
  package func verify(threads: Int) throws(PipelineError) -> [String] {
    let loads = loadsBySegment, names = loads.keys.sorted()
    let problems = parallelMap(names.count, threads: threads) { self.problems(ofSegment: names[$0], loads[names[$0]] ?? []) }
    return problems.flatMap { $0 } + (try catalog.problems())
  }
}
