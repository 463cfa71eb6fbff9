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
        holdfast generate /tmp/dumps --model bg-nbd --customers 100000 --months 18

      With --model, customers buy by BG/NBD and spend by Gamma-Gamma with the parameters
      given (those published for CDNOW where not), and truth/customers.csv.gz says of each
      what he was drawn with and whether he is alive at the end.
      """)

  @Argument(help: "Folder to write to; made where it is missing.")
  var directory: String

  @Option(help: ArgumentHelp("Distinct transactions; default: 100000. With --model as many as it makes.", valueName: "n"))
  var rows: Int?

  @Option(help: ArgumentHelp("Customers; default: one for ten rows, 100000 with --model.", valueName: "n"))
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

  @OptionGroup(title: "MODEL")
  var model: TruthOptions

  @Flag(help: "Replace a population that stands there.")
  var overwrite = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let options = PopulationOptions(
      try source(), customers: customers, files: files, seed: seed, start: start, months: months, compressionLevel: level,
      overwrite: overwrite)
    throw ExitCode(generateDumps(options, into: directory, isJSON: json))
  }

  private func source() throws -> PopulationOptions.Source {
    guard let model = try model.resolved() else { return .rows(rows ?? 100_000) }
    if rows != nil { throw ValidationError("--rows does not go with --model, which makes as many as its customers buy; give --customers.") }
    return .model(model)
  }

  private static func day(_ text: String) throws -> Day {
    guard let day = Day(text) else { throw ValidationError("expected a day as YYYY-MM-DD") }
    return day
  }
}

/// Parameters of BG/NBD and Gamma-Gamma.
struct TruthOptions: ParsableArguments {
  enum Name: String, ExpressibleByArgument { case bgNBD = "bg-nbd" }

  @Option(name: .customLong("model"), help: ArgumentHelp("How customers buy: bg-nbd, with Gamma-Gamma for values.", valueName: "name"))
  var name: Name?

  @Option(help: ArgumentHelp("Shape of purchase rates; default: 0.243.", valueName: "x"))
  var r: Double?

  @Option(help: ArgumentHelp("Their rate parameter; default: 30.898, 4.414 weeks.", valueName: "days"))
  var alphaDays: Double?

  @Option(help: ArgumentHelp("First parameter of dropout; default: 0.793.", valueName: "x"))
  var a: Double?

  @Option(help: ArgumentHelp("Second parameter of dropout; default: 2.426.", valueName: "x"))
  var b: Double?

  @Option(help: ArgumentHelp("Shape of a customer's values; default: 6.25.", valueName: "x"))
  var p: Double?

  @Option(help: ArgumentHelp("Shape of their rate parameters; default: 3.74.", valueName: "x"))
  var q: Double?

  @Option(help: ArgumentHelp("Their rate parameter in major units; default: 15.44.", valueName: "x"))
  var v: Double?

  @Option(help: ArgumentHelp("First purchases lie in so many first days; default: all.", valueName: "n"))
  var acquisitionDays: Int?

  /// nil: no model is asked for.
  func resolved() throws -> BuyingModel? {
    guard name != nil else {
      if [r, alphaDays, a, b, p, q, v].contains(where: { $0 != nil }) || acquisitionDays != nil {
        throw ValidationError("Parameters of a model need --model bg-nbd.")
      }
      return nil
    }
    var model = BuyingModel()
    model.r = r ?? model.r
    model.alphaDays = alphaDays ?? model.alphaDays
    model.a = a ?? model.a
    model.b = b ?? model.b
    model.p = p ?? model.p
    model.q = q ?? model.q
    model.v = v ?? model.v
    model.acquisitionDays = acquisitionDays
    return model
  }
}
