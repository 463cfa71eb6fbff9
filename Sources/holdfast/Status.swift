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
      """)

  @OptionGroup var options: PipelineOptions
  @OptionGroup var output: DatabaseOptions

  func run() throws {
    var invocation = options.invocation
    invocation.database = output.database
    throw ExitCode(invocation.status())
  }
}
