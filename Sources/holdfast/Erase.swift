import ArgumentParser
import Workflow

struct Erase: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Remove every record of a customer, and keep him out when he is delivered again.",
    usage: "holdfast erase <pipeline> <customer> [<options>]",
    discussion: """
      Rewrites the event store without his rows, removes his rejects, artifacts and
      rows of the results database, and keeps a keyed hash of his id, with which
      later dumps are filtered. Dumps that still hold him are named, not touched.
      What was counted over all customers stays until the next run. When it is
      interrupted, the same command carries on.

      EXAMPLES
        holdfast erase pipelines/nightly.yaml C0000042 --dry-run
        holdfast erase pipelines/nightly.yaml C0000042 --yes
      """)

  @OptionGroup var options: PipelineOptions

  @Argument(help: ArgumentHelp("The customer's id, as the dumps write it.", valueName: "customer"))
  var customer: String

  @Flag(help: "Do it: it can not be undone.")
  var yes = false

  @Flag(help: "Say what would be removed; change nothing.")
  var dryRun = false

  @OptionGroup var results: DatabaseOptions

  func run() throws {
    var invocation = options.invocation
    invocation.database = results.database
    invocation.isDryRun = dryRun
    throw ExitCode(invocation.erase(customer: customer, isConfirmed: yes))
  }
}
