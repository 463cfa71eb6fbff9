import ArgumentParser
import Workflow

struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score the features that transform left.",
    usage: "holdfast score <pipeline> [<options>]",
    discussion: """
      With as_of: latest, the newest features are taken.

      EXAMPLES
        holdfast score pipelines/nightly.yaml
        holdfast score pipelines/nightly.yaml --as-of 2025-01-01
      """)

  @OptionGroup var options: PipelineOptions
  @OptionGroup var day: DayOptions
  @OptionGroup var look: DryRunOptions
  @OptionGroup var models: ModelOptions

  func run() throws {
    var invocation = options.invocation
    invocation.asOf = day.asOf
    invocation.isDryRun = look.dryRun
    invocation.model = models.model
    throw ExitCode(invocation.score())
  }
}
