import ArgumentParser
import Workflow

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show one customer's events, features and scores, and how they came about.",
    usage: "holdfast explain <pipeline> <customer> [<options>]",
    discussion: """
      Reads the event store and writes nothing. Every event names its dump and line.

      EXAMPLES
        holdfast explain pipelines/cdnow.yaml 00004
        holdfast explain pipelines/nightly.yaml C0000042 --as-of 2025-01-01 --json
      """)

  @OptionGroup var options: PipelineOptions

  @Argument(help: ArgumentHelp("The customer's id, as the dumps write it.", valueName: "customer"))
  var customer: String

  @OptionGroup var day: DayOptions

  func run() throws {
    var invocation = options.invocation
    invocation.asOf = day.asOf
    throw ExitCode(invocation.explain(customer: customer))
  }
}
