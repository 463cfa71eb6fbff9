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

/// Flags of the commands that look at dumps to learn how they are written.
struct SniffFlags: ParsableArguments {
  @Option(
    name: .customLong("map"),
    help: ArgumentHelp("Take this column for the field, or none (null); may be repeated.", valueName: "field=column"))
  var columns: [String] = []

  @Option(help: ArgumentHelp("ISO 4217 code; a dump seldom says.", valueName: "code"))
  var currency: String?

  @Option(help: ArgumentHelp("Where the clock of times without offset hung.", valueName: "zone"))
  var zone: String?

  @Option(name: .customLong("sample-mb"), help: ArgumentHelp("Text to look at, in all, from the start of each dump.", valueName: "n"))
  var sampleMegabytes = 8

  func resolved() throws -> SniffOptions {
    guard (1...1024).contains(sampleMegabytes) else {
      throw ValidationError("--sample-mb: expected a whole number from 1 to 1024, found \(sampleMegabytes).")
    }
    var options = SniffOptions()
    options.sampleBytes = sampleMegabytes << 20
    options.currency = currency
    options.zone = zone
    for text in columns {
      guard let sign = text.firstIndex(of: "="), sign > text.startIndex, text.index(after: sign) < text.endIndex else {
        throw ValidationError("--map: expected field=column, found '\(text)'.")
      }
      options.columns[String(text[..<sign])] = String(text[text.index(after: sign)...])
    }
    return options
  }
}
