import ArgumentParser
import Workflow

struct Sniff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Propose how to read a dump: the section of a pipeline file to paste.",
    usage: "holdfast sniff <dump> ... [<options>]",
    discussion: """
      Looks at the beginning of one dump, or of several of the same shape, and prints
      the section feeds with what speaks for each key. What is uncertain says so, in a
      comment and on standard error. The proposal was tried on the sample.
      Writes nothing; runs never guess.

      EXAMPLES
        holdfast sniff dumps/retail.csv.gz
        holdfast sniff umsatz.csv --currency EUR --zone Europe/Berlin >> shop.yaml
        holdfast sniff log.jsonl --map customer_id=buyer.ref --map cost=null --json
      """)

  @Argument(help: ArgumentHelp("Dumps, or patterns of them in quotes.", valueName: "dump"))
  var dumps: [String]

  @OptionGroup var options: SniffFlags

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    throw ExitCode(sniffDumps(dumps, try options.resolved(), isJSON: json))
  }
}
