import Buffers
import Columns
import Foundation
import Synchronization

package struct PopulationProgress: Sendable {
  package var rowsWritten: Int
  package var rowsTotal: Int
}

/// Writes the dumps `tx-0.csv.gz`, …, of a model also `truth/customers.csv.gz`, and then `truth.json` into `directory`, which is made where it is missing.
///
/// Each file appears whole or not at all; `truth.json` comes last, so a folder that has it is complete.
/// - Parameter progress: called now and then, from any thread, one call at a time.
/// - Throws: `usage` for options out of range or files that would be overwritten, `inputOutput` for what the system refuses.
package func generate(
  _ options: PopulationOptions, into directory: String, progress: (@Sendable (PopulationProgress) -> Void)? = nil
) throws(PipelineError) -> GeneratedPopulation {
  let plan = try PopulationPlan(options, processors: ProcessInfo.processInfo.activeProcessorCount)
  let digits = String(plan.files - 1).utf8.count
  let names = (0..<plan.files).map { "tx-" + String(repeating: "0", count: digits - String($0).utf8.count) + "\($0).csv.gz" }
  do {
    try clear(directory, overwrite: plan.overwrite)
    let feed = try TransactionFeed(plan)
    let truths = try writeDumps(of: feed, to: names.map { directory + "/" + $0 }, progress: progress)
    if let buyers = feed.buyers, let model = plan.model {
      try makeFolder(directory + "/" + truthFolder, mode: 0o750)
      try buyers.writeTruth(model, plan, customerDigits: feed.customerDigits, to: directory + "/" + truthFileName)
    }
    let population = GeneratedPopulation(
      directory: directory, customers: plan.customers, aliveAtEnd: feed.buyers?.buyers.count(where: \.isAlive), names: names,
      truths: truths)
    let truth = try OutputFile(path: directory + "/truth.json", mode: 0o640)
    try truth.write(Array(population.json(feed).utf8))
    try truth.publish()
    return population
  } catch let fault as SystemFault {
    throw PipelineError(.inputOutput, fault.description, fix: "see that \(directory) can be written and its disk has room, then run again")
  } catch let error as PipelineError {
    throw error
  } catch {
    throw PipelineError(.internalError, "generating failed: \(error)")
  }
}

/// Makes the folder; removes an older population, of whatever number of files, or refuses to.
private func clear(_ directory: String, overwrite: Bool) throws {
  try makeFolder(directory, mode: 0o750)
  let present = try folderNames(directory).filter { $0 == "truth.json" || isDumpName($0) }
  guard let first = present.first else { return }
  guard overwrite else {
    throw PipelineError(
      .usage, "\(directory) holds \(first) already",
      fix: "name another directory, or give --overwrite to replace the population that stands there")
  }
  // The truth goes first: without it the folder is no complete population.
  for name in ["truth.json", truthFileName] + present { try removeFile(directory + "/" + name) }
}

private func isDumpName(_ name: String) -> Bool {
  guard name.hasPrefix("tx-"), name.hasSuffix(".csv.gz") else { return false }
  let number = name.dropFirst(3).dropLast(7)
  return !number.isEmpty && number.allSatisfy { $0.isASCII && $0.isNumber }
}

/// What a dump holds does not depend on who writes it, nor when.
private func writeDumps(
  of feed: TransactionFeed, to paths: [String], progress: (@Sendable (PopulationProgress) -> Void)?
) throws(SystemFault) -> [DumpTruth] {
  let written = Mutex(0)
  let hasFailed = Atomic(false)
  let outcomes = parallelMap(paths.count, threads: feed.plan.threads) { file -> Result<DumpTruth, SystemFault>? in
    // A full disk fails every dump: those that have not begun need not try.
    if hasFailed.load(ordering: .relaxed) { return nil }
    let outcome = Result { () throws(SystemFault) in
      try feed.writeDump(file, to: paths[file]) { lines in
        written.withLock {
          $0 += lines
          progress?(PopulationProgress(rowsWritten: $0, rowsTotal: feed.lineCount))
        }
      }
    }
    if case .failure = outcome { hasFailed.store(true, ordering: .relaxed) }
    return outcome
  }
  for case .failure(let fault)? in outcomes { throw fault }
  return outcomes.compactMap { try? $0?.get() }
}
