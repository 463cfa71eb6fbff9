import ArgumentParser
import Workflow

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a table or view of the results database as CSV or JSON Lines.",
    usage: "holdfast export <pipeline> <table> [<options>]",
    discussion: """
      CSV is RFC 4180, with CRLF; NULL is empty, an empty text is "". Texts that a
      spreadsheet would compute (they begin with = + - @, TAB, CR or NUL) get a
      leading '; numbers stay numbers. Changes nothing.

      EXAMPLES
        holdfast export pipelines/nightly.yaml v_customers --output customers.csv
        holdfast export pipelines/nightly.yaml segments --format jsonl | head
      """)

  @OptionGroup var options: PipelineOptions

  @Argument(help: ArgumentHelp("The table or view.", valueName: "table"))
  var name: String

  @Option(help: ArgumentHelp("How rows are written.", valueName: "csv|jsonl"))
  var format = "csv"

  @Option(name: .shortAndLong, help: ArgumentHelp("Write this file, in place of standard output.", valueName: "file"))
  var output: String?

  @OptionGroup var results: DatabaseOptions

  func run() throws {
    var invocation = options.invocation
    invocation.database = results.database
    throw ExitCode(invocation.export(name, format: format, output: output))
  }
}
