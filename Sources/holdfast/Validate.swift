import ArgumentParser
import Workflow

struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a pipeline file, and on demand the store and the database.",
    usage: "holdfast validate <pipeline> [<options>]",
    discussion: """
      EXAMPLES
        holdfast validate pipelines/nightly.yaml
        holdfast validate pipelines/nightly.yaml --store --database
      """)

  @OptionGroup var options: PipelineOptions

  @Flag(name: .customLong("store"), help: "Check every block of the event store.")
  var checksStore = false

  @Flag(name: .customLong("database"), help: "Check the whole results database (SQLite's quick_check).")
  var checksDatabase = false

  func run() throws {
    throw ExitCode(options.invocation.validate(store: checksStore, database: checksDatabase))
  }
}
