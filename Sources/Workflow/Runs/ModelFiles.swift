import Buffers
import Columns
import Crypto
import Foundation
import Scores

/// `STATE/models/<as-of>_<run-id>.json`: the parameters that each run fitted, so that other nights can be scored with
/// them, and how its customers were spread over the columns, so that other nights can be compared with it.
struct ModelFiles {
  private let folder: String

  init(_ state: StateFolder) { folder = state.models }

  struct Name {
    var asOf: Day
    var runID: String

    var file: String { "\(asOf)_\(runID).json" }
    /// The trees of a learned churn model, where it has some.
    var treesFile: String { "\(asOf)_\(runID).trees" }
  }

  /// What stands in a file.
  private struct Contents: Codable {
    var schemaVersion = 1
    var asOf: String
    var runId: String
    var currency: String
    var models: [ModelRecord]
    var learned: LearnedChurn?
    var risk: RiskSource?
    var population: FitPopulation?
    /// SHA-256 of the trees, which a file beside this one holds.
    var treesSha256: String?
  }

  /// By as-of day and run, the newest first.
  /// - Throws: 65 for a JSON file that is not named as ours are.
  func names() throws(PipelineError) -> [Name] {
    guard StateFolder(folder).exists else { return [] }
    let files: [String]
    do { files = try folderNames(folder) } catch {
      throw PipelineError(.inputOutput, "\(error)", fix: "make the state folder readable for this user")
    }
    var names: [Name] = []
    for file in files.reversed() where file.hasSuffix(".json") {
      let parts = file.dropLast(5).split(separator: "_", maxSplits: 1)
      guard parts.count == 2, let day = Day(String(parts[0])) else { throw foreign(file, "its name is not YYYY-MM-DD_RUN.json") }
      names.append(Name(asOf: day, runID: String(parts[1])))
    }
    return names
  }

  /// - Throws: 65 for a file that is damaged, of another version or not ours.
  func read(_ name: Name) throws(PipelineError) -> FittedModels {
    let bytes: [UInt8]?
    do { bytes = try SmallFile.read(folder + "/" + name.file, bytesMax: 4 << 20) } catch {
      throw PipelineError(.badInput, "\(error)", fix: "make it readable for this user, or remove it")
    }
    guard let bytes, let found = SealedJSON.decode(Contents.self, from: bytes) else {
      throw foreign(name.file, "it is damaged, or holds no fitted models")
    }
    guard found.schemaVersion == 1 else {
      throw foreign(name.file, "it was written in version \(found.schemaVersion), this holdfast reads version 1")
    }
    var learned = found.learned
    if learned?.trees != nil { learned?.trees?.bytes = Data(try trees(name, sha256: found.treesSha256)) }
    var models = FittedModels(asOf: name.asOf, currency: found.currency, models: found.models, learned: learned)
    (models.risk, models.population) = (found.risk, found.population)
    guard Day(found.asOf) == name.asOf, found.runId == name.runID, models.isSound else {
      throw foreign(name.file, "its day, its run or its parameters can not be right")
    }
    return models
  }

  private func trees(_ name: Name, sha256: String?) throws(PipelineError) -> [UInt8] {
    let bytes: [UInt8]?
    do { bytes = try SmallFile.read(folder + "/" + name.treesFile, bytesMax: 256 << 20) } catch {
      throw PipelineError(.badInput, "\(error)", fix: "make it readable for this user, or remove \(name.file)")
    }
    guard let bytes, Self.sha256(bytes) == sha256 else {
      throw foreign(name.treesFile, "it is missing or damaged, and \(name.file) needs it")
    }
    return bytes
  }

  private static func sha256(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private func foreign(_ file: String, _ reason: String) -> PipelineError {
    PipelineError(.badInput, "\(folder)/\(file): \(reason)", fix: "restore it from a backup, or remove it")
  }

  /// The newest fit of all that is wanted, by the model of purchases that is asked for, in this currency, that is allowed by its day.
  func newest(_ wanted: WantedValues, currency: String, where isAllowed: (Day) -> Bool) throws(PipelineError) -> FittedModels? {
    for name in try names() where isAllowed(name.asOf) {
      let models = try read(name)
      if models.isFit(for: wanted), models.currency == currency { return models }
    }
    return nil
  }

  func write(_ models: FittedModels, runID: String) throws(PipelineError) {
    try StateFolder.make(folder)
    let name = Name(asOf: models.asOf, runID: runID)
    var learned = models.learned
    let trees = learned?.trees.map { Array($0.bytes) }
    learned?.trees?.bytes = Data()
    let contents = Contents(
      asOf: models.asOf.description, runId: runID, currency: models.currency, models: models.models,
      learned: learned, risk: models.risk, population: models.population, treesSha256: trees.map(Self.sha256))
    do {
      // What a killed run left: the lock is ours.
      for file in try folderNames(folder) where file.hasSuffix(".tmp") { try removeFile(folder + "/" + file) }
      if let trees { try SmallFile.replace(folder + "/" + name.treesFile, with: trees) }
      try SmallFile.replace(folder + "/" + name.file, with: SealedJSON.encode(contents))
    } catch {
      throw PipelineError(.inputOutput, "\(error)", fix: "make room and write permission in the state folder, then run again")
    }
  }
}
