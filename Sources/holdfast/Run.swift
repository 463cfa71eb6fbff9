import ArgumentParser
import Workflow

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Extract, transform, score and publish; prints a summary.",
    usage: "holdfast run <pipeline> [<options>]",
    discussion: """
      EXAMPLES
        holdfast run pipelines/cdnow.yaml
        holdfast run pipelines/nightly.yaml --as-of 2025-01-01 --json
        holdfast run pipelines/nightly.yaml --from score    other models, same features
        holdfast run pipelines/bench.yaml --dumps '/data/tx-*.csv.gz'
      """)

  @Option(help: ArgumentHelp("The first stage to run, from what the stage before left.", valueName: "extract|transform|score|publish"))
  var from: String?

  @OptionGroup var options: PipelineOptions
  @OptionGroup var day: DayOptions
  @OptionGroup var models: ModelOptions
  @OptionGroup var dumps: DumpOptions
  @OptionGroup var output: DatabaseOptions

  func run() throws {
    var invocation = options.invocation
    invocation.from = from
    invocation.asOf = day.asOf
    invocation.model = models.model
    invocation.database = output.database
    dumps.apply(to: &invocation)
    throw ExitCode(invocation.run())
  }
}
