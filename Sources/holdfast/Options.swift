import ArgumentParser
import Workflow

/// Flags of every command that works on a pipeline.
struct PipelineOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The pipeline file.", valueName: "pipeline"))
  var file: String?

  @Option(name: [.customShort("p"), .customLong("pipeline")], help: ArgumentHelp("The pipeline file, as a flag.", valueName: "file"))
  var fileFlag: String?

  @Option(help: ArgumentHelp("Folder of the event store, in place of the file's.", valueName: "dir"))
  var state: String?

  @Option(help: ArgumentHelp("Cores to use; 0: all.", valueName: "n"))
  var threads: Int?

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "No progress, no notices; errors only.")
  var quiet = false

  @Flag(help: "Log as one JSON object a line.")
  var logJSON = false

  func validate() throws {
    guard (file == nil) != (fileFlag == nil) else {
      throw ValidationError(file == nil ? "Which pipeline? Give its file, such as pipelines/nightly.yaml." : "Give one pipeline file only.")
    }
  }

  var invocation: Invocation {
    var invocation = Invocation(pipelineFile: file ?? fileFlag ?? "")
    invocation.state = state
    invocation.threads = threads
    invocation.isJSON = json
    invocation.isQuiet = quiet
    invocation.logsJSON = logJSON
    return invocation
  }
}

/// Flags of the commands that read dumps.
struct DumpOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Dumps to read in place of the file's; may be repeated.", valueName: "glob"))
  var dumps: [String] = []

  @Flag(help: "Other bytes under a known name replace what was loaded.")
  var replace = false

  @Flag(help: "Read dumps again that were loaded with another mapping.")
  var reload = false

  @Flag(help: "Load a dump though the same text, compressed otherwise, is loaded.")
  var allowSameText = false

  @Option(help: ArgumentHelp("Leave dumps modified within it for the next run; 0: none.", valueName: "5m"))
  var settle: String?

  @Flag(help: "Let errors show values of the dumps.")
  var showValues = false

  @Flag(help: "Say which dumps would be read; change nothing.")
  var dryRun = false

  func apply(to invocation: inout Invocation) {
    invocation.dumps = dumps
    invocation.replace = replace
    invocation.reload = reload
    invocation.allowSameText = allowSameText
    invocation.settle = settle
    invocation.showValues = showValues
    invocation.isDryRun = dryRun
  }
}

/// The day that results stand for.
struct DayOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The day the results stand for, in place of the file's.", valueName: "latest|YYYY-MM-DD"))
  var asOf: String?
}

/// Which fitted models to score with.
struct ModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Score with the models that this run fitted.", valueName: "run"))
  var model: String?
}

/// Where results go.
struct DatabaseOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The results database, in place of the file's.", valueName: "file"))
  var database: String?
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
