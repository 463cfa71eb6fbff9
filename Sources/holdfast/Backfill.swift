import ArgumentParser
import Workflow

struct Backfill: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compute days that lie before the newest published one, for the dated tables only.",
    usage: "holdfast backfill <pipeline> --from <day> [<options>]",
    discussion: """
      Writes churn_metrics, cohorts, segment_history, models and segment_changes as of each day, one transaction a day; customers and
      segments stay as they are. Reads the event store only: late rows that it holds by now are counted in.

      EXAMPLES
        holdfast backfill pipelines/nightly.yaml --from 2024-12-05 --to 2024-12-05
        holdfast backfill pipelines/nightly.yaml --from 2024-01-01 --missing
        holdfast backfill pipelines/nightly.yaml --from 2020-01-31 --every month --dry-run
      """)

  @OptionGroup var options: PipelineOptions
  @OptionGroup var output: DatabaseOptions

  @Option(help: ArgumentHelp("The first day.", valueName: "YYYY-MM-DD"))
  var from: String

  @Option(help: ArgumentHelp("The last day; default: the day before the newest published one.", valueName: "YYYY-MM-DD"))
  var to: String?

  @Option(help: ArgumentHelp("Which days: every 1d, every 7d from the first on, or the last of each month.", valueName: "1d|7d|month"))
  var every = "1d"

  @Flag(help: "Leave out days that the dated tables hold already.")
  var missing = false

  @Flag(help: "List the days; change nothing.")
  var dryRun = false

  func run() throws {
    var invocation = options.invocation
    invocation.database = output.database
    invocation.isDryRun = dryRun
    throw ExitCode(invocation.backfill(BackfillDays(from: from, to: to, every: every, missingOnly: missing)))
  }
}
