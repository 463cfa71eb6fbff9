import ArgumentParser
import Workflow

struct Publish: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write features and scores to the SQLite database, in one transaction.",
    usage: "holdfast publish <pipeline> [<options>]",
    discussion: """
      With as_of: latest, the newest features are taken.

      EXAMPLES
        holdfast publish pipelines/nightly.yaml
        holdfast publish pipelines/nightly.yaml --as-of 2025-01-01 --database /tmp/out.sqlite
      """)

  @OptionGroup var options: PipelineOptions
  @OptionGroup var day: DayOptions
  @OptionGroup var look: DryRunOptions
  @OptionGroup var output: DatabaseOptions

  func run() throws {
    var invocation = options.invocation
    invocation.asOf = day.asOf
    invocation.isDryRun = look.dryRun
    invocation.database = output.database
    throw ExitCode(invocation.publish())
  }
}
