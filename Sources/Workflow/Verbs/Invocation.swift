import Columns

/// What the command line asks for, beyond the pipeline file.
package struct Invocation: Sendable {
  package var pipelineFile: String
  /// `latest` or `YYYY-MM-DD`; nil: as the pipeline file says.
  package var asOf: String?
  package var threads: Int?
  /// A run whose fitted models are to be used.
  package var model: String?
  package var state: String?
  package var database: String?
  /// Patterns in place of the pipeline file's, from the current folder.
  package var dumps: [String] = []
  package var replace = false
  package var reload = false
  package var rebuild = false
  package var allowSameText = false
  package var showValues = false
  /// How long a dump must have been left alone, in place of the pipeline file's.
  package var settle: String?
  /// The first stage to run; nil: extract.
  package var from: String?
  /// A file of repaired rejects to feed back.
  package var rejects: String?
  package var isDryRun = false
  package var isJSON = false
  package var isQuiet = false
  package var logsJSON = false

  package init(pipelineFile: String) { self.pipelineFile = pipelineFile }

  /// The pipeline with the command line's wishes in place of its own.
  /// - Throws: what `Pipeline.init(file:)` throws, and 64 for a flag that makes no sense.
  package func pipeline() throws(PipelineError) -> Pipeline {
    var pipeline = try Pipeline(file: pipelineFile)
    if let asOf {
      guard asOf == "latest" || Day(asOf) != nil else {
        throw PipelineError(
          .usage, "--as-of: expected latest or a day as YYYY-MM-DD, found '\(asOf)'", fix: "write it as in --as-of 2025-01-01")
      }
      pipeline.asOf = Day(asOf).map { .day($0) } ?? .latest
    }
    if let threads {
      guard (0...1024).contains(threads) else {
        throw PipelineError(.usage, "--threads: expected a whole number from 0 to 1024, found \(threads)", fix: "0 takes all cores")
      }
      pipeline.threads = threads
    }
    if let settle {
      guard let seconds = Settle.seconds(settle) else {
        throw PipelineError(.usage, "--settle: expected \(Settle.expected), found '\(settle)'", fix: "write it as in --settle 5m")
      }
      pipeline.transactions.checks.settleSeconds = seconds
    }
    if let state { pipeline.state = PipelinePath(fromHere: state) }
    if let database { pipeline.database = PipelinePath(fromHere: database) }
    if !dumps.isEmpty { pipeline.transactions.dumps = dumps.map { PipelinePath(fromHere: $0) } }
    return pipeline
  }
}
