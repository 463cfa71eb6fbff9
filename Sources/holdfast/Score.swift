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

  func run() throws {
    var invocation = options.invocation
    invocation.asOf = day.asOf
    throw ExitCode(invocation.score())
  }
}
