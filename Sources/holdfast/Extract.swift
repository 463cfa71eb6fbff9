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
        holdfast extract pipelines/nightly.yaml --rebuild     validate --store found damage
        holdfast extract pipelines/nightly.yaml --rejects repaired.csv
      """)

  @OptionGroup var options: PipelineOptions
  @OptionGroup var dumps: DumpOptions

  @Option(help: ArgumentHelp("Feed repaired rejects back: a CSV of sha256, line and raw, from the table rejects.", valueName: "file"))
  var rejects: String?

  func run() throws {
    var invocation = options.invocation
    invocation.rejects = rejects
    dumps.apply(to: &invocation)
    throw ExitCode(invocation.extract())
  }
}
