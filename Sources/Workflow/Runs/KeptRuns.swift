import Foundation

extension Job {
  /// Removes the records of all runs but the newest `runs_keep`. What is not named as runs are is left alone, and a record that cannot be
  /// removed stops no night.
  func pruneRuns() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: state.runs)) ?? []
    let runs = names.filter { $0.wholeMatch(of: /[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}/) != nil }.sorted(by: >)
    for run in runs.dropFirst(pipeline.runsKeep) {
      do { try FileManager.default.removeItem(atPath: state.runs + "/" + run) } catch {
        log.warning("\(state.runs)/\(run): cannot be removed, though runs_keep is \(pipeline.runsKeep): \(error.localizedDescription)")
      }
    }
  }
}
