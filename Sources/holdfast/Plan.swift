import ArgumentParser
import Workflow

struct Plan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what run would do, and the pipeline file with every default.",
    usage: "holdfast plan <pipeline> [<options>]",
    discussion: """
      Prints a pipeline file that says the same, with nothing left to defaults.
      Makes and changes nothing.

      EXAMPLES
        holdfast plan pipelines/nightly.yaml
        holdfast plan pipelines/cdnow.yaml --as-of 1997-09-30 --json
      """)

  @OptionGroup var options: PipelineOptions
  @OptionGroup var day: DayOptions
  @OptionGroup var output: DatabaseOptions

  @Option(help: ArgumentHelp("Dumps in place of the file's; may be repeated.", valueName: "glob"))
  var dumps: [String] = []

  func run() throws {
    var invocation = options.invocation
    invocation.asOf = day.asOf
    invocation.database = output.database
    invocation.dumps = dumps
    throw ExitCode(invocation.plan())
  }
}
