import ArgumentParser
import Workflow

struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a pipeline file for dumps, by looking at them.",
    usage: "holdfast init <dump> ... [<options>]",
    discussion: """
      Writes NAME.yaml with what sniff proposes and the usual other keys, each with a
      comment. Where nothing is uncertain, holdfast run takes it as it is.

      EXAMPLES
        holdfast init dumps/*.csv.gz --name shop --currency EUR --zone Europe/Berlin
        holdfast init 'dumps/*.jsonl.gz' --out pipelines/shop.yaml
        holdfast init umsatz.csv --dry-run
      """)

  @Argument(help: ArgumentHelp("Dumps, or patterns of them in quotes.", valueName: "dump"))
  var dumps: [String]

  @Option(help: ArgumentHelp("The file to write; default: NAME.yaml.", valueName: "file"))
  var out: String?

  @Option(help: ArgumentHelp("The pipeline's name; default: the first dump's.", valueName: "name"))
  var name: String?

  @OptionGroup var options: SniffFlags

  @Flag(help: "Replace the file that is there.")
  var force = false

  @Flag(help: "Print the file instead of writing it.")
  var dryRun = false

  func run() throws {
    var options = InitOptions(dumps: dumps)
    options.sniff = try self.options.resolved()
    options.out = out
    options.name = name
    options.replaces = force
    options.isDryRun = dryRun
    throw ExitCode(initPipeline(options))
  }
}
