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
        holdfast run pipelines/bench.yaml --dumps '/data/tx-*.csv.gz'
      """)

  @OptionGroup var options: PipelineOptions
  @OptionGroup var day: DayOptions
  @OptionGroup var models: ModelOptions
  @OptionGroup var dumps: DumpOptions
  @OptionGroup var output: DatabaseOptions

  func run() throws {
    var invocation = options.invocation
    invocation.asOf = day.asOf
    invocation.model = models.model
    invocation.database = output.database
    dumps.apply(to: &invocation)
    throw ExitCode(invocation.run())
  }
}
