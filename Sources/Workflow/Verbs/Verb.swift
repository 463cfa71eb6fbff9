import Buffers
import Columns
import Logging

/// What all commands share.
package enum Verb {
  /// The process's exit code after `body`; its error is reported on standard error.
  package static func exitCode(_ body: () throws(PipelineError) -> Void) -> Int32 {
    do throws(PipelineError) {
      try body()
      return 0
    } catch {
      Streams.report(error)
      return error.exit.rawValue
    }
  }

  static func logger(_ invocation: Invocation, runID: String) -> Logger {
    var log = Logger(label: "holdfast") { _ in
      StandardErrorLog(level: invocation.isQuiet ? .error : .notice, isJSON: invocation.logsJSON)
    }
    if invocation.logsJSON { log[metadataKey: "run_id"] = "\(runID)" }
    return log
  }
}
