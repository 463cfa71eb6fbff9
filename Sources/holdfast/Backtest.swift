import ArgumentParser
import Workflow

struct Backtest: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let every model foretell what has come since, and tell how well it did.",
    usage: "holdfast backtest <pipeline> [<options>]",
    discussion: """
      Fits each model of purchases, and the learned churn model, to what was known at an origin, and measures what it foretold by what came
      in the horizon after it, beside three baselines: recency, the past rate, everyone alike. Of more than 262,144 customers it looks at one
      in two, four and so on, by a hash of the id. Reads the event store; writes the table backtests and no other.

      EXAMPLES
        holdfast backtest pipelines/cdnow.yaml
        holdfast backtest pipelines/nightly.yaml --origins 4 --horizon 90d --json
        holdfast backtest pipelines/cdnow.yaml --origins 1 --horizon 273d --dry-run
      """)

  @OptionGroup var options: PipelineOptions
  @OptionGroup var day: DayOptions
  @OptionGroup var output: DatabaseOptions

  @Option(help: ArgumentHelp("How many origins, each a horizon before the next.", valueName: "n"))
  var origins = 4

  @Option(help: ArgumentHelp("Days that are foretold; default: the file's value.risk_horizon.", valueName: "90d"))
  var horizon: String?

  @Flag(help: "List the origins; change nothing.")
  var dryRun = false

  func run() throws {
    var invocation = options.invocation
    invocation.asOf = day.asOf
    invocation.database = output.database
    invocation.isDryRun = dryRun
    throw ExitCode(invocation.backtest(BacktestOrigins(count: origins, horizon: horizon)))
  }
}
