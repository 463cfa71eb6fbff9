import ArgumentParser
import Workflow

struct Transform: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compute the customers' features as of a day, from the event store.",
    usage: "holdfast transform <pipeline> [<options>]",
    discussion: """
      EXAMPLES
        holdfast transform pipelines/nightly.yaml
        holdfast transform pipelines/nightly.yaml --as-of 2025-01-01
      """)

  @OptionGroup var options: PipelineOptions
  @OptionGroup var day: DayOptions
  @OptionGroup var look: DryRunOptions

  func run() throws {
    var invocation = options.invocation
    invocation.asOf = day.asOf
    invocation.isDryRun = look.dryRun
    throw ExitCode(invocation.transform())
  }
}
