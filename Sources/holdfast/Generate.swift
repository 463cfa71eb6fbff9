import ArgumentParser
import Columns
import Populations
import Workflow

struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write synthetic dumps of any size, the same for the same seed.",
    usage: "holdfast generate <folder> [<options>]",
    discussion: """
      EXAMPLES
        holdfast generate /tmp/dumps --rows 1000000 --customers 100000 --files 4
      """)

  @Argument(help: "Folder to write to; made where it is missing.")
  var directory: String

  @Option(help: ArgumentHelp("Distinct transactions.", valueName: "n"))
  var rows = 100_000

  @Option(help: ArgumentHelp("Customers; default: one for ten rows.", valueName: "n"))
  var customers: Int?

  @Option(help: ArgumentHelp("Dumps, one after the other in time; default: 8.", valueName: "n"))
  var files: Int?

  @Option(help: ArgumentHelp("Another seed, another population.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("The first day.", valueName: "YYYY-MM-DD"), transform: day)
  var start = Day(year: 2023, month: 1, day: 1)

  @Option(help: ArgumentHelp("Length of the population's time.", valueName: "n"))
  var months = 24

  @Option(help: ArgumentHelp("Compression, 1 fast to 9 small.", valueName: "n"))
  var level = 6

  @Flag(help: "Replace a population that stands there.")
  var overwrite = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let options = PopulationOptions(
      rows: rows, customers: customers, files: files, seed: seed, start: start, months: months, compressionLevel: level,
      overwrite: overwrite)
    throw ExitCode(generateDumps(options, into: directory, isJSON: json))
  }

  private static func day(_ text: String) throws -> Day {
    guard let day = Day(text) else { throw ValidationError("expected a day as YYYY-MM-DD") }
    return day
  }
}
