import ArgumentParser
import Workflow

struct Extract: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read new dumps into the event store; prints what became of each.",
    usage: "holdfast extract <pipeline> [<options>]",
    discussion: """
      EXAMPLES
        holdfast extract pipelines/nightly.yaml
        holdfast extract pipelines/nightly.yaml --dry-run
        holdfast extract pipelines/nightly.yaml --replace     a dump was delivered anew
      """)

  @OptionGroup var options: PipelineOptions
  @OptionGroup var dumps: DumpOptions

  func run() throws {
    var invocation = options.invocation
    dumps.apply(to: &invocation)
    throw ExitCode(invocation.extract())
  }
}
