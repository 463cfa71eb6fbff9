import ArgumentParser
import Workflow

struct Compact: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Merge the small segments of the event store into large ones.",
    usage: "holdfast compact <pipeline> [<options>]",
    discussion: """
      Every night leaves a segment; hundreds of small ones are slower to read than
      one. Each row keeps its dump and line, and no result changes. Needs room for
      the new segments beside the old ones. Once a month is plenty; whenever it is
      interrupted, the same command carries on.

      EXAMPLES
        holdfast compact pipelines/nightly.yaml --dry-run
        holdfast compact pipelines/nightly.yaml
      """)

  @OptionGroup var options: PipelineOptions

  @Flag(help: "Say what would be merged; change nothing.")
  var dryRun = false

  func run() throws {
    var invocation = options.invocation
    invocation.isDryRun = dryRun
    throw ExitCode(invocation.compact())
  }
}
