import ArgumentParser
import Workflow

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what is in the store, what was published and how the last runs ended.",
    usage: "holdfast status <pipeline> [<options>]",
    discussion: """
      EXAMPLES
        holdfast status pipelines/nightly.yaml
        holdfast status pipelines/nightly.yaml --json
        holdfast status pipelines/nightly.yaml --max-age 26h   1 when older
      """)

  @OptionGroup var options: PipelineOptions
  @OptionGroup var output: DatabaseOptions

  @Option(help: ArgumentHelp("End with 1 where the results are older.", valueName: "26h"))
  var maxAge: String?

  func run() throws {
    var invocation = options.invocation
    invocation.database = output.database
    throw ExitCode(invocation.status(maxAge: maxAge))
  }
}
