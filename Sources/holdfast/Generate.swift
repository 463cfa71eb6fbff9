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
        holdfast generate /tmp/dumps --model pareto-nbd --s 0.6 --beta-days 80
        holdfast generate /tmp/dumps --model sbg --alpha 0.7 --beta 4 --period month

      With --model, customers buy and leave by BG/NBD, MBG/NBD or Pareto/NBD, or pay for
      contracts by sBG (once a period, the same each time), and spend by Gamma-Gamma with the
      parameters given (published ones where not); truth/customers.csv.gz says of each what he
      was drawn with and whether he is alive at the end.
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

/// Parameters of a model of purchases and of Gamma-Gamma.
struct TruthOptions: ParsableArguments {
  @Option(
    name: .customLong("model"),
    help: ArgumentHelp("How customers buy and leave, with Gamma-Gamma for values.", valueName: "name"))
  var name: BuyingModel.Leaving?

  @Option(help: ArgumentHelp("Shape of purchase rates; default: 0.243 (mbg-nbd 0.525, pareto-nbd 0.553).", valueName: "x"))
  var r: Double?

  @Option(help: ArgumentHelp("Their rate parameter; default: 30.898 (mbg-nbd 43.281, pareto-nbd 74.046).", valueName: "days"))
  var alphaDays: Double?

  @Option(help: ArgumentHelp("First parameter of dropout; default: 0.793 (mbg-nbd 0.891).", valueName: "x"))
  var a: Double?

  @Option(help: ArgumentHelp("Second parameter of dropout; default: 2.426 (mbg-nbd 1.614).", valueName: "x"))
  var b: Double?

  @Option(help: ArgumentHelp("Shape of pareto-nbd's rates of leaving; default: 0.606.", valueName: "x"))
  var s: Double?

  @Option(help: ArgumentHelp("Their rate parameter; default: 81.683.", valueName: "days"))
  var betaDays: Double?

  @Option(help: ArgumentHelp("First parameter of sbg's chance to leave after a period; default: 0.668.", valueName: "x"))
  var alpha: Double?

  @Option(help: ArgumentHelp("Second parameter of it; default: 3.806.", valueName: "x"))
  var beta: Double?

  @Option(help: ArgumentHelp("Of sbg: week, month, quarter, year or days as in 28d; default: month.", valueName: "period"))
  var period: String?

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
    guard let name else {
      if [r, alphaDays, a, b, s, betaDays, alpha, beta, p, q, v].contains(where: { $0 != nil }) || acquisitionDays != nil || period != nil {
        throw ValidationError("Parameters of a model need --model bg-nbd, mbg-nbd, pareto-nbd or sbg.")
      }
      return nil
    }
    try refuseForeign(name)
    var model = BuyingModel(name)
    model.alpha = alpha ?? model.alpha
    model.beta = beta ?? model.beta
    if let period {
      guard let known = ContractPeriod(period) else {
        throw ValidationError("--period: expected week, month, quarter, year or days from 5d to 400d, found '\(period)'.")
      }
      model.period = known
    }
    model.r = r ?? model.r
    model.alphaDays = alphaDays ?? model.alphaDays
    model.a = a ?? model.a
    model.b = b ?? model.b
    model.s = s ?? model.s
    model.betaDays = betaDays ?? model.betaDays
    model.p = p ?? model.p
    model.q = q ?? model.q
    model.v = v ?? model.v
    model.acquisitionDays = acquisitionDays
    return model
  }

  private func refuseForeign(_ name: BuyingModel.Leaving) throws {
    let isContract = name == .periodEnds
    let foreign = [
      ([a, b], "--a and --b", name == .anyTime || isContract), ([s, betaDays], "--s and --beta-days", name != .anyTime),
      ([r, alphaDays], "--r and --alpha-days", isContract),
      ([alpha, beta, period == nil ? nil : 0], "--alpha, --beta and --period", !isContract),
    ]
    for (values, flags, isForeign) in foreign where isForeign && values.contains(where: { $0 != nil }) {
      throw ValidationError("\(flags) are no parameters of --model \(name.rawValue).")
    }
  }
}

extension BuyingModel.Leaving: ExpressibleByArgument {}
